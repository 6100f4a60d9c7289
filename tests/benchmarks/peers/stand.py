"""GPUs whose power is known exactly: a scenario of the stand-in that several processes share."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nvml_standin import HOPPER, SCENARIO, Standin, build_standin, gpu

if TYPE_CHECKING:
    import random
    from pathlib import Path

BUSY = "  busy const 90\n"
SMI = '#!/bin/sh\n[ "$1" = --help ]\n'
"""Some look for ``nvidia-smi`` before they load the library."""


@dataclass
class Scene:
    """GPUs with a clock that all processes share, so that this one knows what they drew.

    Attributes
    ----------
    standin : Standin
    text : str
        The scenario.
    environ : dict
        What a process needs to meet it.
    """

    standin: Standin
    text: str
    environ: dict[str, str]

    def energy_j(self, numbers: list[int], start_s: float, end_s: float) -> float:
        """Return what some GPUs drew between two times of the monotonic clock."""
        self.standin.configure(self.text)
        return sum(self.standin.energy_j(number, start_s, end_s) for number in numbers)


class Stand:
    """Compiles the stand-in once, and makes scenes.

    Parameters
    ----------
    folder : Path
        Where the library and the scenarios go.
    chance : random.Random
        Where the phases of sensors and counters come from.
    """

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self._standin = Standin(build_standin(folder))
        self._folder, self._chance = folder, chance
        self._made = 0
        smi = folder / "nvidia-smi"
        smi.write_text(SMI)
        smi.chmod(0o755)

    def scene(self, powers: list[str], last: str = "") -> Scene:
        """Return a scene with one GPU for each power; ``last`` is more about the last one."""
        lines = [f"origin {time.monotonic()}\n"]
        for number, power in enumerate(powers):
            phases = {
                "sensor": round(0.1 * self._chance.random(), 6),
                "counter": round(0.1 * self._chance.random(), 6),
            }
            body = f"  {power}\n{BUSY}"
            lines.append(gpu(number, kind=HOPPER, lines=body, **phases))
        return self._scene("".join([*lines, last]))

    def nothing(self) -> dict[str, str]:
        """Return the environment of a machine whose driver finds no GPU."""
        return self._environ(self._folder / "no such scenario")

    def _scene(self, text: str) -> Scene:
        self._made += 1
        path = self._folder / f"scenario-{self._made}"
        path.write_text(text)
        return Scene(self._standin, text, self._environ(path))

    def _environ(self, scenario: Path) -> dict[str, str]:
        path = os.pathsep.join([str(self._folder), os.environ.get("PATH", os.defpath)])
        return {
            "LD_LIBRARY_PATH": str(self._folder),
            SCENARIO: str(scenario),
            **({"PATH": path} if scenario.is_file() else {}),
        }

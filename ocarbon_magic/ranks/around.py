"""The runs that are measured by processes around this one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ocarbon_magic.ranks.station import RUNS, folders_around

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST_BYTES = 1 << 16


def run_around(devices: str, environ: Mapping[str, str]) -> str | None:
    """Return the id of the outermost run around whose total includes one of ``devices``.

    Parameters
    ----------
    devices : str
        As the run in this process was asked to measure.
    environ : mapping
        The environment of this process.
    """
    return next((run["id"] for run in _runs(environ) if _includes(run, devices, environ)), None)


def goes_on(run_id: str, environ: Mapping[str, str]) -> bool:
    """Return whether a run of a process around is still measured."""
    return any(run["id"] == run_id for run in _runs(environ))


def _runs(environ: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for folder in reversed(folders_around(environ)):
        try:
            with (folder / RUNS).open(encoding="utf-8") as file:
                runs = json.loads(file.read(_MOST_BYTES))
        except (OSError, ValueError, RecursionError):
            continue
        for run in runs if isinstance(runs, list) else ():
            if isinstance(run, dict) and isinstance(run.get("id"), str):
                yield run


def _includes(run: dict[str, Any], devices: str, environ: Mapping[str, str]) -> bool:
    """Return whether ``run`` measures all that is measured here.

    The same words mean fewer devices where fewer are visible.
    """
    if run.get("devices") != devices or devices == "none":
        return False
    visible = run.get("visible")
    if devices != "visible" or not isinstance(visible, str):
        return True
    here = environ.get("CUDA_VISIBLE_DEVICES")
    return here is not None and set(here.split(",")) <= set(visible.split(","))

"""OpenMetrics text: gauges a scraper, or a folder of text files, can pick up.

All of them are gauges without a time stamp, for runs that are over; so the same text is valid
in Prometheus' own format, too, which knows neither units nor time stamps in files.
"""

from __future__ import annotations

import math
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO

from ocarbon_magic.certainty import energy_uncertainty_pct
from ocarbon_magic.journal.export.reading import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ocarbon_magic.run import Run

_IN_MEMORY_BYTES = 1 << 20
_BEGINS = b"# TYPE ocarbon_"

Labels = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Family:
    """A family of metrics: what it is called, what it is, and its samples of a run."""

    name: str
    unit: str
    text: str
    of: Callable[[Run], Iterator[tuple[Labels, float | None]]]

    def head(self) -> str:
        unit = f"# UNIT {self.name} {self.unit}\n" if self.unit else ""
        return f"# TYPE {self.name} gauge\n{unit}# HELP {self.name} {self.text}\n"

    def samples(self, run: Run) -> Iterator[str]:
        for labels, value in self.of(run):
            if value is not None and math.isfinite(value):
                said = ",".join(f'{name}="{_label(text)}"' for name, text in labels.items())
                yield f"{self.name}{{{said}}} {float(value)!r}\n"


def _info(run: Run) -> Iterator[tuple[Labels, float | None]]:
    yield (
        {
            "run": run.id,
            "name": run.name,
            "status": run.status,
            "started_at": run.started_at,
            "zone": run.zone.code,
            "zone_how": run.zone.how,
            "intensity_scope": run.intensity.scope or "",
            "intensity_year": str(run.intensity.year or ""),
            "intensity_source": run.intensity.source,
            "within": run.within or "",
            "version": run.versions.get("ocarbon_magic", ""),
        },
        1.0,
    )


def _devices(run: Run) -> Iterator[tuple[Labels, float | None]]:
    for index, device in enumerate(run.devices):
        labels = {
            "run": run.id,
            "device": str(index),
            "kind": device.kind,
            "model": device.name,
            "method": device.method,
            "measured": "true" if device.measured else "false",
        }
        yield labels, device.energy_j


def _emissions(run: Run) -> Iterator[tuple[Labels, float | None]]:
    scope = run.intensity.scope or ""
    parts = (("operational", run.operational_g), ("embodied", run.embodied_g))
    for part, grams in parts:
        yield {"run": run.id, "part": part, "intensity_scope": scope}, grams


def _single(
    of: Callable[[Run], float | None],
) -> Callable[[Run], Iterator[tuple[Labels, float | None]]]:
    def samples(run: Run) -> Iterator[tuple[Labels, float | None]]:
        yield {"run": run.id}, of(run)

    return samples


def _uncertainty(run: Run) -> float | None:
    pct = energy_uncertainty_pct(run)
    return None if pct is None else pct / 100


_FAMILIES = (
    _Family("ocarbon_run_status", "", "What the run was, and where its figures come from.", _info),
    _Family(
        "ocarbon_run_duration_seconds",
        "seconds",
        "How long the run took.",
        _single(lambda run: run.duration_s),
    ),
    _Family(
        "ocarbon_run_device_energy_joules",
        "joules",
        "Energy of one device in the run, before PUE; the rest of the server is not in it.",
        _devices,
    ),
    _Family(
        "ocarbon_run_energy_uncertainty_ratio",
        "ratio",
        "Half-width of the uncertainty of the run's energy, as a share of it.",
        _single(_uncertainty),
    ),
    _Family(
        "ocarbon_run_pue_ratio",
        "ratio",
        "Power usage effectiveness, in the operational emissions and not in the energy.",
        _single(lambda run: run.pue),
    ),
    _Family(
        "ocarbon_run_emissions_grams",
        "grams",
        "CO2e of the run; parts add up, lifecycle and direct intensities must not be added.",
        _emissions,
    ),
)


def ours(file: BinaryIO) -> bool:
    """Return whether a file was written here, by how it begins."""
    return file.read(len(_BEGINS)) == _BEGINS


def write(runs: Iterable[Run], file: BinaryIO) -> None:
    """Write the runs: a family's samples stand together, and are kept apart until the end."""
    with ExitStack() as stack:
        kept = [
            stack.enter_context(SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)) for _ in _FAMILIES
        ]
        for run in runs:
            for family, lines in zip(_FAMILIES, kept, strict=True):
                lines.writelines(line.encode() for line in family.samples(run))
        for family, lines in zip(_FAMILIES, kept, strict=True):
            file.write(family.head().encode())
            lines.seek(0)
            shutil.copyfileobj(lines, file)
        file.write(b"# EOF\n")


def _label(text: str) -> str:
    """Return a label's value on one line, with what the format reserves escaped."""
    return one_line(text).replace("\\", r"\\").replace('"', r"\"")

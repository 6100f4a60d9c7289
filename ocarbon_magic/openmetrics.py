"""Metric families of runs, and their text as OpenMetrics or as Prometheus' own format has it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Generic, Literal, TypeVar

from ocarbon_magic.certainty import energy_uncertainty_pct
from ocarbon_magic.counting import count_of
from ocarbon_magic.lines import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ocarbon_magic.run import Run

Labels = dict[str, str]
Kind = Literal["gauge", "counter"]

EOF_LINE = "# EOF\n"

_BEGINS = b"# TYPE ocarbon_"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Family(Generic[T]):
    """A family of metrics: what it is called, what it is, and its samples of one thing.

    Attributes
    ----------
    name, unit : str
        The name ends with the unit, in words, where there is one.
    text : str
        One sentence.
    of : callable
        Yields labels and value of each sample; a value that is not known is None.
    kind : str
        A counter's samples are called ``name_total``.
    """

    name: str
    unit: str
    text: str
    of: Callable[[T], Iterator[tuple[Labels, float | None]]]
    kind: Kind = "gauge"

    @property
    def sample_name(self) -> str:
        """What its samples are called."""
        return f"{self.name}_total" if self.kind == "counter" else self.name

    def head(self, *, classic: bool = False) -> str:
        """Return the lines before its samples; the ``classic`` format has another name there."""
        name = self.sample_name if classic else self.name
        unit = f"# UNIT {name} {self.unit}\n" if self.unit and not classic else ""
        return f"# TYPE {name} {self.kind}\n{unit}# HELP {name} {self.text}\n"

    def samples(self, item: T) -> Iterator[tuple[Labels, float]]:
        """Yield the labels and the value of each sample whose value is known."""
        for labels, value in self.of(item):
            if value is not None and math.isfinite(value):
                yield labels, float(value)

    def lines(self, item: T) -> Iterator[str]:
        """Yield a line for each sample of ``item``."""
        for labels, value in self.samples(item):
            said = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
            yield f"{self.sample_name}{{{said}}} {value!r}\n"


def ours(file: BinaryIO) -> bool:
    """Return whether a file was written here, by how it begins."""
    return file.read(len(_BEGINS)) == _BEGINS


def single(
    of: Callable[[Run], float | None],
) -> Callable[[Run], Iterator[tuple[Labels, float | None]]]:
    """Return what yields one sample of a run."""

    def samples(run: Run) -> Iterator[tuple[Labels, float | None]]:
        yield {"run": run.id}, of(run)

    return samples


def device_labels(run: Run, index: int) -> Labels:
    """Return what the samples of a device of ``run`` are called by."""
    device = run.devices[index]
    return {
        "run": run.id,
        "device": str(index),
        "kind": device.kind,
        "model": device.name,
        "method": device.method,
        "measured": "true" if device.measured else "false",
        "count": str(count_of(device)),
        "host": device.host or "",
    }


def device_energies(run: Run) -> Iterator[tuple[Labels, float | None]]:
    """Yield the energy of each device in joules."""
    for index, device in enumerate(run.devices):
        yield device_labels(run, index), device.energy_j


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


def _emissions(run: Run) -> Iterator[tuple[Labels, float | None]]:
    scope = run.intensity.scope or ""
    parts = (("operational", run.operational_g), ("embodied", run.embodied_g))
    for part, grams in parts:
        yield {"run": run.id, "part": part, "intensity_scope": scope}, grams


def _uncertainty(run: Run) -> float | None:
    pct = energy_uncertainty_pct(run)
    return None if pct is None else pct / 100


STATUS = Family(
    "ocarbon_run_status", "", "How the run stands, and where its figures come from.", _info
)
DURATION = Family(
    "ocarbon_run_duration_seconds",
    "seconds",
    "How long the run took, so far where it goes on.",
    single(lambda run: run.duration_s),
)
DEVICE_ENERGY = Family(
    "ocarbon_run_device_energy_joules",
    "joules",
    "Energy of a device, or of count devices, before PUE; the rest of the server is not in it.",
    device_energies,
)
UNCERTAINTY = Family(
    "ocarbon_run_energy_uncertainty_ratio",
    "ratio",
    "Half-width of the uncertainty of the run's energy, as a share of it.",
    single(_uncertainty),
)
PUE = Family(
    "ocarbon_run_pue_ratio",
    "ratio",
    "Power usage effectiveness, in the operational emissions and not in the energy.",
    single(lambda run: run.pue),
)
EMISSIONS = Family(
    "ocarbon_run_emissions_grams",
    "grams",
    "CO2e of the run; parts add up, lifecycle and direct intensities must not be added.",
    _emissions,
)


def _escaped(text: str) -> str:
    """Return a label's value on one line, with what the format reserves escaped."""
    return one_line(text).replace("\\", r"\\").replace('"', r"\"")

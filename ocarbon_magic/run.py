"""The record of one measured run: what is stored, displayed and exported.

`Run.to_dict` gives the document of schema ``ocarbon.run/1``; the JSON Schema beside it
(``schema/run-1.json``) validates it. Units are in the keys. A value that is not known is
None, never 0.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from ocarbon_magic.charge import EmbodiedCharge  # noqa: TC001 - a record is built by its hints
from ocarbon_magic.hosts import HostReading  # noqa: TC001 - as above
from ocarbon_magic.jsontypes import plain, rebuilt
from ocarbon_magic.plotted import Plotted
from ocarbon_magic.shown import Shown

if TYPE_CHECKING:
    import os

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SCHEMA = "ocarbon.run/1"
MIME_TYPE = "application/vnd.ocarbon.run+json"

COMM_TARGET = "ocarbon"
"""What the way of runs between a kernel and our labextension is called."""

Status = Literal["running", "finished", "failed", "interrupted", "lost"]
DeviceKind = Literal["gpu", "cpu", "dram"]
Method = Literal[
    "nvml-energy-counter",
    "nvml-power",
    "rapl",
    "cpu-estimate",
    "trace",
    "dcgm-energy-counter",
    "dcgm-power",
    "kepler",
    "scaphandre",
]
ZoneHow = Literal["given", "configured", "timezone", "default"]
IntensityScope = Literal["lifecycle", "direct"]
PanelKind = Literal["power", "throughput", "emissions"]


@dataclass(slots=True)
class DeviceReading:
    """What one device drew from the start of the run, or several of one name together.

    Attributes
    ----------
    kind, name, uuid
        What the device is; ``uuid`` is None where the device has none.
    energy_j : float or None
        Energy since the start in joules; None when it could not be read.
    mean_power_w, max_power_w : float or None
        Mean over the run, and the highest power seen, in watts.
    method, measured
        How the energy was obtained; ``measured`` is False for an estimate.
    uncertainty_pct : float or None
        Half-width of the stated uncertainty, per cent of ``energy_j``.
    busy_share : float or None
        Share of the run's time, from 0 to 1, in which a GPU ran a kernel, whoever's it was
        (NVML's utilisation, sampled); None where it was not told.
    power_limit_w : float or None
        What a GPU was held to at the start of the run, in watts; None where it was not told.
    host : str or None
        The name of the host the device is in, as in the run's ``hosts``; None for the machine
        of the run itself, and where a row is of several hosts.
    count : int
        How many devices the row is of: energy and power are of all of them together, the
        highest power is the sum of each one's, and there is no ``uuid``.
    """

    kind: DeviceKind
    name: str
    uuid: str | None
    energy_j: float | None
    mean_power_w: float | None
    max_power_w: float | None
    method: Method
    measured: bool
    uncertainty_pct: float | None
    busy_share: float | None = None
    power_limit_w: float | None = None
    host: str | None = None
    count: int = 1


@dataclass(slots=True)
class Zone:
    """The grid the energy came from, and how it was chosen."""

    code: str
    name: str
    how: ZoneHow


@dataclass(slots=True)
class IntensitySeries:
    """The intensities used in a run, each from a time on: seconds into the run, gCO2e per kWh."""

    t_s: list[float] = field(default_factory=list)
    gco2e_per_kwh: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Intensity:
    """Carbon intensity of electricity, with what a reader must know to compare it.

    ``scope`` and ``year`` are None for a figure given by hand. With a ``series``, the figure
    is the mean of it over the run, weighed by energy.
    """

    gco2e_per_kwh: float
    year: int | None
    scope: IntensityScope | None
    source: str
    series: IntensitySeries | None = None


@dataclass(slots=True)
class Work:
    """How much of the planned work is done; None where nothing counts it.

    ``source`` says who counted, ``hint`` what to add where the total, or all, is unknown.
    """

    done: float | None = None
    total: float | None = None
    unit: str | None = None
    rate_per_s: float | None = None
    source: str | None = None
    hint: str | None = None


@dataclass(slots=True)
class Law:
    """OpenCarbonEval's law as it stands for this run: scale * ln(1 + alpha * t).

    Attributes
    ----------
    log10_alpha : float or None
        On the run's clock; None for a constant pace of ``scale``.
    scale : float
        In work per second.
    duration_s : float or None
        How long the whole run takes by it; None where the total is not known.
    misleads : str or None
        One sentence, where the law is known to mislead.
    """

    log10_alpha: float | None
    scale: float
    duration_s: float | None
    misleads: str | None


@dataclass(slots=True)
class Throughput:
    """The fitted dynamic throughput model, f(t) = scale * ln(1 + alpha * (t - onset)).

    In work per second, seconds into the run; a ``scale`` without ``log10_alpha`` is a
    constant pace. None where nothing was fitted.
    """

    log10_alpha: float | None = None
    scale: float | None = None
    onset_s: float | None = None
    tflops_per_device: float | None = None
    utilisation: float | None = None
    law: Law | None = None


@dataclass(slots=True)
class Projection:
    """A projected quantity with its interval; ``level`` is the interval's coverage."""

    value: float
    low: float
    high: float
    level: float


@dataclass(slots=True)
class RunProjection:
    """What the whole run will take, as seen at ``at_fraction`` of its work.

    The errors are per cent of the truth, positive where the projection was too high, and
    None until all the work is done.
    """

    duration_s: Projection
    energy_kwh: Projection
    emissions_g: Projection
    at_fraction: float
    method: str
    duration_error_pct: float | None = None
    energy_error_pct: float | None = None
    emissions_error_pct: float | None = None


@dataclass(slots=True)
class Series:
    """The run over time, decimated; the lists have one length, or are empty if unknown."""

    t_s: list[float] = field(default_factory=list)
    power_w: list[float | None] = field(default_factory=list)
    work: list[float | None] = field(default_factory=list)
    emissions_g: list[float | None] = field(default_factory=list)


@dataclass(slots=True)
class Metric:
    """The value of the user's ``--metric`` expression after the cell."""

    expression: str
    value: float | str | None


@dataclass(slots=True)
class Cell:
    """The notebook's cell that a run was: its id, if it has one, and the CRC-32 of its source."""

    id: str | None
    source_crc32: int


@dataclass(slots=True)
class Run(Shown, Plotted):
    """One measured run, in the making or finished.

    The attributes are the keys of the record, in its order; `to_dict` adds ``schema``.
    ``budget_g`` is what the user would have it emit at most, None where nothing was said;
    ``cell`` is None outside a notebook; ``embodied`` is empty in records of earlier versions,
    and where the embodied part was left out of the total: ``embodied_g`` is None then.
    ``within`` is the id of a run of the same process that was measured all the while, on the
    same devices, so that its total includes this one's. ``hosts`` is empty where this process
    alone took part.
    How a run looks is the views' matter: see `Shown` and `Plotted`.
    """

    id: str
    name: str
    status: Status
    started_at: str
    ended_at: str | None
    duration_s: float
    devices: list[DeviceReading]
    energy_kwh: float | None
    pue: float
    zone: Zone
    intensity: Intensity
    operational_g: float | None
    embodied_g: float | None
    emissions_g: float | None
    work: Work = field(default_factory=Work)
    throughput: Throughput = field(default_factory=Throughput)
    projection: RunProjection | None = None
    projections: list[RunProjection] = field(default_factory=list)
    series: Series = field(default_factory=Series, repr=False)
    host: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    metric: Metric | None = None
    warnings: list[str] = field(default_factory=list)
    budget_g: float | None = None
    cell: Cell | None = None
    embodied: list[EmbodiedCharge] = field(default_factory=list)
    within: str | None = None
    hosts: list[HostReading] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as `plain` JSON types, ready to be stored or displayed."""
        return {"schema": SCHEMA, **plain(self)}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Self:
        """Rebuild a run from its record; unknown keys are left aside.

        Raises
        ------
        ValueError
            If ``record`` is of another schema, lacks a required key, or has a list or an
            object where the schema has none.
        """
        schema = record.get("schema") if isinstance(record, dict) else None
        if schema != SCHEMA:
            raise ValueError(f"this is not a record of schema {SCHEMA}: {schema!r}")
        return typing.cast("Self", rebuilt(cls, record, "run"))

    @overload
    def plot(
        self,
        kind: PanelKind | None = ...,
        *,
        law: bool = ...,
        ax: None = ...,
        width_in: float | None = ...,
        path: str | os.PathLike[str] | None = ...,
    ) -> Figure: ...

    @overload
    def plot(self, kind: PanelKind, *, law: bool = ..., ax: Axes) -> Axes: ...

    def plot(
        self,
        kind: PanelKind | None = None,
        *,
        law: bool = False,
        ax: Axes | None = None,
        width_in: float | None = None,
        path: str | os.PathLike[str] | None = None,
    ) -> Figure | Axes:
        """Draw the run over time, fit for print: power, throughput, cumulative emissions.

        Parameters
        ----------
        kind : str, optional
            ``power``, ``throughput`` or ``emissions``; all that are known without it.
        law : bool
            Draw OpenCarbonEval's law beside the fitted throughput.
        ax : matplotlib.axes.Axes, optional
            Axes of your own to draw one panel on; the runs drawn there share their units.
        width_in : float, optional
            Width in inches: 3.5 for one column of a journal, 7.2 (the default) for two.
        path : str or path, optional
            Where to save the figure, too; the suffix tells the format.

        Returns
        -------
        matplotlib.figure.Figure or matplotlib.axes.Axes
            A figure, or ``ax`` where it was given.

        Raises
        ------
        MissingMatplotlibError
            If matplotlib is not installed (``pip install 'ocarbon_magic[figures]'``).
        PlotError
            If nothing of the kind was recorded over time, or an option cannot be.
        """
        to = {"ax": ax, "width_in": width_in, "path": path}
        drawn: Figure | Axes = self._plotted(kind=kind, law=law, **to)
        return drawn


@cache
def run_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the record."""
    import json  # noqa: PLC0415 - few readers need the schema
    from importlib.resources import files  # noqa: PLC0415

    file = files("ocarbon_magic") / "schema" / "run-1.json"
    return typing.cast("dict[str, Any]", json.loads(file.read_text(encoding="utf-8")))

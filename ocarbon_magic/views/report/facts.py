"""What a report tells of one run or of many: counted, summed, and never summed across scopes."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ocarbon_magic.certainty import energy_uncertainty_pct
from ocarbon_magic.counting import count_of, devices_in, hosts_in
from ocarbon_magic.derived import intensity_is_by_hand
from ocarbon_magic.moments import moment_of
from ocarbon_magic.views import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.run import DeviceKind, Method, Run

LIFECYCLE, DIRECT, BY_HAND = "lifecycle", "direct", "by hand"
MOST_ROWS = 30
"""Rows of a table that fits a page; the runs that emitted most stand in it."""

_TOUCHING_S = 1.0
"""Runs that share less time than this follow one another: stamps are whole seconds."""


_Span = tuple[datetime, datetime, str]
"""When a run had a device, and its id."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the electricity of runs came from."""

    name: str
    code: str
    how: str
    gco2e_per_kwh: float
    year: int | None
    scope: str
    source: str


@dataclass(frozen=True, slots=True)
class Product:
    """What runs were charged for the making of devices of a kind."""

    name: str
    kgco2e: float
    low_kgco2e: float | None
    high_kgco2e: float | None
    boundary: str
    lifetime_years: float
    source: str


@dataclass(slots=True)
class Sum:
    """What runs of one scope emitted, in grams; ``bound_g`` None where a bound is not known."""

    runs: int = 0
    operational_g: float = 0.0
    embodied_g: float = 0.0
    emissions_g: float = 0.0
    bound_g: float | None = 0.0

    def add(self, run: Run) -> None:
        """Add a run whose emissions are known."""
        self.runs += 1
        self.operational_g += run.operational_g or 0.0
        self.embodied_g += run.embodied_g or 0.0
        self.emissions_g += run.emissions_g or 0.0
        self.bound_g = _widened(self.bound_g, run.operational_g or 0.0, run)


@dataclass(slots=True)
class Facts:
    """What is told of the runs.

    Attributes
    ----------
    count : int
    only : Run or None
        The run, where there is just one.
    statuses : Counter
    begun, ended : datetime or None
        When the first began, and the last ended.
    duration_s, gpu_s : float
        Of all runs, and of their GPUs.
    energy_kwh : float or None
        Of the devices, before PUE; None where none was measured.
    bound_kwh : float or None
        Half-width of its uncertainty, added as it is; None where it is not known.
    unread : int
        Runs of which no energy is known.
    at_once : dict
        Kind and name of devices, and how many of them a run had at most.
    hosts : int
        How many hosts a run had at most; 0 where each had its own machine alone.
    ways : Counter
        Kind of device and method, by which an energy was obtained.
    pues, grids, products, places
        Each as often as a run had it; a place is a zone's name, its code, and how it is known.
    sums : dict
        By scope of the intensity.
    without_embodied : int
        Runs whose emissions hold no embodied carbon, though those of others may.
    parts : int
        Runs that were measured within another one of these, whose figures include theirs: they
        are left out of all else here.
    overlapping : int
        Runs that share time on a device with another one of these that began before.
    versions : Counter
        Of this software.
    largest : list of Run
        Those that emitted most, newest first.
    """

    count: int = 0
    only: Run | None = None
    statuses: Counter[str] = field(default_factory=Counter)
    begun: datetime | None = None
    ended: datetime | None = None
    duration_s: float = 0.0
    gpu_s: float = 0.0
    energy_kwh: float | None = None
    bound_kwh: float | None = 0.0
    unread: int = 0
    at_once: dict[tuple[DeviceKind, str], int] = field(default_factory=dict)
    hosts: int = 0
    ways: Counter[tuple[DeviceKind, Method]] = field(default_factory=Counter)
    pues: Counter[float] = field(default_factory=Counter)
    grids: Counter[Grid] = field(default_factory=Counter)
    products: Counter[Product] = field(default_factory=Counter)
    places: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    sums: dict[str, Sum] = field(default_factory=dict)
    without_embodied: int = 0
    parts: int = 0
    overlapping: int = 0
    versions: Counter[str] = field(default_factory=Counter)
    largest: list[Run] = field(default_factory=list)

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of the devices whose energy is known."""
        return frozenset(kind for kind, _ in self.ways)


def facts_of(runs: Iterable[Run]) -> Facts:
    """Return what a report tells of ``runs``, which are looked at once, each."""
    told = Facts()
    spans: dict[str, list[_Span]] = {}
    heap: list[tuple[float, int, Run]] = []
    ids: set[str] = set()
    inner: list[Run] = []
    for run in runs:
        ids.add(run.id)
        if run.within is None:
            _tell(told, run, spans, heap)
        else:
            inner.append(run)
    for run in inner:
        if run.within in ids:
            told.parts += 1
        else:
            _tell(told, run, spans, heap)
    told.largest = [run for *_, run in sorted(heap, key=lambda row: -row[1])]
    told.overlapping = len(set[str]().union(*map(_overlapping, spans.values())))
    return told


def _tell(
    told: Facts, run: Run, spans: dict[str, list[_Span]], heap: list[tuple[float, int, Run]]
) -> None:
    told.count += 1
    told.only = run if told.count == 1 else None
    _times(told, run, spans)
    _energy(told, run)
    _emissions(told, run)
    row = (run.emissions_g or 0.0, -told.count, run)
    (heapq.heappush if len(heap) < MOST_ROWS else heapq.heappushpop)(heap, row)


def _times(told: Facts, run: Run, spans: dict[str, list[_Span]]) -> None:
    told.statuses[run.status] += 1
    told.duration_s += run.duration_s
    told.versions[run.versions.get("ocarbon_magic", "")] += 1
    told.places[run.zone.name, run.zone.code, run.zone.how] += 1
    begun, ended = moment_of(run.started_at), moment_of(run.ended_at)
    if begun is not None:
        told.begun = begun if told.begun is None else min(told.begun, begun)
        told.ended = max(filter(None, (told.ended, ended, begun)))
    for device in run.devices:
        if device.uuid is not None and begun is not None and ended is not None:
            spans.setdefault(device.uuid, []).append((begun, ended, run.id))


def _energy(told: Facts, run: Run) -> None:
    counted: Counter[tuple[DeviceKind, str]] = Counter()
    for row in run.devices:
        counted[row.kind, words.clean(row.name, 60)] += count_of(row)
    for device, number in counted.items():
        told.at_once[device] = max(number, told.at_once.get(device, 0))
    told.hosts = max(told.hosts, hosts_in(run.hosts))
    told.gpu_s += run.duration_s * devices_in(run.devices, "gpu")
    if run.energy_kwh is None:
        told.unread += 1
        return
    told.energy_kwh = (told.energy_kwh or 0.0) + run.energy_kwh
    told.bound_kwh = _widened(told.bound_kwh, run.energy_kwh, run)
    told.ways.update((d.kind, d.method) for d in run.devices if d.energy_j is not None)


def _widened(bound: float | None, value: float, run: Run) -> float | None:
    """Return a bound of a sum with that of a run's ``value``; None once one is not known."""
    pct = energy_uncertainty_pct(run)
    return None if bound is None or pct is None else bound + value * pct / 100


def _emissions(told: Facts, run: Run) -> None:
    if run.emissions_g is None or not math.isfinite(run.emissions_g):
        return
    figure = run.intensity
    by_hand = intensity_is_by_hand(run)
    scope = BY_HAND if by_hand else str(figure.scope)
    place = ("", "", "") if by_hand else (run.zone.name, run.zone.code, run.zone.how)
    told.grids[Grid(*place, figure.gco2e_per_kwh, figure.year, scope, figure.source)] += 1
    told.pues[run.pue] += 1
    told.sums.setdefault(scope, Sum()).add(run)
    told.without_embodied += run.embodied_g is None
    for charge in run.embodied:
        product = Product(
            charge.product,
            charge.product_kgco2e,
            charge.low_kgco2e,
            charge.high_kgco2e,
            charge.boundary,
            charge.lifetime_years,
            charge.source,
        )
        told.products[product] += 1


def _overlapping(spans: list[_Span]) -> set[str]:
    """Return the runs that share time on a device with one that began before."""
    found, latest = set(), datetime.min.replace(tzinfo=UTC)
    for begun, ended, run in sorted(spans):
        if (min(latest, ended) - begun).total_seconds() > _TOUCHING_S:
            found.add(run)
        latest = max(latest, ended)
    return found

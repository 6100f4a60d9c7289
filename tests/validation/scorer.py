"""Judging forecasters of training time on recorded runs.

A trace is a CSV file (or .csv.gz) with the columns ``t_s`` and ``work``, cumulative from 0
and never falling; lines that begin with # are comments. A folder may hold a manifest.csv
(id, family, epoch_work, flags); without one each trace is a family of its own.

A trace is cut where the work reaches a share of the total. The forecaster sees every row
until there and nothing after. A cut with fewer than two rows of progress is left out for
all forecasters alike: a run that logs epochs cannot be judged at 1 %.
"""

import csv
import gzip
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ocarbon_magic.run import Projection

TRACES = Path(__file__).parent / "traces"
SHARES = (0.01, 0.02, 0.05, 0.10, 0.25, 0.50)
LEVEL = 0.8
FEWEST_ROWS = 2
WORST_SCORE = 100.0
"""No interval counts for more than this in a mean score."""

CLOCK_S = 0.5
"""How often ``%%carbon`` looks, by default."""
CLOCK_POINTS = 480
"""How many looks it keeps at most; then it drops every second one."""


class Seen(NamedTuple):
    """What a progress display knows at some moment of a run."""

    t_s: list[float]
    work: list[float]
    total_work: float
    epoch_work: float | None = None

    def rate_since(self, row):
        """Return the mean rate since a row, or None where there was none."""
        dt, dw = self.t_s[-1] - self.t_s[row], self.work[-1] - self.work[row]
        return dw / dt if dt > 0 and dw > 0 else None

    def at_rate(self, rate):
        """Return when the rest is done at this rate, or None without one."""
        return self.t_s[-1] + (self.total_work - self.work[-1]) / rate if rate else None

    def at_rate_since(self, row):
        """Return when the rest is done at the rate since a row, or else since the start."""
        return self.at_rate(self.rate_since(row) or self.rate_since(0))


Forecaster = Callable[[Seen], float | Projection | None]
"""Gives the total time in seconds, with an interval or without, or None for no forecast."""


@dataclass(frozen=True)
class Trace:
    """One recorded run."""

    id: str
    family: str
    flags: tuple[str, ...]
    epoch_work: float | None
    t_s: list[float]
    work: list[float]
    energy_j: list[float] | None = None

    @property
    def group(self):
        """Families that resemble each other: the family's name up to the first dash."""
        return self.family.split("-")[0]

    @property
    def total_s(self):
        return self.t_s[-1]

    def seen(self, share):
        """Return the rows until ``share`` of the work was done, or None if they are too few."""
        limit = share * self.work[-1] * (1 + 1e-9)
        rows = next((i for i, work in enumerate(self.work) if work > limit), len(self.work))
        if len(set(self.work[:rows]) - {self.work[0]}) < FEWEST_ROWS:
            return None
        return Seen(self.t_s[:rows], self.work[:rows], self.work[-1], self.epoch_work)

    def seen_by_clock(self, share):
        """Return the same as ``%%carbon`` sees it: every so often, also within the rows."""
        by_rows = self.seen(share)
        if by_rows is None:
            return None
        now_s = by_rows.t_s[-1]
        every_s = CLOCK_S
        while now_s / every_s > CLOCK_POINTS:
            every_s *= 2
        t_s = np.append(np.arange(0.0, now_s, every_s), now_s)
        work = np.interp(t_s, self.t_s, self.work)
        return by_rows._replace(t_s=t_s.tolist(), work=work.tolist())


def load_traces(folder=TRACES):
    """Return all traces of a folder, by name."""
    folder = Path(folder)
    manifest = folder / "manifest.csv"
    about = {}
    if manifest.exists():
        with manifest.open(encoding="utf-8", newline="") as file:
            about = {row["id"]: row for row in csv.DictReader(file)}
    files = {p.name.removesuffix(".gz").removesuffix(".csv"): p for p in folder.glob("*.csv*")}
    return [
        read_trace(name, files[name], about.get(name, {}))
        for name in sorted(files)
        if name != "manifest" and not name.endswith(".power")
    ]


def read_trace(name, path, about):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    t_s, work = ([float(row[column]) for row in rows] for column in ("t_s", "work"))
    energy_j = [float(row["energy_j"]) for row in rows] if "energy_j" in rows[0] else None
    if sorted(t_s) != t_s or sorted(work) != work:
        raise ValueError(f"{path}: t_s and work must never fall.")
    return Trace(
        id=name,
        family=about.get("family") or name,
        flags=tuple(flag for flag in about.get("flags", "").split(",") if flag),
        epoch_work=float(about["epoch_work"]) if about.get("epoch_work") else None,
        t_s=t_s,
        work=work,
        energy_j=energy_j,
    )


class Case(NamedTuple):
    """One forecaster's word on one run at one share of its work."""

    trace: Trace
    share: float
    forecaster: str
    ms: float
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def error(self):
        """Absolute error, relative to the true total time."""
        return abs(self.value - self.trace.total_s) / self.trace.total_s

    @property
    def covered(self):
        return self.low <= self.trace.total_s <= self.high

    @property
    def width(self):
        """Width of the interval, relative to the true total time."""
        return (self.high - self.low) / self.trace.total_s

    @property
    def interval_score(self):
        """Score of Gneiting and Raftery (2007), relative to the true total time."""
        truth = self.trace.total_s
        outside = max(self.low - truth, truth - self.high, 0.0)
        return self.width + 2 / (1 - LEVEL) * outside / truth


def evaluate(
    traces: Iterable[Trace],
    forecasters: Mapping[str, Forecaster],
    shares=SHARES,
    view: Callable[[Trace, float], Seen | None] = Trace.seen,
) -> list[Case]:
    """Ask every forecaster about every trace at every share."""
    return [
        judged(trace, share, name, forecaster, seen)
        for trace in traces
        for share in shares
        if (seen := view(trace, share)) is not None
        for name, forecaster in forecasters.items()
    ]


def judged(trace, share, name, forecaster, seen):
    began_s = time.perf_counter()
    try:
        answer = forecaster(seen)
    except (ArithmeticError, ValueError):
        answer = None  # no forecast where others had to answer: it is counted as missing
    ms = 1000 * (time.perf_counter() - began_s)
    case = Case(trace, share, name, ms)
    if isinstance(answer, Projection):
        case = case._replace(value=answer.value, low=answer.low, high=answer.high)
    elif answer is not None and math.isfinite(answer):
        case = case._replace(value=answer)
    return case


class Figures(NamedTuple):
    """One forecaster at one share, over traces."""

    n: int
    missing: int
    median: float = math.nan
    p90: float = math.nan
    family_median: float = math.nan
    family_p90: float = math.nan
    ms: float = math.nan
    coverage: float = math.nan
    width: float = math.nan
    interval_score: float = math.nan


def summarised(cases: Iterable[Case]) -> Figures:
    """Return quantiles of the errors over traces, and again with families weighing the same."""
    cases = list(cases)
    given = [case for case in cases if case.value is not None]
    figures = Figures(len(given), len(cases) - len(given))
    if not given:
        return figures
    errors = [case.error for case in given]
    members = Counter(case.trace.family for case in given)
    weights = [1 / members[case.trace.family] for case in given]
    figures = figures._replace(
        median=float(np.quantile(errors, 0.5)),
        p90=float(np.quantile(errors, 0.9)),
        family_median=weighted_quantile(errors, 0.5, weights),
        family_p90=weighted_quantile(errors, 0.9, weights),
        ms=float(np.median([case.ms for case in given])),
    )
    boxed = [case for case in given if case.low is not None]
    if not boxed:
        return figures
    return figures._replace(
        coverage=float(np.mean([case.covered for case in boxed])),
        width=float(np.median([case.width for case in boxed])),
        interval_score=float(np.mean([min(c.interval_score, WORST_SCORE) for c in boxed])),
    )


def weighted_quantile(values, q, weights):
    """Return the first value at which the weight so far reaches ``q`` of all."""
    order = np.argsort(values, kind="stable")
    so_far = np.cumsum(np.asarray(weights)[order])
    reached = int(np.searchsorted(so_far, q * so_far[-1] - 1e-12))
    return float(np.asarray(values)[order[reached]])


def by_forecaster_and_share(cases: Iterable[Case]) -> dict[str, dict[float, Figures]]:
    """Return the figures of each forecaster at each share."""
    parts: dict[str, dict[float, list[Case]]] = {}
    for case in cases:
        parts.setdefault(case.forecaster, {}).setdefault(case.share, []).append(case)
    return {
        name: {share: summarised(part) for share, part in shares.items()}
        for name, shares in parts.items()
    }

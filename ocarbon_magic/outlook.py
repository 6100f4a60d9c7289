"""What a run will come to: its projection while it goes on, and how the projections fared.

The time ahead is `ocarbon_magic.throughput.forecast`'s; the power ahead is that of the
second half of the time so far, when start-up is over; grams follow from the site.
"""

from __future__ import annotations

import math
import sys
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic.config import FORECASTS
from ocarbon_magic.conversions import J_PER_KWH
from ocarbon_magic.progress.observer import MOST_OVER
from ocarbon_magic.run import Law, Projection, RunProjection
from ocarbon_magic.series import rounded

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.run import Run, Throughput
    from ocarbon_magic.throughput.law import PaperLaw

MARKS = (0.01, 0.02, 0.05, 0.10, 0.25, 0.50)
"""The shares of the work at which the projection is kept, to be judged at the end."""

LEVEL = 0.8
PACE, OPENCARBONEVAL = FORECASTS

NUMPY_AFTER_S = 5.0
"""When a run is long enough to import numpy for it, if nobody has."""

EVERY_SHARE, SOONEST_S, LATEST_S = 0.05, 2.0, 30.0
"""How often the projection is made anew: by the time so far, within these bounds."""

LEAST_POINTS = 3

_POWER_SURE = 0.02
_POWER_CHANGE = 1.5
"""Power goes on as it was within 2 %, and 1.5 times as far off as its late mean is from its mean:
on five recorded runs 15 of 19 intervals of the energy then hold (`tests/validation`)."""


class SoFar(NamedTuple):
    """A run so far: equally many times, cumulative work and energies, and what they mean.

    Attributes
    ----------
    t_s, work, energy_j : list
        Seconds into the run, work in ``total``'s unit, joules or None.
    total : float
        The work of the whole run.
    g_per_kwh : float
        Operational grams of a kWh, PUE included.
    embodied_g : float
        Embodied grams charged so far.
    tflop_per_unit : float or None
        TFLOP in a unit of work.
    device_count : int
        Devices that share the work.
    counted_s : float or None
        How long the work has been counted, where that is known.
    ahead_g_per_kwh : callable or None
        What ``g_per_kwh`` will be from now until some seconds into the run, where it changes.
    """

    t_s: list[float]
    work: list[float]
    energy_j: list[float | None]
    total: float
    g_per_kwh: float
    embodied_g: float
    tflop_per_unit: float | None = None
    device_count: int = 1
    counted_s: float | None = None
    ahead_g_per_kwh: Callable[[float], float] | None = None

    @property
    def share(self) -> float:
        """Return the part of the work that is done."""
        return self.work[-1] / self.total


class Outlook:
    """The projections of one run.

    Parameters
    ----------
    method : str
        What projects the time: ``pace``, or ``opencarboneval``, the paper's law.

    Attributes
    ----------
    latest : RunProjection or None
    kept : list of RunProjection
        The first made at each of `MARKS`, or right after it.
    """

    def __init__(self, method: str = PACE) -> None:
        self._method = method
        self.latest: RunProjection | None = None
        self.kept: list[RunProjection] = []
        self._passed = 0
        self._next_s = 0.0

    def is_due(self, now_s: float, done: float, total: float | None) -> bool:
        """Return whether it is time for another projection of a run."""
        share = done / total if total else 0.0
        if not 0.0 < share < 1.0:
            return False
        return now_s >= self._next_s or bisect_right(MARKS, share) > self._passed

    def look(self, so_far: SoFar) -> None:
        """Project the run from what was seen of it, if that can be done yet."""
        now_s = so_far.t_s[-1]
        self._next_s = now_s + min(max(SOONEST_S, EVERY_SHARE * now_s), LATEST_S)
        made = project(so_far, self._method)
        if made is None:
            return
        self.latest = made
        passed = bisect_right(MARKS, so_far.share)
        if passed > self._passed:
            self._passed = passed
            self.kept.append(made)


def is_worth_it(now_s: float) -> bool:
    """Return whether numpy is there, or the run long enough to fetch it."""
    return now_s >= NUMPY_AFTER_S or "numpy" in sys.modules


def prepare() -> None:
    """Import what projects and fits, in a thread that can wait: the end of a cell cannot."""
    import ocarbon_magic.throughput  # noqa: F401, PLC0415 - for later


def is_prepared() -> bool:
    """Return whether a run can be projected and fitted without waiting for an import."""
    # The last name that it binds: while another thread imports it, it is there without.
    return hasattr(sys.modules.get("ocarbon_magic.throughput"), "__all__")


def project(so_far: SoFar, method: str = PACE) -> RunProjection | None:
    """Return what the whole run will take; None while too little of it was seen.

    Parameters
    ----------
    so_far : SoFar
    method : str
        ``pace`` or ``opencarboneval``. The law knows no interval: its own ends where both
        it and the forecast lie inside.
    """
    energy_j = so_far.energy_j[-1]
    if len(so_far.t_s) < LEAST_POINTS or so_far.work[-1] <= 0.0 or energy_j is None:
        return None
    duration_s = _by_pace(so_far)
    if method == OPENCARBONEVAL:
        duration_s = _by_law(so_far, duration_s)
    now_s = so_far.t_s[-1]
    power_w, unsure = _power_ahead(so_far)
    ahead_j = power_w * (duration_s.value - now_s)
    low_j = ahead_j * math.exp(-math.hypot(_apart(duration_s.low, duration_s, now_s), unsure))
    high_j = ahead_j * math.exp(math.hypot(_apart(duration_s.high, duration_s, now_s), unsure))
    value, low, high = ((energy_j + j) / J_PER_KWH for j in (ahead_j, low_j, high_j))
    energy_kwh = Projection(value, low, high, LEVEL)
    embodied_g_per_s = so_far.embodied_g / now_s if now_s > 0.0 else 0.0

    def grams(kwh: float, seconds: float) -> float:
        drawn_kwh = energy_j / J_PER_KWH
        ahead = so_far.ahead_g_per_kwh
        g_per_kwh = so_far.g_per_kwh if ahead is None else ahead(seconds)
        operational = drawn_kwh * so_far.g_per_kwh + (kwh - drawn_kwh) * g_per_kwh
        return operational + seconds * embodied_g_per_s

    emissions_g = Projection(
        grams(energy_kwh.value, duration_s.value),
        grams(energy_kwh.low, duration_s.low),
        grams(energy_kwh.high, duration_s.high),
        LEVEL,
    )
    if not math.isfinite(emissions_g.high + energy_kwh.high + duration_s.high):
        return None  # longer than a number holds
    return RunProjection(
        _rounded(duration_s),
        _rounded(energy_kwh),
        _rounded(emissions_g),
        rounded(so_far.share),
        method,
    )


def describe(so_far: SoFar, throughput: Throughput) -> None:
    """Put the fitted throughput model, and the paper's law, into a record.

    Raises
    ------
    ValueError
        If the devices cannot have been so fast: a unit, or the FLOP of one, is wrong.
    """
    from ocarbon_magic.throughput import ConstantThroughput, fit  # noqa: PLC0415 - imports numpy

    peak_per_s = None
    if throughput.utilisation and throughput.tflops_per_device and so_far.tflop_per_unit:
        peak_tflops = throughput.tflops_per_device / throughput.utilisation
        peak_per_s = peak_tflops * so_far.device_count / so_far.tflop_per_unit
    model = fit(so_far.t_s, so_far.work, peak_rate=peak_per_s).model
    if model is None:
        return
    throughput.scale, throughput.onset_s = model.scale, model.onset
    if not isinstance(model, ConstantThroughput):
        throughput.log10_alpha = model.log10_alpha
    law = _law(so_far)
    throughput.law = Law(
        log10_alpha=None if isinstance(law.model, ConstantThroughput) else law.model.log10_alpha,
        scale=law.model.scale,
        duration_s=law.model.time_for(so_far.total) if math.isfinite(so_far.total) else None,
        misleads=law.misleads,
    )


def judge(run: Run) -> None:
    """Put the errors into a run's projections, if the truth is known: all work is done."""
    done, total = run.work.done, run.work.total
    if run.status != "finished" or not done or not total:
        return
    if not total <= done <= MOST_OVER * total:
        return  # not all that was planned was done, or something else than was planned
    for made in run.projections if run.projection is None else [*run.projections, run.projection]:
        made.duration_error_pct = _error_pct(made.duration_s, run.duration_s)
        made.energy_error_pct = _error_pct(made.energy_kwh, run.energy_kwh)
        made.emissions_error_pct = _error_pct(made.emissions_g, run.emissions_g)


def _error_pct(made: Projection, truth: float | None) -> float | None:
    return round(100.0 * (made.value / truth - 1.0), 2) if truth else None


def _rounded(made: Projection) -> Projection:
    return Projection(rounded(made.value), rounded(made.low), rounded(made.high), made.level)


def _law(so_far: SoFar) -> PaperLaw:
    from ocarbon_magic.throughput.law import paper_law  # noqa: PLC0415 - imports numpy

    return paper_law(
        so_far.t_s,
        so_far.work,
        tflop_per_unit=so_far.tflop_per_unit,
        device_count=so_far.device_count,
    )


def _by_pace(so_far: SoFar) -> Projection:
    from ocarbon_magic.throughput import forecast  # noqa: PLC0415 - imports numpy
    from ocarbon_magic.throughput.points import checked, while_counted  # noqa: PLC0415

    t_s, work = checked(so_far.t_s, so_far.work)
    if so_far.counted_s is not None:
        t_s, work = while_counted(t_s, work, so_far.counted_s)
    made, over_s = forecast(t_s, work, so_far.total, LEVEL), so_far.t_s[-1] - float(t_s[-1])
    return Projection(made.value + over_s, made.low + over_s, made.high + over_s, made.level)


def _by_law(so_far: SoFar, forecast: Projection) -> Projection:
    promised_s = max(_law(so_far).model.time_for(so_far.total), so_far.t_s[-1])
    low, high = min(promised_s, forecast.low), max(promised_s, forecast.high)
    return Projection(promised_s, low, high, forecast.level)


def _power_ahead(so_far: SoFar) -> tuple[float, float]:
    """Return the mean power of the second half of the time, and how sure its logarithm is."""
    known = [(t, j) for t, j in zip(so_far.t_s, so_far.energy_j, strict=True) if j is not None]
    (begin_s, begin_j), (end_s, end_j) = known[0], known[-1]
    middle_s, middle_j = known[bisect_left(known, ((begin_s + end_s) / 2,)) - 1]
    if not begin_s <= middle_s < end_s or end_j <= middle_j:
        return 0.0, _POWER_SURE
    mean_w = (end_j - begin_j) / (end_s - begin_s)
    late_w = (end_j - middle_j) / (end_s - middle_s)
    return late_w, max(_POWER_SURE, _POWER_CHANGE * abs(math.log(late_w / mean_w)))


def _apart(end_s: float, duration_s: Projection, now_s: float) -> float:
    """Return how far one end of the time ahead is from its value, in logarithms."""
    ahead_s = duration_s.value - now_s
    return math.log(max(end_s - now_s, ahead_s * 1e-3) / ahead_s) if ahead_s > 0.0 else 0.0

"""The pace and the power of a measured run, without its start-up.

The first fifth of a run's work counts as its start-up, once; the rest sets the pace, in
spans of equal work whose spread tells how steady it is.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from ocarbon_magic.run import Projection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.run import Run

LEVEL = 0.8

STARTUP_SHARE = 0.2
"""Share of the probe's work that is left out of its pace."""

UNSEEN_FASTER, UNSEEN_SLOWER = 0.10, 0.15
"""How much the pace of a whole training differs from a probe's for reasons that the probe
does not see: evaluations, checkpoints, schedules, neighbours on the machine. Chosen on 66
recorded trainings: 83 to 91 % of those with six readings by then end within the interval
that their first 0.5 to 25 % give; with the spread alone, 40 to 65 % do."""

_SPANS = 8

# Student's t at 90 % (both ends: a level of 80 %) for 1 to 7 degrees of freedom.
_T90 = (3.078, 1.886, 1.638, 1.533, 1.476, 1.440, 1.415)


@dataclass(frozen=True, slots=True)
class Probe:
    """What a run showed of the training that it began.

    Attributes
    ----------
    startup_s : float
        Seconds that a start takes beyond the pace.
    s_per_unit : Projection
        Seconds for one unit of work at the pace after the start-up.
    power_w : float or None
        Mean power of all devices after the start-up; None where none was measured.
    steady : bool
        Whether the spread of the pace could be seen; else only what no probe sees is in
        the interval.
    """

    startup_s: float
    s_per_unit: Projection
    power_w: float | None
    steady: bool

    def duration_s(self, work: float) -> Projection:
        """Return the seconds that ``work`` units take, the start-up included."""
        pace = self.s_per_unit
        value, low, high = (self.startup_s + work * s for s in (pace.value, pace.low, pace.high))
        return Projection(value, low, high, pace.level)


def probe_of(run: Run) -> Probe:
    """Return what ``run`` shows.

    Raises
    ------
    ValueError
        If nothing counted its work.
    """
    done = run.work.done
    if not done or run.duration_s <= 0:
        raise ValueError(
            f"the run {run.name!r} counted no work, so it has no pace: "
            + (run.work.hint or "put oc.track(...) around its loop and measure again.")
        )
    points = _points(run)
    if len(points) < 2:  # noqa: PLR2004 - a pace has two ends
        s_per_unit = 1.0 / run.work.rate_per_s if run.work.rate_per_s else run.duration_s / done
        return Probe(0.0, _interval(s_per_unit, 0.0), _mean_power_w(run, 0.0), steady=False)
    (begun_s, begun), (end_s, end) = points[0], points[-1]
    s_per_unit = (end_s - begun_s) / (end - begun)
    spans = _span_paces(points)
    spread = _predicted_spread(spans) if len(spans) > 1 else 0.0
    return Probe(
        startup_s=max(begun_s - s_per_unit * begun, 0.0),
        s_per_unit=_interval(s_per_unit, spread / s_per_unit),
        power_w=_mean_power_w(run, begun_s),
        steady=len(spans) > 1,
    )


def _points(run: Run) -> list[tuple[float, float]]:
    """Return times and work after the start-up, one for each amount of work, the latest."""
    series = zip(run.series.t_s, run.series.work, strict=False)
    latest = {work: t_s for t_s, work in series if work is not None}
    done = max(latest, default=0.0)
    points = [(t_s, work) for work, t_s in latest.items() if work >= STARTUP_SHARE * done]
    return sorted(points)


def _span_paces(points: Sequence[tuple[float, float]]) -> list[float]:
    """Return the seconds per unit in spans of about equal work."""
    works = [work for _, work in points]
    wanted = [works[0] + (works[-1] - works[0]) * i / _SPANS for i in range(_SPANS + 1)]
    marks = sorted({min(bisect_left(works, work), len(works) - 1) for work in wanted})
    return [
        (points[later][0] - points[sooner][0]) / (works[later] - works[sooner])
        for sooner, later in pairwise(marks)
    ]


def _predicted_spread(spans: Sequence[float]) -> float:
    """Return the half-width in which a long span like these would lie, at `LEVEL`."""
    n = len(spans)
    return _T90[n - 2] * stdev(spans, fmean(spans)) * math.sqrt(1.0 + 1.0 / n)


def _interval(s_per_unit: float, spread: float) -> Projection:
    """Return a pace with the spread seen and the one unseen, in quadrature."""
    faster = min(math.hypot(spread, UNSEEN_FASTER), 0.9)  # no training takes no time
    slower = math.hypot(spread, UNSEEN_SLOWER)
    return Projection(s_per_unit, s_per_unit * (1.0 - faster), s_per_unit * (1.0 + slower), LEVEL)


def _mean_power_w(run: Run, since_s: float) -> float | None:
    """Return the mean power after ``since_s``, that of the whole run if no series tells."""
    series = run.series
    spans = zip(pairwise(series.t_s), series.power_w[1:], strict=False)
    known = [
        (end - begin, power)
        for (begin, end), power in spans
        if power is not None and begin >= since_s
    ]
    length_s = sum(span_s for span_s, _ in known)
    if length_s > 0:
        return sum(span_s * power for span_s, power in known) / length_s
    if run.energy_kwh is None or run.duration_s <= 0:
        return None
    return run.energy_kwh * 3.6e6 / run.duration_s

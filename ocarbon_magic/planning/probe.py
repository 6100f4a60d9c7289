"""The pace and the power of a measured run, for all of a training that it began.

Both are those of its forecast: the pace ahead with its calibrated interval, the start-up
counted once, and the power of the second half of the run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ocarbon_magic.derived import mean_power_w
from ocarbon_magic.run import Projection
from ocarbon_magic.throughput.forecast import half_widths, pace_ahead
from ocarbon_magic.throughput.points import while_counted
from ocarbon_magic.throughput.progression import Progression

if TYPE_CHECKING:
    from ocarbon_magic.run import Run

LEVEL = 0.8

_STEADY_FROM = 4
"""With fewer intervals of progress a run does not show how steady its pace is."""


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
        Mean power of all devices in the second half of the run; None where none was
        measured.
    steady : bool
        Whether the run was long enough to show how steady its pace is.
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


def probe_of(run: Run, planned: float) -> Probe:
    """Return what ``run`` shows of a training of ``planned`` units of its work.

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
    so_far, begin_s = _progression(run, done)
    share = min(done / planned, 1.0)
    log_pace = pace_ahead(so_far, share)
    earlier, later = half_widths(so_far, share, LEVEL)
    s_per_unit = math.exp(log_pace)
    slow_s = max(float(so_far.t_s[-1] - s_per_unit * so_far.work[-1]), 0.0)
    return Probe(
        startup_s=begin_s + slow_s,
        s_per_unit=Projection(
            s_per_unit, math.exp(log_pace - earlier), math.exp(log_pace + later), LEVEL
        ),
        power_w=_later_power_w(run),
        steady=len(so_far) >= _STEADY_FROM,
    )


def _progression(run: Run, done: float) -> tuple[Progression, float]:
    """Return the run's intervals of progress, and when they begin: one, if no series tells."""
    known = [
        (t_s, work)
        for t_s, work in zip(run.series.t_s, run.series.work, strict=False)
        if work is not None
    ]
    counted_s = done / run.work.rate_per_s if run.work.rate_per_s else run.duration_s
    if len(known) > 1:
        t_s, work = np.array(known).T
        t_s, work = while_counted(t_s, work, counted_s)
        so_far = Progression.of(t_s, work)
        if so_far:
            return so_far, float(t_s[0])
    return Progression(np.array([0.0, counted_s]), np.array([0.0, done])), 0.0


def _later_power_w(run: Run) -> float | None:
    """Return the mean power after half of the run, that of all of it if no series tells."""
    series = run.series
    spans = zip(pairwise(series.t_s), series.power_w[1:], strict=False)
    known = [
        (end - begin, power)
        for (begin, end), power in spans
        if power is not None and begin >= run.duration_s / 2
    ]
    length_s = sum(span_s for span_s, _ in known)
    if length_s > 0:
        return sum(span_s * power for span_s, power in known) / length_s
    return mean_power_w(run)

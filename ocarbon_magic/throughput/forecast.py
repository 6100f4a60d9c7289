"""How long a training will take, from the work done so far.

What is left of the work goes on at the pace ahead, which is the median of what several
stretches of the run say: all since the start-up, since the last change of pace, the last
half, the last part, and its steady middle. A start-up is thereby counted once, a pause as
often as it came, and no single stretch decides. Weighing the stretches by how well they
would have forecast so far, trends, and trees grown on recorded runs did no better on runs
they had not seen.

The interval is calibrated on recorded runs: the logarithm of the remaining time errs in
proportion to how unsteady blocks of equal work have been, less as more has been seen.
`tests/validation/calibrate.py` fits its constants and prints how they hold on runs that
were left out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ocarbon_magic.run import Projection
from ocarbon_magic.throughput.points import checked
from ocarbon_magic.throughput.progression import TIE, Progression

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from ocarbon_magic.throughput.dynamic import Array

EARLY = 0.04
"""Below this share of the work a start-up cannot be told from a pace: only recent stretches
count."""

FEW = 8
"""With so few intervals there are no stretches yet, only blocks."""

_VERY_FEW = 3
_DOUBT = 0.075
"""How much of a slow first interval counts as pace while it may be no start-up at all."""
_DOUBTFUL = 4
_DOUBTFUL_BELOW = 2.7

BLOCKS = 8
UNSTEADINESS_UNKNOWN = 0.1

# ln(half-width) of ln(remaining time) = a + b ln(share seen, 1 to 50 %)
# + c ln(unsteadiness + 0.01) + d ln(seconds seen, 3 to 60).
EARLIER = (0.44, 0.04, 0.53, -0.29)
LATER = (2.92, 0.38, 0.41, -0.74)
WIDER = 1.05
"""Between what runs of the calibration need and what runs left out of it need, until a quarter
of the work is seen."""
NARROWER = 0.5
"""The same, when half is seen."""
LIMIT_EARLIER = 1.2
LIMIT_LATER = 1.5
"""No half-width is estimated above exp of these."""

_CALIBRATED_LEVEL = 0.8
_ROUNDING = 1e-9
"""By how much a sum of steps may miss the total that they make."""
_LOG_LARGEST = math.log(np.finfo(np.float64).max)


def forecast(
    t_s: Sequence[float] | npt.ArrayLike,
    work: Sequence[float] | npt.ArrayLike,
    total_work: float,
    level: float = 0.8,
) -> Projection:
    """Forecast the total time of a training.

    Parameters
    ----------
    t_s : array_like of shape (n,)
        Times in seconds since the training started, never falling; two or more.
    work : array_like of shape (n,)
        Cumulative work at these times, in any unit, never falling. It need not begin at 0.
    total_work : float
        The work of the whole training.
    level : float
        The part of cases in which the interval should hold the truth.

    Returns
    -------
    Projection
        The total time in seconds, on the clock of ``t_s``.

    Raises
    ------
    ValueError
        If the times or the work are not two or more finite numbers each, as many of one as
        of the other, that never fall; if no work has been done yet, or all at once; if more
        work is done than the total; or the level is not between 0 and 1.
    """
    t, w = checked(t_s, work)
    left = float(total_work - w[-1])
    if not math.isfinite(left) or left < -_ROUNDING * abs(total_work):
        raise ValueError(
            f"total_work is {total_work:.12g}, but {w[-1]:.12g} is done already: "
            "give the work of the whole training."
        )
    if not 0.0 < level < 1.0:
        raise ValueError(f"level must be between 0 and 1, not {level:.12g}.")
    now_s = float(t[-1])
    if left <= 0.0:
        return Projection(now_s, now_s, now_s, level)
    so_far = Progression.of(t, w)
    if not so_far:
        what = "All work so far was done at once" if w[-1] > w[0] else "No work has been done yet"
        raise ValueError(f"{what}, so there is nothing to forecast from.")
    done = float(w[-1] - w[0])
    share = done / (done + left)
    log_left = math.log(left) + pace_ahead(so_far, share)
    earlier, later = half_widths(so_far, share, level)
    # Time since the last count is time spent on the next one.
    since_s = now_s - float(t[0]) - float(so_far.t_s[-1])
    from_s = now_s - min(since_s, float(np.median(np.diff(so_far.t_s))))
    value, low, high = (
        max(now_s, from_s + _exp(log)) for log in (log_left, log_left - earlier, log_left + later)
    )
    return Projection(value, low, high, level)


def pace_ahead(so_far: Progression, share: float) -> float:
    """Return the logarithm of the seconds that a unit of the remaining work will take.

    ``share`` is the part of the whole work that is done.
    """
    if len(so_far) <= (FEW if share < EARLY else _VERY_FEW):
        stretches = so_far.blocks(4)
    elif share < EARLY:
        stretches = np.array([so_far.last(0.15), so_far.last(0.35), so_far.last(0.7)])
    else:
        stretches = np.array(
            [
                so_far.since(so_far.slow_start),
                so_far.since(so_far.change),
                so_far.last_half(),
                so_far.last(0.15),
                so_far.middle(),
            ]
        )
    pace = float(np.median(stretches))
    slower = float(so_far.paces[0]) - pace
    if len(so_far) <= _DOUBTFUL and TIE < slower < math.log(_DOUBTFUL_BELOW):
        overall = so_far.since(0)
        return float(np.logaddexp(math.log(1 - _DOUBT) + pace, math.log(_DOUBT) + overall))
    return pace


def half_widths(so_far: Progression, share: float, level: float) -> tuple[float, float]:
    """Return how much the logarithm of the remaining time may be below and above."""
    known = evidence(so_far, share)
    # Errors have the tails of Student's t with two degrees of freedom, nearly.
    spread = math.sqrt(1 - _CALIBRATED_LEVEL**2) / _CALIBRATED_LEVEL * level
    factor = unseen(share) * spread / math.sqrt((1 - level) * (1 + level))
    earlier = math.exp(min(float(known @ EARLIER), LIMIT_EARLIER))
    later = math.exp(min(float(known @ LATER), LIMIT_LATER))
    return factor * earlier, factor * later


def evidence(so_far: Progression, share: float) -> Array:
    """Return what the width of an interval depends on, in the order of its constants."""
    return np.array(
        [
            1.0,
            math.log(min(max(share, 0.01), 0.5)),
            math.log(min(unsteadiness(so_far), 1.0) + 0.01),
            math.log(min(max(float(so_far.t_s[-1]), 3.0), 60.0)),
        ]
    )


def unseen(share: float) -> float:
    """Return by what to widen intervals for runs of kinds that were not seen before."""
    late = math.log2(min(max(share, 0.25), 0.5) / 0.25)
    return WIDER * math.exp(late * math.log(NARROWER / WIDER))


def unsteadiness(so_far: Progression) -> float:
    """Return the standard deviation of the log pace of blocks of equal work."""
    blocks = so_far.blocks(BLOCKS)
    return float(np.std(blocks, ddof=1)) if blocks.size > 1 else UNSTEADINESS_UNKNOWN


def _exp(x: float) -> float:
    """Return the exponential, infinite where a float holds it no longer."""
    return math.exp(x) if x < _LOG_LARGEST else math.inf

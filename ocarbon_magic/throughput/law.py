"""OpenCarbonEval's law of throughput, f(t) = ln(1 + alpha t), read from a run so far.

It is kept beside the forecast for comparison. The paper (arXiv 2405.12843) has no scale:
in TFLOP/s per device over device-seconds, a run that is twice as fast bends half as much.
Where FLOP are not known a scale stands in their place, and alpha follows from how much more
was done in the second half of the time than in the first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ocarbon_magic.throughput.dynamic import (
    ConstantThroughput,
    DynamicThroughput,
    ThroughputModel,
    log_mean_rate,
)
from ocarbon_magic.throughput.points import checked
from ocarbon_magic.throughput.progression import Progression

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from ocarbon_magic.throughput.dynamic import Array

SLOW_TFLOPS = 20.0
"""From a steady minute below this, the law promises 100 minutes in 82 or fewer."""

_SLOW_START = 0.05
"""A slow start-up of a larger share of the time bends the law."""

_LOWEST, _HIGHEST = -20.0, 1e4
"""The range of ln(alpha T): the rate rises linearly below it, and not at all above."""

_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class PaperLaw:
    """The law on the clock of a run.

    Attributes
    ----------
    model : ThroughputModel
        Its work is in the run's unit and counts from the first point.
    misleads : str or None
        One sentence, where the law is known to mislead.
    """

    model: ThroughputModel
    misleads: str | None


def paper_law(
    t_s: Sequence[float] | npt.ArrayLike,
    work: Sequence[float] | npt.ArrayLike,
    *,
    tflop_per_unit: float | None = None,
    device_count: int = 1,
) -> PaperLaw:
    """Return the law that did the work so far in the time so far.

    Parameters
    ----------
    t_s, work : array_like of shape (n,)
        Times in seconds and cumulative work, neither falling; two or more.
    tflop_per_unit : float, optional
        TFLOP in one unit of work, for all devices together.
    device_count : int
        How many devices share the work.

    Raises
    ------
    ValueError
        As `forecast`, if the times or the work cannot be used or no work is done yet.
    """
    t, w = checked(t_s, work)
    begin_s, took_s, done = float(t[0]), float(t[-1] - t[0]), float(w[-1] - w[0])
    if not (took_s > 0.0 and done > 0.0):
        raise ValueError("No work has been done yet, so there is no law of its throughput.")
    if tflop_per_unit is None:
        return PaperLaw(_with_scale(t - begin_s, w - w[0], begin_s), _slow_start(t, w))
    scale = device_count / tflop_per_unit
    model = DynamicThroughput.from_mean_rate(done / took_s, took_s, scale=scale, onset=begin_s)
    tflops = done / took_s / scale
    misleads = None
    if tflops < SLOW_TFLOPS:
        misleads = (
            f"At {tflops:.3g} TFLOP/s a device OpenCarbonEval's law, which has no scale, takes a "
            "steady pace for a rising one, and promises an end too early."
        )
    return PaperLaw(model, misleads)


def _with_scale(t: Array, w: Array, begin_s: float) -> ThroughputModel:
    took_s, mean = float(t[-1]), float(w[-1] / t[-1])
    first_half = float(np.interp(took_s / 2, t, w)) / (took_s / 2)
    if first_half <= 0.0 or mean / first_half >= _gain(_LOWEST):
        log_u = _LOWEST
    elif mean / first_half <= _gain(_HIGHEST):
        return ConstantThroughput(mean, begin_s)
    else:
        log_u = _log_u_of(mean / first_half)
    scale = mean / math.exp(float(log_mean_rate(np.asarray(log_u))))
    return DynamicThroughput(log_u - math.log(took_s), scale, begin_s)


def _gain(log_u: float) -> float:
    """Return the mean rate over all of the time, over that of its first half."""
    whole, half = log_mean_rate(np.array([log_u, log_u - math.log(2.0)]))
    return math.exp(whole - half)


def _log_u_of(gain: float) -> float:
    low, high = _LOWEST, _HIGHEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _gain(middle) > gain else (low, middle)
    return (low + high) / 2


def _slow_start(t: Array, w: Array) -> str | None:
    so_far = Progression.of(t, w)
    if so_far.t_s[so_far.slow_start] <= _SLOW_START * so_far.t_s[-1]:
        return None
    return (
        "The first steps were slow, which OpenCarbonEval's law takes for a rise that goes on: "
        "it promises an end too early."
    )

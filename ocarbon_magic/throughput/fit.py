"""The throughput model that runs through the work a training has done so far.

The dynamic model is taken only if the evidence for its rise is strong against a constant
pace, and it explains the data as well as a jump from one constant pace to another does (see
`rise`); else the pace is constant. The level of either is that of all work in all the time
since the onset, pauses included: so the curve meets the last point, and tells how long the
work takes as it was done.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ocarbon_magic.throughput import rise
from ocarbon_magic.throughput.dynamic import (
    ConstantThroughput,
    DynamicThroughput,
    ThroughputModel,
    log_mean_rate,
)
from ocarbon_magic.throughput.points import checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from ocarbon_magic.throughput.dynamic import Array
    from ocarbon_magic.throughput.rise import Blocks, Noise, Shape

Range = tuple[float, float]

LEVEL = 0.8
"""The part of cases in which the truth should lie in a range."""

_DEVIATE = 1.2816
"""Standard deviations to either side that hold `LEVEL` of a normal distribution."""

_FEWEST_BLOCKS = 10
"""With fewer after the first, neither a rise nor the noise can be told."""

_STRONG = 6.0
"""Twice the logarithm of a Bayes factor that is strong evidence (Kass and Raftery 1995)."""

_NOT_KNOWN = math.log(1e6)
"""A scale that may be off by this factor is not known."""

_START_UP = 0.25
"""The largest part of the work that may be a start-up at another pace."""

_TOO_FEW = "Too few points to tell a rise from a constant pace."
_FLAT = "The pace does not clearly rise, so that alpha cannot be told from infinity."
_JUMP = "The pace jumps rather than rises, so it is taken as constant."
_OVER_PEAK = "The rise would pass the peak of the devices, so the pace is taken as constant."
_NO_WORK = "No work has been done yet, so there is no pace."
_NO_TIME = "All work was done at one time, so there is no pace."


@dataclass(frozen=True, slots=True)
class ThroughputFit:
    """A model of the throughput seen so far, and how well it is known.

    A range is where the truth lies in 80 % of cases (`LEVEL`); None if that is not known.

    Parameters
    ----------
    model : DynamicThroughput or ConstantThroughput or None
        Its onset is on the clock of the given times and its work counts from the first
        point: the curve is ``work[0] + model.work(t)``, and it meets the last point at
        which work was done. None as long as there is no pace.
    scale_range : tuple of float or None
        Low and high of the model's scale, in work per second.
    log_alpha_range : tuple of float or None
        Low and high of the natural logarithm of alpha; None for a constant pace. With alpha
        at its low, the scale is at its high.
    onset_range : tuple of float or None
        Low and high of the onset in seconds.
    note : str or None
        Why the pace is taken as constant, or why there is none.
    """

    model: ThroughputModel | None
    scale_range: Range | None = None
    log_alpha_range: Range | None = None
    onset_range: Range | None = None
    note: str | None = None


def fit(
    t_s: Sequence[float] | npt.ArrayLike,
    work: Sequence[float] | npt.ArrayLike,
    *,
    peak_rate: float | None = None,
) -> ThroughputFit:
    """Fit a throughput model to the work done so far.

    The first point is taken as the start: work that was done before it is left aside, and
    time before the onset, such as most of a slow first step, was not work.

    Parameters
    ----------
    t_s : array_like of shape (n,)
        Times in seconds, on any clock, never falling; two or more.
    work : array_like of shape (n,)
        Cumulative work at these times, in any unit, never falling.
    peak_rate : float, optional
        The most work per second that the devices can do.

    Returns
    -------
    ThroughputFit
        The model, its uncertainty, and why it is a constant pace if it is one.

    Raises
    ------
    ValueError
        If the times or the work are not two or more finite numbers each, as many of one as
        of the other, that never fall, or the work was done faster than ``peak_rate``.
    """
    times, totals = checked(t_s, work)
    if peak_rate is not None and not (math.isfinite(peak_rate) and peak_rate > 0.0):
        raise ValueError(f"peak_rate must be a finite number above zero, not {peak_rate}.")
    seconds, done = _progress(times - times[0], totals - totals[0])
    if done.size == 0:
        return ThroughputFit(None, note=_NO_TIME if totals[-1] > totals[0] else _NO_WORK)
    result = _fit(rise.in_blocks(seconds, done), float(times[0]), peak_rate or math.inf)
    if peak_rate is not None and isinstance(result.model, ConstantThroughput):
        _reject_over_peak(result.model.scale, peak_rate)
    return result


def _reject_over_peak(rate: float, peak_rate: float) -> None:
    if rate > peak_rate:
        raise ValueError(
            f"The work was done at {rate:.4g} per second, above the peak of {peak_rate:.4g}: "
            "check the unit of the work, or the FLOP of one unit."
        )


def _progress(seconds: Array, done: Array) -> tuple[Array, Array]:
    """Return the points after the first at which work has risen, each time once."""
    last_of_its_time = np.append(seconds[1:] > seconds[:-1], True) & (seconds > 0.0)
    seconds, done = seconds[last_of_its_time], done[last_of_its_time]
    risen = np.diff(done, prepend=0.0) > 0.0
    return seconds[risen], done[risen]


def _fit(blocks: Blocks, start_s: float, peak_rate: float) -> ThroughputFit:
    size = blocks.ends_s.size - 1
    if size < _FEWEST_BLOCKS:
        return _constant(blocks, start_s, _TOO_FEW)
    shape, sigma = rise.rising(blocks)
    noise = rise.noise(shape, blocks, sigma)
    flat = rise.constant(blocks, sigma)
    jump, jumps_at = rise.jump(blocks, sigma)
    # A jump has one parameter more than a rise, which has one more than a constant pace.
    price = math.log(size)
    if (
        noise.evidence(shape, flat, blocks) > price + _STRONG
        and noise.evidence(shape, jump, blocks) > -price
    ):
        if _rate_at_end(blocks, shape) > peak_rate:
            return _constant(blocks, start_s, _OVER_PEAK, noise.inflation)
        return _dynamic(blocks, start_s, shape, noise)
    noise = rise.noise(jump, blocks, rise.spread(jump, blocks, parameters=3))
    if noise.evidence(jump, flat, blocks) <= 2.0 * price + _STRONG:
        return _constant(blocks, start_s, _FLAT, rise.noise(flat, blocks, sigma).inflation)
    is_start_up = blocks.ends_work[jumps_at - 1] <= _START_UP * blocks.ends_work[-1]
    return _constant(blocks, start_s, _JUMP, noise.inflation, jumps_at if is_start_up else 1)


def _rate_at_end(blocks: Blocks, shape: Shape) -> float:
    worked_s = blocks.ends_s[-1] - blocks.ends_s[0] + shape.first_s
    mean = float(np.exp(log_mean_rate(rise.log_reach(shape.rise))))
    return float(blocks.ends_work[-1] / worked_s) / mean * (1.0 / shape.rise - 1.0)


def _constant(
    blocks: Blocks, start_s: float, note: str, inflation: float = 1.0, steady_from: int = 1
) -> ThroughputFit:
    """Return the pace from a block on; the time that it was slower before is no work."""
    end_s, end_work = float(blocks.ends_s[-1]), float(blocks.ends_work[-1])
    if blocks.ends_s.size == 1:
        return ThroughputFit(ConstantThroughput(end_work / end_s, start_s), note=note)
    until_s = float(blocks.ends_s[steady_from - 1])
    until_work = float(blocks.ends_work[steady_from - 1])
    pace = (end_work - until_work) / (end_s - until_s)
    onset_s = max(until_s - until_work / pace, 0.0)
    model = ConstantThroughput(end_work / (end_s - onset_s), start_s + onset_s)
    if blocks.ends_s.size == steady_from + 1:
        return ThroughputFit(model, note=note)
    off = _Errors.of(blocks, blocks.durations_s, inflation, steady_from)
    off_by = off.seconds(end_work - until_work) / (end_s - until_s)
    off_s = math.hypot(off.seconds(until_work), off_by * until_work / pace)
    return ThroughputFit(
        model,
        scale_range=_scale_range(math.log(model.scale), off_by, off_by),
        onset_range=_onset_range(start_s, onset_s, off_s, until_s),
        note=note,
    )


def _dynamic(blocks: Blocks, start_s: float, shape: Shape, noise: Noise) -> ThroughputFit:
    end_s, end_work = float(blocks.ends_s[-1]), float(blocks.ends_work[-1])
    onset_s = float(blocks.ends_s[0]) - shape.first_s
    worked_s = end_s - onset_s
    of_rise, of_first = rise.deviations(shape, blocks, noise)
    width = _width(blocks.ends_s.size - 3)
    rises = [rise.within(shape.rise + side * width * of_rise) for side in (1.0, 0.0, -1.0)]
    log_reaches = rise.log_reach(np.array(rises))
    log_alphas = log_reaches - math.log(worked_s)
    log_scales = math.log(end_work / worked_s) - log_mean_rate(log_reaches)
    off = _Errors.of(blocks, np.exp(blocks.log_works - shape.residuals), noise.inflation, 1)
    off_by = off.seconds(end_work) / worked_s
    highest, log_scale, lowest = (float(log_scale) for log_scale in log_scales)
    return ThroughputFit(
        DynamicThroughput(float(log_alphas[1]), math.exp(log_scale), start_s + onset_s),
        scale_range=_scale_range(
            log_scale,
            math.hypot(log_scale - lowest, off_by),
            math.hypot(highest - log_scale, off_by),
        ),
        log_alpha_range=(float(log_alphas[0]), float(log_alphas[2])),
        onset_range=_onset_range(
            start_s, onset_s, width * of_first * shape.first_s, float(blocks.ends_s[0])
        ),
    )


class _Errors(NamedTuple):
    """How far the time that work took may be off: a random walk along the work."""

    variance_per_work: float
    width: float

    @classmethod
    def of(cls, blocks: Blocks, expected: Array, inflation: float, first: int) -> _Errors:
        """Compare blocks from the first on with their expected work, in any unit."""
        works, durations_s, expected = (
            of_all[first:] for of_all in (blocks.works, blocks.durations_s, expected)
        )
        level = works.sum() / expected.sum()
        errors_s = durations_s * (1.0 - works / (level * expected))
        freedom = works.size - 1
        variance = float(np.sum(errors_s**2)) * works.size / freedom
        return cls(inflation * variance / float(works.sum()), _width(freedom))

    def seconds(self, work: float) -> float:
        """Return half the range of the time that some work takes."""
        return self.width * math.sqrt(self.variance_per_work * work)


def _scale_range(log_scale: float, below: float, above: float) -> Range | None:
    if max(below, above) > _NOT_KNOWN:
        return None
    return math.exp(log_scale - below), math.exp(log_scale + above)


def _onset_range(start_s: float, onset_s: float, off_s: float, latest_s: float) -> Range:
    return start_s + max(onset_s - off_s, 0.0), start_s + min(onset_s + off_s, latest_s)


def _width(freedom: int) -> float:
    """Return the quantile of Student's t that `_DEVIATE` is of a normal distribution."""
    z = _DEVIATE
    first = (z**2 + 1.0) / (4.0 * freedom)
    second = (5.0 * z**4 + 16.0 * z**2 + 3.0) / (96.0 * freedom**2)
    return z * (1.0 + first + second)

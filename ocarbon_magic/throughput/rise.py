"""How far a pace rises: shapes of pace against the noise of a training.

Alpha and the scale trade off as alpha grows, so neither is fitted as such. Fitted is the
*rise* q = scale / (scale + rate at the end), from 0 (a constant pace) to 1 (a linear rise),
in which the logarithm of the rate is close to linear.

Cumulative work errs like a random walk. Compared are therefore the logarithms of the rate in
blocks of equal work, whose errors are alike, under a Cauchy loss, which leaves pauses aside;
what is left of their correlation widens the errors and weakens all evidence. The first block
decides the onset and nothing else, so that a slow first step is not taken for a slow rise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ocarbon_magic.throughput.dynamic import log_mean_rate, softplus

if TYPE_CHECKING:
    import numpy.typing as npt

    from ocarbon_magic.throughput.dynamic import Array

_MOST_BLOCKS = 48

_LATE = 1.0
_LATE_DEVIATIONS = 5.0
"""A step that takes longer than is usual in its block by this part holds a pause."""

_RISES = np.geomspace(5e-4, 0.999, 20)
"""The rises tried first: alpha * T from e^2000 to 1e-3."""

_ZOOMS = 3
_TRIES_IN_A_ZOOM = 13
_ROUNDS = 3
"""Of what converges fast: a robust mean, and how long the first step worked."""

_CAUCHY = 2.385
"""Standard deviations at which a residual weighs most: 95 % efficient on normal noise."""

_LEAST_NOISE = 1e-9
"""Of a block's logarithmic rate: what rounding leaves where there is no noise at all."""

_MOST_CORRELATION = 0.95


@dataclass(frozen=True)
class Blocks:
    """Blocks of equal work, the first of which is the first step that was seen.

    Parameters
    ----------
    ends_s, ends_work : ndarray
        Time and work at the end of each block, counted from the first point.
    paused_s : ndarray
        Seconds within each block that were clearly pauses.
    """

    ends_s: Array
    ends_work: Array
    paused_s: Array

    @cached_property
    def durations_s(self) -> Array:
        """Duration of each block in seconds, pauses included."""
        return np.diff(self.ends_s, prepend=0.0)

    @cached_property
    def works(self) -> Array:
        """Work of each block."""
        return np.diff(self.ends_work, prepend=0.0)

    @cached_property
    def weights(self) -> Array:
        """Inverse variance of the logarithm of each block's rate: 1 for average work."""
        return self.works / np.mean(self.works[1:])

    @cached_property
    def log_works(self) -> Array:
        """Logarithm of the work that each block would have held without its pauses."""
        return np.log(self.works) - np.log1p(-self.paused_s / self.durations_s)

    @cached_property
    def log_paces(self) -> Array:
        """Logarithm of the rate of each block outside its pauses."""
        return self.log_works - np.log(self.durations_s)


class Shape(NamedTuple):
    """A pace without its level.

    The rise is 0 for a constant pace; ``first_s`` are the seconds of the first block that
    were work, of which the others lie before the onset; the residuals are logarithms of the
    blocks' rates relative to the shape's.
    """

    rise: float
    first_s: float
    residuals: Array


class Noise(NamedTuple):
    """How the logarithmic rates of blocks err around a shape.

    ``sigma`` is the standard deviation of a block of average work and ``inflation`` how much
    their correlation adds to the variance of a mean; the factors correct a variance, and
    twice a difference of log likelihoods, for what the loss makes of residuals.
    """

    sigma: float
    inflation: float
    variance_factor: float
    evidence_factor: float

    def evidence(self, better: Shape, worse: Shape, blocks: Blocks) -> float:
        """Return twice the log of the likelihood ratio of two shapes of the same blocks."""
        losses = loss(np.array([worse.residuals, better.residuals]), blocks, self.sigma)
        return float(losses[0] - losses[1]) * self.evidence_factor / self.inflation


def in_blocks(seconds: Array, done: Array) -> Blocks:
    """Return the blocks of points at which work has risen, from time and work 0 on."""
    if done.size <= _MOST_BLOCKS + 1:
        return Blocks(seconds, done, np.zeros(done.size))
    # A touch below, so that no unit of work moves a point across a mark by rounding.
    marks = np.linspace(done[0], done[-1], _MOST_BLOCKS + 1) * (1.0 - 1e-9)
    ends = np.unique(np.append(np.searchsorted(done, marks), done.size - 1))
    works, durations_s = np.diff(done), np.diff(seconds)
    usual_s = works * _medians(durations_s / works, ends)
    late = durations_s / usual_s - 1.0
    is_pause = late > max(_LATE, _LATE_DEVIATIONS * _spread(late))
    pauses_s = np.where(is_pause, durations_s - usual_s, 0.0)
    paused_s = np.append(0.0, np.add.reduceat(pauses_s, ends[:-1]))
    return Blocks(seconds[ends], done[ends], paused_s)


def log_reach(rise: Array | float) -> Array:
    """Return ln(alpha * T), at which the rate is (1 / rise - 1) scales."""
    rate = 1.0 / np.asarray(rise) - 1.0
    return np.asarray(rate + np.log(-np.expm1(-rate)))


def within(rise: float) -> float:
    """Return the rise that can be told from 0 and from 1 and is nearest to ``rise``."""
    return float(np.clip(rise, _RISES[0], _RISES[-1]))


def rising(blocks: Blocks) -> tuple[Shape, float]:
    """Return the best shape of the dynamic model, and the blocks' spread around it."""
    # Without a shape yet, from one block to the next: no slow rise is in this.
    sigma = _spread(np.diff(blocks.log_paces[1:])) / math.sqrt(2.0)
    rises = _RISES
    first_s = np.full(rises.shape, blocks.ends_s[0] / 2.0)
    for _ in range(1 + _ZOOMS):
        first_s, residuals = _shapes(blocks, rises, first_s, sigma)
        best = int(np.argmin(loss(residuals, blocks, sigma)))
        shape = Shape(float(rises[best]), float(first_s[best]), residuals[best])
        sigma = spread(shape, blocks, parameters=3)
        around = rises[max(best - 1, 0)], rises[min(best + 1, rises.size - 1)]
        rises = np.geomspace(*around, _TRIES_IN_A_ZOOM)
        first_s = np.full(rises.shape, shape.first_s)
    return shape, sigma


def constant(blocks: Blocks, sigma: float) -> Shape:
    """Return the shape of a constant pace."""
    level = _robust_mean(blocks.log_paces[1:], blocks.weights[1:], sigma)
    first_s = min(math.exp(blocks.log_works[0] - level), float(blocks.ends_s[0]))
    return Shape(0.0, first_s, blocks.log_paces - level)


def jump(blocks: Blocks, sigma: float) -> tuple[Shape, int]:
    """Return the best shape of two constant paces, and the number of blocks in the first.

    Its residuals are those of both; ``first_s`` is left at the whole first block.
    """
    paces, weights = blocks.log_paces[1:], blocks.weights[1:]
    early = np.arange(paces.size) < np.arange(1, paces.size - 1)[:, None]
    before = _robust_mean(paces, np.where(early, weights, 0.0), sigma)
    after = _robust_mean(paces, np.where(early, 0.0, weights), sigma)
    levels = np.where(early, before[:, None], after[:, None])
    residuals = np.insert(paces - levels, 0, 0.0, axis=1)
    best = int(np.argmin(loss(residuals, blocks, sigma)))
    return Shape(0.0, float(blocks.ends_s[0]), residuals[best]), best + 2


def loss(residuals: Array, blocks: Blocks, sigma: float) -> Array:
    """Return twice the negative log likelihood of residuals after the first, along blocks."""
    squares = blocks.weights[1:] * (residuals[..., 1:] / (_CAUCHY * sigma)) ** 2
    return np.asarray(_CAUCHY**2 * np.log1p(squares).sum(axis=-1))


def spread(shape: Shape, blocks: Blocks, *, parameters: int) -> float:
    """Return the standard deviation of a block of average work around a shape."""
    size = shape.residuals.size - 1
    scaled = shape.residuals[1:] * np.sqrt(blocks.weights[1:])
    return _spread(scaled) * math.sqrt(size / max(size - parameters, 1))


def noise(shape: Shape, blocks: Blocks, sigma: float) -> Noise:
    """Return how blocks err around a shape."""
    scaled = shape.residuals[1:] * np.sqrt(blocks.weights[1:]) / sigma
    far = 1.0 + (scaled / _CAUCHY) ** 2
    influence, slope = scaled / far, max(float(np.mean((2.0 - far) / far**2)), 0.1)
    power = max(float(np.mean(influence**2)), 0.1)
    correlation = float(np.mean(influence[1:] * influence[:-1])) / power
    # A mean and a slope were taken out, which makes the rest look less correlated.
    correlation += (2.0 + 4.0 * correlation) / scaled.size
    correlation = min(max(correlation, 0.0), _MOST_CORRELATION)
    inflation = (1.0 + correlation) / (1.0 - correlation)
    return Noise(sigma, inflation, power / slope**2, slope / power)


def deviations(shape: Shape, blocks: Blocks, errors: Noise) -> tuple[float, float]:
    """Return the standard deviations of a dynamic shape's rise and of ln ``first_s``."""
    rise, log_first = shape.rise, math.log(shape.first_s)
    by = min(1e-4 * rise, (1.0 - rise) / 2.0)
    points = [(rise + by, log_first), (rise - by, log_first)]
    points += [(rise, log_first + 1e-4), (rise, log_first - 1e-4)]
    rises, log_firsts = np.array(points).T
    logs, elasticity = _log_works(blocks, rises, np.exp(log_firsts))
    # Durations err, not work: where work rises as the square of time it errs twice as much.
    weights = blocks.weights / np.append(elasticity[0], np.ones(blocks.weights.size - 1)) ** 2
    slopes = [np.ones(logs.shape[1]), (logs[0] - logs[1]) / (2 * by), (logs[2] - logs[3]) / 2e-4]
    unknowns = np.linalg.pinv(np.transpose(slopes) * np.sqrt(weights)[:, None])
    variances = np.sum(unknowns**2, axis=1) * errors.variance_factor * errors.inflation
    _, of_rise, of_first = errors.sigma * np.sqrt(variances)
    return float(of_rise), float(of_first)


def _shapes(blocks: Blocks, rises: Array, first_s: Array, sigma: float) -> tuple[Array, Array]:
    """Return ``first_s`` and the residuals, one row each, of the shapes of these rises."""
    log_works = blocks.log_works
    for _ in range(_ROUNDS):
        logs, elasticity = _log_works(blocks, rises, first_s)
        residuals = log_works - logs
        level = _robust_mean(residuals[:, 1:], blocks.weights[1:], sigma)
        residuals -= level[:, None]
        used = first_s
        # As long as the shape needs for the first block's work, if the block was as long.
        step = np.clip(residuals[:, 0] / elasticity, -5.0, 5.0)
        first_s = np.clip(first_s * np.exp(step), 1e-9 * blocks.ends_s[0], blocks.ends_s[0])
    return used, residuals


def _log_works(blocks: Blocks, rises: Array, first_s: Array) -> tuple[Array, Array]:
    """Return ln of the blocks' work, and d ln(work) / d ln(first_s) of the first, by shape."""
    worked_s = blocks.ends_s - blocks.ends_s[0] + first_s[:, None]
    log_u = log_reach(rises)[:, None] + np.log(worked_s / worked_s[:, -1:])
    means = np.exp(log_mean_rate(log_u))
    done = worked_s * means
    # A block too short for the digits of its time is taken as long as a digit.
    done[:, 1:] = np.maximum(done[:, 1:] - done[:, :-1], 1e-16 * done[:, -1:])
    return np.log(done), softplus(log_u[:, 0]) / means[:, 0]


def _robust_mean(values: Array, weights: Array, sigma: float) -> Array:
    """Return the mean under the Cauchy loss along the last axis."""
    precisions = weights / (_CAUCHY * sigma) ** 2
    half = values.shape[-1] // 2
    middle = np.partition(values, half)[..., half : half + 1]
    for _ in range(_ROUNDS):
        worth = weights / (1.0 + precisions * (values - middle) ** 2)
        middle = np.add.reduce(worth * values, -1, keepdims=True)
        middle /= np.add.reduce(worth, -1, keepdims=True)
    return np.asarray(middle[..., 0])


def _spread(deviates: Array) -> float:
    """Return the standard deviation of normal numbers, of which three in ten may be pauses."""
    at = int(0.7 * (deviates.size - 1) + 0.5)
    seventieth = float(np.partition(np.abs(deviates), at)[at])
    return max(seventieth / 1.0364, _LEAST_NOISE)


def _medians(values: Array, ends: npt.NDArray[np.intp]) -> Array:
    """Return, for each value, the median of the values between the same two ends."""
    counts = np.diff(ends)
    group = np.repeat(np.arange(counts.size), counts)
    order = np.lexsort((values, group))
    return np.asarray(values[order[ends[:-1] + counts // 2]][group])

"""The dynamic throughput model of OpenCarbonEval, f(t) = scale * ln(1 + alpha * (t - onset)).

Everything is computed with L = ln(alpha * (t - onset)), never with alpha, which leaves
the range of a float at throughputs that modern devices reach. In L, the rate is
softplus(L), and the mean rate since the onset is m(L) = softplus(L) * (1 + exp(-L)) - 1.

Times are seconds, work is in any unit, rates are work per second. A number gives a float,
an array an array of its shape; what is not a number gives what is not a number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

Array = npt.NDArray[np.float64]
Number = TypeVar("Number", float, Array)

_LN_10 = math.log(10.0)

_SERIES_BELOW = math.log(0.1)
"""Below this L the closed form of m cancels, and its power series converges fast."""

_SERIES = np.array([(-1.0) ** (k + 1) / (k * (k + 1)) for k in range(16, 0, -1)])
"""m(u) / u as a polynomial in u, the highest power first; the rest is below 1e-17."""

_MOST_ROUNDS = 100
"""Newton's steps on the way to a root; about six are taken."""


@dataclass(frozen=True, slots=True)
class DynamicThroughput:
    """Throughput that rises with the logarithm of time.

    With a scale of 1, an onset of 0, rates in TFLOP/s per device and times in
    device-seconds this is the model of OpenCarbonEval (arXiv 2405.12843), where a
    training of T device-seconds does C = T ln(1 + alpha T) - T + ln(1 + alpha T) / alpha.

    Parameters
    ----------
    log_alpha : float
        Natural logarithm of alpha, which is per second.
    scale : float
        The factor before the logarithm, in work per second.
    onset : float
        Time in seconds at which work begins.

    Raises
    ------
    ValueError
        If a parameter is not finite, or the scale is not above zero.
    """

    log_alpha: float
    scale: float = 1.0
    onset: float = 0.0

    def __post_init__(self) -> None:
        _check("log_alpha", self.log_alpha)
        _check("scale", self.scale, above_zero=True)
        _check("onset", self.onset)

    @classmethod
    def from_log10_alpha(
        cls, log10_alpha: float, *, scale: float = 1.0, onset: float = 0.0
    ) -> Self:
        """Return the model of a decimal logarithm of alpha, as OpenCarbonEval tables it."""
        return cls(log10_alpha * _LN_10, scale, onset)

    @classmethod
    def from_mean_rate(
        cls, rate: float, time: float, *, scale: float = 1.0, onset: float = 0.0
    ) -> Self:
        """Return the model whose mean rate is ``rate`` until ``time`` seconds after its onset.

        Raises
        ------
        ValueError
            If ``rate``, ``time`` or ``scale`` is not a finite number above zero.
        """
        _check("rate", rate, above_zero=True)
        _check("time", time, above_zero=True)
        _check("scale", scale, above_zero=True)
        log_mean = np.asarray(math.log(rate) - math.log(scale))

        def miss(log_u: Array) -> tuple[Array, Array]:
            reached = log_mean_rate(log_u)
            return reached - log_mean, softplus(log_u) * np.exp(-reached) - 1.0

        # m(u) is below u / 2: the start is left of the root.
        log_u = _root(miss, log_mean + math.log(2.0))
        return cls(float(log_u) - math.log(time), scale, onset)

    @property
    def log10_alpha(self) -> float:
        """Decimal logarithm of alpha."""
        return self.log_alpha / _LN_10

    def rate(self, t: Number) -> Number:
        """Return the throughput at ``t`` seconds; 0 before the onset."""
        return _like(t, self.scale * softplus(self._log_u(t)))

    def work(self, t: Number) -> Number:
        """Return the work done until ``t`` seconds: the integral of the rate."""
        worked_s = np.maximum(np.asarray(t, dtype=np.float64) - self.onset, 0.0)
        return _like(t, self.scale * worked_s * np.exp(log_mean_rate(self._log_u(t))))

    def mean_rate(self, t: Number) -> Number:
        """Return the mean throughput from the onset to ``t`` seconds; 0 before the onset."""
        return _like(t, self.scale * np.exp(log_mean_rate(self._log_u(t))))

    def time_for(self, work: Number) -> Number:
        """Return when ``work`` is done, in seconds: the inverse of `work`.

        No work is done at the onset.

        Raises
        ------
        ValueError
            If any work is negative.
        """
        wanted = _not_negative(work)
        with np.errstate(divide="ignore"):
            goal = np.log(wanted) - math.log(self.scale)
        some = np.isfinite(goal)
        goal = np.where(some, goal, 0.0)

        def miss(log_s: Array) -> tuple[Array, Array]:
            log_u = log_s + self.log_alpha
            reached = log_mean_rate(log_u)
            return log_s + reached - goal, softplus(log_u) * np.exp(-reached)

        # As if the rate rose linearly, which is faster than it does: left of the root.
        log_s = _root(miss, (goal + math.log(2.0) - self.log_alpha) / 2.0)
        worked_s = np.where(some, np.exp(log_s), wanted)
        return _like(work, self.onset + worked_s)

    def _log_u(self, t: float | Array) -> Array:
        """Return L at ``t``, minus infinity before the onset."""
        worked_s = np.maximum(np.asarray(t, dtype=np.float64) - self.onset, 0.0)
        with np.errstate(divide="ignore"):
            return np.asarray(self.log_alpha + np.log(worked_s))


@dataclass(frozen=True, slots=True)
class ConstantThroughput:
    """Throughput that does not change: what the dynamic model tends to as alpha grows.

    Parameters
    ----------
    scale : float
        The throughput, in work per second.
    onset : float
        Time in seconds at which work begins.

    Raises
    ------
    ValueError
        If a parameter is not finite, or the scale is not above zero.
    """

    scale: float
    onset: float = 0.0

    def __post_init__(self) -> None:
        _check("scale", self.scale, above_zero=True)
        _check("onset", self.onset)

    def rate(self, t: Number) -> Number:
        """Return the throughput at ``t`` seconds; 0 before the onset."""
        worked_s = np.asarray(t, dtype=np.float64) - self.onset
        return _like(t, self.scale * np.heaviside(worked_s, 0.0))

    def work(self, t: Number) -> Number:
        """Return the work done until ``t`` seconds."""
        return _like(t, self.scale * np.maximum(np.asarray(t, dtype=np.float64) - self.onset, 0.0))

    def mean_rate(self, t: Number) -> Number:
        """Return the mean throughput from the onset to ``t`` seconds; 0 before the onset."""
        return self.rate(t)

    def time_for(self, work: Number) -> Number:
        """Return when ``work`` is done, in seconds; raises ValueError if it is negative."""
        return _like(work, self.onset + _not_negative(work) / self.scale)


ThroughputModel = DynamicThroughput | ConstantThroughput


def _check(name: str, value: float, *, above_zero: bool = False) -> None:
    if not math.isfinite(value) or (above_zero and value <= 0.0):
        wanted = "a finite number above zero" if above_zero else "a finite number"
        raise ValueError(f"{name} must be {wanted}, not {value}.")


def _not_negative(work: float | Array) -> Array:
    wanted = np.asarray(work, dtype=np.float64)
    if np.any(wanted < 0.0):
        raise ValueError("work must not be negative.")
    return wanted


def softplus(log_u: Array) -> Array:
    """Return ln(1 + exp(L)), the rate of a scale of 1."""
    # As np.logaddexp(0, L), which warns of what is not a number.
    return np.asarray(np.maximum(log_u, 0.0) + np.log1p(np.exp(-np.abs(log_u))))


def log_mean_rate(log_u: Array) -> Array:
    """Return ln m(L), the mean rate of a scale of 1, to full relative precision of m."""
    small = np.minimum(log_u, _SERIES_BELOW)
    large = np.maximum(log_u, _SERIES_BELOW)
    by_series = small + np.log(np.polyval(_SERIES, np.exp(small)))
    closed = np.log(softplus(large) * (1.0 + np.exp(-large)) - 1.0)
    return np.where(log_u < _SERIES_BELOW, by_series, closed)


def _root(miss: Callable[[Array], tuple[Array, Array]], start: Array) -> Array:
    """Return where ``miss``, which gives a value and its slope, is zero.

    It must rise and be concave, and ``start`` lie left of the root: then Newton's steps
    never pass it, and a step back is rounding: the root is reached.
    """
    at = start
    for _ in range(_MOST_ROUNDS):
        value, slope = miss(at)
        step = -value / slope
        at = at + step
        if not np.any(step > 1e-15 * np.maximum(np.abs(at), 1.0)):
            break
    return at


def _like(given: Number, result: npt.NDArray[np.floating[Any]]) -> Number:
    return cast("Number", result if np.ndim(given) else float(result))

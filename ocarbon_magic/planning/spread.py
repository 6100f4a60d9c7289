"""A figure and how far off it may be."""

from __future__ import annotations

from math import exp, hypot, inf, log
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MOST = 700.0
"""Factors beyond e to this power are no numbers of ours."""


class Spread(NamedTuple):
    """A figure; the bounds are None where nothing says how far off it may be."""

    value: float
    low: float | None = None
    high: float | None = None

    def overlaps(self, other: Spread) -> bool:
        """Return whether both could be the same; without bounds a figure is taken as it is."""
        (own_low, own_high), (low, high) = self.ends, other.ends
        return own_low <= high and low <= own_high

    def meets(self, other: Spread) -> bool | None:
        """Return whether both could be the same; None where a bound is not known."""
        return None if None in (*self, *other) else self.overlaps(other)

    def times(self, factor: float) -> Spread:
        """Return the figure times a number that is known."""
        low, high = self.low, self.high
        return Spread(
            self.value * factor,
            None if low is None else low * factor,
            None if high is None else high * factor,
        )

    @property
    def ends(self) -> tuple[float, float]:
        """The bounds; the figure itself where there are none."""
        return (
            self.value if self.low is None else self.low,
            self.value if self.high is None else self.high,
        )


class Range(NamedTuple):
    """A figure with both its bounds, none below zero."""

    value: float
    low: float
    high: float


def range_over(value: float, others: Iterable[float]) -> Range:
    """Return ``value`` with the bounds that the others reach."""
    reached = [value, *others]
    return Range(value, min(reached), max(reached))


def spread_of(value: float, ranges: Sequence[Range]) -> Spread:
    """Return ``value`` with bounds from independent ranges: their logarithms in quadrature.

    Each side is added for itself. What has no range is exact, and has no bounds; nor has what
    has one that is beyond any number.
    """
    if not ranges:
        return Spread(value, None, None)
    below = hypot(*(log_ratio(each.value, each.low) for each in ranges))
    above = hypot(*(log_ratio(each.high, each.value) for each in ranges))
    high = value * exp(min(above, _MOST))
    return Spread(value, value * exp(-below), high) if high < inf else Spread(value, None, None)


def log_ratio(larger: float, smaller: float) -> float:
    """Return how far apart two figures are in the logarithm; infinity where one is 0."""
    if larger == smaller:
        return 0.0
    return log(larger / smaller) if smaller > 0 else inf

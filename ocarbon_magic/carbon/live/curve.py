"""The intensity at any time, from points that have gaps, come late, or end."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Literal, NamedTuple

from ocarbon_magic.conversions import S_PER_H

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.carbon.live.points import Point

HELD_S = 6 * S_PER_H
"""How long a value stands for a time that nothing was told of, after it and before it."""


class Value(NamedTuple):
    """An intensity at a time.

    ``how`` is ``told``, ``estimated`` by its publisher, or ``held`` from the nearest time that
    was told, which ends (or begins) ``held_s`` seconds away.
    """

    g_per_kwh: float
    how: Literal["told", "estimated", "held"]
    held_s: float = 0.0


class Curve:
    """Reads points; of two that begin at one time, the later in ``points`` counts."""

    def __init__(self, points: Iterable[Point]) -> None:
        by_start = {point.start_s: point for point in points}
        self.points = [by_start[start_s] for start_s in sorted(by_start)]
        self._starts = [point.start_s for point in self.points]

    def at(self, time_s: float) -> Value | None:
        """Return the intensity at a time, in seconds since 1970; None if it is too far off."""
        index = bisect_right(self._starts, time_s)
        before = self.points[index - 1] if index else None
        if before is not None and time_s < before.end_s:
            return Value(before.g_per_kwh, "estimated" if before.estimated else "told")
        if before is not None and time_s - before.end_s <= HELD_S:
            return Value(before.g_per_kwh, "held", time_s - before.end_s)
        after = self.points[index] if index < len(self.points) else None
        if after is not None and after.start_s - time_s <= HELD_S:
            return Value(after.g_per_kwh, "held", after.start_s - time_s)
        return None

    def mean(self, start_s: float, end_s: float) -> float | None:
        """Return the mean over what is told of a span of time; None if nothing is."""
        covered_s, total = self._over(start_s, end_s)
        return total / covered_s if covered_s else None

    def covers(self, start_s: float, end_s: float) -> bool:
        """Return whether all of a span of time is told, give or take a second."""
        return self._over(start_s, end_s)[0] >= end_s - start_s - 1.0

    def _over(self, start_s: float, end_s: float) -> tuple[float, float]:
        """Return the seconds of a span that are told, and the integral of the intensity there."""
        covered_s = total = 0.0
        first = max(bisect_right(self._starts, start_s) - 1, 0)
        for index, point in enumerate(self.points[first:], first):
            if point.start_s >= end_s:
                break
            over_s = self._starts[index + 1] if index + 1 < len(self._starts) else point.end_s
            span_s = min(end_s, point.end_s, over_s) - max(start_s, point.start_s)
            if span_s > 0.0:
                covered_s += span_s
                total += span_s * point.g_per_kwh
        return covered_s, total

"""The Pareto front of a metric against emissions, and what is surely not on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ocarbon_magic.planning.bounds import emitted
from ocarbon_magic.planning.comparison.difference import are_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.planning.comparison.metric import Better
    from ocarbon_magic.run import Run

Standing = Literal["front", "within", "dominated", "unsure"]
"""On the front; off it by less than is unsure; surely off it; off it by who knows how much."""


class Point(NamedTuple):
    """A run that has a metric."""

    run: Run
    emissions_g: float
    value: float


def front(points: Sequence[Point], better: Better) -> list[Point]:
    """Return the points that no other beats in one respect without losing in the other.

    By emissions, rising; of equal ones, the first.
    """
    sign = 1.0 if better == "higher" else -1.0
    ordered = sorted(points, key=lambda p: (p.emissions_g, -sign * p.value))
    kept: list[Point] = []
    for point in ordered:
        if not kept or sign * point.value > sign * kept[-1].value:
            kept.append(point)
    return kept


def standings(points: Sequence[Point], better: Better) -> list[Standing]:
    """Return how each of ``points`` stands to the front.

    A run is surely dominated where another has no worse a metric, and emissions that are
    lower by more than is unsure of both. The metric is taken as it is: how far it would
    differ with another seed is not known. Runs that are equal in both are equal here.
    """
    sign = 1.0 if better == "higher" else -1.0
    best = {(point.emissions_g, point.value) for point in front(points, better)}
    parts = [emitted(point.run) for point in points]

    def standing(index: int) -> Standing:
        point, own = points[index], parts[index]
        if (point.emissions_g, point.value) in best:
            return "front"
        found: set[bool | None] = set()
        for other, its in zip(points, parts, strict=True):
            beats = other.emissions_g <= point.emissions_g
            if beats and sign * other.value >= sign * point.value and other is not point:
                found.add(None if own is None or its is None else are_within(its, own))
        if False in found:
            return "dominated"
        return "unsure" if None in found else "within"

    return [standing(index) for index in range(len(points))]

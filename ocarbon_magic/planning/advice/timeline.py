"""When a run worked: its steps as the series shows them, and the time and energy between.

A series has 240 points at the most, so that of a long run only long pauses are seen. Work is
seen to be done at the point where it has grown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic.planning.whatif.basis import quantity

if TYPE_CHECKING:
    from ocarbon_magic.run import Run

LEAST_RISES = 10
"""With fewer points at which work was done, no rhythm is seen that a pause would break."""

PAUSE = 4.0
"""A pause is a gap of so many usual ones: a step that takes twice or three times as long as
another is a large batch, or two steps that fell on one point."""


class Part(NamedTuple):
    """A part of a run: its share of the time, and of the energy where power is known."""

    time: float
    energy: float
    duration_s: float
    pieces: int


NOTHING = Part(0.0, 0.0, 0.0, 0)

_ROUNDING = 1e-6
"""A shorter share of the time is the rounding of sums."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """How a run spent its time.

    Attributes
    ----------
    before, pauses, after : Part
        Without work: before the first step, between steps, and after the last. A usual step
        is taken off each, for it is work that was seen when it was done. ``after`` is of
        runs that have ended.
    usual_s : float
        The usual time between two points at which work was done.
    """

    before: Part
    pauses: Part
    after: Part
    usual_s: float

    @property
    def working(self) -> float:
        """The share of the time in which the run worked."""
        return max(1.0 - self.before.time - self.pauses.time - self.after.time, 0.0)


def timeline_of(run: Run) -> Timeline | None:
    """Return how a run spent its time; None where its series does not show that."""
    points = _points(run)
    if len(points) <= LEAST_RISES:
        return None
    rises = [here.t_s for before, here in pairwise(points) if here.work > before.work]
    end_s = points[-1].t_s
    if len(rises) < LEAST_RISES or end_s <= 0.0:
        return None
    gaps = list(pairwise(rises))
    usual_s = median(later - earlier for earlier, later in gaps)
    total_j = _energy_j(points, [(0.0, end_s)])

    def part(spans: list[tuple[float, float]]) -> Part:
        known = [(from_s, to_s) for from_s, to_s in spans if to_s - from_s > _ROUNDING * end_s]
        without_s = sum(to_s - from_s for from_s, to_s in known)
        energy = _energy_j(points, known) / total_j if total_j > 0.0 else 0.0
        return Part(without_s / end_s, energy, without_s, len(known))

    def rests(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(a + usual_s, b) for a, b in spans if b - a > PAUSE * usual_s]

    ended = run.status != "running"
    return Timeline(
        before=part([(points[0].t_s, rises[0] - usual_s)]),
        pauses=part(rests(gaps)),
        after=part(rests([(rises[-1], end_s)])) if ended else NOTHING,
        usual_s=usual_s,
    )


class _Point(NamedTuple):
    """A point of the series; power is the mean of the time before it."""

    t_s: float
    power_w: float
    work: float


def _points(run: Run) -> list[_Point]:
    series = run.series
    points: list[_Point] = []
    for t, power, work in zip(series.t_s, series.power_w, series.work, strict=False):
        t_s, done = quantity(t), quantity(work)
        if t_s is None or done is None:
            continue
        if points and (t_s <= points[-1].t_s or done < points[-1].work):
            continue
        points.append(_Point(t_s, quantity(power) or 0.0, done))
    return points


def _energy_j(points: list[_Point], spans: list[tuple[float, float]]) -> float:
    energy_j = 0.0
    for before, here in pairwise(points):
        covered_s = sum(
            max(min(to_s, here.t_s) - max(from_s, before.t_s), 0.0) for from_s, to_s in spans
        )
        energy_j += here.power_w * covered_s
    return energy_j if math.isfinite(energy_j) else 0.0

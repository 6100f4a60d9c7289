"""When a counter steps: bounds on its last step and on its period.

A counter of energy moves about every 100 ms. Where its steps are known, a reading says what
was drawn up to a known moment, and not only up to some moment of the last 100 ms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

DEFAULT_PERIOD_S = 0.1
"""The period where it was not seen; 20 to 100 ms are known."""

SHORTEST_PERIOD_S = 0.02

SHARP = 0.4
"""A step is worth a look if its bounds are closer than this share of the period."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds of a quantity."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """How far apart the bounds are."""
        return self.high - self.low

    @property
    def middle(self) -> float:
        """The best single guess."""
        return (self.low + self.high) / 2

    def meet(self, other: Self) -> Self | None:
        """Return what both allow, or None if they contradict each other."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return type(self)(low, high) if low <= high else None


@dataclass(frozen=True, slots=True)
class Steps:
    """Bounds of two steps, of the number of periods between them, and so of all others."""

    first: Interval
    latest: Interval
    count: int
    period: Interval

    def nearest(self, time_s: float) -> int:
        """Return which step, counted from the latest, comes nearest to a time."""
        return round((time_s - self.latest.middle) / self.period.middle)

    def predict(self, ahead: int) -> Interval:
        """Return bounds of the step ``ahead`` periods after the latest, or before it."""
        first, latest, period = self.first, self.latest, self.period
        if ahead >= 0:
            return Interval(latest.low + ahead * period.low, latest.high + ahead * period.high)
        back = ahead + self.count
        if back < 0:
            return Interval(first.low + back * period.high, first.high + back * period.low)
        return Interval(
            max(first.low + back * period.low, latest.low + ahead * period.high),
            min(first.high + back * period.high, latest.high + ahead * period.low),
        )

    def around(self, time_s: float) -> tuple[Interval, Interval] | None:
        """Return the steps before and after a time, if they can be told apart there."""
        ahead = math.floor((time_s - self.latest.middle) / self.period.middle)
        last, following = self.predict(ahead), self.predict(ahead + 1)
        return (last, following) if last.high < following.low else None

    def refined(self, seen: Interval) -> Steps | None:
        """Return these with a step seen later, or None if it contradicts them."""
        ahead = self.nearest(seen.middle)
        met = self.predict(ahead).meet(seen)
        if met is None or ahead <= 0:
            return None
        count = self.count + ahead
        spanned = Interval((met.low - self.first.high) / count, (met.high - self.first.low) / count)
        period = self.period.meet(spanned)
        return None if period is None else Steps(self.first, met, count, period)


class StepClock:
    """The steps of a counter with a steady period, from bounds on some of them.

    It works as a vernier: a second look many periods later narrows the period by as many
    times, and so keeps the next steps predictable. When a look contradicts the prediction,
    the counter is not steady, and nothing is said about its steps any more.
    """

    def __init__(self) -> None:
        self._seen: Interval | None = None
        self._steps: Steps | None = None
        self.steady = True

    @property
    def period(self) -> Interval | None:
        """Seconds from step to step, known after two consecutive steps."""
        return None if self._steps is None else self._steps.period

    @property
    def _known(self) -> Steps | None:
        return self._steps if self.steady else None

    def stepped(self, within: Interval, *, consecutive: bool) -> None:
        """Learn that exactly one step came ``within`` these times.

        ``consecutive`` tells that no other step came since the last one learnt.
        """
        if self._steps is None:
            if consecutive and self._seen is not None:
                least_s = max(within.low - self._seen.high, SHORTEST_PERIOD_S / 2)
                period = Interval(least_s, within.high - self._seen.low)
                self._steps = Steps(self._seen, within, 1, period)
            self._seen = within
        elif self.steady:
            predicted = self._steps.predict(self._steps.nearest(within.middle))
            if predicted.width + within.width > self._steps.period.low:
                return  # it could be this step or its neighbour
            refined = self._steps.refined(within)
            self.steady = refined is not None
            self._steps = refined or self._steps

    def resting(self, within: Interval) -> None:
        """Learn that no step came ``within`` these times."""
        if self._known is not None:
            step = self._known.predict(self._known.nearest(within.middle))
            self.steady = not (within.low < step.low and step.high < within.high)

    def last_step(self, between: Interval) -> Interval | None:
        """Return when the counter stepped last before a moment somewhere ``between``.

        None if that cannot be told: a step may or may not have come by then.
        """
        found = self._known.around(between.middle) if self._known is not None else None
        if found is None:
            return None
        last, following = found
        return last if last.high <= between.low and between.high <= following.low else None

    def settled_at(self, between: Interval) -> float | None:
        """Return when a step that may or may not have come ``between`` surely has come.

        None if there is no such step, or the steps are not known.
        """
        found = self._known.around(between.middle) if self._known is not None else None
        if found is None:
            return None
        last, following = found
        if between.low < last.high:
            return last.high
        return following.high if following.low < between.high else None

    def next_look(self, after_s: float) -> Interval | None:
        """Return bounds of a step after a time that is worth locating, or None.

        About as many periods ahead as the known steps span, and fewer where a step so far
        ahead could not be told from its neighbours.
        """
        steps = self._known
        if steps is None:
            return None
        soonest = math.ceil((after_s - steps.latest.low) / steps.period.low)
        ahead = max(steps.count, soonest, 2)
        if steps.period.width > 0.0:
            sharp_s = SHARP * steps.period.low - steps.latest.width
            ahead = min(ahead, math.floor(sharp_s / steps.period.width))
        return steps.predict(ahead) if ahead >= soonest else None

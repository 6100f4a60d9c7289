"""What a run has done so far, as intervals of progress, and the pace of its stretches.

Pace is time per work, seconds over units: what is still to be done times the pace ahead
is the time that it will take.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from ocarbon_magic.throughput.dynamic import Array

_EVIDENCE = 3.0
"""What a split must gain for each parameter, in units of ln(intervals): BIC asks for 1."""

_BY_CLOCK = 2.5
"""Points for each count above which they were not taken at the counts and after pauses."""

_ROBUST = 6.0 * 1.4826
"""Paces further than six standard deviations from the median count as if they were there."""

TIE = 1e-9
"""Log paces nearer than this are the same: rounding may not decide which is slower."""

_CLOCK = float(np.finfo(np.float64).eps)
"""What a stretch takes at least, as a part of the whole: two times are told apart no better."""


@dataclass(frozen=True)
class Progression:
    """Cumulative work at the ends of intervals of progress.

    Time in which nothing was done belongs to the interval before it: an evaluation is a
    part of the epoch that it ends. The wait before the first work is in the first.

    Parameters
    ----------
    t_s, work : array of shape (n + 1,)
        Both begin at 0 and rise strictly.
    """

    t_s: Array
    work: Array

    @classmethod
    def of(cls, t_s: Array, work: Array) -> Self:
        """Return the intervals of work counted at some times; neither may fall."""
        t_s, work = t_s - t_s[0], work - work[0]
        grown = np.flatnonzero(np.diff(work) > 0) + 1
        if not grown.size:
            return cls(np.zeros(1), np.zeros(1))
        # Where most points show no progress, they were taken by the clock, within steps: the
        # time until the next count is work on it. Else a point without is the end of a pause.
        by_clock = len(work) - 1 > _BY_CLOCK * grown.size
        ends = grown if by_clock else np.append(grown[1:] - 1, len(work) - 1)
        t, w = t_s[ends], work[ends]
        kept = np.append(np.diff(t) > 0, True) & (t > 0)
        return cls(np.append(0.0, t[kept]), np.append(0.0, w[kept]))

    def __len__(self) -> int:
        """Return the number of intervals."""
        return len(self.t_s) - 1

    @cached_property
    def paces(self) -> Array:
        """Logarithm of the pace of each interval."""
        return np.log(np.diff(self.t_s)) - np.log(np.diff(self.work))

    @cached_property
    def slow_start(self) -> int:
        """How many intervals at the beginning are slower than the rest: the start-up.

        A slower first interval always counts, for it has seldom been anything else.
        """
        first = int(len(self) > 1 and self.paces[0] > self.since(1) + TIE)
        return max(self._split(slower=True), first)

    @cached_property
    def change(self) -> int:
        """How many intervals to leave until the pace is what it is now, start-up included."""
        return max(self._split(slower=False), self.slow_start)

    def since(self, interval: int) -> float:
        """Return the log pace from the start of an interval on."""
        spent_s = self.t_s[-1] - self.t_s[interval]
        return math.log(spent_s) - math.log(self.work[-1] - self.work[interval])

    def last(self, share: float) -> float:
        """Return the log pace of the last ``share`` of the work, in whole intervals."""
        begin = (1.0 - share) * self.work[-1]
        return self.since(min(int(np.searchsorted(self.work, begin, "right")), len(self)) - 1)

    def last_half(self) -> float:
        """Return the log pace of the second half of the work since the start-up."""
        return float(self.blocks(2)[-1])

    def blocks(self, count: int) -> Array:
        """Return the log paces of blocks of equal work since the start-up.

        There are ``count`` of them, or as many as there are intervals.
        """
        t = self.t_s[self.slow_start :] - self.t_s[self.slow_start]
        work = self.work[self.slow_start :] - self.work[self.slow_start]
        count = min(count, len(t) - 1)
        edges = np.linspace(0.0, 1.0, count + 1)
        spent = np.diff(np.interp(edges, work / work[-1], t / t[-1]))
        whole = math.log(t[-1]) - math.log(work[-1])
        paces: Array = whole + np.log(np.maximum(spent, _CLOCK) * count)
        return paces

    def middle(self) -> float:
        """Return the log pace of the middle half of the work, by pace, since the start-up."""
        start = self.slow_start
        dt, dw = np.diff(self.t_s[start:]), np.diff(self.work[start:])
        by_pace = np.argsort(self.paces[start:])
        done = np.cumsum(dw[by_pace])
        low, high = np.searchsorted(done, (0.25 * done[-1], 0.75 * done[-1]))
        among = by_pace[low : high + 1]
        return math.log(dt[among].sum()) - math.log(dw[among].sum())

    def _split(self, *, slower: bool) -> int:
        """Return where log pace splits best in two, within the first half of the work.

        It is 0 for nowhere. Half of the intervals would not do: by the clock, a start-up in
        which little was done may take most of them.
        """
        n = len(self)
        if n < 3:  # noqa: PLR2004 - two intervals cannot tell a phase from a pace
            return 0
        middle = np.median(self.paces)
        spread = np.median(np.abs(self.paces - middle)) + 1e-3
        limit = max(_ROBUST * spread, 0.05)
        x = np.clip(self.paces - middle, -limit, limit)
        until_half = int(np.searchsorted(self.work, self.work[-1] / 2, "right")) - 1
        k = np.arange(1, max(until_half, 1) + 1)
        head, total = np.cumsum(x)[k - 1], x.sum()
        rest = (total - head) / (n - k)
        squares = np.dot(x, x)
        left = squares - head**2 / k - (total - head) * rest
        whole = squares - total**2 / n
        if slower:
            left = np.where(head / k > rest, left, whole)
        best = int(np.argmin(left))
        floor = n * 1e-6
        gain = n * math.log((whole + floor) / (left[best] + floor))
        return int(k[best]) if gain > _EVIDENCE * math.log(n) else 0

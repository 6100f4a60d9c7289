"""The energy between two moments, from what a counter or a sensor said around each of them.

Scrapes are far apart, and a run begins and ends between them. Within one step of a counter its
energy is known whole; how much of it fell before a moment is told by the power before the step
and after it: a cell that sets an idle GPU to work does so when it starts.
"""

from __future__ import annotations

import math
from collections import deque
from itertools import pairwise
from typing import NamedTuple

from ocarbon_magic.meters.signal.counter import Estimate

KEPT = 12
"""Points that are remembered; the start of the run is settled before it leaves them."""

SETTLED = 3
"""Points after the start, from which on its energy is not reckoned anew."""

UNKNOWN_CAP = 2.0
"""Where it is not known what a device can draw: so many times the most that was seen."""

SHORT_SHARE = 0.25
"""A rate taken over a smaller share of a step is left aside, for it has the step's error."""

FEW_STEPS = 2.5
SLACK_S = 5.0
"""A sample that is later than so many steps, and this, does not come: the target is down."""

UNKNOWN_STEP_S = 60.0
"""The step where only one sample is known."""


class Point(NamedTuple):
    """A sample: its server time, and the energy up to it in joules."""

    time_s: float
    energy_j: float


class Curve:
    """The energy that one device drew, as points in time.

    Parameters
    ----------
    cap_w : float or None
        What the device draws at most, where it is known.

    Attributes
    ----------
    max_power_w : float or None
        The highest power seen since the start, in watts.
    now_w : float or None
        The newest power in watts, where a sensor tells it.
    started_late_s : float
        How long after the start the first point came, if none was before it.
    step_s : float
        The usual time between two points.
    """

    def __init__(self, cap_w: float | None) -> None:
        self._given_cap_w = cap_w
        self._points: deque[Point] = deque(maxlen=KEPT)
        self._start_s: float | None = None
        self._start: Estimate | None = None
        self._after = 0
        self._least_w = math.inf
        self._most_w = 0.0
        self.max_power_w: float | None = None
        self.now_w: float | None = None
        self.started_late_s = 0.0
        self.step_s = UNKNOWN_STEP_S

    @property
    def last_s(self) -> float | None:
        """The time of the newest point."""
        return self._points[-1].time_s if self._points else None

    @property
    def cap_w(self) -> float:
        """What the device draws at most, as far as is known."""
        if self._given_cap_w is not None:
            return max(self._given_cap_w, self._most_w)
        return UNKNOWN_CAP * self._most_w

    @property
    def power_w(self) -> float | None:
        """The newest power: what a sensor said, else the rate of the last step."""
        return self._rate(len(self._points) - 1) if self.now_w is None else self.now_w

    @property
    def reach_s(self) -> float:
        """How far behind the newest sample may be before it is missed."""
        return FEW_STEPS * self.step_s + SLACK_S

    def begin(self, start_s: float) -> None:
        """Count from server time ``start_s``, which may be before or after the points so far."""
        self._start_s = start_s
        self._start = None
        self._after = sum(point.time_s > start_s for point in self._points)
        if self._after >= SETTLED:
            self._start = self._at(start_s)

    def add(self, time_s: float, gained_j: float) -> None:
        """Take a point, later than the last, up to which ``gained_j`` more were drawn."""
        if not self._points:
            self._points.append(Point(time_s, 0.0))
            if self._start_s is not None:
                self.started_late_s = max(time_s - self._start_s, 0.0)
        else:
            last = self._points[-1]
            power_w = gained_j / (time_s - last.time_s)
            self._points.append(Point(time_s, last.energy_j + gained_j))
            gaps = sorted(after.time_s - before.time_s for before, after in pairwise(self._points))
            self.step_s = gaps[len(gaps) // 2]
            self.saw(time_s, power_w)
        if self._start_s is not None and time_s > self._start_s:
            self._after += 1
            if self._start is None and self._after >= SETTLED:
                self._start = self._at(self._start_s)

    def saw(self, time_s: float, power_w: float) -> None:
        """Learn that the device drew ``power_w`` about ``time_s``."""
        self._least_w = min(self._least_w, power_w)
        self._most_w = max(self._most_w, power_w)
        if self._start_s is not None and time_s > self._start_s:
            self.max_power_w = max(power_w, self.max_power_w or 0.0)

    @property
    def points_in_run(self) -> int:
        """How many points came after the start."""
        return self._after

    def missed_since(self, asked_s: float) -> float | None:
        """Return since when samples are missing that were asked for at ``asked_s``, if any are."""
        last_s = self.last_s
        return last_s if last_s is not None and asked_s - last_s > self.reach_s else None

    def until(self, end_s: float, asked_s: float | None = None) -> Estimate | None:
        """Return the energy from the start to ``end_s``; None where nothing tells of it.

        Past the newest sample the device is taken to go on as there, but not if there were none
        when it was asked at ``asked_s``, by default the end.
        """
        start_s, last_s = self._start_s, self.last_s
        if start_s is None or last_s is None:
            return None
        if self.missed_since(end_s if asked_s is None else asked_s) is not None:
            end_s = min(end_s, last_s)
        if end_s <= start_s or (not self._after and self.power_w is None):
            return None if last_s < start_s else Estimate(0.0, 0.0)
        if not self._after:
            return self._beyond(end_s - start_s)
        start = self._start or self._at(start_s)
        end = self._at(end_s)
        return Estimate(max(end.energy_j - start.energy_j, 0.0), start.error_j + end.error_j)

    def unsure_j(self, end_s: float) -> float:
        """Return how much less than `until` a later sample may make of the energy so far."""
        if self.last_s is None or self._start_s is None:
            return 0.0
        return max(end_s - max(self.last_s, self._start_s), 0.0) * self.unsure_w

    @property
    def unsure_w(self) -> float:
        """How much less than `tail_w` the device may draw after the newest point."""
        tail_w = self.tail_w
        return 0.0 if tail_w is None else max(tail_w - self._least_w, 0.0)

    @property
    def doubt_w(self) -> float:
        """How far from `tail_w` the power may be after the newest point."""
        tail_w = self.tail_w or 0.0
        return max(self.cap_w - tail_w, tail_w)

    def _rate(self, index: int) -> float | None:
        """Return the mean power of the step that ends at a point; None where there is none."""
        if not 0 < index < len(self._points):
            return None
        before, after = self._points[index - 1], self._points[index]
        return (after.energy_j - before.energy_j) / (after.time_s - before.time_s)

    @property
    def tail_w(self) -> float | None:
        """The power to go on with after the newest point."""
        whole_w = self.power_w
        start_s = self._start_s
        if whole_w is None or self.now_w is not None or start_s is None or self._after != 1:
            return whole_w
        if len(self._points) < 2:  # noqa: PLR2004 - a step has two ends
            return whole_w
        before, last = self._points[-2], self._points[-1]
        inside_s = last.time_s - start_s
        if before.time_s >= start_s or inside_s < SHORT_SHARE * (last.time_s - before.time_s):
            return whole_w
        inside_j = last.energy_j - self._at(start_s).energy_j
        return min(max(inside_j / inside_s, 0.0), max(self.cap_w, whole_w))

    def _beyond(self, span_s: float) -> Estimate:
        """Return the energy of some seconds past the newest point, where power may be any."""
        return Estimate((self.tail_w or 0.0) * span_s, self.doubt_w * span_s)

    def _at(self, time_s: float) -> Estimate:
        """Return the energy up to a time, from the first point on."""
        points = self._points
        first, last = points[0], points[-1]
        if time_s >= last.time_s:
            more = self._beyond(time_s - last.time_s)
            return Estimate(last.energy_j + more.energy_j, more.error_j)
        if time_s <= first.time_s:
            early_s = first.time_s - time_s
            power_w = self._rate(1)
            if power_w is None or early_s > self.reach_s:
                return Estimate(first.energy_j, 0.0)
            error_j = max(self.cap_w - power_w, power_w) * early_s
            return Estimate(first.energy_j - power_w * early_s, error_j)
        after = next(i for i, point in enumerate(points) if point.time_s > time_s)
        return self._within(after, time_s)

    def _within(self, after: int, time_s: float) -> Estimate:
        """Return the energy up to a time within the step that ends at point ``after``."""
        low, high = self._points[after - 1], self._points[after]
        whole_j = high.energy_j - low.energy_j
        before_s, after_s = time_s - low.time_s, high.time_s - time_s
        least_j = max(whole_j - self.cap_w * after_s, 0.0)
        most_j = min(self.cap_w * before_s, whole_j)
        head_w, tail_w = self._rate(after - 1), self._rate(after + 1)
        part_j = whole_j * before_s / (before_s + after_s)
        if head_w is not None and tail_w is not None:
            by_rates_j = head_w * before_s + tail_w * after_s
            if by_rates_j > 0.0:
                part_j = whole_j * head_w * before_s / by_rates_j
        elif head_w is not None:
            part_j = head_w * before_s
        elif tail_w is not None:
            part_j = whole_j - tail_w * after_s
        part_j = min(max(part_j, least_j), most_j)
        error_j = max(part_j - least_j, most_j - part_j, 0.0)
        return Estimate(low.energy_j + part_j, error_j)

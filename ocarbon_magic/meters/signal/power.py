"""Power samples and the energy under them."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

RECENT_S = 5.0
"""How far back the band of a power that may have changed since its reading looks."""

SENSOR_S = 0.1
"""A sensor may be this old: the slowest look once in 100 ms."""

GAP_S = 0.25
"""Samples further apart than this may hide any power that the last seconds saw."""


class Band(NamedTuple):
    """Bounds of a power in watts, and the best guess between them."""

    low_w: float
    likely_w: float
    high_w: float

    @property
    def swing_w(self) -> float:
        """How far the power may be from the guess."""
        return max(self.high_w - self.likely_w, self.likely_w - self.low_w)


class Area(NamedTuple):
    """The energy under samples in joules, and the variance of what happened between them."""

    energy_j: float = 0.0
    variance_j2: float = 0.0

    def since(self, earlier: Area) -> Area:
        """Return what came after ``earlier``."""
        return Area(
            self.energy_j - earlier.energy_j, max(self.variance_j2 - earlier.variance_j2, 0.0)
        )

    @property
    def error_j(self) -> float:
        """Two standard deviations."""
        return 2 * math.sqrt(self.variance_j2)


@dataclass(slots=True)
class PowerTrace:
    """Power samples in the order of their times.

    Attributes
    ----------
    start_s : float
        Energy counts from here; a sample before it is only interpolated from.
    time_s, power_w : float or None
        The newest sample.
    first_w : float or None
        The power when energy began to count.
    least_w, most_w : float
        The lowest and the highest sample.
    """

    start_s: float = -math.inf
    time_s: float | None = None
    power_w: float | None = None
    first_w: float | None = None
    least_w: float = math.inf
    most_w: float = -math.inf
    _lately_w: float = math.inf
    _energy_j: float = 0.0
    _variance_j2: float = 0.0
    _recent: deque[tuple[float, float]] = field(default_factory=deque)

    def add(self, time_s: float, power_w: float) -> None:
        """Take one sample; one that is not newer than the last is left aside."""
        last_s, last_w = self.time_s, self.power_w
        if last_s is not None and last_w is not None:
            if time_s <= last_s:
                return
            if time_s > self.start_s:
                self._extend(last_s, last_w, time_s, power_w)
        if time_s <= self.start_s or self.first_w is None:
            self.first_w = power_w
        self.time_s, self.power_w = time_s, power_w
        self.least_w = min(self.least_w, power_w)
        self.most_w = max(self.most_w, power_w)
        self._lately_w = min(self._lately_w, power_w)
        self._recent.append((time_s, power_w))
        while self._recent[0][0] < time_s - RECENT_S:
            self._recent.popleft()

    def _extend(self, last_s: float, last_w: float, time_s: float, power_w: float) -> None:
        from_s = max(last_s, self.start_s)
        from_w = last_w + (power_w - last_w) * (from_s - last_s) / (time_s - last_s)
        step_s = time_s - from_s
        if step_s > GAP_S:
            seen = [power_w, *(watts for _, watts in self._recent)]
            variance_w2 = (max(seen) - min(seen)) ** 2 / 4  # any of it, for any share of time
        else:
            variance_w2 = (power_w - last_w) ** 2 / 12  # one change, at any moment
        self._energy_j += (from_w + power_w) / 2 * step_s
        self._variance_j2 += variance_w2 * step_s * step_s

    @property
    def area(self) -> Area:
        """The energy so far, by trapezoids."""
        return Area(self._energy_j, self._variance_j2)

    def mark(self) -> None:
        """Begin a new time to tell the lowest sample of."""
        self._lately_w = self.least_since(-math.inf)

    @property
    def lately_w(self) -> float:
        """The lowest sample since `mark` or in the last seconds before; 0 in the first ones."""
        if self.time_s is None or self.time_s < self.start_s + RECENT_S:
            return 0.0
        return self._lately_w

    def least_since(self, time_s: float) -> float:
        """Return the lowest sample of the last seconds that is not older than ``time_s``."""
        return min((watts for at_s, watts in self._recent if at_s >= time_s), default=math.inf)

    def until(self, end_s: float) -> float:
        """Return the energy up to ``end_s``, about the time of the newest sample."""
        if self.time_s is None or self.power_w is None:
            return 0.0
        return max(self._energy_j + self.power_w * (end_s - self.time_s), 0.0)

    def error_j(self) -> float:
        """Return the bound that the spacing of the samples leaves, at two sigma.

        At the least, half a sensor's period of the whole spread.
        """
        spread_w = max(self.most_w - self.least_w, 0.0)
        return max(self.area.error_j, spread_w * SENSOR_S / 2)

    def recent(self) -> Band | None:
        """Return the band of the power now, if there was a sample.

        The sensor looks only part of the time and its newest reading may be old: where the
        last seconds saw other powers, the best guess lies half way to the middle of them.
        That halves the worst error after a sudden change, and alters nothing for a load
        that is steady.
        """
        if self.power_w is None:
            return None
        seen = [watts for _, watts in self._recent]
        low, high = min(seen), max(seen)
        return Band(low, (self.power_w + (low + high) / 2) / 2, high)

    def at_start(self) -> Band | None:
        """Return the band of the power when energy began to count, if there was a sample."""
        return None if self.first_w is None else Band(self.least_w, self.first_w, self.most_w)


def unblinded(before_w: float, reading_w: float, after_w: float) -> float:
    """Return the mean power of a sample's period, of which the sensor saw one half.

    A reading between its neighbours means that the power changed while the sensor looked;
    the blind half then belongs to the neighbours. Pascal and Volta boards see 10 of every
    20 ms (Yang, Adámek, Armour 2024).
    """
    if min(before_w, after_w) < reading_w < max(before_w, after_w):
        return reading_w / 2 + (before_w + after_w) / 4
    return reading_w

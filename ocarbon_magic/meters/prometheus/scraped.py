"""One counter or sensor as it was scraped: samples made into a curve of energy, faults and all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ocarbon_magic.hardware import find_accelerator
from ocarbon_magic.meters.prometheus.curve import FEW_STEPS, Curve
from ocarbon_magic.meters.signal.counter import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ocarbon_magic.meters.prometheus.metrics import Metric

Stream = tuple[tuple[str, str], ...]
"""What tells apart several reports of one counter: the labels of who scraped it."""

OVER_LIMIT = 1.1
"""A board may pass its power limit by so much for a moment."""

MOST_W = 20_000.0
"""No counter here grows faster: a jump beyond is no energy."""

BLANK = 1e14
"""DCGM's values for "not known" are above this, in watts and in millijoules."""

WRAPS_J = (262143.32885, 65712.999613, 65532.610987)
"""Where the RAPL counters of Linux start again at 0; Scaphandre hands them on as they are."""

KEPT_S = {"dcgm-energy-counter": 30.0, "kepler": 5.0, "scaphandre": 2.0}
"""How long an exporter hands out a reading before it takes a new one, unless told otherwise."""

WRAP_TRUST = 2.0
"""A counter that started again did so by running over if that gives a power within this factor
of the one before."""


class Scraped:
    """What is known of one counter, or one sensor of power.

    Parameters
    ----------
    metric : Metric
    gpu_name : str or None
        The GPU's model, by which its power limit is known.

    Attributes
    ----------
    curve : Curve
    estimated_s : float
        For how long the energy is an estimate, since the counter started again.
    alive_s : float or None
        The time of the newest sample, whether it moved or not.
    """

    def __init__(self, metric: Metric, gpu_name: str | None = None) -> None:
        self._metric = metric
        board = find_accelerator(gpu_name) if gpu_name else None
        limit_w = None if board is None else board.tdp_w
        self.curve = Curve(None if limit_w is None else OVER_LIMIT * limit_w)
        self.estimated_s = 0.0
        self.alive_s: float | None = None
        self._active: Stream | None = None
        self._value = 0.0
        self._start_s: float | None = None
        self._fault_j = 0.0
        self._variance_j2 = 0.0
        self._gaps: list[float] = []

    def begin(self, start_s: float) -> None:
        """Count from server time ``start_s``."""
        self._start_s = start_s
        self.curve.begin(start_s)

    @property
    def scrape_s(self) -> float | None:
        """The time between two scrapes, as far as is known."""
        return sorted(self._gaps)[len(self._gaps) // 2] if self._gaps else None

    def take(self, streams: Mapping[Stream, Sequence[tuple[float, float]]]) -> None:
        """Take samples by who scraped them; those known already are left aside.

        One of several reports is followed, and another only once that one has ended: an
        exporter hands out values of different age to each who asks.
        """
        if self._active not in streams:
            ordered = sorted(streams, key=lambda stream: len(streams[stream]), reverse=True)
        else:
            ordered = sorted(streams, key=lambda stream: stream != self._active)
        for stream in ordered:
            by_time: dict[float, float] = {}
            for time_s, value in streams[stream]:
                if 0.0 <= value < BLANK:
                    by_time[time_s] = max(value, by_time.get(time_s, 0.0))
            for time_s in sorted(by_time):
                if self._follows(stream, time_s):
                    self._sample(time_s, by_time[time_s] * self._metric.joules)

    def until(self, end_s: float, asked_s: float | None = None) -> Estimate | None:
        """Return the energy from the start to server time ``end_s``, as `Curve.until`."""
        estimate = self.curve.until(end_s, asked_s)
        if estimate is None:
            return None
        spread_j = 2.0 * math.sqrt(self._variance_j2)
        # Readings may be old when they are scraped, at one end of the run and not at the other.
        aged_j = self._age_s * max(self.curve.doubt_w, self.curve.max_power_w or 0.0)
        return Estimate(estimate.energy_j, estimate.error_j + self._fault_j + spread_j + aged_j)

    @property
    def _age_s(self) -> float:
        """How old a reading may be that is scraped for the first time."""
        return min(KEPT_S.get(self._metric.method, 0.0), self.scrape_s or 0.0)

    def _follows(self, stream: Stream, time_s: float) -> bool:
        if self.alive_s is None or stream == self._active:
            self._active = stream
            return self.alive_s is None or time_s > self.alive_s
        if time_s > self.alive_s + FEW_STEPS * (self.scrape_s or 0.0):
            self._active = stream
            return True
        return False

    def _sample(self, time_s: float, value: float) -> None:
        if self.alive_s is not None:
            self._gaps = [*self._gaps[-8:], time_s - self.alive_s]
        known_s, self.alive_s = self.curve.last_s, time_s
        if self._metric.is_power:
            self.curve.now_w = value
        if known_s is None:
            self.curve.add(time_s, 0.0)
            if self._metric.is_power:
                self.curve.saw(time_s, value)
        elif self._metric.is_power:
            self._add_power(time_s, value, time_s - known_s)
        else:
            if value == self._value and self._metric.method == "dcgm-energy-counter":
                return  # no GPU draws nothing: the exporter has not read it again
            self._add_count(time_s, value, time_s - known_s)
        self._value = value

    def _add_power(self, time_s: float, power_w: float, span_s: float) -> None:
        change_w = power_w - self._value
        if self._start_s is not None and time_s > self._start_s:
            self._variance_j2 += (change_w * span_s) ** 2 / 12  # one change, at any moment
        self.curve.add(time_s, (power_w + self._value) / 2 * span_s)
        self.curve.saw(time_s, power_w)

    def _add_count(self, time_s: float, value: float, span_s: float) -> None:
        gained_j = value - self._value
        if not 0.0 <= gained_j <= MOST_W * span_s:
            gained_j = self._restarted(value, span_s, time_s)
        self.curve.add(time_s, gained_j)

    def _restarted(self, value: float, span_s: float, time_s: float) -> float:
        """Return the energy of a step in which the counter started again, or jumped."""
        before_w = self.curve.power_w
        usual_j = (before_w or 0.0) * span_s
        if self._metric.method == "scaphandre" and value < self._value:
            for wrap_j in WRAPS_J:
                over_j = value + wrap_j - self._value
                if usual_j / WRAP_TRUST <= over_j <= usual_j * WRAP_TRUST:
                    return over_j
        since_j = value if value < self._value else 0.0  # counted since it is 0: so much at least
        most_j = max(self.curve.cap_w * span_s, usual_j)
        gained_j = max(usual_j, since_j if since_j <= most_j else 0.0)
        if self._start_s is not None and time_s > self._start_s:
            self.estimated_s += span_s
            self._fault_j += max(gained_j, most_j - gained_j)
        return gained_j

"""A counter's readings kept honest: what cannot be is replaced by the energy under the power."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.meters.signal.counter import CounterRead, Estimate, SteppedCounter
from ocarbon_magic.meters.signal.power import Area, Band, PowerTrace

if TYPE_CHECKING:
    from ocarbon_magic.meters.signal.steps import StepClock

IMPLAUSIBLE = 1.2
"""More than this times the power limit is no energy of this GPU."""

LOSSY = 0.25
"""Less than this share of the least power seen: close reading made the counter lose energy."""

STALE_S = 0.5
"""A counter that stands still for longer is not between two steps: it has stopped."""


class CounterLedger:
    """The energy of one run by a counter.

    Parameters
    ----------
    first : CounterRead
        The reading at the start.
    trace : PowerTrace
        The power; it must be sampled beside each reading. May stay empty.
    limit_w : float or None
        The power limit, in watts.

    Attributes
    ----------
    counter : SteppedCounter
        The readings since energy counts, or since the counter was last distrusted.
    """

    def __init__(self, first: CounterRead, trace: PowerTrace, limit_w: float | None) -> None:
        self.counter = SteppedCounter(first)
        self._since_s = first.called.high
        self._settled = Estimate(0.0, 0.0)
        self._trace = trace
        self._at_read = trace.area
        self._limit_w = limit_w

    def begin(self, start_s: float) -> None:
        """Count from ``start_s``, just after the first reading."""
        self._since_s = start_s

    @property
    def clock(self) -> StepClock:
        """What is known of the counter's steps."""
        return self.counter.clock

    def unread(self) -> Area:
        """Return the energy under the power since the last reading."""
        return self._trace.area.since(self._at_read)

    def fault(self, read: CounterRead) -> str | None:
        """Return why the energy up to ``read`` cannot be believed, or None."""
        last = self.counter.last
        energy_j = read.energy_j - last.energy_j
        span_s = read.called.high - last.called.low
        period_s = self.counter.period_s
        if energy_j < 0.0:
            return "went backwards, as when the driver is reloaded"
        if self._limit_w and energy_j > IMPLAUSIBLE * self._limit_w * (span_s + 2 * period_s):
            return "jumped by more than the GPU can draw"
        if energy_j == 0.0 and span_s > STALE_S and self._trace.power_w is not None:
            return "stands still"
        return None

    def _least_unread_j(self) -> float:
        """Return what was surely drawn from the last reading to the newest power sample."""
        if self._trace.time_s is None:
            return 0.0
        span_s = self._trace.time_s - self.counter.last.called.high
        return self._trace.lately_w * max(span_s, 0.0)

    def keeps_pace(self) -> bool | None:
        """Tell whether the last whole step, closely read, held what the power says.

        None if no step was seen.
        """
        if self.counter.step is None:
            return None
        since_s, seen_w = self.counter.step
        return seen_w >= LOSSY * self._trace.least_since(since_s)

    def add(self, read: CounterRead) -> None:
        """Take a reading that can be believed."""
        self.counter.add(read)
        self._at_read = self._trace.area
        self._trace.mark()

    def restart(self, read: CounterRead) -> None:
        """Take the power for the time since the last reading, and count anew from ``read``."""
        unread = self.unread()
        last_s = self.counter.last.called.high
        before = self._counted(last_s, self._band(self._trace.recent()))
        self._settle(
            read,
            self._settled.energy_j + before.energy_j + unread.energy_j,
            self._settled.error_j + before.error_j + unread.error_j,
        )

    def replace(self, read: CounterRead) -> None:
        """Take the power for all the time so far, and count anew from ``read``."""
        self._settle(read, self._trace.area.energy_j, self._trace.error_j())

    def _settle(self, read: CounterRead, energy_j: float, error_j: float) -> None:
        self._settled = Estimate(energy_j, error_j)
        self.counter = SteppedCounter(read)
        self._since_s = read.called.high
        self._at_read = self._trace.area
        self._trace.mark()

    def until(self, end_s: float) -> Estimate:
        """Return the energy up to ``end_s``, about the time of the last reading."""
        counted = self._counted(end_s, self._band(self._trace.recent()))
        return Estimate(
            max(self._settled.energy_j + counted.energy_j, 0.0),
            self._settled.error_j + counted.error_j,
        )

    def at_least(self, *, with_power: bool) -> Estimate:
        """Return the energy up to the last reading, as little as it can be.

        So a later reading only adds to it. ``with_power`` adds what was surely drawn since.
        """
        last_s = self.counter.last.called.high
        counted = self._counted(last_s, self._band(self._trace.recent()))
        least_j = max(self._settled.energy_j + counted.energy_j - counted.error_j, 0.0)
        error_j = self._settled.error_j + 2 * counted.error_j
        if with_power:
            least_j += self._least_unread_j()
            error_j += self.unread().error_j
        return Estimate(least_j, error_j)

    def _counted(self, end_s: float, at_end: Band) -> Estimate:
        at_start = self._band(self._trace.at_start())
        return self.counter.energy(self._since_s, end_s, at_start, at_end)

    def _band(self, band: Band | None) -> Band:
        if band is not None:
            return band
        counter = self.counter  # no power at all: the counter's own mean
        span_s = counter.last.called.high - counter.first.called.low
        mean_w = (counter.last.energy_j - counter.first.energy_j) / max(span_s, 1e-3)
        return Band(0.0, mean_w, max(self._limit_w or 0.0, 2 * mean_w))

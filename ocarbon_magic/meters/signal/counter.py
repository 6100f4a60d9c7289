"""The energy a stepped counter shows between two moments, with the bound on its error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ocarbon_magic.meters.signal.steps import (
    DEFAULT_PERIOD_S,
    SHORTEST_PERIOD_S,
    Interval,
    StepClock,
)

if TYPE_CHECKING:
    from ocarbon_magic.meters.signal.power import Band


@dataclass(frozen=True, slots=True)
class CounterRead:
    """A counter's value, taken at some moment of the call."""

    called: Interval
    energy_j: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """An energy and the half-width of the interval that holds the true one."""

    energy_j: float
    error_j: float


@dataclass(slots=True)
class SteppedCounter:
    """Readings of a counter that shows, between two steps, the energy up to the first.

    Parameters
    ----------
    first : CounterRead
        The reading at the start.

    Attributes
    ----------
    last : CounterRead
    clock : StepClock
        What the readings say about the steps.
    step : tuple of float, or None
        When the last two steps began that were seen one after the other, and the mean power
        between them.
    """

    first: CounterRead
    clock: StepClock = field(default_factory=StepClock)
    last: CounterRead = field(init=False)
    step: tuple[float, float] | None = field(default=None, init=False)
    _first_step: CounterRead | None = field(default=None, init=False)
    _unchanged_since_s: float = field(init=False)
    _known_step: CounterRead | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.last = self.first
        self._unchanged_since_s = self.first.called.high

    def add(self, read: CounterRead) -> None:
        """Take a later reading."""
        last = self.last
        gap = Interval(last.called.low, read.called.high)
        if read.energy_j == last.energy_j:
            self.clock.resting(Interval(self._unchanged_since_s, read.called.low))
            self.last = read
            return
        self._unchanged_since_s = read.called.high
        if gap.width < self._shortest() * 0.75:
            if last.energy_j == self.first.energy_j:
                self._first_step = CounterRead(gap, read.energy_j)
            before, self._known_step = self._known_step, CounterRead(gap, read.energy_j)
            consecutive = before is not None and before.energy_j == last.energy_j
            self.clock.stepped(gap, consecutive=consecutive)
            if before is not None and consecutive:
                apart_s = gap.middle - before.called.middle
                self.step = before.called.low, (read.energy_j - last.energy_j) / apart_s
        self.last = read

    def seek_again(self) -> None:
        """Forget when the counter steps."""
        self.clock = StepClock()
        self._known_step = self.step = None

    def _shortest(self) -> float:
        return self.clock.period.low if self.clock.period is not None else SHORTEST_PERIOD_S

    @property
    def period_s(self) -> float:
        """The counter's period, or the usual one where it is not known."""
        period = self.clock.period
        return period.middle if period is not None else DEFAULT_PERIOD_S

    def energy(self, start_s: float, end_s: float, at_start: Band, at_end: Band) -> Estimate:
        """Return the energy drawn from ``start_s``, near the first reading, to ``end_s``.

        ``at_start`` and ``at_end`` bound the power within a period of either.
        """
        head = self._head(start_s, at_start)
        tail = self._since_step(self.last.called, end_s, at_end)
        return Estimate(
            self.last.energy_j - self.first.energy_j + tail.energy_j - head.energy_j,
            head.error_j + tail.error_j,
        )

    def _head(self, start_s: float, band: Band) -> Estimate:
        """Return the energy from the step before the first reading up to ``start_s``."""
        period, step = self.clock.period, self._first_step
        if period is None or step is None:
            return self._since_step(self.first.called, start_s, band)
        # The step that the first reading precedes is known whole: share it out.
        whole_j = step.energy_j - self.first.energy_j
        after_s = min(max(step.called.middle - start_s, 0.0), period.middle)
        before_s = period.middle - after_s
        energy_j = whole_j * before_s / period.middle
        low_j = max(band.low_w * before_s, whole_j - band.high_w * after_s)
        high_j = min(band.high_w * before_s, whole_j - band.low_w * after_s)
        error_j = max(energy_j - low_j, high_j - energy_j, 0.0)
        error_j += (step.called.width + period.width) / 2 * band.high_w
        late_s = max(start_s - step.called.middle, 0.0)
        return Estimate(energy_j + band.likely_w * late_s, error_j + band.swing_w * late_s)

    def _since_step(self, called: Interval, time_s: float, band: Band) -> Estimate:
        """Return the energy from the last step before ``called`` up to ``time_s``."""
        step = self.clock.last_step(called)
        if step is None:
            period = self.clock.period or Interval(DEFAULT_PERIOD_S, DEFAULT_PERIOD_S)
            step = Interval(called.low - period.high, called.high)
            guess_s = called.middle - period.middle / 2
        else:
            guess_s = step.middle
        reach_s = max(abs(time_s - step.low), abs(time_s - step.high))
        blur_s = max(guess_s - step.low, step.high - guess_s)
        return Estimate(
            band.likely_w * (time_s - guess_s),
            band.swing_w * reach_s + band.likely_w * blur_s,
        )

"""The energy of one GPU by its own counter, with its power to tell of the time in between."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Literal

from ocarbon_magic.meters.signal.counter import CounterRead, Estimate
from ocarbon_magic.meters.signal.ledger import CounterLedger
from ocarbon_magic.meters.signal.power import SENSOR_S, Area, PowerTrace
from ocarbon_magic.meters.signal.rhythm import Rhythm
from ocarbon_magic.meters.signal.search import StepSearch
from ocarbon_magic.meters.signal.steps import Interval

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.meters.base import Notes
    from ocarbon_magic.meters.nvml.gpu import Gpu

BEAT_S = 1.0
BEAT_JITTER = 0.3
"""How often power is read at the least, and the counter if that does no harm."""

CALM_AFTER_S = 30.0
CALM_BEAT_S = 2.0
"""... and after so long, when a second more or less is nothing."""

POWER_S = 0.1
"""... and at the most, where power tells of the time since the counter was read."""

DOUBTFUL_S = 10.0
"""How often the counter is read where that may lose energy, as on some GeForce cards; then
power tells of the time in between."""

DOUBTS = 2
"""A counter is doubted after so many close looks at a step, for the power may have changed
unseen in the first."""

LAG_S = 2.0
"""How old the energy so far may be without asking the power."""

GAP_S = 1.35
"""After so long without a reading the counter is asked what a starved thread has missed."""

COMPARED_BEATS = 16
DISAGREEMENT = 0.10
"""Counter and power are compared over so many beats, for few samples may all hit the same part
of a rhythm, and it is told if they differ by more than this share."""

SHORT_STEPS = 10
UNCERTAIN = 0.05
"""A run of fewer steps is called too short for the counter if it is off by more than this."""

BETTER = 0.01
"""Power may serve better than the counter if the latter is off by more than this."""


class CounterEnergy:
    """Measures one GPU that has an energy counter.

    Parameters
    ----------
    gpu : Gpu
    label : str
        What notes call it.
    clock : callable
        Seconds of a monotonic clock.
    notes : Notes
    limit_w : float or None
        The power limit, in watts.

    Attributes
    ----------
    trace : PowerTrace
        The power samples.
    search : StepSearch or None
        When to read the counter to learn its steps; begun by the owner.
    cost_s, cpu_cost_s : float
        What a reading of the counter takes at the least, and what of it is work of the thread.
    rarely_s : float
        On a beat the counter is not read more often than this.
    """

    method: Literal["nvml-energy-counter"] = "nvml-energy-counter"

    def __init__(
        self,
        gpu: Gpu,
        label: str,
        *,
        clock: Callable[[], float],
        notes: Notes,
        limit_w: float | None,
    ) -> None:
        self._gpu = gpu
        self._label = label
        self._clock = clock
        self._notes = notes
        self._limit_w = limit_w
        self._start_s = 0.0
        self._asked_s = 0.0  # when the counter was read, or was to be
        self._beat = Rhythm(BEAT_S, BEAT_JITTER)
        self._probed_s = math.inf
        self._judged = self._trusted = False
        self._doubts = 0
        self._ledger: CounterLedger | None = None
        self._beats = 0
        self._compared: tuple[int, CounterRead, Area] | None = None
        self._next_s = 0.0
        self._so_far: Estimate | None = None
        self.trace = PowerTrace()
        self.search: StepSearch | None = None
        self.cost_s = self.cpu_cost_s = math.inf
        self.rarely_s = 0.0

    def start(self) -> None:
        """Take the first readings."""
        read = self._ask()
        if read is None:
            self._notes.add(f"{self._label}: the counter did not answer; power was taken.")
        else:
            self._ledger = CounterLedger(read, self.trace, self._limit_w)
            self.search = StepSearch(self._ledger.clock)
        self._trusted = self.trace.power_w is None  # there is nothing else to trust

    def begin(self, start_s: float) -> None:
        """Count from ``start_s``, just after the first readings."""
        self._start_s = self.trace.start_s = start_s
        self._beat.begin(start_s)
        if self._ledger is not None:
            self._ledger.begin(start_s)
        self._plan(start_s)

    def begin_search(self, now_s: float) -> None:
        """Begin to learn when the counter steps."""
        if self.search is not None:
            self.search.begin(now_s)
            self._plan(now_s)

    def due_s(self) -> float | None:
        """Return when to read next, or None if the GPU is lost."""
        return None if self._gpu.lost else self._next_s

    def _plan(self, now_s: float) -> float | None:
        """Set the time to read next; return when to look for a step, if at all."""
        look_s = None if self.search is None else self.search.due_s(now_s, self._asked_s)
        self._next_s = self._beat.due_s if look_s is None else min(self._beat.due_s, look_s)
        return look_s

    def read(self, now_s: float) -> None:
        """Read what is due: the counter, or else the power."""
        sampled_s = self.trace.time_s
        if now_s >= self._next_s:
            self._read_due(now_s)
        elif self._needs_power() and (sampled_s is None or now_s - sampled_s >= POWER_S):
            self._sample()

    def _read_due(self, now_s: float) -> None:
        look_s, sampled_s = self._plan(now_s), self.trace.time_s
        beat = now_s >= self._beat.due_s
        starved = sampled_s is not None and now_s - sampled_s > GAP_S
        anchor = beat and now_s - self._asked_s >= self._pause_s - BEAT_S / 2
        if starved or anchor or (look_s is not None and now_s >= look_s):
            self._read_counter()
            if self._ledger is not None and beat:
                self._compare(self._ledger)
        elif beat:
            self._sample()
        if beat:
            self._beats += 1
            if now_s > self._start_s + CALM_AFTER_S:
                self._beat.spacing_s = CALM_BEAT_S
            self._beat.passed(now_s)
        self._plan(self._clock())

    @property
    def _pause_s(self) -> float:
        """How long not to read the counter on a beat."""
        return max(BEAT_S if self._trusted else DOUBTFUL_S, self.rarely_s)

    def _needs_power(self) -> bool:
        """Tell whether power must tell of the time since the counter was read."""
        return self._pause_s > LAG_S or not self._answered()

    def so_far(self) -> Estimate:
        """Return the energy so far, as little as it can be."""
        if self._so_far is None:
            self._so_far = (
                Estimate(self.trace.area.energy_j, self.trace.error_j())
                if self._ledger is None
                else self._ledger.at_least(with_power=self._needs_power())
            )
        return self._so_far

    def read_last(self) -> None:
        """Take the last readings."""
        self._read_counter()

    def settled_at(self) -> float | None:
        """Return when a further reading would tell whether a step has come, or None."""
        if self._ledger is None or not self._answered():
            return None
        return self._ledger.clock.settled_at(self._ledger.counter.last.called)

    def until(self, end_s: float) -> Estimate:
        """Return the energy up to ``end_s``, just before the last readings."""
        ledger = self._ledger
        by_power = Estimate(self.trace.until(end_s), self.trace.error_j())
        if ledger is None:
            return by_power
        if self._gpu.lost:
            return ledger.at_least(with_power=True)
        if not self._answered():
            self._notes.add(f"{self._label}: the counter gave no last reading; power was taken.")
            before = ledger.until(ledger.counter.last.called.high)
            unread = ledger.unread()
            return Estimate(before.energy_j + unread.energy_j, before.error_j + unread.error_j)
        counted = ledger.until(end_s)
        allowance_j = BETTER * counted.energy_j
        if self._gpu.power_is_instant and by_power.error_j + allowance_j < counted.error_j:
            # ... though over so short a time one old reading may be all there was
            least_j = SENSOR_S / 2 * self.trace.most_w
            counted = Estimate(by_power.energy_j, max(by_power.error_j, least_j))
        steps = (end_s - self._start_s) / ledger.counter.period_s
        if steps < SHORT_STEPS and counted.error_j > UNCERTAIN * counted.energy_j:
            self._notes.add(
                f"{self._label}: the run is too short for a counter that moves every "
                f"{1e3 * ledger.counter.period_s:.0f} ms; its energy is uncertain."
            )
        return counted

    def _answered(self) -> bool:
        """Tell whether the counter's last reading was had."""
        return self._ledger is not None and (self._ledger.counter.last.called.low == self._asked_s)

    def _sample(self) -> None:
        self._so_far = None
        power_w = self._gpu.power_w()
        if power_w is not None:
            self.trace.add(self._clock(), power_w)

    def _ask(self) -> CounterRead | None:
        worked_s = time.thread_time() if not self._judged else 0.0
        self._asked_s = from_s = self._clock()
        energy_j = self._gpu.energy_j()
        to_s = self._clock()
        self.cost_s = min(self.cost_s, to_s - from_s)
        if not self._judged:
            self.cpu_cost_s = min(self.cpu_cost_s, time.thread_time() - worked_s)
        self._sample()
        return None if energy_j is None else CounterRead(Interval(from_s, to_s), energy_j)

    def _read_counter(self) -> None:
        ledger, search = self._ledger, self.search
        read = self._ask()
        if read is None or ledger is None:
            return
        fault = ledger.fault(read)
        if fault is not None:
            ledger.restart(read)
            self._distrust(read, f"the counter {fault}; power was taken for that time.")
            return
        changed = read.energy_j != ledger.counter.last.energy_j
        ledger.add(read)
        if search is not None:
            search.took(read.called.high, changed=changed)
            if search.begun and search.probing(read.called.low):
                self._probed_s = read.called.high
            elif not self._judged and read.called.low > self._probed_s + SENSOR_S:
                self._judge(ledger, read)

    def _judge(self, ledger: CounterLedger, read: CounterRead) -> None:
        """Trust the counter if close reading did it no harm; power that lags cannot tell."""
        self._judged = True
        self._compared = (self._beats, read, self.trace.area)
        keeps_pace = ledger.keeps_pace() if self._gpu.power_is_instant else None
        self._trusted = self._trusted or keeps_pace is True
        if keeps_pace is not False:
            return
        self._doubts += 1
        if self._doubts < DOUBTS:
            ledger.counter.seek_again()
            self.search = StepSearch(ledger.clock)
            self.search.begin(read.called.high)
            self._probed_s, self._judged = math.inf, False
        else:
            ledger.replace(read)
            self._distrust(
                read,
                "the counter loses energy when it is read often, so it is read every "
                f"{DOUBTFUL_S:.0f} s only.",
            )

    def _distrust(self, read: CounterRead, why: str) -> None:
        self._trusted = False
        self.search = None
        self._compared = (self._beats, read, self.trace.area)
        self._notes.add(f"{self._label}: {why}")

    def _compare(self, ledger: CounterLedger) -> None:
        """Say so where counter and power differ by more than the sampling can explain."""
        if self._compared is None or self.trace.time_s is None:
            return
        beats, first, area = self._compared
        last = ledger.counter.last
        if self._beats < beats + COMPARED_BEATS or not self._answered():
            return
        self._compared = (self._beats, last, self.trace.area)
        by_power = self.trace.area.since(area)
        by_counter_j = last.energy_j - first.energy_j
        excused_j = by_power.error_j + ledger.counter.period_s * self.trace.most_w
        apart_j = abs(by_counter_j - by_power.energy_j)
        if apart_j > excused_j + DISAGREEMENT * by_counter_j:
            self._compared = None  # once is enough
            self._notes.add(
                f"{self._label}: counter and power readings differ by "
                f"{100 * apart_j / max(by_counter_j, 1e-3):.0f} %; the counter is used."
            )

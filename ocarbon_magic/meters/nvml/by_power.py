"""The energy of one GPU that has no counter: the sum of what its power sensor saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ocarbon_magic.meters.signal.counter import Estimate
from ocarbon_magic.meters.signal.power import PowerTrace, unblinded
from ocarbon_magic.meters.signal.rhythm import Rhythm

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.meters.nvml.gpu import Gpu

BUFFER_S = 0.8
"""How often the sensor's buffer is fetched; it holds 2.36 s, and a thread may be starved."""

STRANGE_S = 5.0
"""A newest sample further from now is stamped by another clock; the buffer is not used."""

POLL_S = 0.047
"""From one sample to the next without a buffer; some sensors err when asked faster."""

POLL_JITTER = 0.05
"""By which share the spacing varies; more would add to the error."""


class PowerEnergy:
    """Measures one GPU by its power samples.

    Parameters
    ----------
    gpu : Gpu
    clock : callable
        Seconds of a monotonic clock.
    wall : callable
        Seconds since 1970, the clock of the buffered samples.

    Attributes
    ----------
    trace : PowerTrace
        The power samples.
    """

    method: Literal["nvml-power"] = "nvml-power"

    def __init__(self, gpu: Gpu, *, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        self._gpu = gpu
        self._clock = clock
        self._wall = wall
        self._samples: list[tuple[int, float]] = []  # the newest, not yet taken over
        self._buffered = False
        self._beat = Rhythm(POLL_S, POLL_JITTER)
        self.trace = PowerTrace()

    def start(self) -> None:
        """Take the first samples."""
        rows = self._gpu.samples(0)
        if rows and abs(rows[-1][0] / 1e6 - self._wall()) < STRANGE_S:
            self._buffered = True
            self._samples = rows[-3:]
            self._beat = Rhythm(BUFFER_S, 0.0)
        else:
            self._poll()

    def begin(self, start_s: float) -> None:
        """Count from ``start_s``, just after the first samples."""
        self.trace.start_s = start_s
        self._beat.begin(start_s)

    def due_s(self) -> float | None:
        """Return when to read next, or None if the GPU is lost."""
        return None if self._gpu.lost else self._beat.due_s

    def read(self, now_s: float) -> None:
        """Read what is due."""
        if now_s < self._beat.due_s or self._gpu.lost:
            return
        if self._buffered:
            self._fetch()
        else:
            self._poll()
        self._beat.passed(now_s)

    def so_far(self) -> Estimate:
        """Return the energy up to the newest sample."""
        return Estimate(self.trace.area.energy_j, self.trace.error_j())

    def read_last(self) -> None:
        """Take the last samples."""
        if self._buffered:
            self._fetch()
            self._take(self._samples[1:])
        self._poll()

    def settled_at(self) -> None:
        """There is nothing to wait for."""

    def until(self, end_s: float) -> Estimate:
        """Return the energy up to ``end_s``, just before the last samples."""
        if self._gpu.lost:
            return self.so_far()
        return Estimate(self.trace.until(end_s), self.trace.error_j())

    def _poll(self) -> None:
        power_w = self._gpu.power_w()
        if power_w is not None:
            self.trace.add(self._clock(), power_w)

    def _fetch(self) -> None:
        """Take over the buffered samples but the newest, whose successor is still to come."""
        rows = self._gpu.samples(self._samples[-1][0])
        if rows is None:
            self._buffered = False
            self._beat = Rhythm(POLL_S, POLL_JITTER, self._beat.due_s)
            return
        self._samples += rows
        for before, here, after in zip(
            self._samples, self._samples[1:], self._samples[2:], strict=False
        ):
            self._take([(here[0], unblinded(before[1], here[1], after[1]))])
        self._samples = self._samples[-2:]

    def _take(self, samples: list[tuple[int, float]]) -> None:
        behind_s = self._wall() - self._clock()
        for stamp_us, power_w in samples:
            self.trace.add(stamp_us / 1e6 - behind_s, power_w)

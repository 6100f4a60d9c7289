"""For which share of the time GPUs ran a kernel, as NVML's utilisation tells it.

Each reading is of the last 1/6 to 1 s only, so that the mean is a sample of the run: 100
readings of a load that is either on or off tell its share to some 5 points.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from ocarbon_magic.meters.signal.rhythm import Rhythm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ocarbon_magic.meters.nvml.gpu import Gpu

FIRST_S, CALM_S, CALM_AFTER_S = 1.0, 2.0, 30.0
"""How often it is read, at first and after so long. One reading covers a second at the most,
so that an earlier one would tell of the time before the run."""

JITTER = 0.9
"""By how much that varies: were it little, or only when something else wakes the thread, a load
whose steps take half a second or two might be met always at work, or never."""

CORE_SHARE = 2e-4
"""All GPUs are read so rarely that it takes at most this share of a core ..."""

TIME_SHARE = 1e-2
"""... and this share of the time, for the energy is read by the same thread."""

LAST_S = 5e-3
"""Where reading takes longer, the end of a run does not wait for it."""


class BusyTime:
    """Keeps the time-weighted mean of one GPU's utilisation.

    Between two readings it is taken to change evenly.

    Parameters
    ----------
    gpu : Gpu

    Attributes
    ----------
    share : float or None
        From 0 to 1; None before the first reading, and where NVML does not tell.
    """

    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu
        self._busy_s = self._seen_s = 0.0
        self._before: float | None = None
        self.share: float | None = None

    @property
    def told(self) -> bool:
        """Whether the GPU still tells it."""
        return self._gpu.tells_busy

    def take(self, span_s: float) -> None:
        """Read for the ``span_s`` seconds since the last reading."""
        busy = self._gpu.busy_share()
        if busy is None:
            return
        before, self._before = self._before, busy
        self._busy_s += (busy if before is None else (before + busy) / 2) * span_s
        self._seen_s += span_s
        self.share = self._busy_s / self._seen_s


class BusyTimes:
    """Reads several GPUs at the same times, so that one waking serves them all.

    Parameters
    ----------
    times : sequence of BusyTime
    clock : callable
        Seconds of a monotonic clock.
    """

    def __init__(self, times: Sequence[BusyTime], clock: Callable[[], float]) -> None:
        self._times = times
        self._clock = clock
        self._beat = Rhythm(FIRST_S, JITTER)
        self._start_s = self._read_s = 0.0
        self._cost_s = self._took_s = math.inf

    def begin(self, start_s: float) -> None:
        """Count from ``start_s``."""
        self._start_s = self._read_s = start_s
        self._beat.begin(start_s)

    def due_s(self) -> float | None:
        """Return when to read next, or None if there is nothing to read."""
        return self._beat.due_s if any(one.told for one in self._times) else None

    def read(self, now_s: float) -> None:
        """Read what is due."""
        due_s = self.due_s()
        if due_s is None or now_s < due_s:
            return
        worked_s, from_s = time.thread_time(), self._clock()
        self._take(now_s)
        self._took_s = min(self._took_s, self._clock() - from_s)
        self._cost_s = min(self._cost_s, time.thread_time() - worked_s)
        calm = now_s > self._start_s + CALM_AFTER_S
        self._beat.spacing_s = max(
            CALM_S if calm else FIRST_S, self._cost_s / CORE_SHARE, self._took_s / TIME_SHARE
        )
        self._beat.passed(now_s)

    def read_last(self, end_s: float) -> None:
        """Read for the time up to ``end_s``, unless that was read or there was hardly any."""
        was_read = end_s - self._read_s < FIRST_S / 2 or end_s - self._start_s < FIRST_S
        is_slow = LAST_S < self._took_s < math.inf
        if not was_read and not is_slow:
            self._take(end_s)

    def _take(self, now_s: float) -> None:
        span_s, self._read_s = now_s - self._read_s, now_s
        if span_s > 0.0:
            for one in self._times:
                one.take(span_s)

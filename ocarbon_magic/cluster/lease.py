"""For how long an agent goes on without a sign of its kernel.

An engine at work can hear nothing, since what the kernel sends waits in its queue; so time
counts only while its event loop answers, which is when it has nothing else to do.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

RENEWED_EVERY_S = 60.0
"""How often the kernel gives a sign."""

LASTS_S = 300.0
"""An idle engine's agent ends after so long without one."""

_ASKED_EVERY_S = 10.0


class Lease:
    """Made in the engine's main thread; all but `renew` is called from the agent's.

    Parameters
    ----------
    lasts_s : float
        Idle seconds without a renewal after which it is over.
    """

    def __init__(self, lasts_s: float = LASTS_S) -> None:
        self._lasts_s = lasts_s
        self._idle_s = 0.0
        self._answered = True
        self._asked_s = time.monotonic()
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:  # it cannot be asked: the agent ends when it is told, or its engine
            self._loop = None

    def renew(self) -> None:
        """Note a sign of the kernel."""
        self._idle_s = 0.0

    def is_over(self) -> bool:
        """Ask the loop now and then; return whether it was idle for too long."""
        now_s = time.monotonic()
        if self._loop is None or now_s - self._asked_s < _ASKED_EVERY_S:
            return False
        if not self._answered:
            self._asked_s, self._idle_s = now_s, 0.0
            return False
        self._idle_s += now_s - self._asked_s
        self._asked_s, self._answered = now_s, False
        with suppress(RuntimeError):  # the loop is closed: the engine ends
            self._loop.call_soon_threadsafe(self._answer)
        return self._idle_s > self._lasts_s

    def _answer(self) -> None:
        self._answered = True

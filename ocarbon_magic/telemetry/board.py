"""The runs of this process that are told of, as they are now."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.telemetry.figures import Figures

MOST_RUNS = 20
"""Of more, those that ended first are left out, then those that began first."""

KEPT_S = 300.0
"""How long a run is told of after its end: until the slowest scraper has come by."""


class Board:
    """Keeps the latest figures of each run.

    Parameters
    ----------
    clock : callable
        Seconds of a monotonic clock.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._latest: dict[str, Figures] = {}
        self._ended_s: dict[str, float] = {}

    def begin(self, figures: Figures) -> None:
        """Tell of a run from now on."""
        with self._lock:
            self._latest[figures.run.id] = figures
            self._leave_out()

    def update(self, figures: Figures) -> None:
        """Tell what has changed, if the run is told of; what has ended stays as it ended."""
        identity = figures.run.id
        with self._lock:
            if identity not in self._latest or identity in self._ended_s:
                return
            self._latest[identity] = figures
            if figures.is_over:
                self._ended_s[identity] = self._clock()

    def now(self) -> list[Figures]:
        """Return the figures of all runs that are told of, in the order of their beginning."""
        with self._lock:
            self._leave_out()
            return list(self._latest.values())

    def of(self, identity: str) -> Figures | None:
        """Return the figures of one run; None where it is no longer told of."""
        with self._lock:
            self._leave_out()
            return self._latest.get(identity)

    def forget(self) -> None:
        """Forget all, in a fork, where nobody may be left who holds the lock."""
        self._lock = threading.Lock()
        self._latest.clear()
        self._ended_s.clear()

    def _leave_out(self) -> None:
        now_s = self._clock()
        old = [one for one, ended_s in self._ended_s.items() if now_s - ended_s > KEPT_S]
        too_many = len(self._latest) - len(old) - MOST_RUNS
        if too_many > 0:
            rest = [one for one in (*self._ended_s, *self._latest) if one not in old]
            old += list(dict.fromkeys(rest))[:too_many]
        for identity in old:
            self._latest.pop(identity, None)
            self._ended_s.pop(identity, None)


board = Board()

if hasattr(os, "register_at_fork"):  # a fork measures none of these runs
    os.register_at_fork(after_in_child=board.forget)

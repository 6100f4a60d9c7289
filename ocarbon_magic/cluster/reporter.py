"""The thread of an engine that measures, and says what it knows at every tick."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from ocarbon_magic.cluster.holding import HeldDevices
from ocarbon_magic.cluster.locks import DeviceLocks
from ocarbon_magic.cluster.messages import PROTOCOL, work_entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.cluster.messages import Message, WorkEntry
    from ocarbon_magic.cluster.place import Place
    from ocarbon_magic.progress.observer import WorkObserver

_MOST_NOTES = 16


class Reporter:
    """Measures in a thread of its own from `start` to `finish`.

    Parameters
    ----------
    run_id, devices : str
        The run, and the devices asked for.
    interval_s : float
        Seconds between two messages.
    place : Place
        Where this process is.
    observer : WorkObserver
        Counts the work; read in the thread alone.
    tell : callable
        Sends a message, from any thread.
    is_forsaken : callable
        Asked at every tick whether nobody listens any more.

    Attributes
    ----------
    last : Message
        The last that was said.
    """

    def __init__(  # noqa: PLR0913 - who takes part in one engine
        self,
        run_id: str,
        devices: str,
        interval_s: float,
        *,
        place: Place,
        observer: WorkObserver,
        tell: Callable[[Message], None],
        is_forsaken: Callable[[], bool],
    ) -> None:
        self._run_id, self._devices, self._interval_s = run_id, devices, interval_s
        self._place, self._observer = place, observer
        self._tell, self._is_forsaken = tell, is_forsaken
        self._held: HeldDevices | None = None
        self._number = 0
        self._end_s: float | None = None
        self._stopping, self._done = threading.Event(), threading.Event()
        self.last = self._message(final=False)
        self._thread = threading.Thread(target=self._work, name="ocarbon-engine", daemon=True)

    def start(self) -> Message:
        """Begin to measure; return the first message, which says where this is."""
        self._thread.start()
        return self.last

    def finish(self, end_s: float, patience_s: float) -> Message:
        """Stop at ``end_s``; return the last message, after at most ``patience_s``."""
        self._end_s = end_s
        self._stopping.set()
        self._done.wait(patience_s)
        return self.last

    def _work(self) -> None:
        try:
            locks = DeviceLocks(self._run_id)
            held = self._held = HeldDevices(self._devices, locks, time.monotonic)
            self._sample(held)
            held.stop(time.monotonic() if self._end_s is None else self._end_s)
            self.last = self._message(final=True)
            if self._end_s is None:  # else the task that ends it returns the message
                self._tell(self.last)
        finally:
            self._done.set()

    def _sample(self, held: HeldDevices) -> None:
        tick_s = time.monotonic() + self._interval_s
        while not self._stopping.wait(max(min(tick_s, held.due_s()) - time.monotonic(), 0.0)):
            now_s = time.monotonic()
            tick = now_s >= tick_s
            held.read(tick=tick)
            if not tick:
                continue
            tick_s = max(tick_s + self._interval_s, now_s)
            if self._is_forsaken():
                return
            self.last = self._message(final=False)
            self._tell(self.last)

    def _message(self, *, final: bool) -> Message:
        self._number += 1
        held = self._held
        return {
            "v": PROTOCOL,
            "n": self._number,
            "at_s": time.monotonic(),
            "host": self._place.host,
            "namespace": self._place.namespace,
            "pids": [*self._place.pids],
            "devices": [] if held is None else held.entries(),
            "work": self._counted() if held is not None else None,
            "notes": [] if held is None else held.all_notes()[:_MOST_NOTES],
            "final": final,
        }

    def _counted(self) -> WorkEntry | None:
        try:
            return work_entry(self._observer.read().count)
        except Exception:  # noqa: BLE001 - what is measured is told all the same
            return self.last["work"]

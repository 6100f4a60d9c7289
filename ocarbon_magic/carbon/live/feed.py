"""Asks a source in a thread of its own, no more often than it has something new.

One feed serves all runs of this process in a zone. It asks while a run goes on, and keeps what
it knows for the next one.
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from ocarbon_magic.carbon.live.curve import Curve
from ocarbon_magic.carbon.live.points import LiveError, Point
from ocarbon_magic.conversions import S_PER_DAY, S_PER_H
from ocarbon_magic.fetch import FetchError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.carbon.live.source import IntensitySource

RETRY_S, LATEST_RETRY_S = 300.0, S_PER_H
"""How soon a source that failed is asked again: each time twice as long, within these bounds."""

NEWS_TAKES_S = 300.0
"""How long after a step begins a source is asked for it."""

FORESEEN_S = 1800.0
"""How long a forecast is good for: sources make new ones every hour or half hour."""

KEPT_S = 7 * S_PER_DAY
MOST_KEPT = 20_000
"""How long before the runs that go on values are kept, and how many of them."""


class Feed:
    """What one source tells.

    Parameters
    ----------
    source : IntensitySource
    clock, wall : callable
        Seconds of a monotonic clock, and since 1970.

    Attributes
    ----------
    version : int
        Grows whenever something new is known.
    problem : str
        A sentence, while the last answer was none; without any secret.
    answered : threading.Event
        Set when the source was asked for the first time, well or not.
    """

    def __init__(
        self,
        source: IntensitySource,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.source = source
        self.version = 0
        self.problem = ""
        self.answered = threading.Event()
        self._clock, self._wall = clock, wall
        self._changed = threading.Condition()
        self._users: list[float] = []
        self._thread: threading.Thread | None = None
        self._due_s = -1.0
        self._fails = 0
        self._recent: dict[float, Point] = {}
        self._ahead: list[Point] = []
        self._foreseen: tuple[float, list[Point]] | None = None

    def join(self, since_s: float) -> None:
        """Begin to ask, for a run that began at ``since_s``; returns at once."""
        with self._changed:
            self._users.append(since_s)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._work, name="ocarbon-intensity", daemon=True
                )
                self._thread.start()
            self._changed.notify()

    def leave(self, since_s: float) -> None:
        """End what `join` began."""
        with self._changed:
            self._users.remove(since_s)
            self._changed.notify()

    def curve(self) -> Curve:
        """Return all that is known: what is forecast, and over it what was told since."""
        with self._changed:
            return Curve([*self._ahead, *self._recent.values()])

    def refresh(self, since_s: float) -> None:
        """Ask now, for what was since ``since_s`` and what will be; waits for the network."""
        now_s = self._wall()
        since_s = max(since_s, now_s - S_PER_DAY)
        found, problem, wait_s = self._asked(lambda: self.source.recent(since_s, now_s))
        ahead: list[Point] | None = None
        if found is not None and not self.source.ahead_is_marginal:
            ahead, _, _ = self._asked(lambda: self.source.ahead(now_s))
        with self._changed:
            self.problem = problem
            self._fails = 0 if found is not None else self._fails + 1
            self._due_s = self._clock() + self._pause_s(now_s, wait_s)
            self._keep(found or [], now_s)
            if ahead is not None:
                self._ahead = ahead
                self._foreseen = self._clock(), ahead
            self.version += 1
        self.answered.set()

    def foresee(self, within_s: float) -> list[Point]:
        """Return what is forecast, asked for beside this thread if what is known is old.

        Raises
        ------
        LiveError
            If nothing was told within ``within_s`` seconds.
        """
        known = self._foreseen
        if known is not None and self._clock() - known[0] < min(self.source.step_s, FORESEEN_S):
            return known[1]
        found: list[tuple[list[Point] | None, str, float]] = []

        def ask() -> None:
            found.append(self._asked(lambda: self.source.ahead(self._wall())))

        thread = threading.Thread(target=ask, name="ocarbon-forecast", daemon=True)
        thread.start()
        thread.join(within_s)
        if not found:
            raise LiveError(f"{self.source.service.title} did not answer in time.")
        points, problem, _ = found[0]
        if points is None:
            raise LiveError(problem)
        self._foreseen = self._clock(), points
        return points

    def _pause_s(self, now_s: float, asked_to_wait_s: float) -> float:
        """Return how long to ask nothing: until shortly after the source's next step begins."""
        if not self._fails:
            step_s = self.source.step_s
            return step_s - now_s % step_s + min(NEWS_TAKES_S, step_s)
        pause_s = min(RETRY_S * 2.0 ** min(self._fails - 1, 10), LATEST_RETRY_S)
        return max(pause_s, asked_to_wait_s)

    def _asked(self, ask: Callable[[], list[Point]]) -> tuple[list[Point] | None, str, float]:
        """Return what was told; else None, a sentence why not, and how long to wait."""
        try:
            return ask(), "", 0.0
        except LiveError as error:
            return None, str(error), 0.0
        except FetchError as error:
            said = f"{self.source.service.title} has no answer: {error}"
            return None, said, error.retry_after_s or 0.0
        except Exception as error:  # noqa: BLE001 - its text may hold what was asked
            title = self.source.service.title
            return None, f"{title} could not be asked ({type(error).__name__}).", 0.0

    def _keep(self, found: list[Point], now_s: float) -> None:
        for point in found:
            if point.start_s <= now_s + self.source.step_s:
                self._recent[point.start_s] = point
        oldest_s = min(self._users, default=now_s) - KEPT_S
        starts = sorted(start_s for start_s in self._recent if start_s >= oldest_s)
        self._recent = {start_s: self._recent[start_s] for start_s in starts[-MOST_KEPT:]}

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._users and self._clock() < self._due_s:
                    self._changed.wait(self._due_s - self._clock())
                if not self._users:
                    self._thread = None
                    return
                since_s = min(self._users)
            self.refresh(since_s)


_lock = threading.Lock()
_feeds: dict[tuple[str, str, int], Feed] = {}


def feed_of(source: IntensitySource) -> Feed:
    """Return the feed of a source; another key or address in the environment makes a new one."""
    key = (source.service.name, source.zone, source.service.mark())
    with _lock:
        return _feeds.setdefault(key, Feed(source))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_feeds.clear)  # its threads do not exist there

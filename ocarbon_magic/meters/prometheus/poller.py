"""The thread that asks the endpoint, so that one which hangs holds up no other meter.

It first asks what time it is there and what there is, then again and again for the samples
since: of each metric once, for all nodes together. What goes wrong is asked again, later and
later; a counter loses nothing meanwhile.
"""

from __future__ import annotations

import math
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic.meters.prometheus.client import TOO_MUCH, QueryError
from ocarbon_magic.meters.prometheus.finding import find
from ocarbon_magic.meters.prometheus.metrics import METRICS, stream_of
from ocarbon_magic.meters.prometheus.nodes import Nodes
from ocarbon_magic.meters.prometheus.plan import key_of
from ocarbon_magic.meters.prometheus.state import SHORTEST_POLL_S, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ocarbon_magic.meters.base import Device
    from ocarbon_magic.meters.prometheus.client import Client, Series
    from ocarbon_magic.meters.prometheus.endpoint import Endpoint
    from ocarbon_magic.meters.prometheus.plan import Key
    from ocarbon_magic.meters.prometheus.scraped import Stream

SHARE = 0.01
"""Questions are asked so rarely that the work on answers takes no larger share of a core."""

HISTORY_S = 300.0
"""How far before the start the first question reaches: as far back as Prometheus looks itself."""

OVERLAP_S = 30.0
"""How late a sample may reach a server that is fed by others."""

PAGE_S = 900.0
LEAST_PAGE_S = 60.0
MOST_PAGES = 8
"""What was missed is asked for in pages of so many seconds, and so many of them in one go."""

FIRST_RETRY_S = 1.0
LAST_RETRY_S = 60.0

CLOCK_AGAIN_S = 600.0
"""How often the server's clock is compared with ours."""

UNSTARTED_S = 30.0
"""A meter that is not started within this was not wanted."""

WORTHWHILE_S = 0.1
"""Where the work on an answer takes longer, none is asked for at the end: it would be too late,
and hold up the cell."""

LAST_DEADLINE_S = 2.0
"""How long the last question may take; its answer is mostly too late after a tenth of this."""


@dataclass(slots=True)
class Question:
    """A selector of series, with the server time from which its samples are still unknown."""

    selector: str
    since_s: float
    page_s: float = PAGE_S


class Poller:
    """Asks ``client`` for what ``endpoint`` names, in a thread of its own.

    Parameters
    ----------
    endpoint : Endpoint
    client : Client
    clock : callable
        Seconds of a monotonic clock.
    without : sequence of Device
        Devices that this machine measures itself.

    Attributes
    ----------
    state : State
    settled : threading.Event
        Set once the devices are known, or what is wrong.
    finished : threading.Event
        Set once the last answer is in, or none will come.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        client: Client,
        clock: Callable[[], float],
        without: Sequence[Device] = (),
    ) -> None:
        self._endpoint = endpoint
        self._client = client
        self._clock = clock
        self._without = without
        self._nodes = Nodes(endpoint)
        self._questions: list[Question] = []
        self._compared_s = -math.inf
        self._took_s = math.inf
        self._start_clock_s: float | None = None
        self._closed = False
        self._wake = threading.Event()
        self.state = State()
        self.settled = threading.Event()
        self.finished = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ocarbon-prometheus", daemon=True)
        self._thread.start()

    def begin(self, start_s: float) -> None:
        """Count from ``start_s`` of our clock."""
        with self.state.lock:
            self._start_clock_s = start_s
            self._begin()
        self._wake.set()

    def close(self) -> None:
        """Ask a last time, if there is what to ask for, and end."""
        self._closed = True
        self._wake.set()

    def _work(self) -> None:
        try:
            if self._find():
                self._follow()
        except Exception as error:  # noqa: BLE001 - measuring never breaks training
            self.state.problem = ValueError(
                f"reading {self._endpoint.name} failed with {type(error).__name__}."
            )
        finally:
            self.settled.set()
            self.finished.set()

    def _find(self) -> bool:
        """Learn what is there, on trouble again until the run is over; return whether it is known.

        The end of the run is a last occasion.
        """
        wait_s = FIRST_RETRY_S
        while True:
            over = self._closed
            if over and self._start_clock_s is None:
                return False
            try:
                self._discover()
            except (QueryError, ValueError) as error:
                self.state.problem = error
                self.settled.set()
                if over:
                    return False
                self._pause(max(wait_s, getattr(error, "retry_after_s", None) or 0.0))
                wait_s = min(2 * wait_s, LAST_RETRY_S)
            else:
                self.state.problem = None
                self.settled.set()
                return True

    def _follow(self) -> None:
        """Ask for what is new, until the run is over and once more."""
        if self._start_clock_s is None and not self._closed:
            self._wake.wait(UNSTARTED_S)
        if self._start_clock_s is None:
            return
        wait_s, worked_s, closed = FIRST_RETRY_S, 0.0, False
        while not closed:
            closed = self._closed
            if closed and worked_s > WORTHWHILE_S:
                return
            begun_s = time.thread_time()
            try:
                self._poll(LAST_DEADLINE_S if closed else None)
            except QueryError as error:
                self.state.problem = error
                pause_s = max(wait_s, error.retry_after_s or 0.0)
                wait_s = min(2 * wait_s, LAST_RETRY_S)
            else:
                self.state.problem = None
                worked_s = time.thread_time() - begun_s
                pause_s = self.state.pace_s = self._pace_s(worked_s)
                wait_s = FIRST_RETRY_S
            if not closed:
                self._pause(pause_s)

    def _pause(self, seconds: float) -> None:
        """Wait, but no longer than until the run begins or is over."""
        self._wake.clear()
        if not self._closed:
            self._wake.wait(seconds)

    def _pace_s(self, worked_s: float) -> float:
        with self.state.lock:
            known = (counter.scrape_s for counter in self.state.counters.values())
            steps = [step for step in known if step is not None]
        step_s = sorted(steps)[len(steps) // 2] if steps else 0.0
        return max(SHORTEST_POLL_S, step_s, worked_s / SHARE)

    def _discover(self) -> None:
        self._compare_clocks()
        found = find(self._endpoint, self._client, self._without)
        self._questions = [Question(selector, -math.inf) for selector in found.selectors]
        with self.state.lock:
            self.state.left_out = found.left_out
            self.state.counters = found.counters
            self.state.devices = found.devices
            self._begin()

    def _begin(self) -> None:
        """Give all counters the start of the run, as soon as it and they are known."""
        state = self.state
        if self._start_clock_s is None or state.ahead_s is None or state.start_s is not None:
            return
        if state.counters:
            state.start_s = self._start_clock_s + state.ahead_s
            for counter in state.counters.values():
                counter.begin(state.start_s)

    def _compare_clocks(self) -> None:
        now_s = self._clock()
        if now_s - self._compared_s < CLOCK_AGAIN_S:
            return
        server = self._client.time()
        self._compared_s = now_s
        if server.took_s <= 2 * self._took_s:  # a slow answer tells less of the time
            self._took_s = server.took_s
            self.state.ahead_s = server.ahead_s

    def _poll(self, deadline_s: float | None) -> None:
        if deadline_s is None:
            self._compare_clocks()
        ahead_s, start_s = self.state.ahead_s, self.state.start_s
        if ahead_s is None or start_s is None:
            return
        now_s, caught_up = -math.inf, True
        for question in self._questions:
            now_s = self._clock() + ahead_s
            question.since_s = max(question.since_s, start_s - HISTORY_S)
            if deadline_s is not None and now_s - question.since_s > MOST_PAGES * question.page_s:
                self._ask(question, now_s, deadline_s)  # the start may be there
                question.since_s = now_s - question.page_s  # and counters bridge what is between
            pages = (self._ask(question, now_s, deadline_s) for _ in range(MOST_PAGES))
            caught_up &= any(pages)
        self.state.polls += 1
        if caught_up:
            self._settle(now_s)

    def _settle(self, asked_s: float) -> None:
        """Reckon up what is known, bit by bit, so that nobody waits long for the lock."""
        for measured in self.state.devices:
            with self.state.lock:
                measured.settle(asked_s)
        self.state.polled_s = asked_s

    def _ask(self, question: Question, now_s: float, deadline_s: float | None) -> bool:
        """Ask for one page of samples; return whether it was the newest."""
        to_s = question.since_s + question.page_s
        newest = now_s <= to_s
        span_s = math.ceil((now_s - question.since_s if newest else question.page_s) + OVERLAP_S)
        more = {} if deadline_s is None else {"deadline_s": deadline_s}
        try:
            series = self._client.query(
                f"{question.selector}[{span_s}s]", at_s=None if newest else to_s, **more
            )
        except QueryError as error:
            if error.status == TOO_MUCH and question.page_s > LEAST_PAGE_S:
                question.page_s = max(question.page_s / 2, LEAST_PAGE_S)
            raise
        self._take(series)
        question.since_s = now_s if newest else to_s
        return newest

    def _take(self, series: Iterable[Series]) -> None:
        streams: dict[Key, dict[Stream, list[tuple[float, float]]]] = {}
        for one in series:
            metric = METRICS.get(one.labels.get("__name__", ""))
            node = None if metric is None else self._nodes.of(one.labels)
            if metric is None or node is None:
                continue
            of_key = streams.setdefault(key_of(node, metric, one.labels), {})
            of_key.setdefault(stream_of(metric, one.labels), []).extend(one.samples)
        for key, samples in streams.items():
            with self.state.lock, suppress(KeyError):
                self.state.counters[key].take(samples)

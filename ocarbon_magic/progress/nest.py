"""Loops within loops: which passes are open now, and what each place has counted so far.

The thread of the run enters and leaves; the sampling thread reads. No lock is taken: what is
read is replaced as a whole, never changed in place.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from ocarbon_magic.progress.passes import LoopPass

if TYPE_CHECKING:
    from ocarbon_magic.progress.base import Pass, Site

STEADY = 0.1
"""Largest relative difference between two rounds that are taken to have one length."""


class Round:
    """How many steps a node makes in each iteration of one of the nodes around it.

    An epoch's steps, as the loop over epochs sees them: `expected` speaks once an iteration
    has been seen whole.
    """

    __slots__ = ("_index", "_last", "_start", "varies")

    def __init__(self, index: float, start: float) -> None:
        self._index, self._start = index, start
        self._last: float | None = None
        self.varies = False

    def begin(self, index: float, count: float) -> None:
        """Note that iteration number ``index`` goes on at ``count`` steps in all."""
        if index == self._index:
            return
        made = count - self._start
        same = self._last is None or abs(made - self._last) <= STEADY * max(made, self._last)
        self.varies = not same or index != self._index + 1
        self._last, self._index, self._start = made, index, count

    def expected(self, index: float, count: float) -> float | None:
        """Return the steps of the last whole iteration, None before one was seen.

        Seen from iteration number ``index``, with ``count`` steps made in all.
        """
        return self._last if index == self._index else count - self._start

    def made(self, count: float) -> float:
        """Return the steps of the present iteration, at ``count`` steps in all."""
        return count - self._start

    def is_at(self, index: float) -> bool:
        """Return whether the last pass began in iteration number ``index``."""
        return index == self._index


class Span:
    """A pass with the time it took."""

    __slots__ = ("closed_s", "one", "opened_s")

    def __init__(self, one: Pass, opened_s: float) -> None:
        self.one = one
        self.opened_s = opened_s
        self.closed_s: float | None = None

    def close(self, now_s: float) -> None:
        """Note that the pass has ended; a second time changes nothing."""
        if self.closed_s is None:
            self.closed_s = now_s

    def is_open(self) -> bool:
        """Return whether the pass goes on."""
        return self.closed_s is None and self.one.is_open()

    def seconds(self, now_s: float) -> float:
        """Return how long the pass took, or has taken by now."""
        return (now_s if self.closed_s is None else self.closed_s) - self.opened_s


class Node:
    """A site at its place in the nest: all passes through it within the same outer node.

    Attributes
    ----------
    site : Site
    around : tuple of Node
        The nodes in whose passes it was entered, the innermost first.
    rounds : tuple of Round
        What it makes in each iteration of those.
    span : Span
        The pass that is open, or the last one.
    entries : int
        Passes begun so far.
    counted : bool
        False once it is no longer counted, because counting would cost too much.
    """

    def __init__(self, site: Site, outer: Node | None, one: Pass, now_s: float) -> None:
        self.site = site
        self.around: tuple[Node, ...] = () if outer is None else (outer, *outer.around)
        self.rounds = tuple(Round(node.done(), 0.0) for node in self.around)
        self.entries = 1
        self.counted = True
        self.span = Span(one, now_s)
        self._before = (0.0, 0.0, self.span)

    def begin(self, one: Pass, now_s: float) -> None:
        """Begin another pass; the one before is over."""
        self.span.close(now_s)
        count = self.done()
        seconds = self.seconds(now_s)
        for node, around in zip(self.around, self.rounds, strict=True):
            around.begin(node.done(), count)
        self.entries += 1
        self.span = Span(one, now_s)
        self._before = (count, seconds, self.span)

    def done(self) -> float:
        """Return the steps of all passes so far."""
        count, _, span = self._before
        return count + span.one.done()

    def seconds(self, now_s: float) -> float:
        """Return the time spent in all passes so far."""
        _, seconds, span = self._before
        return seconds + span.seconds(now_s)


class Nest:
    """The passes of one run, entered and left in the thread that made it."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._open: list[Node] = []
        self._nodes: dict[tuple[Site, Node | None], Node] = {}

    def nodes(self) -> list[Node]:
        """Return all nodes, in the order of their first pass."""
        return list(self._nodes.values())

    def is_own_thread(self) -> bool:
        """Return whether the caller is the thread whose passes are counted."""
        return threading.get_ident() == self._thread

    def enter(self, site: Site, one: Pass, within: Site | None = None) -> Node | None:
        """Begin ``one`` pass through ``site``.

        Parameters
        ----------
        site, one
            The place, and the pass that begins there.
        within : Site, optional
            The loop around it in the source, where that is known.

        Returns
        -------
        Node or None
            None if the pass is not counted: a loop of another thread is within no loop of
            the run, and a loop of a recursion would be within itself.
        """
        if threading.get_ident() != self._thread:
            return None
        now_s = time.perf_counter()
        outer = self._open[-1] if self._open else None
        if outer is None or outer.site is not within:
            self._drop_ended(within, now_s)
            if any(node.site is site for node in self._open):
                return None
            outer = self._open[-1] if self._open else None
        node = self._nodes.get((site, outer))
        if node is None:
            node = self._nodes[site, outer] = Node(site, outer, one, now_s)
        else:
            node.begin(one, now_s)
        self._open.append(node)
        return node

    def counts(self, made_s: float) -> bool:
        """Return whether something made at ``made_s`` (`time.time`) was made within a pass."""
        at_s = made_s - time.time() + time.perf_counter()
        spans = [node.span for node in self._nodes.values() if not node.around]
        return any(
            span.opened_s <= at_s and (span.closed_s is None or at_s <= span.closed_s)
            for span in spans
        )

    def leave(self, site: Site, *, complete: bool) -> None:
        """End the open pass through ``site``, and those within it.

        ``complete`` says whether the last iteration begun was also done.
        """
        if threading.get_ident() != self._thread:
            return
        for depth in range(len(self._open) - 1, -1, -1):
            node = self._open[depth]
            if node.site is site:
                if isinstance(node.span.one, LoopPass):
                    node.span.one.end(complete=complete)
                self._close(depth, time.perf_counter())
                return

    def close(self) -> None:
        """End all passes: the run is over."""
        self._close(0, time.perf_counter())

    def _drop_ended(self, within: Site | None, now_s: float) -> None:
        for depth, node in enumerate(self._open):
            if node.site is within:
                self._close(depth + 1, now_s)
                return
            if not node.span.is_open():
                self._close(depth, now_s)
                return

    def _close(self, depth: int, now_s: float) -> None:
        for node in self._open[depth:]:
            if isinstance(node.span.one, LoopPass):
                node.span.one.end(complete=False)
            node.span.close(now_s)
        del self._open[depth:]

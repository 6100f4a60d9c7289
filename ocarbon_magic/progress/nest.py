"""Loops within loops: which passes are open now, and what each place has counted so far.

The thread of the run enters and leaves; the sampling thread reads. No lock is taken: what is
read is replaced as a whole, and read again where it has changed meanwhile.
"""

from __future__ import annotations

import math
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple

from ocarbon_magic.progress.base import Precedence, unnoticed
from ocarbon_magic.progress.passes import LoopPass

if TYPE_CHECKING:
    from ocarbon_magic.progress.base import Notice, Pass, Site

STEADY = 0.1
"""Largest relative difference between two rounds that are taken to have one length."""


class Round(NamedTuple):
    """How many steps a node makes in each iteration of one of the nodes around it.

    An epoch's steps, as the loop over epochs sees them.

    Attributes
    ----------
    number, start : float
        The number of the present iteration, and the steps that were made before it.
    last : float or None
        The steps of the last whole iteration, None before one was seen.
    least, most : float
        Of all whole iterations.
    skipped : bool
        Whether an iteration was seen without any.
    """

    number: float
    start: float
    last: float | None = None
    least: float = math.inf
    most: float = 0.0
    skipped: bool = False

    def begun(self, number: float, count: float) -> Round:
        """Return the round when iteration ``number`` goes on at ``count`` steps in all."""
        if number == self.number:
            return self
        made = count - self.start
        return Round(
            number=number,
            start=count,
            last=made,
            least=min(self.least, made),
            most=max(self.most, made),
            skipped=self.skipped or number != self.number + 1,
        )

    @property
    def varies(self) -> bool:
        """Whether iterations were seen to differ."""
        return self.skipped or (self.last is not None and self.most > self.least * (1 + STEADY))


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


class State(NamedTuple):
    """All that changes of a node, replaced as a whole when a pass begins.

    Attributes
    ----------
    entries : int
        Passes begun so far.
    before, before_s : float
        Steps of the passes before, and the time they took.
    span : Span
        The pass that is open, or the last one.
    rounds : tuple of Round
        What the node makes in each iteration of those around it.
    """

    entries: int
    before: float
    before_s: float
    span: Span
    rounds: tuple[Round, ...]

    def done(self) -> float:
        """Return the steps of all passes so far."""
        return self.before + self.span.one.done()


class Node:
    """A site at its place in the nest: all passes through it within the same outer node.

    Attributes
    ----------
    site : Site
    around : tuple of Node
        The nodes in whose passes it was entered, the innermost first.
    state : State
    counted : bool
        False once it is no longer counted, because counting would cost too much.
    """

    def __init__(self, site: Site, outer: Node | None, one: Pass, now_s: float) -> None:
        self.site = site
        self.around: tuple[Node, ...] = () if outer is None else (outer, *outer.around)
        self.counted = True
        rounds = tuple(Round(node.done(), 0.0) for node in self.around)
        self.state = State(1, 0.0, 0.0, Span(one, now_s), rounds)

    @property
    def span(self) -> Span:
        """The pass that is open, or the last one."""
        return self.state.span

    @property
    def entries(self) -> int:
        """Passes begun so far."""
        return self.state.entries

    def begin(self, one: Pass, now_s: float) -> None:
        """Begin another pass; the one before is over."""
        former = self.state
        former.span.close(now_s)
        count = former.done()
        rounds = tuple(
            [r.begun(node.state.done(), count) for node, r in zip(self.around, former.rounds)]  # noqa: B905 - of one length
        )
        before_s = former.before_s + former.span.seconds(now_s)
        self.state = State(former.entries + 1, count, before_s, Span(one, now_s), rounds)

    def done(self) -> float:
        """Return the steps of all passes so far."""
        return self.state.done()

    def seconds(self, now_s: float) -> float:
        """Return the time spent in all passes so far."""
        state = self.state
        return state.before_s + state.span.seconds(now_s)


class Nest:
    """The passes of one run, entered and left in the thread that made it.

    Parameters
    ----------
    notice : Notice, optional
        Told of a pass that is no loop of the cell, where such a pass begins at a place for the
        first time.
    """

    def __init__(self, notice: Notice = unnoticed) -> None:
        self._notice = notice
        self._thread = threading.get_ident()
        self._open: list[Node] = []
        self._nodes: dict[tuple[Site, Node | None], Node] = {}
        self._given_up: set[Site] = set()
        self._bars: weakref.WeakSet[Any] = weakref.WeakSet()

    def nodes(self) -> list[Node]:
        """Return all nodes, in the order of their first pass."""
        return list(self._nodes.values())

    def restart(self) -> None:
        """Count from nothing, in a process that was forked from the one that counted."""
        self._thread = threading.get_ident()
        self._open.clear()
        self._nodes.clear()

    def innermost(self) -> Node | None:
        """Return the node whose pass is open within all others, for the thread that reads."""
        return next((node for node in reversed(self._open[:]) if node.span.is_open()), None)

    def look(self, now_s: float) -> None:
        """Note the time of what has ended by itself; for the thread that reads."""
        for node in self.nodes():
            span = node.span
            if not span.is_open():
                span.close(now_s)

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
            node = Node(site, outer, one, now_s)
            node.counted = site not in self._given_up
            self._nodes[site, outer] = node
            if site.precedence is not Precedence.LOOP:
                self._notice(site.source)
        else:
            node.begin(one, now_s)
        self._open.append(node)
        return node

    def adopt(self, bar: object) -> None:
        """Take a bar for a part of what is counted: a loop draws from it."""
        self._bars.add(bar)

    def counts(self, bar: Any, made_s: float) -> bool:  # noqa: ANN401 - a bar
        """Return whether a bar, made at ``made_s`` (`time.time`), is a part of what is counted."""
        if bar in self._bars:
            return True
        at_s = made_s - time.time() + time.perf_counter()
        spans = [node.span for node in self.nodes() if not node.around]
        return any(
            span.opened_s <= at_s and (span.closed_s is None or at_s <= span.closed_s)
            for span in spans
        )

    def give_up(self, site: Site) -> None:
        """Forget what was counted at ``site``, and within it: it is not all any more."""
        self.leave(site, complete=False)
        self._given_up.add(site)
        for node in self.nodes():
            if node.site is site or any(outer.site is site for outer in node.around):
                self._given_up.add(node.site)
                node.counted = False

    def leave(self, site: Site, *, complete: bool | None) -> None:
        """End the open pass through ``site``, and those within it.

        ``complete`` says whether the last iteration begun was also done, None if the loop ran out.
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
                # What the loop's own header began, oc.track inside an enumerate, stays.
                inner = self._open[depth + 1 : depth + 2]
                if not (
                    inner and inner[0].site.precedence > Precedence.LOOP and inner[0].span.is_open()
                ):
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

"""One pass through a loop: how far it is, asked from outside while it runs.

The loop is handed an iterator that costs it nothing, or next to nothing:

- a list, a range and their like are handed out as their own plain iterator, and its length
  hint says what is left;
- anything else goes through `itertools.compress` beside an `itertools.count`, both in C, and
  the counter's representation says where it stands.

Nothing that the user's code could miss is held: the iterator of a plain container until the
loop leaves it, and of all else the counter alone, so that generators close, loaders stop
their workers and memory is freed when they would be.
"""

from __future__ import annotations

import itertools
import sys
from collections import deque
from operator import length_hint
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from ocarbon_magic.progress.lengths import drawn_from, length_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ocarbon_magic.progress.loops.condition import Countdown

_FIXED: frozenset[type] = frozenset(
    {
        tuple, range, str, bytes, bytearray, dict, set, frozenset, deque,
        type({}.keys()), type({}.values()), type({}.items()),
    }
)  # fmt: skip
"""Containers that keep their size while they are iterated, or end the loop with an error."""

_CONTAINERS: tuple[Iterable[Any], ...] = (
    [], (), range(0), range(1 << 70), "", "é", b"", bytearray(), {}, {}.values(), {}.items(),
    set(), deque(),
)  # fmt: skip
_PLAIN_ITERATORS: frozenset[type] = frozenset(
    {type(reversed([])), *(type(iter(container)) for container in _CONTAINERS)}
)
"""Iterators that know what is left of them and hold nothing but their container."""

_ENDLESS = sys.maxsize


class LoopPass:
    """One pass through a loop, counted by an iterator that the loop holds too.

    While the loop runs, its present iteration is not done; when the loop is left by its
    end or by ``break``, it is.

    Parameters
    ----------
    iterator : iterator
        What the loop holds as long as it runs, and only then.

    Attributes
    ----------
    planned : float or None
        The total, where the user has said it.
    """

    __slots__ = ("_final", "_iterator", "planned")

    def __init__(self, iterator: Iterator[Any] | None) -> None:
        self._iterator = iterator
        self._final: float | None = None
        self.planned: float | None = None

    def started(self, iterator: Any) -> int:  # noqa: ANN401 - the kind that the class is for
        """Return the iterations begun so far."""
        raise NotImplementedError

    def done(self) -> float:
        """Return the iterations completed so far."""
        iterator, final = self._iterator, self._final
        if final is not None or iterator is None:
            return final or 0.0
        return max(self.started(iterator) - 1, 0)

    def length(self) -> float | None:
        """Return how many iterations the iterable is good for, None if it does not say."""
        raise NotImplementedError

    def total(self) -> float | None:
        """Return the iterations the loop will have, None if not known."""
        return self.length() if self.planned is None else self.planned

    def is_open(self) -> bool:
        """Return whether the loop still runs."""
        if self._final is not None:
            return False
        return self._references() > _OURS

    def end(self, *, complete: bool) -> None:
        """End the pass; ``complete`` says whether the last iteration begun was also done."""
        if self._final is None and self._iterator is not None:
            begun = self.started(self._iterator)
            self._final = begun if complete else max(begun - 1, 0)
        self._iterator = None

    def _references(self) -> int:
        return sys.getrefcount(self._iterator)


class _Probe(LoopPass):
    __slots__ = ()


_OURS = _Probe(itertools.count())._references()  # noqa: SLF001 - measured on our own class
"""References to an iterator that nobody but the pass holds, as this Python counts them."""


class SizedPass(LoopPass):
    """A pass through a container of fixed size, by its iterator's length hint."""

    __slots__ = ("_size",)

    def __init__(self, iterator: Iterator[Any], size: int) -> None:
        super().__init__(iterator)
        self._size = size

    def started(self, iterator: Any) -> int:  # noqa: ANN401 - any iterator with a hint
        """Return the iterations begun so far."""
        return self._size - length_hint(iterator, self._size)

    def length(self) -> float | None:
        """Return the container's size."""
        return self._size


class ListPass(LoopPass):
    """A pass through a list, which may grow or shrink meanwhile."""

    __slots__ = ("_length", "_list")

    def __init__(self, iterator: Iterator[Any], items: list[Any]) -> None:
        super().__init__(iterator)
        self._list: list[Any] | None = items
        self._length = len(items)

    def started(self, iterator: Any) -> int:  # noqa: ANN401 - a list iterator
        """Return the iterations begun so far."""
        state = iterator.__reduce__()  # (iter, (list,), index); at the end without the index
        return state[2] if len(state) == 3 else self._now()  # noqa: PLR2004 - as said

    def length(self) -> float | None:
        """Return the list's length, as it is now or was at the end."""
        return self._now()

    def end(self, *, complete: bool) -> None:
        """End the pass and let go of the list."""
        self._length = self._now()
        super().end(complete=complete)
        self._list = None

    def _now(self) -> int:
        items = self._list
        return self._length if items is None else len(items)


class CountedPass(LoopPass):
    """A pass through anything, by a counter that advances with it."""

    __slots__ = ("_length",)

    def __init__(self, counter: itertools.count[int], length: int | None) -> None:
        super().__init__(counter)
        self._length = length

    def started(self, iterator: Any) -> int:  # noqa: ANN401 - an itertools.count
        """Return the iterations begun so far."""
        return int(repr(iterator)[len("count(") : -1]) - 1

    def length(self) -> float | None:
        """Return the length found at the start; None once the loop has gone past it."""
        length = self._length
        return None if length is None or self.done() > length else length


class EndlessPass(SizedPass):
    """A pass of a ``while`` loop, run as a ``for`` over an iterator without an end to reach."""

    __slots__ = ("_countdown",)

    def __init__(self, iterator: Iterator[Any], countdown: Countdown | None) -> None:
        super().__init__(iterator, _ENDLESS)
        self._countdown = countdown

    def length(self) -> float | None:
        """Return the steps until the condition fails, where its variable counts them."""
        countdown = self._countdown
        if countdown is None:
            return None
        earlier, done, later = countdown.now(), self.done(), countdown.now()
        return countdown.total(earlier, done, later)

    def end(self, *, complete: bool) -> None:
        """End the pass; what the variable does afterwards says nothing of it."""
        super().end(complete=complete)
        self.planned = self.total()
        self._countdown = None


def passed(iterable: Iterable[Any]) -> tuple[Iterable[Any], LoopPass]:
    """Return what a ``for`` loop shall iterate over in place of ``iterable``, and its pass.

    The loop sees the same items, the same errors and the same end. What is handed out holds
    all that the loop's own iterator would hold, and is held by nobody else.

    Raises
    ------
    Exception
        Whatever `iter` raises on a plain container, which is nothing.
    """
    kind = type(iterable)
    if kind is list:
        iterator = iter(iterable)
        return iterator, ListPass(iterator, iterable)  # type: ignore[arg-type]
    if kind in _FIXED:
        try:
            size = len(iterable)  # type: ignore[arg-type]
        except OverflowError:  # range(2**80)
            size = sys.maxsize
        if size < sys.maxsize:
            iterator = iter(iterable)
            return iterator, SizedPass(iterator, size)
    plain = _plainest(iterable)
    if plain is not None:
        return iterable, SizedPass(plain, length_hint(plain))
    counter = itertools.count(1)
    # An object's own __iter__ may be Python and fail: it is called where the loop would call
    # it, by the first step, so that the traceback is the loop's own.
    lazily = not isinstance(iterable, _SELF_ITERATING)
    source = itertools.chain.from_iterable((iterable,)) if lazily else iterable
    return itertools.compress(source, counter), CountedPass(counter, length_of(iterable))


def endless(countdown: Countdown | None = None) -> tuple[Iterable[tuple[()]], LoopPass]:
    """Return what stands for the condition of a ``while`` loop, and its pass."""
    iterator = itertools.repeat((), _ENDLESS)
    return iterator, EndlessPass(iterator, countdown)


_SELF_ITERATING = (GeneratorType, enumerate, zip, map, filter, itertools.islice)


def _plainest(iterator: object) -> Any:  # noqa: ANN401 - an iterator of a plain container
    """Return the plain iterator that tells how far ``iterator`` is, None if there is none.

    An ``enumerate``, ``zip`` or ``map`` over plain containers stands where the shortest of
    them stands; with anything else among them it could stop without that one's knowing.
    """
    if type(iterator) in _PLAIN_ITERATORS:
        return iterator
    parts = drawn_from(iterator)
    if not parts:
        return None
    plain = [_plainest(part) for part in parts]
    return None if None in plain else min(plain, key=length_hint)

"""One pass through a loop: how far it is, asked from outside while it runs.

The loop is handed an iterator that costs it nothing, or next to nothing:

- a range, and a list or the like that has a name, is handed out as its own plain iterator,
  and its length hint says what is left;
- anything else goes through `itertools.compress` beside an `itertools.count`, both in C, and
  the counter's representation says where it stands.

Nothing is held that nobody else holds, but the counter alone, so that generators close,
loaders stop their workers and memory is freed when they would be.
"""

from __future__ import annotations

import itertools
import sys
from collections import deque
from operator import length_hint
from types import GeneratorType
from typing import TYPE_CHECKING, Any, NamedTuple

from ocarbon_magic.progress.lengths import drawn_from, length_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ocarbon_magic.progress.loops.condition import Countdown

_LIGHT: frozenset[type] = frozenset({range, str, bytes})
"""Containers that hold nothing else, and cannot change."""

_FIXED: frozenset[type] = frozenset(
    {
        tuple, dict, set, frozenset, deque,
        type({}.keys()), type({}.values()), type({}.items()),
    }
)  # fmt: skip
"""Containers that keep their size while they are iterated, or end the loop with an error."""

_LIGHT_ITERATORS: frozenset[type] = frozenset(
    type(iter(container)) for container in (range(0), range(1 << 70), "", "é", b"")
)
_LIST_ITERATOR: type = type(iter([]))

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

    ends_itself = True
    """Whether the iterator runs out by itself, without having begun one more iteration."""

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

    def end(self, *, complete: bool | None) -> None:
        """End the pass.

        ``complete`` says whether the last iteration begun was also done; None if the loop was
        not left, but ran out: a length that was known is then what it has made.
        """
        if self._final is None and self._iterator is not None:
            begun = self.started(self._iterator)
            done = self.ends_itself if complete is None else complete
            self._final = max(begun - (not done), 0)
            if complete is None and self.planned is None and self.length() is not None:
                self.planned = self._final
        self._iterator = None

    def _references(self) -> int:
        return sys.getrefcount(self._iterator)


_OURS = LoopPass(itertools.count())._references()  # noqa: SLF001 - measured on our own class
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

    __slots__ = ("_begun", "_length", "_list")

    def __init__(self, iterator: Iterator[Any], items: list[Any]) -> None:
        super().__init__(iterator)
        self._list: list[Any] | None = items
        self._length = len(items)
        self._begun = 0

    def started(self, iterator: Any) -> int:  # noqa: ANN401 - a list iterator
        """Return the iterations begun so far."""
        state = iterator.__reduce__()  # (iter, (list,), index); at the end without the index
        begun = state[2] if len(state) == 3 else self._now()  # noqa: PLR2004 - as said
        self._begun = max(self._begun, begun)
        return self._begun

    def length(self) -> float | None:
        """Return the list's length, as it is now or was at the end."""
        return self._now()

    def end(self, *, complete: bool | None) -> None:
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

    ends_itself = False

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

    def end(self, *, complete: bool | None) -> None:
        """End the pass; what the variable does afterwards says nothing of it."""
        super().end(complete=complete)
        self.planned = self.total()
        self._countdown = None


def passed(iterable: Iterable[Any]) -> tuple[Iterable[Any], LoopPass]:
    """Return what a ``for`` loop shall iterate over in place of ``iterable``, and its pass.

    The loop sees the same items, the same errors and the same end. A container is held only
    while somebody else holds it too, so that what a loop has left by an error is free at once.
    """
    kind = type(iterable)
    if kind in _LIGHT:
        return _sized(iterable) or _counted(iterable)
    held = sys.getrefcount(iterable) > _HELD_BY_US
    if held:
        if kind is list:
            iterator = iter(iterable)
            return iterator, ListPass(iterator, iterable)  # type: ignore[arg-type]
        if kind in _FIXED:
            return _sized(iterable) or _counted(iterable)
        if not hasattr(kind, "__len__"):
            return _counted(iterable, sized=False)  # whoever holds it may move it
    if kind is enumerate or kind is map:
        one = _drawn(iterable)
        if one is not None:
            return iterable, one
    return _counted(iterable)


def endless(countdown: Countdown | None = None) -> tuple[Iterable[tuple[()]], LoopPass]:
    """Return what stands for the condition of a ``while`` loop, and its pass."""
    iterator = itertools.repeat((), _ENDLESS)
    return iterator, EndlessPass(iterator, countdown)


_SELF_ITERATING = (GeneratorType, enumerate, zip, map, filter, itertools.islice)


def _sized(iterable: Any) -> tuple[Iterable[Any], LoopPass] | None:  # noqa: ANN401 - a container
    try:
        size = len(iterable)
    except OverflowError:  # range(2**80)
        return None
    iterator = iter(iterable)
    return iterator, SizedPass(iterator, size)


def _counted(iterable: Iterable[Any], *, sized: bool = True) -> tuple[Iterable[Any], LoopPass]:
    counter = itertools.count(1)
    # An object's own __iter__ may be Python and fail: it is called where the loop would call
    # it, by the first step, so that the traceback is the loop's own.
    lazily = not issubclass(type(iterable), _SELF_ITERATING)
    source = itertools.chain.from_iterable((iterable,)) if lazily else iterable
    length = length_of(iterable) if sized and not _is_shared(iterable) else None
    return itertools.compress(source, counter), CountedPass(counter, length)


def _is_shared(iterator: object) -> bool:
    """Return whether what an ``enumerate`` or ``zip`` draws from is drawn from elsewhere, too."""
    source = _source_of(iterator)
    if source is not None:
        return source.holders > _SOURCE.holders
    parts = drawn_from(iterator) or ()
    return len({id(part) for part in parts}) < len(parts)


def _drawn(iterator: object) -> LoopPass | None:
    """Return the pass of an ``enumerate`` or ``map`` by the one iterator that it draws from.

    None where that could be moved by somebody else, or holds what nobody else does.
    """
    source = _source_of(iterator)
    if source is None or source.holders > _SOURCE.holders:
        return None
    if type(source.part) in _LIGHT_ITERATORS:
        return SizedPass(source.part, length_hint(source.part))
    if source.items is None or source.begun or source.owners <= _SOURCE.owners:
        return None
    return ListPass(source.part, source.items)


class _Source(NamedTuple):
    """What an iterator draws from, and how often that is held; of a list, the list, too."""

    part: Any
    holders: int
    items: list[Any] | None = None
    begun: int = 0
    owners: int = 0


def _source_of(iterator: object) -> _Source | None:
    parts = drawn_from(iterator)
    if parts is None or len(parts) != 1:
        return None
    (part,) = parts
    holders = sys.getrefcount(part)
    if type(part) is not _LIST_ITERATOR:
        return _Source(part, holders)
    state: Any = part.__reduce__()  # (iter, (list,), index)
    if len(state) < 3:  # noqa: PLR2004 - at the end, without the index
        return _Source(part, holders)
    items = state[1][0]
    return _Source(part, holders, items, state[2], sys.getrefcount(items))


def _references_when_passed(iterable: object) -> int:
    return sys.getrefcount(iterable)


def _references_when_entered(iterable: object) -> int:
    return _references_when_passed(iterable)


# How often a thing is held, as this Python counts, if nobody but us and the loop holds it: a
# container made for the loop, handed to a hook and on to `passed`; what an enumerate draws from.
_HELD_BY_US = _references_when_entered([])
_SOURCE = _source_of(enumerate([None])) or _Source(None, 0)

"""Passes that last as long as a call, and whether a call goes on, seen from outside.

Few frameworks tell that a training ended when it ended by an exception. The stack of the
thread that made it does: the call is on it, or is not.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING

from ocarbon_magic.progress.frameworks.noticed import Noticed, Watch
from ocarbon_magic.progress.frameworks.stack import outwards

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

    from ocarbon_magic.progress.base import Entrance, Site

_LOOK_UP = vars(Noticed)["__get__"].__code__


def caller() -> FrameType | None:
    """Return the frame that looked up a method, when called by what `Noticed` tells it."""
    there = sys._getframe(2)  # noqa: SLF001 - no public way to the caller
    return next((frame for frame in outwards(there) if frame.f_code is not _LOOK_UP), None)


def around(frame: FrameType | None, code: CodeType | None) -> FrameType | None:
    """Return the nearest frame that runs ``code``, from ``frame`` outwards."""
    return next((one for one in outwards(frame) if one.f_code is code), None)


class Call:
    """A call that is going on in the present thread, by its place on the stack.

    The frame itself is not held: it holds what the user's code has in its variables.

    Parameters
    ----------
    frame : frame
        The call's frame.
    """

    def __init__(self, frame: FrameType) -> None:
        self._thread = threading.get_ident()
        codes = _codes(frame)
        self._code = frame.f_code
        self._depth = len(codes)
        self._outermost = codes[-1]

    def goes_on(self) -> bool:
        """Return whether the call is still on the stack of its thread."""
        codes = _codes(sys._current_frames().get(self._thread))  # noqa: SLF001 - the public name is this
        if not codes:
            return False
        if codes[-1] is not self._outermost:
            return True  # a generator that pauses while we look hides what is around it
        return self.stands(codes[-self._depth :: -1])

    def stands(self, codes: list[CodeType]) -> bool:
        """Return whether the call is still what runs at its place.

        ``codes`` are what runs there and further in, outermost first.
        """
        return bool(codes) and codes[0] is self._code

    def is_at(self, other: Call) -> bool:
        """Return whether the two look the same on the stack, so that one must be over."""
        return (self._thread, self._depth, self._code) == (
            other._thread,
            other._depth,
            other._code,
        )


def _codes(frame: FrameType | None) -> list[CodeType]:
    return [one.f_code for one in outwards(frame)]


class CallPass:
    """A pass that is open while a call goes on; a subclass says where its steps are read.

    Parameters
    ----------
    call : Call
    """

    def __init__(self, call: Call) -> None:
        self.call = call
        self._done = 0.0
        self._total: float | None = None
        self._closed = False
        self._reading = threading.Lock()

    def is_of(self, thing: object) -> bool:  # noqa: ARG002 - a subclass that is asked looks at it
        """Return whether this is a pass of ``thing``, as its framework has it."""
        return False

    def read(self) -> float | None:
        """Return the steps so far, None if not known yet; what it raises is dropped."""
        raise NotImplementedError

    def plan(self) -> float | None:
        """Return the steps planned, None if not known; what it raises is dropped."""
        raise NotImplementedError

    def done(self) -> float:
        """Return the steps of this pass so far."""
        with self._reading:
            self._look()
        return self._done

    def total(self) -> float | None:
        """Return the steps this pass is planned to have."""
        if not self._closed:
            with contextlib.suppress(Exception):  # the object may be gone, or change just now
                self._total = self.plan()
        return self._total

    def is_open(self) -> bool:
        """Return whether the call goes on."""
        if not self._closed and not self.call.goes_on():
            self.end()
        return not self._closed

    def end(self) -> None:
        """End the pass with the steps it has now."""
        self.total()
        with self._reading:
            self._look()
            self._closed = True

    def _look(self) -> None:
        if self._closed:
            return
        with contextlib.suppress(Exception):  # the object may be gone, or change just now
            self._done = max(self._done, float(self.read() or 0))


class Begun:
    """The passes that a hook has begun."""

    def __init__(self) -> None:
        self._open: list[CallPass] = []

    def begin(self, site: Site, one: CallPass, entrance: Entrance) -> None:
        """Announce a pass."""
        self.replace(one.call)
        self._open = [former for former in self._open if former.is_open()]
        self._open.append(one)
        entrance.enter(site, one)

    def replace(self, call: Call) -> None:
        """End the pass whose call stood where ``call`` stands now."""
        for former in self._open:
            if former.call.is_at(call):
                former.end()

    def of(self, thing: object) -> Iterator[CallPass]:
        """Yield the passes of ``thing``."""
        return (one for one in tuple(self._open) if one.is_of(thing))


class CallHook:
    """A `Hook` that notices methods, and begins a pass where one of them is called."""

    def __init__(self) -> None:
        self._watch = Watch()
        self._begun = Begun()

    def remove(self) -> None:
        """Put the methods back."""
        self._watch.end()

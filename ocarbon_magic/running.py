"""Whether the user's code is what a thread runs, and not what is around it."""

from __future__ import annotations

import sys
from contextlib import _GeneratorContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from types import FrameType

_AROUND = {
    _GeneratorContextManager.__enter__.__code__,
    _GeneratorContextManager.__exit__.__code__,
}
_OURS = {"ocarbon_magic.block", "ocarbon_magic.measurement", "ocarbon_magic.stopping"}


class Code(Protocol):
    """Code that is measured."""

    def is_running(self, frame: FrameType | None) -> bool:
        """Return whether the code has led to ``frame``, the innermost of its thread."""


class CellCode:
    """The code of a cell: what runs in the user's namespace, above what ran there before.

    Parameters
    ----------
    namespace : dict
        The globals of the user's code. Made where the cell begins, since a cell may be run
        by another one.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._below = self._innermost(sys._getframe())  # noqa: SLF001 - the stack is what it is about

    def is_running(self, frame: FrameType | None) -> bool:
        """Return whether a frame of the cell is on the stack that ends in ``frame``."""
        found = self._innermost(frame)
        return found is not None and found is not self._below

    def _innermost(self, frame: FrameType | None) -> FrameType | None:
        while frame is not None and frame.f_globals is not self._namespace:
            frame = frame.f_back
        return frame


class BlockCode:
    """The code of a ``with`` block: all that runs between its two ends, but not these."""

    def is_running(self, frame: FrameType | None) -> bool:
        """Return whether ``frame`` is of neither end."""
        return (
            frame is not None
            and frame.f_code not in _AROUND
            and frame.f_globals.get("__name__") not in _OURS
        )

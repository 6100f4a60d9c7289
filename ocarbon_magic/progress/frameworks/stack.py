"""The frames of a thread, from one of them outwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


def outwards(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield ``frame``, its caller, and so on."""
    while frame is not None:
        yield frame
        frame = frame.f_back

"""Text of others on one line, and not too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def one_line(text: str) -> str:
    """Return ``text`` on one line: a space for what cannot be printed, or held by UTF-8."""
    return "".join(c if c.isprintable() else " " for c in text)


def few(names: Sequence[str], most: int) -> str:
    """Return ``names`` with commas between them, or ``most`` of them and how many more."""
    more = len(names) - most
    shown = ", ".join(names[:most])
    return f"{shown} and {more} more" if more > 0 else shown


def shortened(text: str, most: int) -> str:
    """Return ``text`` in at most ``most`` characters, an ellipsis at the end of what was cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"

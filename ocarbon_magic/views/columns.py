"""How wide text is on a terminal and on a page of fixed-width type, and how it is fitted in."""

from __future__ import annotations

import re
import textwrap
import unicodedata

COLUMNS = 80
"""What terminals have, and pages of a notebook turned into PDF."""


def columns(line: str) -> int:
    """Return how many columns a line takes: wide characters take two, marks none."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in line)
    return len(line) + wide - sum(map(bool, map(unicodedata.combining, line)))


def padded(line: str, width: int) -> str:
    """Return ``line`` with spaces up to ``width`` columns."""
    return line + " " * (width - columns(line))


def clipped(line: str, width: int) -> str:
    """Return ``line`` cut to ``width`` columns, with an ellipsis where it was cut."""
    if columns(line) <= width:
        return line
    while columns(line) >= width:
        line = line[:-1]
    return line.rstrip() + "…"


def folded(text: str, width: int, indent: str = "", hanging: str | None = None) -> list[str]:
    """Return ``text`` in lines of ``width`` characters; its own indent stays on each of them.

    Parameters
    ----------
    text : str
    width : int
    indent : str
        Before the first line.
    hanging : str, optional
        Before the others; ``indent`` without it.
    """
    own = text[: len(text) - len(text.lstrip())]
    wrapper = _Wrapper(
        max(width, 1),
        initial_indent=indent + own,
        subsequent_indent=(indent if hanging is None else hanging) + own,
    )
    return wrapper.wrap(text.strip()) or [""]


class _Wrapper(textwrap.TextWrapper):
    """Breaks lines within names, too, at an underscore, a slash or a colon."""

    def _split(self, text: str) -> list[str]:
        return [part for word in super()._split(text) for part in re.split(r"(?<=[_/:])", word)]

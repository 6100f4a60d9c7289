"""Rows of a CSV file that someone else opened and will close."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from ocarbon_magic.lines import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_FORMULA = ("=", "+", "-", "@")
"""How a cell begins that a spreadsheet computes, and a stranger's text could make it compute."""


@contextmanager
def lines(file: BinaryIO) -> Iterator[Callable[[Iterable[object]], object]]:
    """Yield what writes a row to ``file``, in UTF-8; afterwards all is handed to it."""
    import csv  # noqa: PLC0415 - only for who exports

    text = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")
    try:
        writer = csv.writer(text, lineterminator="\n")
        yield lambda row: writer.writerow(map(inert, row))
        text.flush()
    finally:
        text.detach()


def inert(value: object) -> object:
    """Return a cell's value: text on one line, an apostrophe before what would be computed."""
    if not isinstance(value, str):
        return value
    line = one_line(value)
    if not line.lstrip().startswith(_FORMULA):
        return line
    try:
        float(line)
    except ValueError:
        return f"'{line}"
    return line

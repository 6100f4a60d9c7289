"""Rows of a CSV file that someone else opened and will close."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import _csv
    from collections.abc import Iterator


@contextmanager
def lines(file: BinaryIO) -> Iterator[_csv.Writer]:
    """Yield a writer of rows to ``file``, in UTF-8; afterwards all is handed to it."""
    import csv  # noqa: PLC0415 - only for who exports

    text = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")
    try:
        yield csv.writer(text, lineterminator="\n")
        text.flush()
    finally:
        text.detach()

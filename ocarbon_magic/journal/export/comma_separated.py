"""Our own CSV: the columns of `columns`, a row a run, an empty field for what is not known."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from ocarbon_magic.journal.export.columns import COLUMNS
from ocarbon_magic.journal.export.rows import lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.run import Run

_HEAD = ",".join(column.name for column in COLUMNS[:6]).encode()


def ours(file: BinaryIO) -> bool:
    """Return whether a file was written here, by its header."""
    return file.readline(len(_HEAD)) == _HEAD


def write(runs: Iterable[Run], file: BinaryIO) -> None:
    """Write the runs as CSV in UTF-8, with a header."""
    with lines(file) as write_row:
        write_row(column.name for column in COLUMNS)
        for run in runs:
            write_row(_shown(column.value(run)) for column in COLUMNS)


def _shown(value: object) -> object:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value

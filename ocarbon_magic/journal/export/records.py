"""The records themselves: a JSON array of them, or one on each line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO

from ocarbon_magic.run import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.run import Run

_RECORD = f'{{"schema": "{SCHEMA}"'.encode()
_FIRST = b"[\n" + _RECORD
_EMPTY = b"[\n]\n"


def ours_as_array(file: BinaryIO) -> bool:
    """Return whether a file is an array of records, by how it begins."""
    head = file.read(len(_FIRST))
    return head in (_FIRST, _EMPTY)


def write_array(runs: Iterable[Run], file: BinaryIO) -> None:
    """Write a JSON array of records, one on each line."""
    file.write(b"[")
    between = b"\n"
    for run in runs:
        file.write(between + _line(run))
        between = b",\n"
    file.write(b"\n]\n")


def ours_as_lines(file: BinaryIO) -> bool:
    """Return whether a file has a record on each line, by how it begins."""
    return file.read(len(_RECORD)) == _RECORD


def write_lines(runs: Iterable[Run], file: BinaryIO) -> None:
    """Write a record on each line (JSON lines)."""
    file.writelines(_line(run) + b"\n" for run in runs)


def _line(run: Run) -> bytes:
    """Return a record in ASCII, where no half of a pair and no strange line end is left."""
    return json.dumps(run.to_dict(), allow_nan=False).encode("ascii")

"""The tables that ship, read at first use: rows of text, keyed by their first column.

A blank cell means "not known", and nothing else does: ``NA`` is Namibia.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

Row = dict[str, str]


@cache
def table(name: str) -> dict[str, Row]:
    """Return the rows of ``name``.csv, in their order, by the value of the first column."""
    path = resources.files("ocarbon_magic") / "data" / f"{name}.csv"
    lines = csv.reader(path.read_text(encoding="utf-8").splitlines())
    columns = next(lines)
    return {line[0]: dict(zip(columns, line, strict=True)) for line in lines}


def number(cell: str) -> float | None:
    """Return the number in ``cell``, None where it is blank."""
    return float(cell) if cell else None


def parts(cell: str) -> list[str]:
    """Return the entries of a cell that holds several, joined by ``|``."""
    return cell.split("|") if cell else []

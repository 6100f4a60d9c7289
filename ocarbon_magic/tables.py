"""The tables that ship in ``data/``, read at first use: rows of text.

A blank cell means "not known", and nothing else does: ``NA`` is Namibia.
"""

from __future__ import annotations

import csv
from functools import cache

Row = dict[str, str]


def lines(name: str) -> list[list[str]]:
    """Return the lines of ``name``.csv as lists of cells, the header first."""
    from importlib import resources  # noqa: PLC0415 - costs as much as all else here

    path = resources.files("ocarbon_magic").joinpath("data", f"{name}.csv")
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines(), strict=True))


def rows(name: str) -> list[Row]:
    """Return the rows of ``name``.csv by column."""
    header, *rest = lines(name)
    return [dict(zip(header, line, strict=True)) for line in rest]


@cache
def table(name: str) -> dict[str, Row]:
    """Return the rows of ``name``.csv by the value of their first column."""
    return {next(iter(row.values())): row for row in rows(name)}


def number(cell: str) -> float | None:
    """Return the number in ``cell``, None where it is blank."""
    return float(cell) if cell else None


def parts(cell: str) -> list[str]:
    """Return the entries of a cell that holds several, joined by ``|``."""
    return cell.split("|") if cell else []

"""A small table that reads well in a notebook and on a terminal: what `%carbon` answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from textwrap import shorten
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_CELL = "text-align:left;vertical-align:top;padding:.25em 1.2em .25em 0"
_LINE = "border-top:1px solid rgba(128,128,128,.3)"
_TABLE = "border-collapse:collapse;margin:.4em 0;background:none;font-size:inherit"
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table of text, with notes below it.

    Attributes
    ----------
    title : str
    head : tuple of str
        Column names; empty for a table without.
    rows : sequence of tuple of str
    notes : sequence of str
        One line each.
    """

    title: str
    head: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()
    notes: Sequence[str] = ()

    def __repr__(self) -> str:
        body = [self.head, *self.rows] if self.head else self.rows
        widths = [min(max(map(len, column)), _WIDEST) for column in zip(*body, strict=True)]
        lines = [
            "  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
            for row in body
        ]
        return "\n".join([self.title, *lines, *(f"  {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" style="{_CELL}">{escape(c)}</th>' for c in self.head)
        rows = "".join(
            f'<tr style="{_LINE}">'
            + "".join(f'<td style="{_CELL}">{_indented(cell)}</td>' for cell in row)
            + "</tr>"
            for row in self.rows
        )
        notes = "".join(f'<div style="margin-top:.4em">{escape(n)}</div>' for n in self.notes)
        return (
            f'<div style="max-width:760px"><div style="font-weight:600">{escape(self.title)}</div>'
            f'<div style="overflow-x:auto"><table style="{_TABLE}">'
            f"{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{rows}</tbody></table>"
            f"</div>{notes}</div>"
        )


def _indented(cell: str) -> str:
    """Return a cell as HTML that keeps its indent, and a number with its unit."""
    text = cell.lstrip()
    kept = re.sub(r"(?<=\d) (?=[^\W\d])", "\N{NO-BREAK SPACE}", text)
    return "\N{NO-BREAK SPACE}" * (len(cell) - len(text)) + escape(kept)


def short(text: str, width: int = _WIDEST) -> str:
    """Return ``text`` cut at a word to ``width`` characters."""
    return shorten(text, width, placeholder="…")

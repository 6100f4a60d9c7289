"""A small table that reads well in a notebook and on a terminal: what `%carbon` answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from itertools import zip_longest
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from ocarbon_magic.views.columns import COLUMNS, columns, folded, padded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_CELL = "text-align:left;vertical-align:top;padding:.25em 1.2em .25em 0"
_LINE = "border-top:1px solid rgba(128,128,128,.3)"
_TABLE = "border-collapse:collapse;margin:.4em 0;background:none;font-size:inherit"
_WIDEST = 60
_NARROWEST = 8
_EDGE, _GAP = "  ", "  "

_PLAIN = str.maketrans(
    {"\N{CHECK MARK}": "+", "\N{WARNING SIGN}": "!", "\N{VARIATION SELECTOR-15}": None}
)
"""Signs that the fonts of printed pages lack, and what stands for them in text."""


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
        One line each, if it fits.
    """

    title: str
    head: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()
    notes: Sequence[str] = ()

    def __repr__(self) -> str:
        body = [self.head, *self.rows] if self.head else [*self.rows]
        widths = _fitted([max(map(columns, column)) for column in zip(*body, strict=True)])
        lines = (line for row in body for line in _lines(row, widths))
        notes = (line for n in self.notes for line in folded(n, COLUMNS, _EDGE, _EDGE + _GAP))
        return "\n".join([*folded(self.title, COLUMNS), *lines, *notes]).translate(_PLAIN)

    def bundle(self, include: Collection[str] | None = None) -> dict[str, Any]:
        """Return the table in the MIME types of ``include``, or in both."""
        forms = {"text/plain": self.__repr__, "text/html": self._repr_html_}
        return {mime: form() for mime, form in forms.items() if not include or mime in include}

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


def _fitted(widths: list[int]) -> list[int]:
    """Return widths that fit a line: the widest columns give way, and their cells are folded."""
    room = COLUMNS - len(_EDGE) - len(_GAP) * (len(widths) - 1)
    fitted = [*widths]
    while sum(fitted) > room and max(fitted) > _NARROWEST:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def _lines(row: tuple[str, ...], widths: list[int]) -> Iterator[str]:
    """Yield the lines of a row, its cells beside each other."""
    cells = [folded(cell, width) for cell, width in zip(row, widths, strict=True)]
    for parts in zip_longest(*cells, fillvalue=""):
        padded_parts = (padded(part, width) for part, width in zip(parts, widths, strict=True))
        yield (_EDGE + _GAP.join(padded_parts)).rstrip()


def _indented(cell: str) -> str:
    """Return a cell as HTML that keeps its indent, and a number with its unit."""
    text = cell.lstrip()
    kept = re.sub(r"(?<=\d) (?=[^\W\d])", "\N{NO-BREAK SPACE}", text)
    return "\N{NO-BREAK SPACE}" * (len(cell) - len(text)) + escape(kept)


def short(text: str, width: int = _WIDEST) -> str:
    """Return ``text`` cut at a word to ``width`` characters."""
    return shorten(text, width, placeholder="…")

"""A small table that reads well in a notebook and on a terminal: what `%carbon` answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from itertools import zip_longest
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from ocarbon_magic.views.columns import COLUMNS, columns, folded, padded
from ocarbon_magic.views.markup import NO_FORMULAS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_CELL = "text-align:left;vertical-align:top;padding:.25em 1.2em .25em 0"
_LINE = "border-top:1px solid rgba(128,128,128,.3)"
_TABLE = "border-collapse:collapse;margin:.4em 0;background:none;font-size:inherit"
_WIDEST = 60
_LONGEST = 1000
_JOINT = "\N{NO-BREAK SPACE}"
_NARROWEST = 8
_LONGEST_WORD = 16
"""So long a word stays whole where another column can give way."""

_LONGEST_LINK = 24
"""A longer word may be broken on a page."""

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
        rows = [self.head, *self.rows] if self.head else self.rows
        body = [[*map(_line, row)] for row in rows]
        widths = _fitted(body)
        lines = (line for row in body for line in _lines(row, widths))
        notes = (
            line for n in self.notes for line in folded(_line(n), COLUMNS, _EDGE, _EDGE + _GAP)
        )
        return "\n".join([*folded(_line(self.title), COLUMNS), *lines, *notes]).translate(_PLAIN)

    def bundle(self, include: Collection[str] | None = None) -> dict[str, Any]:
        """Return the table in the MIME types of ``include``, or in both."""
        forms = {"text/plain": self.__repr__, "text/html": self._repr_html_}
        return {mime: form() for mime, form in forms.items() if not include or mime in include}

    def _repr_html_(self) -> str:
        head = "".join(
            f'<th scope="col" style="{_CELL}">{escape(_line(c))}</th>' for c in self.head
        )
        rows = "".join(
            f'<tr style="{_LINE}">'
            + "".join(f'<td style="{_style(cell)}">{_indented(_line(cell))}</td>' for cell in row)
            + "</tr>"
            for row in self.rows
        )
        notes = "".join(
            f'<div style="margin-top:.4em">{escape(_line(n))}</div>' for n in self.notes
        )
        title = escape(_line(self.title))
        return (
            f'<div {NO_FORMULAS} style="max-width:760px"><div style="font-weight:600">{title}</div>'
            f'<div style="overflow-x:auto"><table style="{_TABLE}">'
            f"{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{rows}</tbody></table>"
            f"</div>{notes}</div>"
        )


def _line(text: str) -> str:
    """Return text on one line that no terminal obeys; whoever made the table may forget it."""
    kept = "".join(c if c.isprintable() or c == _JOINT else " " for c in text[: _LONGEST + 1])
    return kept if len(kept) <= _LONGEST else f"{kept[: _LONGEST - 1]}…"


def _fitted(body: Sequence[Sequence[str]]) -> list[int]:
    """Return widths that fit a line: the widest columns give way, and their cells are folded.

    Those go first that can do so without a word of theirs being broken.
    """
    cells = [*zip(*body, strict=True)]
    fitted = [max(map(columns, column)) for column in cells]
    whole = [max(map(_longest_word, column)) for column in cells]
    room = COLUMNS - len(_EDGE) - len(_GAP) * (len(fitted) - 1)
    while sum(fitted) > room and max(fitted) > _NARROWEST:
        yielding = [at for at, width in enumerate(fitted) if width > whole[at]]
        widest = max(yielding or range(len(fitted)), key=fitted.__getitem__)
        fitted[widest] -= 1
    return fitted


def _longest_word(cell: str) -> int:
    """Return the columns of a cell's longest word; a number and its unit are one."""
    return min(max(map(columns, _joined(cell).split(" "))), _LONGEST_WORD)


def _joined(text: str) -> str:
    """Return ``text`` with a number and its unit held together; a year may stand alone."""
    return re.sub(r"(?<=\d) (?=[^\W\d])(?!UTC)", _JOINT, text)


def _lines(row: Sequence[str], widths: list[int]) -> Iterator[str]:
    """Yield the lines of a row, its cells beside each other."""
    cells = [folded(cell, width) for cell, width in zip(row, widths, strict=True)]
    for parts in zip_longest(*cells, fillvalue=""):
        padded_parts = (padded(part, width) for part, width in zip(parts, widths, strict=True))
        yield (_EDGE + _GAP.join(padded_parts)).rstrip()


def _indented(cell: str) -> str:
    """Return a cell as HTML that keeps its indent, and a number with its unit."""
    text = cell.lstrip()
    return _JOINT * (len(cell) - len(text)) + escape(_joined(text))


def _style(cell: str) -> str:
    """Return the style of a cell; a path must not be what a table cannot be narrower than."""
    longest = max(map(len, cell.split(" ")))
    return f"{_CELL};overflow-wrap:anywhere" if longest > _LONGEST_LINK else _CELL


def short(text: str, width: int = _WIDEST) -> str:
    """Return ``text`` cut at a word to ``width`` characters."""
    return shorten(text, width, placeholder="…")

"""Markdown, as notebooks, GitHub and model cards show it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ocarbon_magic.views.report.spelling import Spelling, reference

if TYPE_CHECKING:
    from ocarbon_magic.views.report.sources import Source
    from ocarbon_magic.views.report.table import Rows

_SIGNS = str.maketrans(
    {
        **{sign: f"\\{sign}" for sign in "*_[]|~#"},
        # A backslash before these would itself be taken for a sign of a formula, somewhere.
        **{sign: f"&#{ord(sign)};" for sign in "\\`$"},
        "<": "&lt;",
        ">": "&gt;",
        "&": "&amp;",
    }
)


_LINKS = re.compile(r":(?=//)|(?<=www)\.|@", re.IGNORECASE)
"""The sign in a bare address by which many a front end knows it, and makes a link of it."""

_ITEM = re.compile(r"^(\d*)(?=[-+.)](?:\s|$))")
"""Where a text that begins as an item of a list is parted from its sign."""


def escape(text: str) -> str:
    """Return one line of text so that Markdown, and HTML in it, show it as it is."""
    plain = _LINKS.sub(lambda sign: f"&#{ord(sign[0])};", text.translate(_SIGNS))
    return _ITEM.sub(r"\1\\", plain)


class Markdown(Spelling):
    """The spelling of Markdown."""

    def escaped(self, text: str) -> str:
        """Return text that Markdown shows as it is."""
        return escape(text)

    def name(self, text: object) -> str:
        """Return a name in italics."""
        return f"*{self.text(text)}*"


def document(sentences: list[str], rows: Rows | None, spelling: Spelling) -> str:
    """Return a paragraph, a table where there are several runs, and the references."""
    blocks = ["**Carbon footprint.** " + " ".join(sentences)]
    if rows is not None:
        blocks.append(_table(rows))
    if spelling.cited:
        lines = (f"{n}. {_reference(source)}" for n, source in enumerate(spelling.cited, 1))
        blocks.append("**References**\n\n" + "\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _reference(source: Source) -> str:
    """Return a source with its address as a link."""
    line = escape(reference(source))
    if source.arxiv is not None:
        link = f"[{source.where}](https://arxiv.org/abs/{source.arxiv})"
    elif source.where:
        link = f"<{source.where}>"
    else:
        return line
    return line.removesuffix(f"{escape(source.where)}.") + f"{link}."


def _table(rows: Rows) -> str:
    rule = [":--"] * rows.words + ["--:"] * (len(rows.head) - rows.words)
    sums = [[f"**{cell}**" if cell else "" for cell in row] for row in rows.sums]
    lines = [" | ".join(row) for row in (rows.head, rule, *rows.body, *sums)]
    return "\n".join(f"| {line} |" for line in lines) + f"\n\n{rows.caption}"

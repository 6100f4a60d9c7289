"""Plain text of 80 columns, for terminals and for forms that take nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.views.columns import COLUMNS, folded
from ocarbon_magic.views.report.spelling import Spelling, reference
from ocarbon_magic.views.table import Table

if TYPE_CHECKING:
    from ocarbon_magic.views.report.table import Rows


def document(sentences: list[str], rows: Rows | None, spelling: Spelling) -> str:
    """Return a paragraph, a table where there are several runs, and the references."""
    blocks = ["\n".join(folded(" ".join(sentences), COLUMNS))]
    if rows is not None:
        body = [tuple(row) for row in (*rows.body, *rows.sums)]
        blocks.append(repr(Table(rows.caption, head=tuple(rows.head), rows=body)))
    if spelling.cited:
        lines = [
            line
            for number, source in enumerate(spelling.cited, 1)
            for line in folded(f"[{number}] {reference(source)}", COLUMNS, "", "    ")
        ]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"

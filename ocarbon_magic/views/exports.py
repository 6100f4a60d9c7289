"""An export as a few lines. Importing this module tells `Export` how to show itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocarbon_magic.exported import Export
from ocarbon_magic.views import words
from ocarbon_magic.views.table import Table

if TYPE_CHECKING:
    from collections.abc import Collection


def table_of(export: Export) -> Table:
    """Return what was written where, with what its reader must know."""
    notes = [*export.notes]
    if export.left_out:
        notes.insert(0, _left_out(export.left_out))
    return Table(
        f"{words.runs(export.runs)} written to {words.clean(export.path, 200)} ({export.format})",
        notes=notes,
    )


def _left_out(count: int) -> str:
    return f"{words.runs(count)} not written: in the file already, or still going on."


def _show(export: Export, include: Collection[str] | None) -> dict[str, Any]:
    if export.text is not None:
        return {"text/plain": export.text}
    return table_of(export).bundle(include)


Export.render_with(_show)

"""A comparison as text and as HTML. Importing this module tells `Comparison` how it looks.

Two or three runs are columns, as in the sidebar; more of them are rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocarbon_magic.planning.comparison.result import Comparison
from ocarbon_magic.plotted import PlotError
from ocarbon_magic.views import sidebyside
from ocarbon_magic.views.table import Table
from ocarbon_magic.views.words import clean

if TYPE_CHECKING:
    from collections.abc import Collection

_MOST_COLUMNS = 3
_LONGEST = 400


def table_of(comparison: Comparison) -> Table:
    """Return the verdict, what each run had, and what must be known of it."""
    few = len(comparison.runs) <= _MOST_COLUMNS
    body = sidebyside.columns(comparison) if few else sidebyside.rows(comparison)
    return Table(
        clean(comparison.verdict, _LONGEST),
        head=body.head,
        rows=body.rows,
        notes=[*body.notes, *(clean(note, _LONGEST) for note in comparison.notes)],
    )


def _show(comparison: Comparison, include: Collection[str] | None) -> dict[str, Any]:
    return table_of(comparison).bundle(include)


def _plot(comparison: Comparison, *, kind: str | None, **to: object) -> object:
    """Draw the runs by the figures that `Runs` have."""
    if comparison.obstacle is not None:
        raise PlotError(comparison.obstacle)
    metric = comparison.metric
    if metric is None or kind == "emissions":
        return comparison.runs.plot(kind or "emissions", **to)  # type: ignore[call-overload] # `plot` checks them
    runs = comparison.runs.only(metric=metric.expression)
    return runs.plot(kind or "metric", better=metric.better, **to)  # type: ignore[call-overload] # likewise


Comparison.render_with(_show)
Comparison.plot_with(_plot)

"""The legend stands above what it explains, where it can hide nothing, in few rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.textpath import TextPath

from ocarbon_magic.views.figures.style import LEGEND_PT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARGIN_IN = 0.7
"""Left and right of the axes, for their labels."""

_HANDLE, _TO_TEXT, _BETWEEN = 2.2, 0.8, 1.4
"""Widths in a legend, in sizes of its type."""

_PT_PER_IN = 72.0


def legend_above(ax: Axes, width_in: float) -> None:
    """Put the legend of a panel above it, in a figure of ``width_in`` inches."""
    _, labels = ax.get_legend_handles_labels()
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=_columns(labels, width_in - _MARGIN_IN),
        **_LOOKS,
    )


def legend_on_top(page: Figure, width_in: float, title: str | None = None) -> None:
    """Put the legend of all axes at the top of a figure."""
    _, labels = page.axes[0].get_legend_handles_labels()
    ncols = _columns(labels, width_in - LEGEND_PT / _PT_PER_IN)
    looks = {**_LOOKS, "borderaxespad": 0.5}
    page.legend(loc="outside upper left", ncols=ncols, title=title, alignment="left", **looks)


_LOOKS = {
    "frameon": False,
    "borderaxespad": 0.1,
    "borderpad": 0.1,
    "labelspacing": 0.2,
    "handlelength": _HANDLE,
    "handletextpad": _TO_TEXT,
    "columnspacing": _BETWEEN,
}


def _columns(labels: Sequence[str], room_in: float) -> int:
    """Return in how many columns a legend fits."""
    widths_pt = [_text_pt(label) + (_HANDLE + _TO_TEXT) * LEGEND_PT for label in labels]
    for ncols in range(len(labels), 1, -1):
        rows = -(-len(labels) // ncols)
        columns_pt = (max(widths_pt[at : at + rows]) for at in range(0, len(labels), rows))
        whole_pt = sum(columns_pt) + (ncols - 1) * _BETWEEN * LEGEND_PT
        if whole_pt <= room_in * _PT_PER_IN:
            return ncols
    return 1


def _text_pt(label: str) -> float:
    return float(TextPath((0.0, 0.0), label, size=LEGEND_PT).get_extents().width)

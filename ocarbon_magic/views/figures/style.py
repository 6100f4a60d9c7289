"""How a figure looks in print: sizes, colours that everyone can tell apart, text kept as text."""

from __future__ import annotations

import math
from typing import Any

import matplotlib as mpl

from ocarbon_magic.plotted import PlotError

DOUBLE_COLUMN_IN = 7.2
"""The width of a figure that nobody gave a width: two columns of a journal, 183 mm."""

_NARROWEST_IN, _WIDEST_IN = 3.0, 30.0

# Okabe and Ito, "Color universal design" (2008); told apart in greyscale by dash and marker too.
BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
ORANGE, PURPLE, SKY = "#E69F00", "#CC79A7", "#56B4E9"
INK, GRID = "#000000", "#E0E0E0"

LEGEND_PT = 7.0

_TINT = 0.82


def tint(colour: str) -> str:
    """Return a light shade of ``#rrggbb``, opaque: not every vector format has transparency."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * _TINT):02x}" for part in parts)


def style() -> dict[Any, Any]:
    """Return the settings that hold while a figure of ours is made, drawn and saved.

    The font stays the user's; what it lacks, such as the 2 of CO2e, comes from DejaVu Sans.
    """
    return {
        "font.family": [*mpl.rcParams["font.family"], "DejaVu Sans"],
        "font.size": 8,
        "axes.labelsize": 8,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.labelcolor": INK,
        "axes.edgecolor": INK,
        "axes.facecolor": "white",
        "axes.grid": False,
        "axes.unicode_minus": True,
        "figure.facecolor": "white",
        "grid.alpha": 1.0,
        "grid.linestyle": "-",
        "hatch.linewidth": 0.6,
        "legend.fontsize": LEGEND_PT,
        "legend.title_fontsize": LEGEND_PT,
        "lines.linewidth": 1.2,
        "savefig.bbox": None,
        "savefig.dpi": 300,
        "savefig.facecolor": "auto",
        "text.color": INK,
        "text.parse_math": False,
        "text.usetex": False,
        "xtick.labelsize": 7,
        "ytick.labelsize": 7,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.direction": "out",
        "ytick.direction": "out",
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.major.size": 3,
        "ytick.major.size": 3,
        "pdf.fonttype": 42,
        "ps.fonttype": 42,
        "svg.fonttype": "none",
    }


def checked_width(width_in: float | None) -> float:
    """Return the width of a figure in inches.

    Raises
    ------
    PlotError
        If it is not a number that a page could have.
    """
    if width_in is None:
        return DOUBLE_COLUMN_IN
    known = isinstance(width_in, int | float) and math.isfinite(width_in)
    if not known or not _NARROWEST_IN <= width_in <= _WIDEST_IN:
        raise PlotError(
            f"width_in must be a width in inches from {_NARROWEST_IN:g} to {_WIDEST_IN:g}, as "
            f"3.5 for one column of a journal and 7.2 for two, not {width_in!r}."
        )
    return float(width_in)

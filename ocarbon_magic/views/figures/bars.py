"""Emissions of several runs: a bar each, its parts stacked, its uncertainty as a whisker."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from ocarbon_magic import units
from ocarbon_magic.certainty import energy_uncertainty_pct
from ocarbon_magic.views import words
from ocarbon_magic.views.figures.axes import Unit, in_print
from ocarbon_magic.views.figures.style import GRID, INK, ORANGE, VERMILLION, tint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from ocarbon_magic.run import Run

MOST = 40
"""Bars that a page holds; a figure of more runs shows the first of them, and says so."""

_NUMBER_IN = 0.9
"""Room for the number behind the longest bar, as if the bars had the whole width."""

_LETTERS_PER_IN = 5.0
"""Of a name, before it is folded: it may take a part of the width."""


def draw(runs: Sequence[Run], ax: Axes, width_in: float) -> None:
    """Draw a bar for each of ``runs``, the first on top, in a figure of ``width_in`` inches."""
    top_g = max((run.emissions_g or 0.0) + (uncertainty_g(run) or 0.0) for run in runs)
    unit = Unit(*units.prefix(top_g, units.MASS_G))
    rows = np.arange(len(runs))
    operational = np.array([_operational_g(run) for run in runs]) / unit.factor
    embodied = np.array([run.embodied_g or 0.0 for run in runs]) / unit.factor
    ax.barh(rows, operational, height=0.62, color=VERMILLION, label="operational")
    # An edge of the bar's own colour, for the hatch alone is lost on a narrow part.
    ax.barh(
        rows,
        embodied,
        left=operational,
        height=0.62,
        color=tint(ORANGE),
        edgecolor=ORANGE,
        hatch="/////",
        linewidth=0.6,
        label="embodied",
    )
    _whiskers(runs, ax, unit, operational + embodied)
    ax.set_yticks(rows, labels=labels(runs, round(_LETTERS_PER_IN * width_in)), parse_math=False)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(runs) - 0.4, -0.6)
    ax.set_xlim(0.0, top_g * (1.0 + _NUMBER_IN / width_in) / unit.factor or 1.0)
    ax.set_xlabel(f"Emissions ({in_print(unit.name)})")
    ax.grid(axis="x", color=GRID, linewidth=0.5)
    ax.set_axisbelow(True)


def _whiskers(runs: Sequence[Run], ax: Axes, unit: Unit, totals: np.ndarray) -> None:
    """Put the uncertainty of the energy at each bar's end, and the total in words behind it."""
    known = [(row, uncertainty_g(run)) for row, run in enumerate(runs)]
    arms = {row: grams / unit.factor for row, grams in known if grams is not None}
    if arms:
        ax.errorbar(
            totals[[*arms]],
            [*arms],
            xerr=[*arms.values()],
            fmt="none",
            ecolor=INK,
            elinewidth=0.8,
            capsize=2,
            label="uncertainty of the energy",
        )
    for row, run in enumerate(runs):
        ax.annotate(
            str(units.plain_mass(run.emissions_g)),
            (totals[row] + arms.get(row, 0.0), row),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            size="small",
        )


def uncertainty_g(run: Run) -> float | None:
    """Return the half-width of the operational emissions' uncertainty, None if not known."""
    pct = energy_uncertainty_pct(run)
    return None if pct is None or run.operational_g is None else run.operational_g * pct / 100


def labels(runs: Sequence[Run], letters: int) -> list[str]:
    """Return the runs' names, told apart by their start where they are the same.

    In lines of at most so many ``letters``.
    """
    names = [words.name(run) for run in runs]
    count = Counter(names)
    whole = [
        f"{name}, {_start(run)}" if count[name] > 1 else name
        for name, run in zip(names, runs, strict=True)
    ]
    return [
        _folded(label, letters)
        + ("" if run.status == "finished" else f"\n({words.clean(run.status)})")
        for label, run in zip(whole, runs, strict=True)
    ]


def _operational_g(run: Run) -> float:
    """Return the operational part; the whole, where the parts are not known."""
    if run.operational_g is not None:
        return run.operational_g
    return (run.emissions_g or 0.0) - (run.embodied_g or 0.0)


def _start(run: Run) -> str:
    return words.moment(run.started_at).removesuffix(" UTC")


def _folded(label: str, letters: int) -> str:
    return "\n".join(textwrap.wrap(label, letters, max_lines=2, placeholder="…"))

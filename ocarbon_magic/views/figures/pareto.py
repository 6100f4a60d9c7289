"""A metric against the emissions of several runs, with those that no other run beats."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic import units
from ocarbon_magic.planning.comparison.front import Point, front, standings
from ocarbon_magic.planning.comparison.metric import Better, better_of, value_of
from ocarbon_magic.plotted import PlotError
from ocarbon_magic.views import words
from ocarbon_magic.views.figures.axes import Unit, in_print
from ocarbon_magic.views.figures.bars import labels, uncertainty_g
from ocarbon_magic.views.figures.style import BLUE, GRID, INK, tint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.text import Annotation
    from matplotlib.transforms import BboxBase

    from ocarbon_magic.planning.comparison.front import Standing
    from ocarbon_magic.run import Run

__all__ = ["Better", "Point", "better_of", "draw", "front", "points_of"]

_LOG_FROM = 50.0
"""From this ratio of the most to the least emissions, their axis is logarithmic."""

_LETTERS = 24

_EDGE = 0.2
"""Names of points this near to the left edge, as a share of the width, go to the right."""


class _Look(NamedTuple):
    """How a run is drawn, told apart by shape and not by colour alone."""

    facecolor: str
    marker: str
    label: str


_LOOKS: dict[Standing, _Look] = {
    "front": _Look(BLUE, "o", "Pareto front"),
    "within": _Look(tint(BLUE), "s", "off it, within the uncertainty"),
    "unsure": _Look(tint(BLUE), "D", "off it, uncertainty not known"),
    "dominated": _Look("white", "o", "dominated"),
}


def points_of(runs: Sequence[Run]) -> tuple[str, list[Point]]:
    """Return what the metric is called, and the runs that have it.

    Raises
    ------
    PlotError
        If no run has a metric that is a number, or the runs have different ones.
    """
    found = [
        (run.metric.expression, Point(run, run.emissions_g, value))
        for run in runs
        if run.metric is not None
        and run.emissions_g is not None
        and (value := value_of(run)) is not None
    ]
    names = sorted({name for name, _ in found})
    if not names:
        raise PlotError(
            "No run has a metric that is a number: measure with --metric EXPR, as in "
            "--metric accuracy."
        )
    if len(names) > 1:
        raise PlotError(
            f"The runs have different metrics ({', '.join(map(words.clean, names))}): plot those "
            "of one, as in oc.runs(metric='...').plot('metric')."
        )
    return names[0], [point for _, point in found]


def draw(name: str, points: Sequence[Point], better: Better, ax: Axes) -> None:
    """Draw the points, a staircase along the front, and the names of its runs."""
    grams = [point.emissions_g for point in points]
    unit = Unit(*units.prefix(max(grams), units.MASS_G))
    best = front(points, better)
    stand = standings(points, better)
    if len(best) > 1:
        x = [point.emissions_g / unit.factor for point in best]
        y = [point.value for point in best]
        ax.step(x, y, where="post", color=BLUE, linewidth=1.0, dashes=(4, 2), zorder=1)
    _whiskers(ax, points, unit)
    for standing, look in _LOOKS.items():
        so = [point for point, its in zip(points, stand, strict=True) if its == standing]
        _dots(ax, so, unit, look)
    if 0.0 < min(grams) <= max(grams) / _LOG_FROM:
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(lambda at, _: f"{at:g}")
        ax.xaxis.set_minor_formatter(lambda *_: "")
    else:
        ax.set_xlim(0.0, max(grams) * 1.08 / unit.factor or 1.0)
    ax.margins(y=0.18)
    _name(ax, best, unit, better)
    ax.set_xlabel(f"Emissions ({in_print(unit.name)})")
    ax.set_ylabel(f"{words.clean(name, 40)} ({better} is better)", parse_math=False)
    ax.grid(color=GRID, linewidth=0.5)
    ax.set_axisbelow(True)


def _whiskers(ax: Axes, points: Sequence[Point], unit: Unit) -> None:
    """Put the uncertainty of the energy at the points where it is known."""
    known = [(point, grams) for point in points if (grams := uncertainty_g(point.run)) is not None]
    if known:
        ax.errorbar(
            [point.emissions_g / unit.factor for point, _ in known],
            [point.value for point, _ in known],
            xerr=[grams / unit.factor for _, grams in known],
            fmt="none",
            ecolor=INK,
            elinewidth=0.6,
            capsize=1.5,
            zorder=2,
            label="uncertainty of the energy",
        )


def _dots(ax: Axes, points: Sequence[Point], unit: Unit, look: _Look) -> None:
    if points:
        ax.scatter(
            [point.emissions_g / unit.factor for point in points],
            [point.value for point in points],
            s=22,
            facecolor=look.facecolor,
            marker=look.marker,
            edgecolor=BLUE,
            linewidth=0.9,
            zorder=3,
            label=look.label,
        )


def _name(ax: Axes, best: Sequence[Point], unit: Unit, better: Better) -> None:
    """Name the runs on the front, on its better side: no other run is there."""
    said = labels([point.run for point in best], _LETTERS)
    up = better == "higher"
    to_axes = ax.transData + ax.transAxes.inverted()
    names = []
    for point, label in zip(best, said, strict=True):
        at = (point.emissions_g / unit.factor, point.value)
        at_the_edge = to_axes.transform(at)[0] < _EDGE
        name = ax.annotate(
            label,
            at,
            xytext=(0 if at_the_edge else -3, 5 if up else -5),
            textcoords="offset points",
            ha="left" if at_the_edge else "right",
            va="bottom" if up else "top",
            size="small",
            parse_math=False,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )
        names.append(name)
    _drop_overlapping(ax, names)


def _drop_overlapping(ax: Axes, names: Sequence[Annotation]) -> None:
    """Take away each name that would cover one before it."""
    ax.figure.canvas.figure.draw_without_rendering()  # only then it is known how large they are
    taken: list[BboxBase] = []
    for name in names:
        box = name.get_window_extent()
        if box.count_overlaps(taken):
            name.remove()
        else:
            taken.append(box)

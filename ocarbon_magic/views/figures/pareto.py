"""A metric against the emissions of several runs, with those that no other run beats."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from ocarbon_magic import units
from ocarbon_magic.plotted import PlotError
from ocarbon_magic.views import words
from ocarbon_magic.views.figures.axes import Unit, in_print
from ocarbon_magic.views.figures.bars import labels, uncertainty_g
from ocarbon_magic.views.figures.style import BLUE, GRID, INK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.text import Annotation
    from matplotlib.transforms import BboxBase

    from ocarbon_magic.run import Run

    Better = Literal["higher", "lower"]

_LOWER = re.compile(r"loss|err|perplex|ppl|mse|mae|rmse|nll|entropy|wer|cer|fid", re.IGNORECASE)
"""Metrics that are better when they are lower, by what they are called."""

_LOG_FROM = 50.0
"""From this ratio of the most to the least emissions, their axis is logarithmic."""

_LETTERS = 24

_EDGE = 0.2
"""Names of points this near to the left edge, as a share of the width, go to the right."""


class Point(NamedTuple):
    """A run that has a metric."""

    run: Run
    emissions_g: float
    value: float


def points_of(runs: Sequence[Run]) -> tuple[str, list[Point]]:
    """Return what the metric is called, and the runs that have it.

    Raises
    ------
    PlotError
        If no run has a metric that is a number, or the runs have different ones.
    """
    found = [
        (run.metric.expression, Point(run, run.emissions_g, float(run.metric.value)))
        for run in runs
        if run.metric is not None
        and isinstance(run.metric.value, int | float)
        and math.isfinite(run.metric.value)
        and run.emissions_g is not None
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


def better_of(name: str, said: Better | None) -> Better:
    """Return which values of a metric are the better ones, as said or by its name."""
    return said or ("lower" if _LOWER.search(name) else "higher")


def front(points: Sequence[Point], better: Better) -> list[Point]:
    """Return the points that no other beats in one respect without losing in the other.

    By emissions, rising; of equal ones, the first.
    """
    sign = 1.0 if better == "higher" else -1.0
    ordered = sorted(points, key=lambda p: (p.emissions_g, -sign * p.value))
    kept: list[Point] = []
    for point in ordered:
        if not kept or sign * point.value > sign * kept[-1].value:
            kept.append(point)
    return kept


def draw(name: str, points: Sequence[Point], better: Better, ax: Axes) -> None:
    """Draw the points, a staircase along the front, and the names of its runs."""
    grams = [point.emissions_g for point in points]
    unit = Unit(*units.prefix(max(grams), units.MASS_G))
    best = front(points, better)
    rest = [point for point in points if not any(point is kept for kept in best)]
    if len(best) > 1:
        x = [point.emissions_g / unit.factor for point in best]
        y = [point.value for point in best]
        ax.step(x, y, where="post", color=BLUE, linewidth=1.0, dashes=(4, 2), zorder=1)
    _whiskers(ax, points, unit)
    _dots(ax, best, unit, facecolor=BLUE, label="Pareto front")
    _dots(ax, rest, unit, facecolor="white", label="dominated")
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


def _dots(ax: Axes, points: Sequence[Point], unit: Unit, *, facecolor: str, label: str) -> None:
    if points:
        ax.scatter(
            [point.emissions_g / unit.factor for point in points],
            [point.value for point in points],
            s=22,
            facecolor=facecolor,
            edgecolor=BLUE,
            linewidth=0.9,
            zorder=3,
            label=label,
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

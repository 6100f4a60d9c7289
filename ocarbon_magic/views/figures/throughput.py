"""Throughput over time: what was measured, the fitted f(t), and the paper's law on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ocarbon_magic import units
from ocarbon_magic.throughput import ConstantThroughput, DynamicThroughput
from ocarbon_magic.views import words
from ocarbon_magic.views.figures.axes import Panel, Unit, points
from ocarbon_magic.views.figures.style import GREEN, VERMILLION

if TYPE_CHECKING:
    from ocarbon_magic.run import Run
    from ocarbon_magic.throughput.dynamic import ThroughputModel
    from ocarbon_magic.views.figures.axes import Array, Place

_CURVE_POINTS = 400

_MANY = 80
_MARKER, _LARGE_MARKER = 2.2, 3.6
"""Sizes in points: many dots stand close together, few must be seen."""


def panel(run: Run, *, law: bool) -> Panel | None:
    """Return the panel, None where no work over time is known."""
    known = points(run.series.t_s, run.series.work)
    if known is None:
        return None
    t_s, work = known
    middle_s, pace = _paces(t_s, work)
    if not np.any(np.isfinite(pace)):
        return None
    fitted = _model(run.throughput.log10_alpha, run.throughput.scale, run.throughput.onset_s)
    paper = run.throughput.law if law else None
    promised = None if paper is None else _model(paper.log10_alpha, paper.scale, 0.0)
    end_s = float(t_s[-1])
    top = _top(pace, [model for model in (fitted, promised) if model is not None], end_s)

    def curve(place: Place, model: ThroughputModel, label: str, **looks: object) -> None:
        at_s = np.linspace(max(model.onset, 0.0), end_s, _CURVE_POINTS)
        rate = np.asarray(model.rate(at_s))
        shown = place.named(label)
        place.ax.plot(place.t(at_s[1:]), place.v(rate[1:]), label=shown, **looks)  # type: ignore[arg-type] # the looks are matplotlib's

    def draw(place: Place) -> None:
        place.ax.plot(
            place.t(middle_s),
            place.v(pace),
            linestyle="none",
            marker="o",
            markersize=_MARKER if len(pace) > _MANY else _LARGE_MARKER,
            markeredgewidth=0,
            color=place.colour,
            label=place.named("measured"),
        )
        if fitted is not None:
            curve(place, fitted, "fitted f(t)", color=place.second_colour, linewidth=1.2)
        if promised is not None:
            colour = place.colour if place.owner else VERMILLION  # seen on the line it may lie on
            looks = {"color": colour, "linewidth": 1.0, "dashes": (4, 2)}
            curve(place, promised, "OpenCarbonEval", **looks)

    seconds, period = units.pace_period(top)
    factor, prefix = units.prefix(top * seconds, units.COUNT)
    per = f"{prefix} {words.clean(run.work.unit or 'units', 20)}/{period}".strip()
    says = f"throughput of {words.pace(run)} in the mean" + (
        "" if fitted is None else f", fitted as {words.model(run)}"
    )
    unit = Unit(factor / seconds, per)
    return Panel("throughput", end_s, top, unit, "Throughput\n", GREEN, says, draw)


def _paces(t_s: Array, work: Array) -> tuple[Array, Array]:
    """Return the middle of each span and the work per second in it."""
    known = np.isfinite(work)
    t, w = t_s[known], work[known]
    spans = np.diff(t) > 0.0
    return ((t[1:] + t[:-1]) / 2)[spans], (np.diff(w)[spans] / np.diff(t)[spans])


def _model(
    log10_alpha: float | None, scale: float | None, onset_s: float | None
) -> ThroughputModel | None:
    """Return the model that a record tells of, None where it tells of none that can be."""
    try:
        if scale is None:
            return None
        if log10_alpha is None:
            return ConstantThroughput(scale, onset_s or 0.0)
        return DynamicThroughput.from_log10_alpha(log10_alpha, scale=scale, onset=onset_s or 0.0)
    except ValueError:
        return None


def _top(pace: Array, models: list[ThroughputModel], end_s: float) -> float:
    """Return the highest of the points and the curves, which never fall."""
    ends = [float(model.rate(end_s)) for model in models]
    return max(float(np.nanmax(pace)), *ends) if ends else float(np.nanmax(pace))

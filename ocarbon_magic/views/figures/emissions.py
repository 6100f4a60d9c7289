"""Emissions as they added up, what they are projected to come to, and the budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ocarbon_magic import units
from ocarbon_magic.certainty import how_obtained
from ocarbon_magic.views import budget, words
from ocarbon_magic.views.figures.axes import Panel, Unit, in_print, points
from ocarbon_magic.views.figures.style import VERMILLION, tint

if TYPE_CHECKING:
    from ocarbon_magic.run import Run
    from ocarbon_magic.views.figures.axes import Array, Place

_WIDEST = 1.6
"""An interval reaches no further than this times its value: it must not squeeze the curve."""

_BEYOND = 1.02

_HIGHEST_BUDGET = 3.0
"""A budget of more than this times the rest is named, and its line left out."""


class _Ahead(NamedTuple):
    """The way from the last measured point to the projected end."""

    now_s: float
    now_g: float
    end_s: tuple[float, float, float]
    end_g: tuple[float, float, float]


def panel(run: Run) -> Panel | None:
    """Return the panel, None where no emissions over time are known."""
    known = points(run.series.t_s, run.series.emissions_g)
    if known is None:
        return None
    t_s, emitted_g = known
    ahead = _ahead(run, t_s, emitted_g)
    budget_g = budget.limit_g(run)
    end_s, top = float(t_s[-1]), float(np.nanmax(emitted_g))
    if ahead is not None:
        end_s = max(end_s, _BEYOND * min(ahead.end_s[2], _WIDEST * ahead.end_s[1]))
        top = max(top, min(ahead.end_g[2], _WIDEST * ahead.end_g[1]))
    in_reach = budget_g is not None and budget_g <= _HIGHEST_BUDGET * top
    if in_reach and budget_g is not None:
        top = max(top, budget_g)

    def draw(place: Place) -> None:
        t, grams = place.t(t_s), place.v(emitted_g)
        label = place.named(_so_far(run))
        if ahead is None:
            place.fill(t_s, emitted_g)
        place.ax.plot(t, grams, color=place.colour, linewidth=1.4, label=label)
        if ahead is not None:
            _draw_ahead(place, ahead, place.named(_projected(run)))
        if budget_g is not None:
            amount = units.given(units.plain_mass(budget_g))
            label = place.named(f"budget {amount}, {budget.verdict(run)}")
            looks: dict[str, Any] = {
                "color": place.second_colour,
                "linewidth": 1.0,
                "dashes": (1, 1.5),
            }
            if in_reach:
                place.ax.axhline(float(place.v(budget_g)), label=label, **looks)
            else:
                place.ax.plot([], [], label=label, **looks)

    unit = Unit(*_unit(top))
    says = _says(run)
    return Panel("emissions", end_s, top, unit, "Cumulative\nemissions", VERMILLION, says, draw)


def _draw_ahead(place: Place, ahead: _Ahead, label: str) -> None:
    """Draw the projection: dashes to its value, a band between its ends, whiskers there."""
    (_, end_s, _), (low_g, end_g, high_g) = ahead.end_s, ahead.end_g
    way = place.t(np.array([ahead.now_s, end_s]))
    lower, value, upper = (
        place.v(np.array([ahead.now_g, at_g])) for at_g in (low_g, end_g, high_g)
    )
    place.ax.fill_between(way, lower, upper, color=tint(place.colour), linewidth=0)
    place.ax.errorbar(
        place.t(end_s),
        place.v(end_g),
        xerr=_arms(place.t(np.array(ahead.end_s))),
        yerr=_arms(place.v(np.array(ahead.end_g))),
        fmt="none",
        ecolor=place.colour,
        capsize=2,
        elinewidth=0.8,
    )
    place.ax.plot(
        way,
        value,
        color=place.colour,
        linewidth=1.4,
        dashes=(4, 2),
        marker="D",
        markersize=4,
        markerfacecolor="white",
        markevery=[1],
        label=label,
    )


def _arms(ends: Array) -> Array:
    low, value, high = ends
    return np.array([[max(value - low, 0.0)], [max(high - value, 0.0)]])


def _ahead(run: Run, t_s: Array, emitted_g: Array) -> _Ahead | None:
    projection = words.open_projection(run)
    if projection is None:
        return None
    last = np.flatnonzero(np.isfinite(emitted_g))[-1]
    now_s, now_g = float(t_s[last]), float(emitted_g[last])
    made_s, made_g = projection.duration_s, projection.emissions_g
    end_s = (made_s.low, made_s.value, made_s.high)
    end_g = (made_g.low, made_g.value, made_g.high)
    numbers = (*end_s, *end_g)
    if any(n is None or not np.isfinite(n) for n in numbers) or made_s.value <= now_s:
        return None
    return _Ahead(now_s, now_g, end_s, end_g)


def _so_far(run: Run) -> str:
    """Return what the curve up to now is called; where it ended early, that too."""
    how = how_obtained(run)
    if run.status == "finished":
        return how
    if run.status == "running":
        return f"{how} so far"
    return f"{how}, {words.clean(run.status)} after {units.duration(run.duration_s)}"


def _projected(run: Run) -> str:
    projection = words.open_projection(run)
    if projection is None:
        return ""
    made = projection.emissions_g
    level = f", {made.level * 100:.0f} %" if made.level else ""
    value, low, high = (units.plain_mass(g) for g in (made.value, made.low, made.high))
    return f"projected {value} ({units.interval(low, high)}{level})"


def _unit(top: float) -> tuple[float, str]:
    factor, name = units.prefix(top, units.MASS_G)
    return factor, in_print(name)


def _says(run: Run) -> str:
    said = [f"emissions of {units.mass(run.emissions_g)} after {units.duration(run.duration_s)}"]
    projection = words.open_projection(run)
    if projection is not None:
        said.append(f"projected {words.projected(projection)}")
    limit = budget.summary(run)
    if limit is not None:
        said.append(f"the budget is {limit}")
    return ", ".join(said)

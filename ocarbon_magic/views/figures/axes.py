"""One panel's axes: what its axes count in, and in which colour a run is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from ocarbon_magic.plotted import PlotError
from ocarbon_magic.views.figures import style
from ocarbon_magic.views.figures.legend import legend_above

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt
    from matplotlib.axes import Axes

    Array = npt.NDArray[np.float64]

_TIME = ((300.0, 1.0, "s"), (3 * 3600.0, 60.0, "min"), (3 * 86400.0, 3600.0, "h"))
_DAYS = (86400.0, "d")

_LEAST_POINTS = 2
_HEADROOM = 1.06

_CYCLE = (style.BLUE, style.VERMILLION, style.GREEN, style.ORANGE, style.PURPLE, style.SKY)


class Unit(NamedTuple):
    """What an axis counts in."""

    factor: float
    name: str


class Panel(NamedTuple):
    """One quantity of a run over time.

    Attributes
    ----------
    kind : str
    end_s : float
        How far its time reaches, in seconds.
    top : float
        How far its values reach, in their base unit.
    unit : Unit
        What values as high as that are counted in.
    label : str
        What the values are, for their axis.
    colour : str
        Of its curve.
    says : str
        The panel in words.
    draw : callable
        Draws it in a `Place`.
    """

    kind: str
    end_s: float
    top: float
    unit: Unit
    label: str
    colour: str
    says: str
    draw: Callable[[Place], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a panel is drawn.

    Attributes
    ----------
    ax : Axes
    time, value : Unit
        What is plotted is divided by their factors.
    colour : str
    owner : str
        Whose curves these are, as the legend begins; empty in a figure of one run.
    """

    ax: Axes
    time: Unit
    value: Unit
    colour: str
    owner: str = ""

    def t(self, t_s: Array | float) -> Array:
        """Return seconds in the unit of the time axis."""
        return np.asarray(t_s) / self.time.factor

    def v(self, values: Array | float) -> Array:
        """Return values in the unit of their axis."""
        return np.asarray(values) / self.value.factor

    @property
    def second_colour(self) -> str:
        """Of what is drawn beside the curve: black, or the run's where there are several."""
        return self.colour if self.owner else style.INK

    def fill(self, t_s: Array, values: Array, step: Literal["pre"] | None = None) -> None:
        """Tint the area below a curve, if it is the only one."""
        if not self.owner:
            tint = style.tint(self.colour)
            self.ax.fill_between(self.t(t_s), self.v(values), step=step, color=tint, linewidth=0)

    def named(self, what: str) -> str:
        """Return what a curve is called in the legend."""
        return f"{self.owner}: {what}" if self.owner else what


@dataclass(slots=True)
class _Drawn:
    """What the user's own axes already show of ours."""

    kind: str
    time: Unit
    value: Unit
    end_s: float = 0.0
    top: float = 0.0
    runs: int = 0


_on_axes: WeakKeyDictionary[Axes, _Drawn] = WeakKeyDictionary()


def time_unit(end_s: float) -> Unit:
    """Return what a time axis of ``end_s`` seconds counts in."""
    for below_s, factor, name in _TIME:
        if end_s <= below_s:
            return Unit(factor, name)
    return Unit(*_DAYS)


def in_print(unit: str) -> str:
    """Return a unit with the 2 of CO2e below the line."""
    return unit.replace("CO2e", "CO\N{SUBSCRIPT TWO}e")


def points(t_s: Sequence[float], values: Sequence[float | None]) -> tuple[Array, Array] | None:
    """Return times and values, nan where unknown; None where there is no line to draw."""
    if len(t_s) != len(values):
        return None
    t = np.array([math.nan if at is None else at for at in t_s], dtype=float)
    known = np.array([math.nan if value is None else value for value in values], dtype=float)
    known[~(np.isfinite(known) & np.isfinite(t))] = math.nan
    at = t[np.isfinite(known)]
    if at.size < _LEAST_POINTS or not at[-1] > at[0]:
        return None
    return t, known


def draw(panel: Panel, ax: Axes, time: Unit, width_in: float) -> None:
    """Draw a panel in axes of our own, in a figure of ``width_in`` inches."""
    panel.draw(Place(ax, time, panel.unit, panel.colour))
    ax.set_ylim(0.0, panel.top * _HEADROOM / panel.unit.factor or 1.0)
    ax.set_ylabel(f"{panel.label} ({panel.unit.name})".replace("\n ", "\n"))
    ax.grid(axis="y", color=style.GRID, linewidth=0.5)
    ax.set_axisbelow(True)
    legend_above(ax, width_in)


def draw_on(panel: Panel, ax: Axes, owner: str) -> None:
    """Draw a panel in axes of the user's, beside what was drawn there of other runs.

    Raises
    ------
    PlotError
        If they show another quantity.
    """
    seen = _on_axes.get(ax) if ax.has_data() else None
    if seen is None:
        seen = _on_axes[ax] = _Drawn(panel.kind, time_unit(panel.end_s), panel.unit)
    elif seen.kind != panel.kind:
        raise PlotError(
            f"These axes show {seen.kind}: give {panel.kind} axes of its own, in other units."
        )
    colour = panel.colour if not seen.runs else _next_colour(panel.colour, seen.runs)
    panel.draw(Place(ax, seen.time, seen.value, colour, owner))
    seen.runs += 1
    seen.end_s, seen.top = max(seen.end_s, panel.end_s), max(seen.top, panel.top)
    ax.set_xlim(0.0, seen.end_s / seen.time.factor)
    ax.set_ylim(0.0, seen.top * _HEADROOM / seen.value.factor or 1.0)
    ax.set_xlabel(f"Time ({seen.time.name})")
    ax.set_ylabel(f"{panel.label} ({seen.value.name})".replace("\n", " ").replace("  ", " "))
    ax.legend(frameon=False)


def _next_colour(first: str, place: int) -> str:
    at = _CYCLE.index(first)
    return _CYCLE[(at + place) % len(_CYCLE)]

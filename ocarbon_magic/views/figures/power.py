"""Power over time, as the means of the spans that were measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ocarbon_magic import units
from ocarbon_magic.certainty import how_obtained
from ocarbon_magic.derived import mean_power_w
from ocarbon_magic.views.figures.axes import Panel, Unit, points
from ocarbon_magic.views.figures.style import BLUE

if TYPE_CHECKING:
    from ocarbon_magic.run import Run
    from ocarbon_magic.views.figures.axes import Place


def panel(run: Run) -> Panel | None:
    """Return the panel, None where no power over time is known."""
    known = points(run.series.t_s, run.series.power_w)
    if known is None:
        return None
    t_s, power_w = known
    mean_w = mean_power_w(run)
    top = float(np.nanmax(power_w))

    def draw(place: Place) -> None:
        # A value is the mean of the span that ends there: a step, and no slope between two.
        t, power = place.t(t_s), place.v(power_w)
        place.fill(t_s, power_w, step="pre")
        place.ax.step(
            t,
            power,
            where="pre",
            color=place.colour,
            linewidth=0.8,
            label=place.named(how_obtained(run)),
        )
        if mean_w is not None:
            level = float(place.v(mean_w))
            label = place.named(f"mean {units.power(mean_w)}")
            (line,) = place.ax.plot(
                [0.0, float(t[-1])], [level, level], color=place.second_colour, label=label
            )
            line.set(linewidth=0.9, dashes=(4, 2))

    lowest, highest = units.power(float(np.nanmin(power_w))), units.power(top)
    says = f"power between {lowest} and {highest}, {units.power(mean_w)} in the mean"
    unit = Unit(*units.prefix(top, units.POWER_W))
    return Panel("power", float(t_s[-1]), top, unit, "Power", BLUE, says, draw)

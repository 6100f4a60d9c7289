"""What a run had, as it stands beside others, and how it differs from the first of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic.derived import mean_power_w
from ocarbon_magic.planning import bounds
from ocarbon_magic.planning.comparison.difference import (
    Difference,
    difference,
    of_emitted,
    of_spreads,
)
from ocarbon_magic.planning.comparison.metric import value_of

if TYPE_CHECKING:
    from ocarbon_magic.planning.bounds import Emitted
    from ocarbon_magic.planning.comparison.front import Standing
    from ocarbon_magic.planning.spread import Spread
    from ocarbon_magic.planning.whatif.cost import Cost
    from ocarbon_magic.run import Run


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run had; what is not known, or was not asked, is None.

    Attributes
    ----------
    id, name : str
        The name tells it from the others.
    emissions_g, operational_g, embodied_g : Spread or None
        In gCO2e, with the ends that they may lie between.
    energy_kwh : Spread or None
        Of the devices, before PUE.
    duration_s, mean_power_w : float or None
    cost : Cost or None
        Indicative: the price of hired devices, or of the electricity.
    work_done, work_unit, rate_per_s
        Work in the unit of the record, and per second.
    emissions_g_per_unit : Spread or None
        For each unit of that work.
    emissions_g_per : Spread or None
        For each of what was asked: a sample, a point of the metric.
    sci_g : Spread or None
        SCI score in gCO2e for each functional unit.
    metric : float or None
    standing : str or None
        ``front``: no other run emitted less and has as good a metric. ``dominated``: another
        surely does; ``within``: another does, by less than is unsure of both; ``unsure``:
        another does, and what is unsure is not known.
    """

    id: str
    name: str
    emissions_g: Spread | None
    operational_g: Spread | None
    embodied_g: Spread | None
    energy_kwh: Spread | None
    duration_s: float
    mean_power_w: float | None
    cost: Cost | None
    work_done: float | None
    work_unit: str | None
    rate_per_s: float | None
    emissions_g_per_unit: Spread | None
    emissions_g_per: Spread | None
    sci_g: Spread | None
    metric: float | None
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run's emissions are told for each of; None where it is not known or not asked."""

    per: float | None
    functional_units: float | None


def per_unit(run: Run) -> Emitted | None:
    """Return the emissions for each unit of work done; None where nothing counted."""
    return over(bounds.emitted(run), run.work.done)


def over(parts: Emitted | None, amount: float | None) -> Emitted | None:
    """Return emissions for each of ``amount``; None where there are none of either."""
    return None if parts is None or amount is None or amount <= 0 else parts.over(amount)


def changes(
    one: Run, other: Run, counts: tuple[Counts, Counts], expression: str | None, *, comparable: bool
) -> dict[str, Difference]:
    """Return how ``other`` differs from ``one``, by the names of `Figures`; what can be told.

    Parameters
    ----------
    one, other : Run
    counts : tuple of Counts
        Of the one and of the other.
    expression : str or None
        The metric that is compared.
    comparable : bool
        Whether their emissions are.
    """
    alike = one.work.unit == other.work.unit
    found: dict[str, Difference | None] = {
        "embodied_g": difference(one.embodied_g, other.embodied_g),
        "energy_kwh": of_spreads(bounds.energy(one), bounds.energy(other)),
        "duration_s": difference(one.duration_s, other.duration_s),
        "mean_power_w": difference(mean_power_w(one), mean_power_w(other)),
        "work_done": difference(one.work.done, other.work.done) if alike else None,
        "rate_per_s": difference(one.work.rate_per_s, other.work.rate_per_s) if alike else None,
    }
    if expression is not None:
        found["metric"] = difference(value_of(one, expression), value_of(other, expression))
    if comparable:
        a, b = bounds.emitted(one), bounds.emitted(other)
        mine, its = counts
        found |= {
            "emissions_g": of_emitted(a, b),
            "operational_g": difference(one.operational_g, other.operational_g),
            "emissions_g_per": of_emitted(over(a, mine.per), over(b, its.per)),
            "sci_g": of_emitted(over(a, mine.functional_units), over(b, its.functional_units)),
        }
        if alike:
            found["emissions_g_per_unit"] = of_emitted(per_unit(one), per_unit(other))
    return {name: change for name, change in found.items() if change is not None}

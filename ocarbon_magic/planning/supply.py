"""Where the electricity of a planned training comes from, and what stands where none says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ocarbon_magic.carbon import intensity, zones
from ocarbon_magic.run import Intensity, Zone

if TYPE_CHECKING:
    from ocarbon_magic.planning.plan import Plan
    from ocarbon_magic.run import Run, ZoneHow


@dataclass(frozen=True, slots=True)
class Defaults:
    """What stands where a call says nothing: the last run, and what is configured.

    The rooms above know them and hand them down.
    """

    run: Run | None = None
    zone: str | None = None
    intensity_g_per_kwh: float | None = None
    pue: float | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """The electricity of a plan; ``zone`` is None where the intensity was given by hand."""

    zone: Zone | None
    intensity: Intensity
    pue: float
    notes: tuple[str, ...] = ()


def supply_of(plan: Plan, defaults: Defaults) -> Supply:
    """Return the supply that a plan names, else the configured one, else that of this place.

    Raises
    ------
    ValueError
        If a zone is unknown.
    """
    by_hand = plan.intensity_g_per_kwh
    if by_hand is None and plan.zone is None:
        by_hand = defaults.intensity_g_per_kwh
    place, how = _place(plan, defaults)
    grid = intensity.of_place(place)
    pue = plan.pue or defaults.pue or grid.pue.value
    if by_hand is not None:
        zone = Zone(place.code, place.name, how) if plan.zone is not None else None
        return Supply(zone, intensity.given(by_hand), pue)
    return Supply(Zone(place.code, place.name, how), grid.intensity, pue, grid.notes)


def supply_of_run(plan: Plan, run: Run) -> Supply:
    """Return the supply that a plan names, and of the run what it does not name."""
    if plan.zone is None and plan.intensity_g_per_kwh is None:
        return Supply(run.zone, run.intensity, plan.pue or run.pue)
    supply = supply_of(plan, Defaults())
    # A cloud region has a PUE of its own; elsewhere the run's hall is taken along.
    return supply if supply.pue != 1.0 else replace(supply, pue=plan.pue or run.pue)


def _place(plan: Plan, defaults: Defaults) -> tuple[zones.Place, ZoneHow]:
    if plan.zone is not None:
        return zones.resolve(plan.zone), "given"
    return zones.default_place(defaults.zone)

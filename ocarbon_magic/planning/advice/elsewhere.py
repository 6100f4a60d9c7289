"""The same work at another place, or at another hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.derived import intensity_is_by_hand
from ocarbon_magic.planning.advice.choices import best, money, saved_share, saving, would_save
from ocarbon_magic.planning.advice.measure import Finding, advised
from ocarbon_magic.planning.whatif.choice import Choice
from ocarbon_magic.planning.whatif.hours import HOURS
from ocarbon_magic.planning.whatif.places import places_of, provider_of, scope_of

if TYPE_CHECKING:
    from ocarbon_magic.planning.advice.figures import Figures

CLEANER = 0.15
"""A place must save more than this share: grids move by up to 15 % from one year to the next."""

LATER = 0.05
"""An hour must save more than this share, for its profile is that of one past year."""

TRIED = 6
"""So many of the cleanest places are worked out, for their overhead differs, too."""

_BY_HAND = "the intensity was given by hand, so that no other compares with it."


def of_place(figures: Figures) -> Finding:
    """Advise the cleanest cloud region, of the run's own provider if it ran in a cloud.

    Threshold: `CLEANER`.
    """
    run = figures.run
    if intensity_is_by_hand(run):
        return Finding(f"Place: {_BY_HAND}")
    own = provider_of(run.zone.code)
    regions = [
        place
        for place in places_of(scope_of(run))
        if (provider := provider_of(place.code)) and own in (None, provider)
    ]
    found, why = best(figures, (Choice(zone=place.code) for place in regions[:TRIED]))
    if found is None:
        return Finding(f"Place: {why}")
    name = next(place.name for place in regions if place.code == found.choice.zone)
    if saved_share(figures, found) <= CLEANER:
        return Finding(f"Place: {would_save(figures, found)} in {name}.")
    guess = ", a guess" if run.zone.how in ("timezone", "default") else ""
    measure = figures.measure(
        f"Train in {name}",
        saving(figures, found),
        because=f"The run's grid, {run.zone.name}{guess}, is at "
        f"{units.intensity(run.intensity.gco2e_per_kwh)}. {next(iter(found.notes), '')}",
        how=f"%carbon whatif --zone {found.choice.zone} tells more, and --zone {own or 'all'} "
        "lists the others.",
        costs=f"Moving the data there{money(found)}.",
    )
    return advised("Place", measure)


def of_hour(figures: Figures) -> Finding:
    """Advise the hour of start that is best on a mean day of the grid. Threshold: `LATER`."""
    if intensity_is_by_hand(figures.run):
        return Finding(f"Hour: {_BY_HAND}")
    found, why = best(figures, (Choice(hour=hour) for hour in HOURS))
    if found is None:
        return Finding(f"Hour: {why}")
    unknown = next((note for note in found.notes if "no part" in note), None)
    if unknown or saved_share(figures, found) <= LATER:
        return Finding(f"Hour: {unknown or f'{would_save(figures, found)} at the best one.'}")
    measure = figures.measure(
        f"Start at {found.choice.hour:02}:00",
        saving(figures, found),
        because=next(iter(found.notes), ""),
        how="%carbon whatif --hour all shows every hour; a scheduler can wait for that one.",
        costs="Waiting, for a day at the most.",
    )
    return advised("Hour", measure)

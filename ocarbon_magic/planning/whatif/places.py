"""Where the work could be done, by what the electricity there emits.

Lifecycle and direct figures are never compared: what is offered has one scope. A cloud region
without a lifecycle figure of its own stands for its country there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ocarbon_magic.carbon import intensity, zones
from ocarbon_magic.derived import intensity_is_by_hand
from ocarbon_magic.planning.whatif.choice import WhatIfError

if TYPE_CHECKING:
    from ocarbon_magic.carbon.intensity import Pue
    from ocarbon_magic.run import Intensity, IntensityScope, Run

PROVIDERS = {"aws": "AWS", "gcp": "Google Cloud", "azure": "Azure"}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another place with a figure of the scope that is compared in.

    Attributes
    ----------
    code, name : str
    figure : Intensity
    pue : Pue or None
        The region's power usage effectiveness; None outside of clouds.
    notes : tuple of str
        What the reader must know of the figure.
    """

    code: str
    name: str
    figure: Intensity
    pue: Pue | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Where:
    """Where the work is done: the run's own place, where ``other`` is None, or another."""

    code: str
    name: str
    other: Elsewhere | None


def scope_of(run: Run) -> IntensityScope:
    """Return the scope to compare in: the run's; lifecycle where that is not known."""
    return "direct" if run.intensity.scope == "direct" else "lifecycle"


def provider_of(code: str) -> str | None:
    """Return the provider whose region ``code`` is: ``aws``, ``gcp`` or ``azure``."""
    provider, colon, _ = code.partition(":")
    return provider if colon and provider in PROVIDERS else None


def where(run: Run, zone: str | None) -> Where:
    """Return the place that ``zone`` names, or the run's own.

    Raises
    ------
    WhatIfError
        If nothing is called so, or it has no figure of the run's scope.
    """
    own = Where(str(run.zone.code), str(run.zone.name), None)
    if zone is None:
        return own
    try:
        place = zones.resolve(zone)
    except zones.UnknownZoneError as error:
        raise WhatIfError(f"{error}.".replace("?.", "?")) from None
    if place.code == own.code and not intensity_is_by_hand(run):
        return own
    scope = scope_of(run)
    other = _elsewhere(place, scope)
    if other is None:
        raise WhatIfError(_other_scope(place, scope))
    return Where(other.code, other.name, other)


@cache
def places_of(scope: IntensityScope) -> tuple[Elsewhere, ...]:
    """Return the places with a figure of that scope, the cleanest first.

    Those that borrow a neighbour's are left out.
    """
    own = (place for place in intensity.all_places() if place.note is None)
    found = (_elsewhere(place, scope) for place in own)
    offered = [place for place in found if place is not None]
    return tuple(sorted(offered, key=lambda place: (place.figure.gco2e_per_kwh, place.code)))


@cache
def _elsewhere(place: zones.Place, scope: IntensityScope) -> Elsewhere | None:
    grid = intensity.of_place(place)
    region_pue = grid.pue if place.kind == "cloud" else None
    if scope == "direct":
        if grid.intensity.scope != "direct":
            return None
        return Elsewhere(place.code, place.name, grid.intensity, region_pue, grid.notes)
    if place.kind != "cloud":
        if place.parent_iso3 is not None:
            return None
        return Elsewhere(place.code, place.name, grid.lifecycle, None, grid.notes)
    country = intensity.of_place(zones.resolve(place.parent_iso3 or place.code))
    return Elsewhere(place.code, place.name, grid.lifecycle, region_pue, country.notes)


def _other_scope(place: zones.Place, scope: IntensityScope) -> str:
    other = "lifecycle" if scope == "direct" else "direct"
    instead = (
        "a state, a grid region or a cloud region with a direct figure"
        if scope == "direct"
        else f"its country ({place.parent_iso3}) or a cloud region"
    )
    return (
        f"{place.name} has no {scope} figure, and the run's does not compare with a {other} one: "
        f"name {instead}."
    )

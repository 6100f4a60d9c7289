"""Where a run takes place: its grid zone, intensity and PUE, and what its energy means there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic.carbon import embodied, footprint, intensity, zones
from ocarbon_magic.config import NOT_COUNTED
from ocarbon_magic.run import Intensity, Zone, ZoneHow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.carbon.zones import Place
    from ocarbon_magic.charge import EmbodiedCharge
    from ocarbon_magic.config import Settings
    from ocarbon_magic.run import DeviceReading


_LEFT_OUT = (
    "Embodied carbon is left out of the total, as asked: compare it only with totals without it."
)


@dataclass(frozen=True, slots=True)
class Site:
    """The carbon side of a run, decided before it starts and kept with it."""

    zone: Zone
    intensity: Intensity
    pue: float
    notes: tuple[str, ...]
    terms: embodied.Terms

    @property
    def g_per_kwh(self) -> float:
        """Operational gCO2e per kWh drawn by the devices, facility overhead included."""
        return self.intensity.gco2e_per_kwh * self.pue

    def charges(self, devices: Iterable[tuple[DeviceReading, float]]) -> list[EmbodiedCharge]:
        """Return the embodied charges of ``devices``, each with its device-seconds."""
        if not self.terms.counted:
            return []
        return embodied.charges(
            (embodied.Used(d.kind, d.name, used_s, d.count) for d, used_s in devices), self.terms
        )

    def footprint(
        self, energy_kwh: float, charges: Iterable[EmbodiedCharge]
    ) -> footprint.Footprint:
        """Return the grams of ``energy_kwh`` (before PUE), with the embodied ``charges``."""
        g_per_kwh = self.intensity.gco2e_per_kwh
        if not self.terms.counted:
            return footprint.operational_alone(energy_kwh, self.pue, g_per_kwh)
        embodied_g = sum(charge.embodied_g for charge in charges)
        return footprint.footprint(energy_kwh, self.pue, g_per_kwh, embodied_g)


def site_of(settings: Settings) -> Site:
    """Return the site that ``settings`` describe.

    Raises
    ------
    ValueError
        If the zone of the call is unknown. A zone from the configuration that is unknown is
        left aside with a note, since it must not stop training.
    """
    place, how, notes = _place(settings)
    terms = _terms(settings)
    grid = intensity.of_place(place)
    figure, about = grid.intensity, grid.notes
    if settings.intensity is not None:
        figure, about = intensity.given(settings.intensity), ()
    return Site(
        zone=Zone(place.code, place.name, how),
        intensity=figure,
        pue=grid.pue.value if settings.pue is None else settings.pue,
        notes=(*notes, *about, *(() if terms.counted else (_LEFT_OUT,))),
        terms=terms,
    )


def _terms(settings: Settings) -> embodied.Terms:
    by_hand = settings.embodied
    return embodied.Terms(
        gpu_kgco2e=by_hand if isinstance(by_hand, float) else None,
        lifetime_years=settings.lifetime,
        counted=by_hand != NOT_COUNTED,
    )


def _place(settings: Settings) -> tuple[Place, ZoneHow, list[str]]:
    if settings.zone is not None and "zone" in settings.given:
        return zones.resolve(settings.zone), "given", []
    try:
        place, how = zones.default_place(settings.zone)
    except zones.UnknownZoneError as error:
        place, how = zones.default_place(None)
        return place, how, [f"The configured zone was left aside: {error}"]
    return place, how, []

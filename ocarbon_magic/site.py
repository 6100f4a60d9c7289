"""Where a run takes place: its grid zone, intensity and PUE, and what its energy means there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ocarbon_magic.carbon import embodied, footprint, intensity, zones
from ocarbon_magic.run import Intensity, Zone, ZoneHow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.carbon.zones import Place
    from ocarbon_magic.config import Settings
    from ocarbon_magic.run import DeviceKind, DeviceReading


@dataclass(frozen=True, slots=True)
class Site:
    """The carbon side of a run, decided before it starts and kept with it."""

    zone: Zone
    intensity: Intensity
    pue: float
    notes: tuple[str, ...]

    @property
    def g_per_kwh(self) -> float:
        """Operational gCO2e per kWh drawn by the devices, facility overhead included."""
        return self.intensity.gco2e_per_kwh * self.pue

    def footprint(
        self, energy_kwh: float, devices: Iterable[tuple[DeviceReading, float]]
    ) -> footprint.Footprint:
        """Return the grams of ``energy_kwh``, with the embodied share of ``devices``.

        Parameters
        ----------
        energy_kwh : float
            Energy of the devices, before PUE.
        devices : iterable of (DeviceReading, float)
            Each device with the device-seconds the run is charged.
        """
        embodied_g = self.embodied_g((d.kind, d.name, busy_s) for d, busy_s in devices)
        return footprint.footprint(energy_kwh, self.pue, self.intensity.gco2e_per_kwh, embodied_g)

    @staticmethod
    def embodied_g(devices: Iterable[tuple[DeviceKind, str, float]]) -> float:
        """Return the embodied share of devices: kind, name, and device-seconds charged."""
        return sum(_embodied_g_per_s(kind, name) * used_s for kind, name, used_s in devices)


@cache
def _embodied_g_per_s(kind: DeviceKind, name: str) -> float:
    charge = embodied.of_device(kind, name, 1.0)
    return 0.0 if charge is None else charge.grams


def site_of(settings: Settings) -> Site:
    """Return the site that ``settings`` describe.

    Raises
    ------
    ValueError
        If the zone of the call is unknown. A zone from the configuration that is unknown is
        left aside with a note, since it must not stop training.
    """
    place, how, notes = _place(settings)
    grid = intensity.of_place(place)
    figure, about = grid.intensity, grid.notes
    if settings.intensity is not None:
        figure, about = intensity.given(settings.intensity), ()
    return Site(
        zone=Zone(place.code, place.name, how),
        intensity=figure,
        pue=grid.pue.value if settings.pue is None else settings.pue,
        notes=(*notes, *about),
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

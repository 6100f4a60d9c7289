"""Where a run takes place: its grid zone, intensity and PUE, and what its energy means there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic.carbon import embodied, footprint, intensity, zones
from ocarbon_magic.config import NOT_COUNTED
from ocarbon_magic.conversions import J_PER_KWH
from ocarbon_magic.run import Intensity, Zone, ZoneHow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ocarbon_magic.carbon.zones import Place
    from ocarbon_magic.charge import EmbodiedCharge
    from ocarbon_magic.config import Settings
    from ocarbon_magic.live import LiveIntensity
    from ocarbon_magic.run import DeviceReading

_BY_HAND = "Live intensity: nothing is asked, for the intensity is given by hand."
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
    live: LiveIntensity | None = None

    def begin(self, warn: Callable[[str], None]) -> None:
        """Begin with a run; where its intensity changes, it is asked for from now on."""
        if self.live is not None:
            self.live.begin(warn)

    def end(self) -> None:
        """End with the run."""
        if self.live is not None:
            self.live.end()

    def drew(self, run_s: float, energy_j: float) -> None:
        """Bring the intensity up to date: ``energy_j`` were drawn by ``run_s`` into the run."""
        if self.live is not None:
            self.live.drew(run_s, energy_j)

    def emitted_g(self, run_s: float, energy_j: float) -> float:
        """Return the operational gCO2e of ``energy_j`` joules, drawn by ``run_s`` into the run."""
        if self.live is None:
            return energy_j * self.g_per_kwh / J_PER_KWH
        return energy_j * self.live.until(run_s, energy_j) * self.pue / J_PER_KWH

    def g_per_kwh_ahead(self, run_s: float, until_s: float) -> float:
        """Return what `g_per_kwh` will be from ``run_s`` to ``until_s``, as far as is known."""
        return self.g_per_kwh if self.live is None else self.live.ahead(run_s, until_s) * self.pue

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
    live, asked_in_vain = _live(settings, place, grid)
    if settings.intensity is not None:
        figure, about = intensity.given(settings.intensity), ()
    return Site(
        zone=Zone(place.code, place.name, how),
        intensity=figure,
        pue=grid.pue.value if settings.pue is None else settings.pue,
        notes=(*notes, *about, *asked_in_vain, *(() if terms.counted else (_LEFT_OUT,))),
        terms=terms,
        live=live,
    )


def _live(
    settings: Settings, place: Place, grid: intensity.Grid
) -> tuple[LiveIntensity | None, list[str]]:
    """Return what keeps the intensity of a run up to date, if that was asked for; else a note."""
    if settings.live_intensity is None:
        return None, []
    if settings.intensity is not None:
        return None, [_BY_HAND] if "live_intensity" in settings.given else []
    from ocarbon_magic.carbon.live.sources import (  # noqa: PLC0415 - for who turned it on
        NotCoveredError,
        source_of,
    )
    from ocarbon_magic.live import LiveIntensity  # noqa: PLC0415 - as above

    try:
        source = source_of(settings.live_intensity, place)
    except NotCoveredError as error:
        return None, [f"Live intensity: {error} The tables' figure is used."]
    same = (f for f in (grid.intensity, grid.lifecycle) if f.scope == source.scope)
    return LiveIntensity(source, grid.intensity, next(same, None)), []


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

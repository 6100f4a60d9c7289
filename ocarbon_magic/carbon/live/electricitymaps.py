"""Electricity Maps (API v3): lifecycle, imports included, nearly everywhere.

A zone is asked for by its key; ``latest`` is the present hour, usually an estimate that is
replaced in ``history`` some hours later. Keys of the free plan know one zone and no forecast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocarbon_magic.carbon.live.points import LiveError, Point, amount_in, moment_s, sound
from ocarbon_magic.carbon.live.service import Key, Service
from ocarbon_magic.conversions import S_PER_H
from ocarbon_magic.fetch import FetchError

if TYPE_CHECKING:
    from ocarbon_magic.run import IntensityScope

SERVICE = Service(
    "electricitymaps",
    "Electricity Maps",
    "https://api.electricitymaps.com",
    (Key(("OCARBON_ELECTRICITYMAPS_KEY",), "electricitymaps"),),
)
_PATH = "/v3/carbon-intensity/"
_SPANS_S = {"hourly": S_PER_H, "15_minutes": 900.0, "5_minutes": 300.0}


class ElectricityMaps:
    """Implements `IntensitySource`."""

    scope: IntensityScope = "lifecycle"
    step_s = S_PER_H
    late_s = S_PER_H
    basis = ""
    ahead_is_marginal = False

    def __init__(self, zone: str) -> None:
        self.service, self.zone = SERVICE, zone

    def recent(self, since_s: float, now_s: float) -> list[Point]:  # noqa: ARG002 - the protocol
        """Return the present hour, and the hours before if ``since_s`` lies there."""
        latest = sound(SERVICE.title, [self._point(self._ask("latest"))])
        if since_s >= latest[0].start_s:
            return latest
        try:
            past = self._listed("history")
        except (LiveError, FetchError):
            return latest
        return [*past, *latest]

    def ahead(self, now_s: float) -> list[Point]:  # noqa: ARG002 - it knows what time it is
        """Return the hours that are forecast."""
        return [point._replace(estimated=True) for point in self._listed("forecast")]

    def _ask(self, what: str) -> dict[str, Any]:
        (key,) = SERVICE.secrets()
        found = SERVICE.ask_json(
            _PATH + what,
            {"zone": self.zone, "emissionFactorType": self.scope},
            {"auth-token": key.reveal()},
        )
        if not isinstance(found, dict) or found.get("zone", self.zone) != self.zone:
            raise SERVICE.odd()
        return found

    def _listed(self, what: str) -> list[Point]:
        found = self._ask(what)
        listed = found.get(what)
        if not isinstance(listed, list):
            raise SERVICE.odd()
        span = {"temporalGranularity": found.get("temporalGranularity", "hourly")}
        return sound(
            SERVICE.title,
            (self._point(span | entry if isinstance(entry, dict) else {}) for entry in listed),
        )

    def _point(self, entry: dict[str, Any]) -> Point | None:
        start_s, amount = moment_s(entry.get("datetime")), amount_in(entry.get("carbonIntensity"))
        span_s = _SPANS_S.get(str(entry.get("temporalGranularity", "hourly")))
        if entry.get("emissionFactorType", self.scope) != self.scope:
            return None
        if start_s is None or amount is None or span_s is None:
            return None
        return Point(start_s, start_s + span_s, amount, entry.get("isEstimated") is not False)


source = ElectricityMaps

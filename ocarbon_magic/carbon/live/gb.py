"""Great Britain's Carbon Intensity API of its system operator: direct, imports included, no key.

Half hours of Great Britain as a whole, or, as forecasts alone, of one of its 17 regions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocarbon_magic.carbon.live.points import Point, amount_in, as_iso, moment_s, sound
from ocarbon_magic.carbon.live.service import Service

if TYPE_CHECKING:
    from ocarbon_magic.run import IntensityScope

SERVICE = Service(
    "gb", "Carbon Intensity API of Great Britain", "https://api.carbonintensity.org.uk"
)
WHOLE = "GB"
_HALF_HOUR_S = 1800.0


class GreatBritain:
    """Implements `IntensitySource`; ``zone`` is ``GB`` or the number of a region."""

    scope: IntensityScope = "direct"
    step_s = _HALF_HOUR_S
    late_s = _HALF_HOUR_S
    basis = ""
    ahead_is_marginal = False

    def __init__(self, zone: str) -> None:
        self.service, self.zone = SERVICE, zone

    def recent(self, since_s: float, now_s: float) -> list[Point]:
        """Return the half hours from ``since_s`` to ``now_s``; the last may be a forecast."""
        return self._ask(f"{as_iso(since_s)}/{as_iso(now_s + _HALF_HOUR_S)}")

    def ahead(self, now_s: float) -> list[Point]:
        """Return the next two days."""
        return self._ask(f"{as_iso(now_s)}/fw48h")

    def _ask(self, span: str) -> list[Point]:
        region = None if self.zone == WHOLE else self.zone
        path = (
            f"/intensity/{span}"
            if region is None
            else (f"/regional/intensity/{span}/regionid/{region}")
        )
        found = SERVICE.ask_json(path)
        listed = found.get("data") if isinstance(found, dict) else None
        if isinstance(listed, dict):  # a region wraps its half hours once more
            listed = listed.get("data")
        if not isinstance(listed, list):
            raise SERVICE.odd()
        return sound(SERVICE.title, map(_point, listed))


def _point(entry: Any) -> Point | None:  # noqa: ANN401 - JSON
    told = entry.get("intensity") if isinstance(entry, dict) else None
    if not isinstance(told, dict):
        return None
    start_s, end_s = moment_s(entry.get("from")), moment_s(entry.get("to"))
    actual, forecast = amount_in(told.get("actual")), amount_in(told.get("forecast"))
    amount = forecast if actual is None else actual
    if start_s is None or end_s is None or amount is None or end_s - start_s > _HALF_HOUR_S:
        return None
    return Point(start_s, end_s, amount, actual is None)


source = GreatBritain

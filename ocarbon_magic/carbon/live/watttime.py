"""WattTime (API v3): averages of a grid for the account, marginal forecasts to choose an hour by.

``co2_aoer``, the average, is what a run may be charged with; it is of the past alone, and some
accounts have none. ``co2_moer``, the marginal rate, says what one more kWh causes: it is
returned by `ahead` only.
"""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any

from ocarbon_magic.carbon.live.keys import Secret
from ocarbon_magic.carbon.live.points import LiveError, Point, amount_in, as_iso, moment_s, sound
from ocarbon_magic.carbon.live.service import Key, Service
from ocarbon_magic.conversions import KG_PER_LB, S_PER_H
from ocarbon_magic.fetch import FetchError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ocarbon_magic.run import IntensityScope

SERVICE = Service(
    "watttime",
    "WattTime",
    "https://api.watttime.org",
    (
        Key(("OCARBON_WATTTIME_USER", "WATTTIME_USER"), "watttime_user"),
        Key(("OCARBON_WATTTIME_PASSWORD", "WATTTIME_PASSWORD"), "watttime_password"),
    ),
)
AVERAGE, MARGINAL = "co2_aoer", "co2_moer"
TOKEN_S = 25 * 60.0
"""A token is good for half an hour; another is asked for a little before."""

_UNAUTHORISED, _FORBIDDEN = 401, 403
_UNIT = "lbs_co2_per_mwh"
_STEP_S = 300.0
_STEPS_S = (_STEP_S, 900.0, 1800.0, S_PER_H)


class WattTime:
    """Implements `IntensitySource`; ``zone`` is a region, or ``latitude,longitude`` to find it."""

    scope: IntensityScope = "direct"
    step_s = _STEP_S
    late_s = 2 * S_PER_H
    basis = "average rate"
    ahead_is_marginal = True

    def __init__(self, zone: str) -> None:
        self.service, self.zone, self._place = SERVICE, zone, zone
        self._token: Secret | None = None
        self._token_until_s = 0.0
        self._regions: dict[str, str] = {}

    def recent(self, since_s: float, now_s: float) -> list[Point]:
        """Return the averages of the time."""
        span = {"start": as_iso(since_s - S_PER_H), "end": as_iso(now_s)}
        self._bearer()  # who is refused here has no account
        try:
            return self._points("/v3/historical", AVERAGE, span)
        except FetchError as error:
            if error.status != _FORBIDDEN:
                raise
        raise LiveError(
            f"{SERVICE.title} does not let this account have the average rate ({AVERAGE}) of "
            f"{self.zone}; the marginal rate is no average and serves `%carbon when` alone."
        )

    def ahead(self, now_s: float) -> list[Point]:  # noqa: ARG002 - it knows what time it is
        """Return the marginal rate of the next three days."""
        points = self._points("/v3/forecast", MARGINAL, {"horizon_hours": "72"})
        return [point._replace(estimated=True) for point in points]

    def _points(self, path: str, signal: str, query: Mapping[str, str]) -> list[Point]:
        region = self._region(signal)
        found = self._ask(path, {"region": region, "signal_type": signal, **query})
        meta = found.get("meta")
        listed = found.get("data")
        if not isinstance(meta, dict) or not isinstance(listed, list):
            raise SERVICE.odd()
        if meta.get("units") != _UNIT or meta.get("signal_type", signal) != signal:
            raise SERVICE.odd()
        step_s = meta.get("data_point_period_seconds", _STEP_S)
        if step_s not in _STEPS_S:
            raise SERVICE.odd()
        return sound(SERVICE.title, (_point(entry, float(step_s)) for entry in listed))

    def _region(self, signal: str) -> str:
        latitude, comma, longitude = self._place.partition(",")
        if not comma:
            return self._place
        if signal not in self._regions:
            place = {"latitude": latitude, "longitude": longitude, "signal_type": signal}
            region = self._ask("/v3/region-from-loc", place).get("region")
            if not isinstance(region, str) or not region.replace("_", "").isalnum():
                raise SERVICE.odd()
            self.zone = self._regions[signal] = region
        return self._regions[signal]

    def _ask(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        token = self._bearer()
        try:
            found = SERVICE.ask_json(path, query, {"Authorization": f"Bearer {token.reveal()}"})
        except FetchError as error:
            if error.status == _UNAUTHORISED:
                self._token = None  # another one is asked for next time
            raise
        if not isinstance(found, dict):
            raise SERVICE.odd()
        return found

    def _bearer(self) -> Secret:
        if self._token is None or time.monotonic() >= self._token_until_s:
            user, password = (secret.reveal() for secret in SERVICE.secrets())
            basic = base64.b64encode(f"{user}:{password}".encode()).decode()
            found = SERVICE.ask_json("/login", headers={"Authorization": f"Basic {basic}"})
            token = found.get("token") if isinstance(found, dict) else None
            if not isinstance(token, str) or not token:
                raise SERVICE.odd()
            self._token = Secret(token)
            self._token_until_s = time.monotonic() + TOKEN_S
        return self._token


def _point(entry: object, step_s: float) -> Point | None:
    if not isinstance(entry, dict):
        return None
    start_s, pounds_per_mwh = moment_s(entry.get("point_time")), entry.get("value")
    if start_s is None or isinstance(pounds_per_mwh, bool):
        return None
    if not isinstance(pounds_per_mwh, int | float):
        return None
    amount = amount_in(pounds_per_mwh * KG_PER_LB)  # kg per MWh are g per kWh
    return None if amount is None else Point(start_s, start_s + step_s, amount, estimated=False)


source = WattTime

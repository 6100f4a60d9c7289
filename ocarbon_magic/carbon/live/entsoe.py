"""ENTSO-E's Transparency Platform: the intensity of what was generated, by our own arithmetic.

The platform tells how many megawatts of each type were generated; here they are weighed with
lifecycle factors (the medians of IPCC AR5, Annex III; ``data/lifecycle_factor.csv``). So it is
generation inside the area, without imports. What was pumped up before, and types that no
factor is known for, are left out of the mix. It comes an hour or two late, without a forecast.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from ocarbon_magic.carbon.live.generation import SLOT_S, generation
from ocarbon_magic.carbon.live.points import Point, sound
from ocarbon_magic.carbon.live.service import Key, Service
from ocarbon_magic.conversions import S_PER_H
from ocarbon_magic.tables import number, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ocarbon_magic.run import IntensityScope

SERVICE = Service(
    "entsoe",
    "ENTSO-E",
    "https://web-api.tp.entsoe.eu",
    (Key(("OCARBON_ENTSOE_KEY", "ENTSOE_API_KEY"), "entsoe"),),
)
_LOOKS_BACK_S = 3 * S_PER_H

TOLD_BY_ALL = 0.01
"""A type that makes more than this share of all must be told of a time for its mix to be known:
types are published one after the other."""

LEAST_SHARE = 0.75
"""So much of what was generated must have a factor."""


class EntsoE:
    """Implements `IntensitySource`; ``zone`` is an area's Energy Identification Code."""

    scope: IntensityScope = "lifecycle"
    step_s = S_PER_H
    late_s = 2 * S_PER_H
    basis = "generation by type with IPCC AR5 lifecycle medians"
    ahead_is_marginal = False

    def __init__(self, zone: str) -> None:
        self.service, self.zone = SERVICE, zone

    def recent(self, since_s: float, now_s: float) -> list[Point]:
        """Return the quarters of an hour whose mix is known by now."""
        (key,) = SERVICE.secrets()
        query = {
            "securityToken": key.reveal(),
            "documentType": "A75",
            "processType": "A16",
            "in_Domain": self.zone,
            "periodStart": _stamp(since_s - _LOOKS_BACK_S),
            "periodEnd": _stamp(now_s + S_PER_H),
        }
        told = generation(SERVICE.title, SERVICE.ask("/api", query))
        return sound(SERVICE.title, intensities(told))

    def ahead(self, now_s: float) -> list[Point]:  # noqa: ARG002 - there is no forecast of all types
        """Return nothing: wind and sun are forecast there, the rest of the mix is not."""
        return []


def intensities(told: Mapping[float, Mapping[str, float]]) -> Iterator[Point]:
    """Yield the intensity of each slot whose mix is known.

    Parameters
    ----------
    told : mapping
        Megawatts by start of a slot, by type.
    """
    needed = _types_that_matter(told)
    for start_s, mix in told.items():
        if needed - mix.keys():
            continue
        known = {kind: mw for kind, mw in mix.items() if _factors().get(kind) is not None}
        made, all_made = sum(known.values()), sum(mix.values())
        if made > 0.0 and made >= LEAST_SHARE * all_made:
            grams = sum(mw * (_factors()[kind] or 0.0) for kind, mw in known.items())
            yield Point(start_s, start_s + SLOT_S, grams / made, estimated=False)


def _types_that_matter(told: Mapping[float, Mapping[str, float]]) -> set[str]:
    totals: dict[str, float] = {}
    for mix in told.values():
        for kind, mw in mix.items():
            totals[kind] = totals.get(kind, 0.0) + mw
    whole = sum(totals.values())
    return {kind for kind, total in totals.items() if total > TOLD_BY_ALL * whole}


@cache
def _factors() -> dict[str, float | None]:
    return {row["psr_type"]: number(row["gco2e_per_kwh"]) for row in rows("lifecycle_factor")}


def _stamp(moment: float) -> str:
    """Return a moment as the platform takes it, at a full hour."""
    return datetime.fromtimestamp(moment // S_PER_H * S_PER_H, UTC).strftime("%Y%m%d%H%M")


source = EntsoE

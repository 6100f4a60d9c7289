"""Where a zone is: its country, the part of it, the cloud, as others ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ocarbon_magic.carbon.zones import UnknownZoneError, resolve

_COUNTRIES = ("country", "subdivision", "egrid", "cloud")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A zone's country, the part of it, and the cloud; empty where it has none."""

    country_iso3: str = ""
    country: str = ""
    region: str = ""
    cloud_provider: str = ""
    cloud_region: str = ""


@lru_cache(maxsize=256)
def whereabouts(code: str) -> Whereabouts:
    """Return where the zone ``code`` of a record is; empty for the world, and for unknown ones."""
    try:
        place = resolve(code)
    except UnknownZoneError:
        return Whereabouts()
    if place.kind not in _COUNTRIES:
        return Whereabouts()
    iso3 = place.parent_iso3 or place.code
    country = place.name if place.parent_iso3 is None else resolve(iso3).name
    if place.kind == "cloud":
        provider, _, region = place.code.partition(":")
        return Whereabouts(iso3, country, "", provider, region)
    return Whereabouts(iso3, country, place.name if place.parent_iso3 else "")

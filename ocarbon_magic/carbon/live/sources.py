"""Which source covers a place, under which name of its own."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from ocarbon_magic.carbon.live.points import LiveError
from ocarbon_magic.tables import table

if TYPE_CHECKING:
    from ocarbon_magic.carbon.live.service import Service
    from ocarbon_magic.carbon.live.source import IntensitySource
    from ocarbon_magic.carbon.zones import Place

_BRITAIN = "GBR"
_REGIONS_OF_BRITAIN = re.compile(r"GB|[1-9]|1[0-7]")


class _Publisher(Protocol):
    """What the module of a source offers; it has the source's name."""

    SERVICE: Service

    def source(self, zone: str) -> IntensitySource:
        """Return the source for one of its zones."""


class NotCoveredError(LiveError):
    """A source does not know a place; the message is one sentence."""


def source_of(said: str, place: Place) -> IntensitySource:
    """Return the source for ``place``.

    Parameters
    ----------
    said : str
        A source's name, or ``NAME:ZONE`` with its own name for a zone.
    place : Place

    Raises
    ------
    NotCoveredError
        If the source is not known to cover the place.
    """
    name, _, own_zone = said.partition(":")
    publisher = cast("_Publisher", import_module(f"ocarbon_magic.carbon.live.{name}"))
    title = publisher.SERVICE.title
    zone = own_zone or zone_there(name, place)
    if zone is None:
        own = f"; if it does, name its own zone: --live-intensity {name}:ZONE"
        raise NotCoveredError(
            f"{title} is not known to cover {place.name} ({place.code})"
            f"{'' if name == 'gb' else own}."
        )
    if name == "gb" and not _REGIONS_OF_BRITAIN.fullmatch(zone):
        raise NotCoveredError(
            f"{title} knows GB and the regions 1 to 17, not {zone}: "
            "--live-intensity gb:13 is London."
        )
    return publisher.source(zone)


def zone_there(name: str, place: Place) -> str | None:
    """Return what the source ``name`` calls ``place``; None if it is not known to cover it."""
    row = table("live_zone").get(place.code, {})
    country = place.parent_iso3 or place.code
    if name == "gb":
        return "GB" if country == _BRITAIN else None
    if name == "entsoe":
        return table("live_zone").get(country, {}).get("eic") or None
    if name == "watttime":
        return f"{row['latitude']},{row['longitude']}" if row.get("latitude") else None
    if place.kind == "country":
        return table("carbon_intensity_country")[place.code]["iso2"] or None
    return row.get("em_zone") or None

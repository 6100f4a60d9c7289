"""Where the electricity comes from: from what people type to a place we have a figure for.

Codes and names are read without regard to case, accents and punctuation. Where a text could
mean two places, countries win over subdivisions and these over cloud regions: ``CA`` is
Canada (California is ``US-CA``), ``GA`` Gabon, ``Georgia`` the country (the state is
``US-GA``). ``Congo`` is Congo-Brazzaville, its short name in ISO 3166.

A territory without a figure of its own keeps its name and borrows the figure of a neighbour
or parent (the ``stand_in`` column of the country table), and says so in `Place.note`.
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ocarbon_magic.tables import Row, parts, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ocarbon_magic.run import ZoneHow

PlaceKind = Literal["country", "aggregate", "subdivision", "egrid", "cloud"]

WORLD = "WLD"

_PROVIDERS = {"aws": "AWS", "gcp": "Google Cloud", "azure": "Azure"}
_PROVIDER_ALIASES = {"amazon": "aws", "google": "gcp", "microsoft": "azure"}
_LEVELS: dict[str, PlaceKind] = {"national": "aggregate", "egrid_subregion": "egrid"}
_PUNCTUATION = str.maketrans(
    dict.fromkeys("-_:/,()&", " ")
    | dict.fromkeys((".", "'", "\N{RIGHT SINGLE QUOTATION MARK}"), "")
)
_FILLERS = {"the", "and"}


class UnknownZoneError(ValueError):
    """A text names no place with a known carbon intensity; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place with a known carbon intensity.

    Attributes
    ----------
    code : str
        ISO 3166-1 alpha-3 code of a country, ISO 3166-2 code of a subdivision,
        ``eGRID-XXXX``, ``provider:region``, or ``WLD`` and ``EU27``.
    name : str
    kind : str
    parent_iso3 : str or None
        The country it lies in; None for countries, the world and the European Union.
    note : str or None
        What the reader must know, such as whose figure stands in for a missing one.
    """

    code: str
    name: str
    kind: PlaceKind
    parent_iso3: str | None = None
    note: str | None = None


Entry = tuple[Place, list[str], list[str]]  # a place, its codes, its other names


def resolve(text: str) -> Place:
    """Return the place that ``text`` names: a code, a name or a cloud region.

    Raises
    ------
    UnknownZoneError
        If nothing is called so; the message names the three nearest.
    """
    key = _key(text)
    for names in (_countries, _subdivisions, _cloud_regions):
        if place := names().get(key):
            return place
    if place := _without_figure().get(key):
        raise UnknownZoneError(
            f"no carbon intensity is known for {place.name} ({place.code}): "
            "name another zone, or give a figure in gCO2e per kWh by hand"
        )
    raise UnknownZoneError(_unknown(text.strip(), key))


def default_place(
    configured: str | None,
    *,
    environ: Mapping[str, str] = os.environ,
    root: Path = Path("/"),
) -> tuple[Place, ZoneHow]:
    """Return the place of a run that names none, and how it was chosen; no network is used.

    First the configured zone, then the country of the system's time zone, else the world
    average.

    Raises
    ------
    UnknownZoneError
        If ``configured`` names no place.
    """
    from ocarbon_magic.carbon import timezone  # noqa: PLC0415 - only when no zone is given

    if configured:
        return resolve(configured), "configured"
    place = _countries().get(_key(timezone.country(environ, root) or ""))
    return (place, "timezone") if place else (resolve(WORLD), "default")


def named_places() -> Iterator[tuple[Place, str]]:
    """Yield every place that has a figure, with each of its codes and names, normalised."""
    for names in (_countries, _subdivisions, _cloud_regions):
        for key, place in names().items():
            yield place, key


def _key(text: str) -> str:
    """Return ``text`` as the tables of names know it: without case, accents, punctuation."""
    if not text.isascii():
        folded = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in folded if not unicodedata.combining(letter))
    words = text.translate(_PUNCTUATION).casefold().split()
    if len(words) > 1:
        words[0] = _PROVIDER_ALIASES.get(words[0], words[0])
        words = ["saint" if word == "st" else word for word in words if word not in _FILLERS]
    return " ".join(words)


@cache
def _countries() -> dict[str, Place]:
    rows = table("carbon_intensity_country")
    return _index(
        _country(row, rows) for row in rows.values() if row["gco2e_per_kwh"] or row["stand_in"]
    )


@cache
def _without_figure() -> dict[str, Place]:
    rows = table("carbon_intensity_country")
    return _index(
        _country(row, rows)
        for row in rows.values()
        if not row["gco2e_per_kwh"] and not row["stand_in"]
    )


def _country(row: Row, rows: dict[str, Row]) -> Entry:
    note = None
    if row["stand_in"]:
        other = rows[row["stand_in"]]["name"]
        note = f"No carbon intensity is known for {row['name']}: that of {other} is used."
    kind: PlaceKind = "aggregate" if row["kind"] == "aggregate" else "country"
    place = Place(row["code"], row["name"], kind, None, note)
    return place, [row["code"], row["iso2"]], _names(row)


@cache
def _subdivisions() -> dict[str, Place]:
    return _index(_subdivision(row) for row in table("carbon_intensity_subnational").values())


def _subdivision(row: Row) -> Entry:
    kind = _LEVELS.get(row["level"], "subdivision")
    place = Place(row["code"], row["name"], kind, row["parent_iso3"])
    codes = [row["code"]]
    if kind == "egrid":
        codes.append(row["code"].removeprefix("eGRID-"))
    return place, codes, _names(row)


@cache
def _cloud_regions() -> dict[str, Place]:
    entries = [_cloud_region(row) for row in table("carbon_intensity_cloud_region").values()]
    uses = Counter(name for _, _, names in entries for name in names)
    return _index(
        (place, codes, [name for name in names if uses[name] == 1])
        for place, codes, names in entries
    )


def _cloud_region(row: Row) -> Entry:
    provider, _, region = row["code"].partition(":")
    name = f"{_PROVIDERS[provider]} {row['location']}"
    return Place(row["code"], name, "cloud", row["country_iso3"]), [row["code"]], [region, name]


def _names(row: Row) -> list[str]:
    """Return the names in ``row``: the whole, without its parenthesis, the other ones."""
    return [row["name"], row["name"].partition(" (")[0], *parts(row["aliases"])]


def _index(entries: Iterable[Entry]) -> dict[str, Place]:
    """Map each code and name to its place; codes win over names, earlier rows over later."""
    listed = list(entries)
    index: dict[str, Place] = {}
    for place, codes, _ in listed:
        for code in filter(None, codes):
            index.setdefault(_key(code), place)
    for place, _, names in listed:
        for name in names:
            index.setdefault(_key(name), place)
    return index


def _unknown(text: str, key: str) -> str:
    """Return the sentence for a text that names no place, with the three nearest."""
    from ocarbon_magic.carbon.nearest import nearest  # noqa: PLC0415 - only on a mistake

    if not key:
        return "the zone is empty: name a country (FRA), a subdivision (US-CA) or a cloud region"
    near = ", ".join(f"{place.code} ({place.name})" for place in nearest(key, named_places()))
    return f"unknown zone {text!r}: did you mean {near}?"

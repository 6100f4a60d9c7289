"""The carbon intensity of a place's electricity, and the overhead of the halls there.

All figures are yearly averages of a grid, location-based. Lifecycle figures (countries)
count the building of plants and their fuel chain; direct ones (subdivisions, eGRID
subregions, some cloud regions) count combustion only. The two are never compared: use
`Grid.lifecycle` to compare any two places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from ocarbon_magic.carbon.zones import Place, named_places
from ocarbon_magic.run import Intensity
from ocarbon_magic.tables import Row, parts, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocarbon_magic.run import IntensityScope

_FLAGS = {
    "old_year": "The latest figure for {name} is of {year}.",
    "generic_oil_factor": "The figure for {name} is a flat factor for oil, not its mix.",
    "round_value": "The figure for {name} is a round value: take it as rough.",
    "twice_second_source": "The figure for {name} is about twice that of another publisher.",
    "importer": "The figure for {name} leaves out imports, which are large there: "
    "its eGRID subregion says more.",
    "neighbour_value": "The figure for {name} is that of the neighbour it imports from.",
    "guessed_grid": "The grid of {name} is a guess: its site is not published.",
}


@dataclass(frozen=True, slots=True)
class Pue:
    """Power usage effectiveness: energy of the whole site over that of its computers.

    ``year`` is None for a convention.
    """

    value: float
    year: int | None
    basis: str


@dataclass(frozen=True, slots=True)
class Grid:
    """What a kilowatt-hour means at a place.

    Attributes
    ----------
    intensity : Intensity
        The place's own figure, with its scope.
    lifecycle : Intensity
        The lifecycle figure of the place, else of its country: what can be compared.
    pue : Pue
        The cloud region's, else 1.0.
    notes : tuple of str
        What the reader must know, one line each.
    """

    place: Place
    intensity: Intensity
    lifecycle: Intensity
    pue: Pue
    notes: tuple[str, ...]


def of_place(place: Place) -> Grid:
    """Return the intensity and the PUE of ``place``."""
    site = table("carbon_intensity_cloud_region")[place.code] if place.kind == "cloud" else None
    grid_code = site["grid_code"] if site else place.code
    row = site if site and not grid_code else _grid(grid_code)
    return Grid(
        place=place,
        intensity=_intensity(row, place.code),
        lifecycle=_intensity(_grid(place.parent_iso3 or place.code), place.code),
        pue=_pue(site),
        notes=tuple(_notes(place, row, site)),
    )


def all_places() -> tuple[Place, ...]:
    """Return every place once: countries, subdivisions and eGRID subregions, cloud regions."""
    return tuple(dict.fromkeys(place for place, _ in named_places()))


def all_codes() -> list[str]:
    """Return the code of every place, as ``--zone`` takes it."""
    return [place.code for place in all_places()]


def given(gco2e_per_kwh: float) -> Intensity:
    """Return an intensity given by hand, in gCO2e per kWh.

    Raises
    ------
    ValueError
        If it is not a finite number of 0 or more.
    """
    if not (math.isfinite(gco2e_per_kwh) and gco2e_per_kwh >= 0):
        raise ValueError(
            f"the intensity must be a number of gCO2e per kWh, 0 or more, not {gco2e_per_kwh!r}"
        )
    return Intensity(gco2e_per_kwh=gco2e_per_kwh, year=None, scope=None, source="given")


def _grid(code: str) -> Row:
    """Return the row of a country or subdivision, or of the one that stands in for it."""
    countries = table("carbon_intensity_country")
    row = countries.get(code) or table("carbon_intensity_subnational")[code]
    stand_in = row.get("stand_in")
    return countries[stand_in] if stand_in else row


def _intensity(row: Row, wanted: str) -> Intensity:
    source = row["source"]
    if row["code"] != wanted:
        source += f"; figure of {row['name']} ({row['code']})"
    return Intensity(
        gco2e_per_kwh=float(row["gco2e_per_kwh"]),
        year=int(row["year"]),
        scope=cast("IntensityScope", row["scope"]),
        source=source,
    )


def _pue(site: Row | None) -> Pue:
    if site and site["pue"]:
        return Pue(float(site["pue"]), int(site["pue_year"]), "region, published by the provider")
    key = site["code"].partition(":")[0] if site else "local_workstation"
    default = table("pue_defaults")[key]
    year = int(default["year"]) if default["year"] else None
    return Pue(float(default["pue"]), year, default["applies_to"])


def _notes(place: Place, row: Row, site: Row | None) -> Iterator[str]:
    if place.note:
        yield place.note
    for flag in parts(row["quality_flag"]):
        yield _FLAGS[flag].format(name=row.get("name", place.name), year=row["year"])
    if site and site is not row:
        for flag in parts(site["quality_flag"]):
            yield _FLAGS[flag].format(name=place.name)

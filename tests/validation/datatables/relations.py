"""Rules on rows together: what refers to what, what is compared, what a year has."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING

from validation.datatables import codes
from validation.datatables.cells import key_of
from validation.datatables.reading import Finding
from validation.datatables.schema import SCHEMAS, YEAR_COLUMNS

from ocarbon_magic.carbon.zones import _key as place_key
from ocarbon_magic.hardware.accelerators import _key as accelerator_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validation.datatables.reading import Table, Tables

COUNTRY = "carbon_intensity_country"
PART = "carbon_intensity_subnational"
REGION = "carbon_intensity_cloud_region"

OLD_YEARS = 3
"""A country's figure that is so much older than the newest says so by the flag ``old_year``."""
MEAN_OFF = 0.002
"""How far the mean of a profile may be from 1: its shares are rounded to hundredths."""


def references(tables: Tables, _year: int) -> Iterator[Finding]:
    """What a row refers to is there."""
    countries = {row["code"] for row in tables[COUNTRY].rows}
    with_figure = {row["code"] for row in tables[COUNTRY].rows if row["gco2e_per_kwh"]}
    parts = {row["code"] for row in tables[PART].rows}
    places = countries | parts | {row["code"] for row in tables[REGION].rows}
    cards = {row["name"] for row in tables["accelerators"].rows}
    called = {alias for row in tables["accelerators"].rows for alias in row["aliases"].split("|")}
    grids = {row["grid"] for row in tables["hourly_profile"].rows}
    halls = {row["key"] for row in tables["pue_defaults"].rows}
    referring = [
        (COUNTRY, "stand_in", with_figure, "a country that has a figure"),
        (PART, "parent_iso3", countries, "a country of the country table"),
        (REGION, "country_iso3", with_figure, "a country that has a figure"),
        (REGION, "grid_code", with_figure | parts, "a country or a part of one with a figure"),
        ("timezone_country", "iso3", countries, "a country of the country table"),
        ("hourly_place", "code", places, "a place of the three tables of intensities"),
        ("hourly_place", "grid", grids, "a grid of hourly_profile.csv"),
        ("live_zone", "code", places, "a place of the three tables of intensities"),
        ("electricity_price", "code", places, "a place of the three tables of intensities"),
        ("embodied", "accelerators", cards, "names of accelerators.csv"),
        ("cloud_price", "accelerator", cards, "a name of accelerators.csv"),
        ("published_runs", "device", cards, "a name of accelerators.csv"),
        ("opencarboneval", "names", cards | called, "names or aliases of accelerators.csv"),
    ]
    for name, column, there, expected in referring:
        for row in tables[name].rows:
            for entry in filter(None, row[column].split("|")):
                if entry not in there:
                    yield _finding(
                        tables[name], row, column, f"{entry} is not known; expected {expected}"
                    )
    for row in tables[REGION].rows:
        if (provider := row["code"].partition(":")[0]) not in halls:
            wrong = f"expected a row of pue_defaults.csv for {provider}"
            yield _finding(tables[REGION], row, "code", wrong)


def countries(tables: Tables, _year: int) -> Iterator[Finding]:
    """A country bears both its codes, all countries are there, and parts lie in their country."""
    assigned = codes.ALPHA3 | codes.OURS
    alpha2 = {}
    for row in tables[COUNTRY].rows:
        alpha2[row["code"]] = row["iso2"]
        if row["code"] in assigned and row["iso2"] != assigned[row["code"]]:
            wrong = f"expected {assigned[row['code']] or 'nothing'} with {row['code']}"
            yield _finding(tables[COUNTRY], row, "iso2", wrong)
    for missing in sorted(set(assigned) - set(alpha2)):
        yield Finding(COUNTRY, missing, "code", "", "is missing; expected all of ISO 3166-1")
    for row in tables[PART].rows:
        country = row["code"].partition("-")[0]
        if country != "eGRID" and country != alpha2.get(row["parent_iso3"]):
            wrong = f"lies in {country} by its code; expected the alpha-3 code of that"
            yield _finding(tables[PART], row, "parent_iso3", wrong)
    parents = {row["code"]: row["parent_iso3"] for row in tables[PART].rows}
    for row in tables[REGION].rows:
        grid = row["grid_code"]
        if grid and parents.get(grid, grid) != row["country_iso3"]:
            wrong = f"lies in {parents.get(grid, grid)}; expected a grid in {row['country_iso3']}"
            yield _finding(tables[REGION], row, "grid_code", wrong)


def time_zones(tables: Tables, _year: int) -> Iterator[Finding]:
    """Each time zone that lies in some place has its country."""
    known = {row["timezone"] for row in tables["timezone_country"].rows}
    placed = {zone for zone in codes.TIME_ZONES if "/" in zone and not zone.startswith("Etc/")}
    for missing in sorted(placed - known):
        wrong = "is missing; expected all zones of the IANA database that lie in a country"
        yield Finding("timezone_country", missing, "timezone", "", wrong)


def scopes(tables: Tables, _year: int) -> Iterator[Finding]:
    """What is compared within a table is of one scope: the lifecycle, or the burning alone."""
    for name, schema in SCHEMAS.items():
        for row in tables[name].rows if schema.scope else ():
            if row["scope"] not in {"", schema.scope}:
                wrong = f"expected {schema.scope}, as all figures of this table"
                yield _finding(tables[name], row, "scope", wrong)


def years(tables: Tables, year: int) -> Iterator[Finding]:
    """No figure is of the future, none is stale, and old ones are flagged."""
    for name, schema in SCHEMAS.items():
        newest: dict[str, int] = {}
        for row, column, held in _dated(tables[name]):
            if held > year:
                wrong = f"is in the future; expected at most {year}"
                yield _finding(tables[name], row, column, wrong)
            source = row["source"] if column != "pue_year" else column
            newest[source] = max(held, newest.get(source, 0))
        for source, held in newest.items() if schema.oldest_years else ():
            if year - held > schema.oldest_years:
                wrong = (
                    f"the newest is of {held}; expected none older than {schema.oldest_years} years"
                )
                yield Finding(name, "", "year", source, wrong)
    yield from _old_countries(tables[COUNTRY])


def _old_countries(table: Table) -> Iterator[Finding]:
    dated = [(row, held) for row, _, held in _dated(table)]
    newest = max(held for _, held in dated)
    for row, held in dated:
        flagged = "old_year" in row["quality_flag"].split("|")
        if flagged != (newest - held >= OLD_YEARS):
            wrong = f"is of {held}: expected {'no ' if flagged else ''}flag old_year"
            yield _finding(table, row, "quality_flag", wrong)


def one_year(tables: Tables, _year: int) -> Iterator[Finding]:
    """All figures of one source are of one year, where its table says so."""
    for name, schema in SCHEMAS.items():
        first: dict[str, str] = {}
        for row, column, _ in _dated(tables[name]) if schema.one_year_a_source else ():
            if column == "pue_year":
                continue
            held = first.setdefault(row["source"], row[column])
            if row[column] != held:
                wrong = f"differs from other rows of its source; expected {held}"
                yield _finding(tables[name], row, column, wrong)


def names(tables: Tables, _year: int) -> Iterator[Finding]:
    """Nothing is called as another is, as people and drivers say it."""
    for name in (COUNTRY, PART):
        yield from _names_once(tables[name], ("code", "name", "aliases"), place_key)
    yield from _names_once(tables["accelerators"], ("name", "aliases"), accelerator_key)
    yield from _names_once(tables["embodied"], ("accelerators",), accelerator_key)


def _names_once(table, columns, key):
    whose: dict[str, str] = {}
    for row in table.rows:
        for column in columns:
            for entry in filter(None, row[column].split("|")):
                other = whose.setdefault(key(entry), key_of(table, row))
                if other != key_of(table, row):
                    wrong = f"{entry} is also {other}; expected another name"
                    yield _finding(table, row, column, wrong)


def families(tables: Tables, _year: int) -> Iterator[Finding]:
    """A family of processors has the watts a core that its members have in the median."""
    table = tables["cpus"]
    watts = {
        row["name"].lower(): float(row["tdp_w"]) / int(row["cores"])
        for row in table.rows
        if row["match"] == "exact" and row["cores"]
    }
    for row in table.rows:
        members = [w for name, w in watts.items() if re.search(row["name"], name)]
        if row["match"] != "family" or not members:
            continue
        cores = round(float(row["tdp_w"]) / median(members))
        if int(row["cores"]) != cores:
            wrong = f"expected {cores}: {row['tdp_w']} W at the median of its members' W a core"
            yield _finding(table, row, "cores", wrong)


def hours(tables: Tables, _year: int) -> Iterator[Finding]:
    """Each grid has a year of hours in both scopes, around 1, and a place that it is of."""
    table = tables["hourly_profile"]
    profiles: dict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(dict)
    for row in table.rows:
        profiles[row["grid"], row["scope"]][row["month"]] = row
    grids = dict.fromkeys(grid for grid, _ in profiles)
    for grid in grids:
        for scope in ("lifecycle", "direct"):
            months = profiles.get((grid, scope), {})
            missing = [str(month) for month in range(1, 13) if str(month) not in months]
            if missing:
                wrong = "is missing; expected the twelve months in both scopes"
                yield Finding(table.name, f"{grid} {scope}", "month", ", ".join(missing), wrong)
            elif abs((mean := _mean(months.values())) - 1) > MEAN_OFF:
                wrong = f"the mean of the year; expected 1, but for {MEAN_OFF}"
                yield Finding(table.name, f"{grid} {scope}", "of_annual_mean", f"{mean:.4f}", wrong)
    with_place = {row["grid"] for row in tables["hourly_place"].rows}
    for grid in grids:
        if grid not in with_place:
            yield Finding(table.name, grid, "grid", grid, "expected a place in hourly_place.csv")


def _mean(months):
    """Return the mean of a profile over the hours of its year."""
    shares = days = 0.0
    for row in months:
        length = monthrange(int(row["year"]), int(row["month"]))[1]
        hourly = [float(row[f"of_annual_mean_{hour:02}_utc"]) for hour in range(24)]
        shares += length * sum(hourly) / 24
        days += length
    return shares / days


def _dated(table: Table) -> Iterator[tuple[dict[str, str], str, int]]:
    """Yield each row that bears a year, the column and the year; of a span its end."""
    columns = [column for column in YEAR_COLUMNS if column in table.columns]
    for row in table.rows:
        for column in columns:
            if found := re.findall(r"\b20\d\d\b", row[column]):
                yield row, column, int(found[-1])


def _finding(table: Table, row: dict[str, str], column: str, wrong: str) -> Finding:
    return Finding(table.name, key_of(table, row), column, row[column], wrong)

"""Rules on single cells and rows: form, range, what stands together, what lies between what."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from validation.datatables import codes
from validation.datatables.reading import Finding
from validation.datatables.schema import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validation.datatables.reading import Table, Tables

TOGETHER = {
    "carbon_intensity_country": [("gco2e_per_kwh", "year", "scope", "source")],
    "carbon_intensity_cloud_region": [
        ("gco2e_per_kwh", "year", "scope", "source"),
        ("pue", "pue_year"),
    ],
    "live_zone": [("latitude", "longitude")],
    "lifecycle_factor": [("gco2e_per_kwh", "technology", "source")],
    "published_runs": [("flop", "device_hours"), ("mean_power_w", "power_scope")],
    "cpus": [("tdp_low_w", "tdp_high_w")],
    "accelerators": [
        ("oce_log10_alpha_low", "oce_log10_alpha_high"),
        ("oce_table1_log10_alpha_low", "oce_table1_log10_alpha_high"),
    ],
}
"""Columns that are blank together or not at all."""

EITHER = {
    "carbon_intensity_country": ("gco2e_per_kwh", "stand_in"),
    "carbon_intensity_cloud_region": ("gco2e_per_kwh", "grid_code"),
}
"""Columns of which one at most is filled: a figure of its own, or whose figure it takes."""

RISING = {
    "embodied": [("low_kgco2e", "kgco2e", "high_kgco2e")],
    "cpus": [("tdp_low_w", "tdp_w", "tdp_high_w")],
    "opencarboneval": [("log10_alpha_low", "log10_alpha_high")],
    "accelerators": [
        ("fp32_tflops", "tf32_tflops", "fp16_tflops", "fp8_tflops"),
        ("oce_log10_alpha_low", "oce_log10_alpha_high"),
        ("oce_table1_log10_alpha_low", "oce_table1_log10_alpha_high"),
    ],
}
"""Columns whose figures do not fall from left to right."""

ADDRESS = re.compile(r"https?:|www\.|(?:^|[\s,|])/\w+/")
SHARE_ALIKE = re.compile(r"odbl|electricity ?maps|boavizta|share.?alike", re.IGNORECASE)


def key_of(table: Table, row: dict[str, str]) -> str:
    """Return what a row is called in a finding."""
    return " ".join(row[column] for column in SCHEMAS[table.name].key)


def tables_and_columns(tables: Tables, _year: int) -> Iterator[Finding]:
    """Each table is one that the rules know, and has its columns, and no cell more or fewer."""
    for name in sorted(set(tables.tables) ^ set(SCHEMAS)):
        there = "has no schema here" if name in tables.tables else "is missing"
        yield Finding(name, "", "", name, f"{there}; expected the tables of schema.py")
    for table in _known(tables):
        wanted = list(SCHEMAS[table.name].columns)
        if table.columns != wanted:
            found = ", ".join(table.columns)
            yield Finding(table.name, "", "", found, f"expected the columns {', '.join(wanted)}")
        for line in table.ragged:
            wrong = f"has more or fewer cells than the header; expected {len(table.columns)}"
            yield Finding(table.name, f"of line {line}", "", "", wrong)


def cells(tables: Tables, _year: int) -> Iterator[Finding]:
    """Each cell has its form, lies in its range, and is blank only where it may be."""
    for table in _known(tables):
        for name, column in SCHEMAS[table.name].columns.items():
            for row in table.rows:
                if wrong := column.wrong(row.get(name, "")):
                    yield Finding(table.name, key_of(table, row), name, row.get(name, ""), wrong)


def no_addresses(tables: Tables, _year: int) -> Iterator[Finding]:
    """No cell names an address of the web or of a file."""
    for table, row, column, cell in _cells(tables):
        if ADDRESS.search(cell):
            wrong = "names an address; expected the name of the source alone"
            yield Finding(table.name, key_of(table, row), column, cell, wrong)


def no_share_alike(tables: Tables, _year: int) -> Iterator[Finding]:
    """No cell names a source or a licence that asks for the same licence."""
    for table, row, column, cell in _cells(tables):
        if SHARE_ALIKE.search(cell):
            wrong = "is under a share-alike licence; expected a permissive one"
            yield Finding(table.name, key_of(table, row), column, cell, wrong)


def keys(tables: Tables, _year: int) -> Iterator[Finding]:
    """No two rows of a table have the same key."""
    for table in _known(tables):
        seen = set()
        for row in table.rows:
            key = key_of(table, row)
            if key in seen:
                columns = ", ".join(SCHEMAS[table.name].key)
                yield Finding(table.name, key, columns, key, "stands twice; expected once")
            seen.add(key)


def together(tables: Tables, _year: int) -> Iterator[Finding]:
    """Columns of one figure are blank together; of two that exclude each other one is."""
    for table in _known(tables):
        for columns in TOGETHER.get(table.name, ()):
            for row in table.rows:
                blank = [column for column in columns if not row[column]]
                if 0 < len(blank) < len(columns):
                    wrong = f"is blank, and {_others(columns, blank)} is not; expected all or none"
                    yield Finding(table.name, key_of(table, row), ", ".join(blank), "", wrong)
        figure, other = EITHER.get(table.name, ("", ""))
        for row in table.rows if figure else ():
            if row[figure] and row[other]:
                wrong = f"stands beside {figure} {row[figure]}; expected one of the two"
                yield Finding(table.name, key_of(table, row), other, row[other], wrong)


def rising(tables: Tables, _year: int) -> Iterator[Finding]:
    """A low end is below its figure and a high end above; a narrower type is no slower."""
    for table in _known(tables):
        for columns in RISING.get(table.name, ()):
            for row in table.rows:
                filled = [column for column in columns if row[column]]
                for low, high in itertools.pairwise(filled):
                    if float(row[low]) > float(row[high]):
                        wrong = f"is above {high} {row[high]}; expected at most that"
                        yield Finding(table.name, key_of(table, row), low, row[low], wrong)


def check_letters(tables: Tables, _year: int) -> Iterator[Finding]:
    """The last character of an Energy Identification Code follows from the others."""
    for row in tables["live_zone"].rows:
        eic = row["eic"]
        if len(eic) == 16 and (expected := codes.check_letter(eic)) != eic[-1]:
            wrong = f"is mistyped: expected its last character to be {expected}"
            yield Finding("live_zone", row["code"], "eic", eic, wrong)


def patterns(tables: Tables, _year: int) -> Iterator[Finding]:
    """The name of a family of processors is a regular expression in small letters."""
    for row in tables["cpus"].rows:
        if row["match"] == "exact":
            continue
        name = row["name"]
        try:
            re.compile(name)
        except re.error as error:
            yield Finding("cpus", name, "name", name, f"is no regular expression: {error}")
        if name != name.lower():
            yield Finding("cpus", name, "name", name, "has capitals; expected small letters")


def _known(tables: Tables) -> Iterator[Table]:
    yield from (table for name, table in tables.tables.items() if name in SCHEMAS)


def _cells(tables: Tables) -> Iterator[tuple[Table, dict[str, str], str, str]]:
    for table in _known(tables):
        for row in table.rows:
            for column, cell in row.items():
                yield table, row, column, cell


def _others(columns, blank):
    return ", ".join(column for column in columns if column not in blank)

"""All rules, and what they find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validation.datatables import cells, credit, relations

if TYPE_CHECKING:
    from validation.datatables.reading import Finding, Tables

FORMS = (cells.tables_and_columns, cells.cells)
"""What the other rules rely on."""

RULES = (
    cells.keys,
    cells.together,
    cells.rising,
    cells.check_letters,
    cells.patterns,
    cells.no_addresses,
    cells.no_share_alike,
    relations.references,
    relations.countries,
    relations.time_zones,
    relations.scopes,
    relations.years,
    relations.one_year,
    relations.names,
    relations.families,
    relations.hours,
    credit.credited,
    credit.licence_texts,
    credit.size,
)


def findings(tables: Tables, year: int) -> list[Finding]:
    """Return what is wrong with the tables in the eyes of ``year``, each finding once.

    Where columns are missing only that is told, and where cells are malformed only those.
    """
    for rules in (*((form,) for form in FORMS), RULES):
        if found := list(
            dict.fromkeys(finding for rule in rules for finding in rule(tables, year))
        ):
            return found
    return []

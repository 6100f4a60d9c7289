"""What runs took together, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.views import words
from ocarbon_magic.views.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.collection.totals import Total, Totals

MOST_ROWS = 50
"""Rows that are looked at; the object has them all."""

_KEY_LENGTH = 120

_SCOPES: dict[str, Callable[[Total], float | None]] = {
    "lifecycle": lambda total: total.lifecycle_g,
    "direct": lambda total: total.direct_g,
    "by hand": lambda total: total.by_hand_g,
}


def table_of(totals: Totals) -> Table:
    """Return a row for each key, and one for all together."""
    whole = totals.whole
    if not totals.rows:
        return Table("No such run has been kept, so there is nothing to add up.")
    scopes = [scope for scope, of in _SCOPES.items() if of(whole) is not None]
    emitted = scopes if len(scopes) > 1 else [f"CO2e, {scope}" for scope in scopes] or ["CO2e"]
    key = f"{totals.by}, UTC" if totals.by in ("day", "month") else totals.by
    rows = [_row(words_of(row.key), row, scopes) for row in totals.rows[:MOST_ROWS]]
    return Table(
        f"{words.runs(whole.runs)} by {totals.by}",
        head=(key, "runs", "took", "energy", *emitted),
        rows=[*rows, *([_row("together", whole, scopes)] if len(totals.rows) > 1 else [])],
        notes=[*_notes(totals, scopes)],
    )


def words_of(key: str | None) -> str:
    """Return a key fit to be shown."""
    return words.clean((key or "").replace("\n", ", "), _KEY_LENGTH) or "not known"


def _row(key: str, total: Total, scopes: list[str]) -> tuple[str, ...]:
    grams = [_SCOPES[scope](total) for scope in scopes] or [None]
    return (
        key,
        f"{total.runs:,}",
        units.duration(total.duration_s),
        str(units.energy(total.energy_kwh)),
        *("" if scopes and value is None else str(units.plain_mass(value)) for value in grams),
    )


def _notes(totals: Totals, scopes: list[str]) -> list[str]:
    notes = []
    rest = len(totals.rows) - MOST_ROWS
    if rest > 0:
        notes.append(f"{rest:,} more lines: the rows of x = %carbon runs --totals ... are all.")
    if len(scopes) > 1:
        notes.append(
            f"CO2e stands by the scope of its intensity ({', '.join(scopes)}): these do not "
            "compare, and are not added up."
        )
    if totals.parts:
        were = "was" if totals.parts == 1 else "were"
        notes.append(
            f"{words.runs(totals.parts).capitalize()} {were} measured within another, which "
            f"includes {'it' if totals.parts == 1 else 'them'}: left out here."
        )
    unknown = totals.whole.unknown
    if unknown:
        notes.append(f"The energy of {words.runs(unknown)} is not known, and in no sum.")
    return notes

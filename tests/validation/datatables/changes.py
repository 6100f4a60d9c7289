"""What a refresh has changed: figures that jump, rows that came and went."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from validation.datatables.cells import key_of
from validation.datatables.columns import NUMBER
from validation.datatables.schema import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from validation.datatables.reading import Table

JUMP = 0.3
"""A figure that changes by more than this share of what it was is worth a look."""


class Change(NamedTuple):
    """One change that a refresher looks at."""

    table: str
    row: str
    column: str
    before: str
    after: str

    def __str__(self):
        where = f"{self.table}.csv, row {self.row}"
        if not self.column:
            return f"{where}: {'is new' if self.after else 'is gone'}"
        jump = f" ({float(self.after) / float(self.before) - 1:+.0%})" if self._is_jump else ""
        figures = f"{self.before or 'blank'} -> {self.after or 'blank'}"
        return f"{where}, column {self.column}: {figures}{jump}"

    @property
    def _is_jump(self):
        return bool(self.before and self.after and float(self.before))


def changes(before: Mapping[str, Table], after: Mapping[str, Table]) -> Iterator[Change]:
    """Yield rows that are gone or new, figures gone or new, and those that jump.

    Tables and cells that are malformed are left to the rules.
    """
    for name in sorted(set(before) & set(after) & set(SCHEMAS)):
        if not (_is_whole(before[name]) and _is_whole(after[name])):
            continue
        old, new = _by_key(before[name]), _by_key(after[name])
        yield from (Change(name, key, "", key, "") for key in old if key not in new)
        yield from (Change(name, key, "", "", key) for key in new if key not in old)
        for key in (key for key in new if key in old):
            yield from _figures(name, key, old[key], new[key])


def _figures(name, key, old, new):
    for column, schema in SCHEMAS[name].columns.items():
        was, now = old[column], new[column]
        both = [cell for cell in (was, now) if cell]
        if not (schema.is_number and both and all(map(NUMBER.fullmatch, both))):
            continue
        if len(both) == 1 or _jumps(was, now):
            yield Change(name, key, column, was, now)


def _is_whole(table):
    return set(SCHEMAS[table.name].columns) <= set(table.columns)


def _jumps(was: str, now: str) -> bool:
    """Return whether a figure changed by more than `JUMP`; anything does beside 0."""
    return abs(float(now) - float(was)) > JUMP * abs(float(was))


def _by_key(table: Table) -> dict[str, dict[str, str]]:
    return {key_of(table, row): row for row in table.rows}

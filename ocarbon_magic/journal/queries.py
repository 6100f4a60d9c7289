"""What is asked of one journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocarbon_magic.collection.entry import COLUMNS
from ocarbon_magic.collection.totals import SUM_OF_SCOPE, Total
from ocarbon_magic.journal.process import is_gone
from ocarbon_magic.journal.where import columns, conditions

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from ocarbon_magic.collection.wanted import Wanted

_AT_ONCE = 20_000
"""Numbers that are named in one statement, which may be a million characters long."""

MOST_IN_RECORD = 1 << 20
"""Characters of a record that is read; those that are written have some 16,000."""

READ = (*COLUMNS, "process", "heartbeat_s")
"""The columns of a row that are read."""

_KEYS = {"day": "substr(started_at, 1, 10)", "month": "substr(started_at, 1, 7)"}

Found = tuple[bytes, int]
"""When a run started, in UTF-8, and its number."""


def find(connection: sqlite3.Connection, wanted: Wanted) -> list[int]:
    """Return the runs that are wanted, newest first; those that go on only if asked for."""
    going_on, gone = _open_runs(connection)
    statement, parameters = select(connection, wanted, gone)
    found = [number for (number,) in connection.execute(statement, parameters)]
    if going_on and wanted.status != "running":
        return [number for number in found if number not in going_on]
    return found


def stamps(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[Found]:
    """Return when runs started, to merge what several files hold."""
    connection.text_factory = bytes  # which costs the least, and compares as the text does
    known = {
        number: started_at
        for some in _in_parts(connection, numbers)
        for number, started_at in connection.execute(f"SELECT number, started_at FROM runs{some}")  # noqa: S608 - ours
    }
    return [(known.get(number, b""), number) for number in numbers]


def select(
    connection: sqlite3.Connection, wanted: Wanted, gone: list[int]
) -> tuple[str, list[Any]]:
    """Return the statement that finds the runs that are wanted, and its parameters."""
    parts = [*conditions(connection, wanted, gone)]
    where = f" WHERE {' AND '.join(said for said, _ in parts)}" if parts else ""
    statement = f"SELECT number FROM runs{where} ORDER BY started_at DESC, number DESC"  # noqa: S608 - ours
    return statement, [value for _, values in parts for value in values]


def _open_runs(connection: sqlite3.Connection) -> tuple[set[int], list[int]]:
    """Return the rows that say ``running``: those that do go on, and those that are lost."""
    going_on: set[int] = set()
    gone: list[int] = []
    for number, process, heartbeat_s in connection.execute(
        "SELECT number, process, heartbeat_s FROM runs WHERE status = 'running'"
    ):
        if is_over(process, heartbeat_s):
            gone.append(number)
        else:
            going_on.add(number)
    return going_on, gone


def is_over(process: object, heartbeat_s: object) -> bool:
    """Return whether nobody writes a run any more, whatever its row holds."""
    beat = heartbeat_s if isinstance(heartbeat_s, float | int) else None
    return is_gone(process if isinstance(process, str) else None, beat)


def rows(
    connection: sqlite3.Connection, numbers: Sequence[int], *, with_record: bool = False
) -> list[tuple[Any, ...]]:
    """Return rows in any order: number, record if asked for, and `READ`."""
    there = columns(connection)
    asked = ", ".join(f"runs.{name}" if name in there else "NULL" for name in READ)
    record, joined = "NULL", ""
    if with_record:
        record = f"CASE WHEN length(record) <= {MOST_IN_RECORD} THEN record END"
        joined = " LEFT JOIN records ON records.number = runs.number"
    found: list[tuple[Any, ...]] = []
    for some in _in_parts(connection, numbers):
        statement = f"SELECT runs.number, {record}, {asked} FROM runs{joined}{some}"  # noqa: S608 - ours
        found += connection.execute(statement)
    return found


def totals(connection: sqlite3.Connection, numbers: Sequence[int], by: str) -> list[Total]:
    """Return what runs took, by key and scope."""
    parts: list[Total] = []
    key = _key(connection, by)
    for some in _in_parts(connection, numbers):
        for value, scope, runs, unknown, duration_s, energy_kwh, emissions_g in connection.execute(
            f"SELECT {key}, scope, count(*), sum(energy_kwh IS NULL), sum(duration_s), "  # noqa: S608
            f"sum(energy_kwh), sum(emissions_g) FROM runs{some} GROUP BY 1, 2"
        ):
            total = Total(str(value) if value else None, runs, duration_s, energy_kwh)
            total.unknown = unknown
            setattr(total, SUM_OF_SCOPE.get(scope, "by_hand_g"), emissions_g)
            parts.append(total)
    return parts


def parts(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """Return the runs that were measured within another one, each with that one."""
    if "within" not in columns(connection):
        return []
    return connection.execute(
        "SELECT part.number, whole.number FROM runs AS part JOIN runs AS whole "
        "ON whole.id = part.within WHERE part.within IS NOT NULL"
    ).fetchall()


def _key(connection: sqlite3.Connection, by: str) -> str:
    if by == "status":
        gone = ", ".join(map(str, _open_runs(connection)[1]))
        return f"CASE WHEN number IN ({gone}) THEN 'lost' ELSE status END"
    column = "devices" if by == "device" else by
    return _KEYS.get(by) or (column if column in columns(connection) else "NULL")


def _in_parts(connection: sqlite3.Connection, numbers: Sequence[int]) -> Iterator[str]:
    """Yield conditions that all these rows fulfil together, each row one of them."""
    if len(numbers) > _AT_ONCE:
        (count,) = connection.execute("SELECT count(*) FROM runs").fetchone()
        if count == len(numbers):
            yield ""  # they are all there are
            return
    for start in range(0, len(numbers), _AT_ONCE):
        yield f" WHERE runs.number IN ({', '.join(map(str, numbers[start : start + _AT_ONCE]))})"

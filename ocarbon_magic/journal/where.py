"""What is wanted, in the words of SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocarbon_magic.collection.wanted import MATCHES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from ocarbon_magic.collection.wanted import Wanted

_AFTER_ALL = "\U0010ffff"
"""Comes after every sign of an id."""

_MOST_NAMED = 500
"""Values that are named in a statement; SQLite takes no more than some hundreds everywhere."""

_LONGEST_GLOB = 1000

Condition = tuple[str, list[Any]]


def conditions(
    connection: sqlite3.Connection, wanted: Wanted, gone: list[int]
) -> Iterator[Condition]:
    """Yield the conditions that the rows of wanted runs fulfil, with their parameters.

    Columns that hold few values are compared by those that match, so that an index finds the
    rows; which match is told by the same functions as for runs in memory.

    Parameters
    ----------
    connection : sqlite3.Connection
    wanted : Wanted
    gone : list of int
        Numbers of the rows that say ``running`` and whose process has ended.
    """
    there = columns(connection)
    if wanted.id is not None:
        yield "id >= ? AND id < ?", [wanted.id, wanted.id + _AFTER_ALL]
    if wanted.since is not None:
        yield "started_at >= ?", [wanted.since]
    if wanted.before is not None:
        yield "started_at < ?", [wanted.before]
    for column, value in wanted.of_columns().items():
        if column not in there:
            yield "0", []
        elif column == "status":
            yield _of_status(value, gone)
        elif column == "name":
            yield _called(connection, value)
        else:
            yield _among(connection, column, value)


def columns(connection: sqlite3.Connection) -> set[str]:
    """Return the columns of the runs; a file of an older version has fewer."""
    return {str(name) for _, name, *_ in connection.execute("PRAGMA table_info(runs)")}


def _of_status(status: str, gone: list[int]) -> Condition:
    numbers = ", ".join(map(str, gone))
    if status == "lost":
        return f"(status = 'lost' OR number IN ({numbers}))", []
    if status == "running":
        return f"status = 'running' AND number NOT IN ({numbers})", []
    return "status = ?", [status]


def _called(connection: sqlite3.Connection, name: str) -> Condition:
    if not any(sign in name for sign in "*?["):
        return "name = ?", [name]
    names = distinct(connection, "name", _MOST_NAMED + 1)
    if len(names) <= _MOST_NAMED:
        return _one_of("name", [known for known in names if MATCHES["name"](str(known), name)])
    if "[" not in name and len(name) < _LONGEST_GLOB:
        return "name GLOB ?", [name]  # which has another word for "none of these"
    matches = MATCHES["name"]
    connection.create_function("is_called", 1, lambda value: matches(value, name))
    return "is_called(name)", []


def _among(connection: sqlite3.Connection, column: str, wanted: str) -> Condition:
    matches = MATCHES[column]
    found = [value for value in distinct(connection, column) if matches(str(value), wanted)]
    if len(found) > _MOST_NAMED:
        connection.create_function(f"is_wanted_{column}", 1, {*found}.__contains__)
        return f"is_wanted_{column}({column})", []
    return _one_of(column, found)


def _one_of(column: str, values: list[Any]) -> Condition:
    return f"{column} IN ({', '.join('?' * len(values))})", values


def distinct(connection: sqlite3.Connection, column: str, most: int = -1) -> list[Any]:
    """Return the values of a column that has an index, each looked up once, or some of them."""
    return [
        value
        for (value,) in connection.execute(
            "WITH RECURSIVE known (value) AS ("  # noqa: S608 - a column of ours
            f"SELECT min({column}) FROM runs UNION ALL "
            f"SELECT (SELECT min({column}) FROM runs WHERE {column} > known.value) "
            "FROM known WHERE known.value IS NOT NULL"
            ") SELECT value FROM known WHERE value IS NOT NULL LIMIT ?",
            (most,),
        )
    ]

"""What a journal's file looks like, and how an older one is brought forward.

Version 1 had no columns for the metric, and for the run that a run is a part of; version 2 has
them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

VERSION = 2
"""Of the files that are written; stands in SQLite's ``user_version``."""

APPLICATION_ID = 0x6F636172
"""What tells a journal from other SQLite files: ``ocar``."""

_SECOND = """
ALTER TABLE runs ADD COLUMN metric TEXT;
ALTER TABLE runs ADD COLUMN metric_value;
ALTER TABLE runs ADD COLUMN within TEXT;
CREATE INDEX runs_metric ON runs (metric, started_at);
CREATE INDEX runs_within ON runs (within) WHERE within IS NOT NULL;
"""

_FIRST = """
CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    duration_s REAL,
    energy_kwh REAL,
    operational_g REAL,
    embodied_g REAL,
    emissions_g REAL,
    scope TEXT NOT NULL,
    zone TEXT NOT NULL,
    devices TEXT NOT NULL,
    user TEXT,
    host TEXT,
    project TEXT,
    notebook TEXT,
    process TEXT,
    heartbeat_s REAL,
    revision INTEGER NOT NULL
);
CREATE TABLE records (number INTEGER PRIMARY KEY REFERENCES runs, record TEXT NOT NULL);
CREATE INDEX runs_started_at ON runs (started_at);
CREATE INDEX runs_name ON runs (name, started_at);
CREATE INDEX runs_status ON runs (status, started_at);
CREATE INDEX runs_scope ON runs (scope, started_at);
CREATE INDEX runs_zone ON runs (zone, started_at);
CREATE INDEX runs_devices ON runs (devices, started_at);
CREATE INDEX runs_user ON runs (user, started_at);
CREATE INDEX runs_project ON runs (project, started_at);
CREATE INDEX runs_notebook ON runs (notebook, started_at);
"""


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of a file; 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def has_programs(connection: sqlite3.Connection) -> bool:
    """Return whether a file holds what runs when it is asked, which no journal of ours does."""
    connection.execute("PRAGMA trusted_schema = OFF")
    found = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type IN ('view', 'trigger') "
        "OR sql LIKE 'CREATE VIRTUAL%' LIMIT 1"
    )
    return found.fetchone() is not None


def bring_forward(connection: sqlite3.Connection) -> None:
    """Bring a file to `VERSION`, in one transaction; who comes second finds it done.

    Raises
    ------
    sqlite3.Error
        If it cannot be written, or is not what its version says; then it is as it was.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        for version in range(version_of(connection), VERSION):
            _STEPS[version](connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _first(connection: sqlite3.Connection) -> None:
    _all(connection, _FIRST)


def _second(connection: sqlite3.Connection) -> None:
    _all(connection, _SECOND)
    for number, record in connection.execute("SELECT number, record FROM records").fetchall():
        connection.execute(
            "UPDATE runs SET metric = ?, metric_value = ?, within = ? WHERE number = ?",
            (*_metric(record), _within(record), number),
        )


_STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (_first, _second)


def _all(connection: sqlite3.Connection, statements: str) -> None:
    """Execute statements in the transaction that is open, which ``executescript`` would end."""
    for statement in statements.split(";"):
        if statement.strip():
            connection.execute(statement)


def _metric(record: str) -> tuple[str | None, float | str | None]:
    try:
        metric = json.loads(record)["metric"]
        expression, value = metric["expression"], metric["value"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None, None  # none was measured, or the record is damaged: not for us to say
    plain = isinstance(value, float | int | str | None)
    return (expression, value) if plain and isinstance(expression, str) else (None, None)


def _within(record: str) -> str | None:
    try:
        around = json.loads(record)["within"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return around if isinstance(around, str) else None

"""Opening a journal's file, and what can be wrong with one."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Literal

from ocarbon_magic.journal import folder
from ocarbon_magic.journal.schema import VERSION, bring_forward, has_programs, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Fault = Literal["locked", "damaged", "unusable"]

_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
_UNREACHED = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
}
"""Errors of who needs to write beside a file in order to read it, and cannot."""

_LAST_VERSION = 1000
"""A version above this was never written by anybody: the file is damaged."""

MOST_BYTES = 1 << 26
"""Of one row of a file, which may be a stranger's."""

BUSY_S = 0.25
"""How long one try waits for a file that another process is writing."""


class NewerJournalError(Exception):
    """A file was written by a newer version of this package, and is left alone."""


class EmptyJournalError(Exception):
    """A file has nothing in it yet: somebody is making it."""


class UnsteadyJournalError(Exception):
    """A file can only be read as if nobody wrote it, and somebody does."""


class DamagedJournalError(sqlite3.DatabaseError):
    """A file is not what it says that it is."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def fault_of(error: BaseException) -> Fault:
    """Return what kind of fault an error of SQLite, or of the system, is.

    What SQLite calls an error of the statement is a damaged file here: the statements are
    right, so the tables are not.
    """
    code = getattr(error, "sqlite_errorcode", None)
    if not isinstance(code, int):
        return "unusable"
    primary = code & 0xFF
    return "locked" if primary in _LOCKED else "damaged" if primary in _DAMAGED else "unusable"


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open a journal, made or brought forward if need be; statements stand for themselves.

    Raises
    ------
    NewerJournalError
        If it was written by a newer version.
    sqlite3.Error, OSError
        See `fault_of`.
    """
    folder.make(path.parent)
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    try:
        _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    version = _checked_version(connection)
    if folder.is_shared(path):
        connection.execute("PRAGMA journal_mode = DELETE")
    else:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    if version < VERSION:
        if version == 0 and not _may_be_new(connection):
            raise DamagedJournalError("it has tables and no version")
        bring_forward(connection)


def _refuse_empty(connection: sqlite3.Connection) -> None:
    if _checked_version(connection) == 0:
        if _may_be_new(connection):
            raise EmptyJournalError
        raise DamagedJournalError("it has tables and no version")


def _may_be_new(connection: sqlite3.Connection) -> bool:
    """Return whether a file that had no version has no tables, or has got both meanwhile."""
    connection.execute("BEGIN")
    try:
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        return not tables or version_of(connection) > 0
    finally:
        connection.execute("ROLLBACK")


def _checked_version(connection: sqlite3.Connection) -> int:
    version = version_of(connection)
    if not 0 <= version <= _LAST_VERSION:
        raise DamagedJournalError(f"it cannot be of version {version}")
    if version > VERSION:
        raise NewerJournalError("it was written by a newer version of ocarbon_magic")
    if has_programs(connection):
        raise DamagedJournalError("it holds programs of its own")
    return version


def look_through(connection: sqlite3.Connection) -> None:
    """Read the whole file, for damage that no statement would stumble over.

    Raises
    ------
    DamagedJournalError
        If there is any, such as an index that lacks a run.
    """
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise DamagedJournalError(str(found))


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a journal to read it, whoever writes it.

    Raises
    ------
    EmptyJournalError
        If there is nothing in it yet.
    NewerJournalError
        If it was written by a newer version.
    UnsteadyJournalError
        If it cannot be read together with what others write.
    sqlite3.Error, OSError
        See `fault_of`.
    """
    # Without a log, and nobody to write one here, the file is all there is, and cannot change.
    log = path.with_name(path.name + "-wal")
    steady = not os.access(path.parent, os.W_OK) and not log.exists()
    try:
        connection = _read_only(path, steady=steady)
    except sqlite3.OperationalError as error:
        if steady or error.sqlite_errorcode & 0xFF not in _UNREACHED or not path.exists():
            raise
        with _as_it_was(path) as connection:
            yield connection
    else:
        with closing(connection):
            yield connection


@contextmanager
def _as_it_was(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file without its log, which cannot be read."""
    try:
        with closing(_read_only(path, steady=True)) as connection:
            yield connection
    except sqlite3.DatabaseError as error:
        raise UnsteadyJournalError(str(error)) from error


def _read_only(path: Path, *, steady: bool) -> sqlite3.Connection:
    how = "immutable=1" if steady else "mode=ro"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}", uri=True, timeout=BUSY_S, isolation_level=None
    )
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
        _refuse_empty(connection)
    except BaseException:
        connection.close()
        raise
    return connection

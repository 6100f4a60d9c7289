"""A journal that was damaged: set aside, never deleted, and what can be read of it kept."""

from __future__ import annotations

import json
import shutil
import sqlite3
import uuid
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ocarbon_magic.collection.entry import Origin
from ocarbon_magic.journal.database import open_to_write
from ocarbon_magic.journal.folder import successor
from ocarbon_magic.journal.rows import ROW, TEXTS, put, row_of
from ocarbon_magic.journal.schema import bring_forward, has_programs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOGS = ("-wal", "-shm", "-journal")
_PAGE = 4096
_PAGE_COUNT_AT = 28
"""Of the head of a file: where it says how many pages there are."""

_MOST_PROBED = 200_000
"""Rows that are looked up one by one between two damaged pages."""

_MOST_IN_A_PAGE = 40
"""More rows than a page of the file can hold."""

_PUT_WHERE_IT_WAS = (
    f"INSERT OR IGNORE INTO runs (number, {', '.join(ROW)}) "  # noqa: S608 - our names
    f"VALUES (?, {', '.join('?' * len(ROW))})"
)


def inode_of(path: Path) -> int | None:
    """Return which file stands under a path; None for none."""
    try:
        return path.stat().st_ino
    except OSError:
        return None


def mend(path: Path, seen: int | None) -> str | None:
    """Set a damaged journal aside, and write what can be read of it into its successor.

    Several processes may come to it at once: who finds that it is not there any more, or is
    another file than the one ``seen`` damaged, leaves it. The successor is there before.

    Parameters
    ----------
    path : Path
    seen : int or None
        What `inode_of` said before the damage was found.

    Returns
    -------
    str or None
        A sentence on what was saved; None if somebody else has mended it.

    Raises
    ------
    sqlite3.Error, OSError, NewerJournalError
        If it cannot be set aside, or no other can be written; then it is as it was.
    """
    if seen is None or inode_of(path) != seen:
        return None
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"
    aside = path.with_name(f"damaged-{stamp}-{path.name}")
    with closing(open_to_write(successor(path))) as new:
        try:
            path.rename(aside)
        except FileNotFoundError:
            return None
        for log in _LOGS:
            with suppress(FileNotFoundError):
                path.with_name(path.name + log).rename(f"{aside}{log}")
        saved = _save(aside, new)
    runs = f"{saved:,} run{'' if saved == 1 else 's'}"
    return (
        f"The journal was damaged: {runs} could be read and are listed, and the damaged file is "
        f"kept as {aside.name}."
    )


def _save(aside: Path, new: sqlite3.Connection) -> int:
    """Write what can be read of ``aside`` into ``new``; return how many runs that is."""
    new.execute("BEGIN IMMEDIATE")
    try:
        saved = sum(_put(new, *found) for found in _readable(aside))
        if not saved:
            with suppress(OSError, sqlite3.Error), _with_a_new_head(aside) as copy:
                saved = sum(_put(new, *found) for found in _readable(copy))
    except BaseException:
        new.rollback()
        raise
    new.execute("COMMIT")
    return saved


def _put(new: sqlite3.Connection, number: int, row: dict[str, Any], record: str | None) -> bool:
    try:
        there = new.execute(_PUT_WHERE_IT_WAS, [number, *(row.get(name) for name in ROW)])
        if not there.rowcount:
            put(new, row, record)
        elif record is not None:
            new.execute("INSERT OR REPLACE INTO records VALUES (?, ?)", (number, record))
    except (sqlite3.IntegrityError, sqlite3.InterfaceError, OverflowError):
        return False  # a row that no journal has written
    return True


def _readable(aside: Path) -> Iterator[tuple[int, dict[str, Any], str | None]]:
    """Yield what can be read: number, row, record; a row that is lost is made of its record."""
    with closing(sqlite3.connect(aside, isolation_level=None)) as old:
        old.text_factory = lambda raw: raw.decode("utf-8", "replace")
        rows: dict[int, dict[str, Any]] = {}
        try:
            if has_programs(old):
                return
            old.execute("PRAGMA cell_size_check = ON")
            for number, *values in _survivors(old, "runs", _columns(old)):
                row = dict(zip(_columns(old), values, strict=True))
                if all(isinstance(row.get(name), str) for name in TEXTS):
                    rows[number] = {**row, "revision": _whole(row.get("revision"))}
        except sqlite3.Error:
            pass  # not even its tables are known
        with suppress(sqlite3.Error):
            for number, record in _survivors(old, "records", ["record"]):
                made = rows.pop(number, None) or _row_from(record)
                if made is not None:
                    yield number, made, record
        for number, row in rows.items():
            yield number, row, None


@contextmanager
def _with_a_new_head(aside: Path) -> Iterator[Path]:
    """Make a copy whose first page is that of a new journal, which tells where the tables are.

    They are on the same pages in each, since each is made by the same statements.
    """
    copy, head = aside.with_name(f"{aside.name}.copy"), aside.with_name(f"{aside.name}.head")
    try:
        with closing(sqlite3.connect(head, isolation_level=None)) as empty:
            bring_forward(empty)
        shutil.copyfile(aside, copy)
        with copy.open("r+b") as file:
            pages = file.seek(0, 2) // _PAGE
            file.seek(0)
            file.write(head.read_bytes()[:_PAGE])
            file.seek(_PAGE_COUNT_AT)
            file.write(pages.to_bytes(4, "big"))
        yield copy
    finally:
        for path in (copy, head):
            path.unlink(missing_ok=True)


def _columns(old: sqlite3.Connection) -> list[str]:
    there = {name for _, name, *_ in old.execute("PRAGMA table_info(runs)")}
    return [name for name in ROW if name in there]


def _survivors(
    old: sqlite3.Connection, table: str, columns: list[str]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table that can be read: from both ends, then one by one between."""
    select = f"SELECT number, {', '.join(columns)} FROM {table} NOT INDEXED"  # noqa: S608 - ours
    seen: set[int] = set()
    for order in ("ASC", "DESC"):
        try:
            for row in old.execute(f"{select} ORDER BY number {order}"):
                if row[0] in seen:
                    break  # from the other end, up to where the first walk came
                seen.add(row[0])
                yield row
            else:
                return
        except sqlite3.Error:
            continue
    (pages,) = old.execute("PRAGMA page_count").fetchone()
    for number in range(1, min(pages * _MOST_IN_A_PAGE, _MOST_PROBED)):
        if number not in seen:
            with suppress(sqlite3.Error):
                yield from old.execute(f"{select} WHERE number = ?", (number,))


def _row_from(record: object) -> dict[str, Any] | None:
    try:
        row = row_of(json.loads(str(record)), Origin())
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return {**row, "revision": 0}


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0

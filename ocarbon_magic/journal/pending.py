"""Runs that wait beside a journal until it can be written: a file each."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from ocarbon_magic.journal.folder import stem
from ocarbon_magic.journal.rows import Sheet, put_sheet

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


def folder_of(journal: Path) -> Path:
    """Return the folder in which runs wait for a journal, or for what takes its place."""
    return journal.with_name(f"{stem(journal)}.pending")


def waiting(journal: Path) -> list[Path]:
    """Return the files of runs that wait."""
    return sorted(folder_of(journal).glob("*.json"))


def put_aside(journal: Path, sheet: Sheet) -> None:
    """Keep a run for later, in place of what waits of it.

    Raises
    ------
    OSError
        If it cannot be written; what was there is as it was.
    """
    folder = folder_of(journal)
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(sign for sign in str(sheet.record["id"]) if sign.isalnum() or sign == "-")
    draft = folder / f".{name}.{uuid.uuid4().hex}"
    try:
        draft.write_text(sheet.to_json(), "ascii")
        draft.replace(folder / f"{name}.json")
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def take_in(connection: sqlite3.Connection, journal: Path) -> None:
    """Write what waits into the journal; a file that holds no run is set apart.

    Raises
    ------
    sqlite3.Error
        If the journal cannot be written: all wait on.
    """
    taken: list[tuple[Path, int]] = []
    files = waiting(journal)
    if not files:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for file in files:
            with suppress(FileNotFoundError):  # another kernel has taken it in
                inode = file.stat().st_ino
                try:
                    put_sheet(connection, Sheet.from_json(file.read_text("ascii")))
                except ValueError:
                    file.replace(file.with_suffix(".unreadable"))
                else:
                    taken.append((file, inode))
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    for file, inode in taken:
        with suppress(OSError):
            if os.stat(file).st_ino == inode:  # noqa: PTH116 - else a later state waits there
                file.unlink()

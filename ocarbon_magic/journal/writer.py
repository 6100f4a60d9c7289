"""The thread that writes the journal, so that neither a cell nor the sampling ever waits for it."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from ocarbon_magic.journal.keeping import Page

IDLE_S = 10.0
"""How long the thread waits for more to write before it ends."""

LOCKED_PATIENCE_S = 2.0
"""How long it waits for a file that others write, before runs are put aside."""

EXIT_PATIENCE_S = 2.0
"""How long the process waits at its end for what is not yet written."""

FORK_PATIENCE_S = 0.25
"""How long a fork of the process waits for a page that is being written: SQLite's own locks, if
held then, would be held in the child for ever."""

MOST_LOOKED_THROUGH_BYTES = 1 << 23
"""A file on this machine's disk that is no larger is looked through for damage when it is opened:
half a millisecond a megabyte, in the thread that writes."""

_EXIT_LOCKED_PATIENCE_S = 0.2
_MOST_UNWRITTEN = 200

notes: deque[str] = deque(maxlen=5)
"""What went wrong too late to be told with its run, for who lists the runs next."""


class Writer:
    """Writes pages in a thread that is started when there are some, and ends when idle."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[str, Page] = {}
        self._unwritten: dict[str, Page] = {}
        self._in_hand: list[Page] = []
        self._at_file = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._file = _File()

    def hand(self, page: Page) -> None:
        """Have a page written, in place of an earlier one of its run."""
        with self._changed:
            self._waiting[page.run_id] = page
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(
                    target=self._work, name="ocarbon-journal", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Give what is not yet written a last chance."""
        from ocarbon_magic.journal.pending import put_aside  # noqa: PLC0415 - with the rest

        with self._changed:
            self._closing = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(EXIT_PATIENCE_S)
            if thread.is_alive():  # it hangs, or is slow: who comes next writes them
                for page in (*self._in_hand, *self._waiting.values()):
                    with suppress(Exception):
                        put_aside(page.file, page.sheet)
        elif self._unwritten or self._waiting:
            self._write(self._taken())
            self._file.close()

    def before_fork(self) -> bool:
        """Let no page be written from now on; return whether `after_fork` must be called."""
        return self._at_file.acquire(timeout=FORK_PATIENCE_S)

    def after_fork(self) -> None:
        """Let pages be written again, in the parent."""
        self._at_file.release()

    def _work(self) -> None:
        while True:
            pages = self._next()
            if pages is None:
                with self._at_file:
                    self._file.close()
                return
            self._write(pages)

    def _next(self) -> list[Page] | None:
        """Wait for pages; None when there have been none for long, or the process ends."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing, IDLE_S)
            if not self._waiting and not (self._closing and self._unwritten):
                self._thread = None
                return None
            return self._taken()

    def _taken(self) -> list[Page]:
        pages = [*({**self._unwritten, **self._waiting}).values()]
        self._unwritten, self._waiting = {}, {}
        self._in_hand = pages
        return pages

    def _write(self, pages: list[Page]) -> None:
        for page in pages:
            try:
                with self._at_file:
                    self._file.write(page, self._patience_s)
            except Exception as error:  # noqa: BLE001 - measuring never breaks training
                self._failed(page, error)
            else:
                page.done(None)
        self._in_hand = []

    def _patience_s(self) -> float:
        return _EXIT_LOCKED_PATIENCE_S if self._closing else LOCKED_PATIENCE_S

    def _failed(self, page: Page, error: Exception) -> None:
        """Put a page aside; where not even that can be, keep it for the next time."""
        from ocarbon_magic.journal.pending import put_aside  # noqa: PLC0415 - with the rest

        try:
            put_aside(page.file, page.sheet)
        except Exception:  # noqa: BLE001 - then the first error is what is told
            if not self._closing and len(self._unwritten) < _MOST_UNWRITTEN:
                self._unwritten.setdefault(page.run_id, page)
            page.done(reason(error))
        else:
            page.done(None, put_aside=True)


class _File:
    """The journal's file, open while there is something to write; used by one thread."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._inode: int | None = None
        self._connection: sqlite3.Connection | None = None

    def write(self, page: Page, patience_s: Callable[[], float]) -> None:
        """Write a page, into a new file if the one that is there is damaged.

        Raises
        ------
        Exception
            If it cannot be; nothing of it is written then.
        """
        from ocarbon_magic.journal.database import fault_of  # noqa: PLC0415 - imports sqlite3
        from ocarbon_magic.journal.mending import inode_of, mend  # noqa: PLC0415

        began_s, mended = time.monotonic(), False
        while True:
            path = page.file
            seen = inode_of(path)
            try:
                self._put(page, path)
            except Exception as error:
                self.close()
                fault = fault_of(error)
                if fault == "damaged" and not mended:
                    mended = True
                    note = mend(path, seen)
                    if note is not None:
                        notes.append(note)
                elif fault != "locked" or time.monotonic() - began_s > patience_s():
                    raise
                continue
            if inode_of(path) == self._inode:
                return
            self.close()  # somebody has set the file aside meanwhile: into its successor

    def close(self) -> None:
        """Close the file; the next page opens it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _put(self, page: Page, path: Path) -> None:
        from ocarbon_magic.journal.rows import put_sheet  # noqa: PLC0415 - with the rest

        connection = self._opened(path)
        connection.execute("BEGIN IMMEDIATE")
        try:
            put_sheet(connection, page.sheet)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.rollback()
            raise

    def _opened(self, path: Path) -> sqlite3.Connection:
        from ocarbon_magic.journal.database import look_through, open_to_write  # noqa: PLC0415
        from ocarbon_magic.journal.folder import is_shared  # noqa: PLC0415 - as above
        from ocarbon_magic.journal.mending import inode_of  # noqa: PLC0415
        from ocarbon_magic.journal.pending import take_in  # noqa: PLC0415

        if self._connection is not None and (path, inode_of(path)) == (self._path, self._inode):
            return self._connection
        self.close()
        self._connection = open_to_write(path)
        self._path, self._inode = path, inode_of(path)
        if not is_shared(path) and path.stat().st_size <= MOST_LOOKED_THROUGH_BYTES:
            look_through(self._connection)
        take_in(self._connection, path)
        return self._connection


def reason(error: Exception) -> str:
    """Return what went wrong, without the path: records are published."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(said).rstrip(".")


_writers: list[Writer] = []
"""The last is this process's; those before it are a parent's, whose files are not touched."""


def writer() -> Writer:
    """Return the writer of this process."""
    if not _writers:
        _writers.append(Writer())
        atexit.register(lambda: writer().close())
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=_before_fork,
                after_in_parent=_after_fork,
                after_in_child=_forked,
            )
    return _writers[-1]


_held: list[Writer] = []
"""The writer that a fork holds up."""


def _before_fork() -> None:
    held = _writers[-1]
    if held.before_fork():
        _held.append(held)


def _after_fork() -> None:
    while _held:
        _held.pop().after_fork()


def _forked() -> None:
    _held.clear()
    _writers.append(Writer())

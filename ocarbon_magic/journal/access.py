"""One file of the journal, read whatever has become of it."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from ocarbon_magic.journal import pending
from ocarbon_magic.journal.database import EmptyJournalError, fault_of, open_to_write, reading
from ocarbon_magic.journal.folder import own_file
from ocarbon_magic.journal.mending import inode_of, mend
from ocarbon_magic.journal.schema import VERSION, version_of
from ocarbon_magic.journal.writer import reason

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

_T = TypeVar("_T")


class Access:
    """Reads a file; what cannot be read is told in ``notes``, and never raised.

    Parameters
    ----------
    path : Path
    is_own : bool
        Whether this process may write it: then it is brought forward, takes in what waits
        for it, and is mended where it is damaged.
    """

    def __init__(self, path: Path, *, is_own: bool) -> None:
        self.path = path
        self._is_own = is_own
        self.notes: list[str] = []

    def ask(self, question: Callable[[sqlite3.Connection], _T], nothing: _T) -> _T:
        """Return what the file answers, or ``nothing`` where it cannot."""
        seen = inode_of(self.path)
        for tolerant, may_mend in ((False, True), (True, True), (True, False)):
            if seen is None:
                return nothing
            try:
                with reading(self.path) as connection:
                    if tolerant:
                        connection.text_factory = _text
                    return question(connection)
            except EmptyJournalError:
                return nothing
            except Exception as error:  # noqa: BLE001 - who looks at runs gets those that there are
                if not tolerant and "decode" in str(error):
                    continue
                if not may_mend or fault_of(error) != "damaged" or not self._mended(seen):
                    self._note(f"{self.path.name} cannot be read: {reason(error)}.")
                    return nothing
                seen = inode_of(self.path)
        return nothing

    def prepare(self) -> None:
        """Bring the file forward and take in what waits for it, if that can be done at once."""
        if not self._is_own:
            return
        waiting = pending.waiting(self.path)
        if not waiting and not self.ask(lambda c: version_of(c) < VERSION, nothing=False):
            return
        try:
            connection = open_to_write(self.path)
            try:
                pending.take_in(connection, self.path)
            finally:
                connection.close()
        except Exception as error:  # noqa: BLE001 - what is there can be read all the same
            if waiting:
                runs = f"{len(waiting)} run{'s wait' if len(waiting) > 1 else ' waits'}"
                self._note(f"{runs} to be written to {self.path.name}: {reason(error)}.")

    def _mended(self, seen: int) -> bool:
        if not self._is_own or not os.access(self.path.parent, os.W_OK):
            return False
        with suppress(Exception):
            note = mend(self.path, seen)
            if note is not None:
                self._note(note)
            self.path = own_file(self.path.parent)
            return True
        return False

    def _note(self, line: str) -> None:
        if line not in self.notes:
            self.notes.append(line)


def _text(raw: bytes) -> str:
    """Decode what may be damaged."""
    return raw.decode("utf-8", "replace")

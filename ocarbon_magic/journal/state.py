"""How the journal of this process stands: for who looks for what is wrong."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic.journal import pending
from ocarbon_magic.journal.access import Access
from ocarbon_magic.journal.folder import all_files, home, is_shared, may_be_written, own_file

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class State:
    """Facts on the journal.

    Attributes
    ----------
    file : Path
        The file that this process writes; it need not exist yet.
    runs : int
        How many runs are in it.
    size_bytes : int
    waiting : int
        How many runs wait beside it until it can be written.
    others : int
        How many more journals are in the folder.
    is_shared : bool
        Whether the folder is on a file system of several machines, each of which then
        writes a file of its own.
    is_writable : bool
        Whether this process may write the file, or make it.
    notes : tuple of str
        What could not be read, and why.
    """

    file: Path
    runs: int
    size_bytes: int
    waiting: int
    others: int
    is_shared: bool
    is_writable: bool
    notes: tuple[str, ...]


def state() -> State:
    """Return how the journal stands.

    Raises
    ------
    OSError
        If there can be no such folder.
    """
    folder = home()
    file = own_file(folder)
    access = Access(file, is_own=False)
    (runs,) = access.ask(lambda c: c.execute("SELECT count(*) FROM runs").fetchone(), (0,))
    size_bytes = 0
    with suppress(FileNotFoundError):
        size_bytes = file.stat().st_size
    return State(
        file=file,
        runs=runs,
        size_bytes=size_bytes,
        waiting=len(pending.waiting(file)),
        others=len({*all_files(folder)} - {file}),
        is_shared=is_shared(file),
        is_writable=may_be_written(file),
        notes=tuple(access.notes),
    )

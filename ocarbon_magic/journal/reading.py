"""All runs that can be seen from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.collection import Runs
from ocarbon_magic.collection.shelf import Pile
from ocarbon_magic.journal.access import Access
from ocarbon_magic.journal.folder import all_files, home, own_file
from ocarbon_magic.journal.shelf import Shelf
from ocarbon_magic.journal.writer import notes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ocarbon_magic.collection.entry import Origin
    from ocarbon_magic.collection.wanted import Wanted
    from ocarbon_magic.run import Run


def read(own: Mapping[str, Run], unwritten: Sequence[tuple[Run, Origin]], wanted: Wanted) -> Runs:
    """Return the runs of the journal that are wanted, newest first.

    Parameters
    ----------
    own : mapping
        The runs of this process by id, which stand for themselves.
    unwritten : sequence of tuple
        Those of them that may not be in the journal, with where they come from.
    wanted : Wanted
    """
    files = _files()
    for file in files:
        file.prepare()
    left = [one for one in unwritten if not _is_there(files, one[0].id)]
    told = [notes.popleft() for _ in range(len(notes))]
    pile = Pile([run for run, _ in left], [origin for _, origin in left])
    shelf = Shelf(files, pile, own.get, told)
    return Runs.on(shelf, shelf.ordered(wanted))


def _files() -> list[Access]:
    try:
        folder = home()
        own_path = own_file(folder)
        paths = sorted({own_path, *all_files(folder)})
    except (OSError, RuntimeError):  # a folder that cannot be, or a home that nobody knows
        return []
    return [Access(path, is_own=path == own_path) for path in paths]


def _is_there(files: Sequence[Access], run_id: str) -> bool:
    """Return whether a journal holds a run as it ended."""
    ended = "SELECT 1 FROM runs WHERE id = ? AND status <> 'running'"
    return any(
        file.ask(lambda c: c.execute(ended, (run_id,)).fetchone() is not None, nothing=False)
        for file in files
    )

"""Runs on the shelf: those of every journal of a folder, and those that are not yet in one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ocarbon_magic.journal import queries
from ocarbon_magic.journal.damage import NOTHING, entry_of, run_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterable, Sequence

    from ocarbon_magic.collection.entry import Entry
    from ocarbon_magic.collection.shelf import Pile
    from ocarbon_magic.collection.totals import Total
    from ocarbon_magic.collection.wanted import Wanted
    from ocarbon_magic.journal.access import Access
    from ocarbon_magic.run import Run

_FILE = 1 << 40
"""A number on the shelf is that of the row, and so many times the file's; of the pile, below 0."""

_MOST_KEPT = 500
"""Runs that were read and are kept, of 50 kB at most each."""


class Shelf:
    """All runs that can be seen; a `ocarbon_magic.collection.shelf.Shelf`.

    Parameters
    ----------
    files : sequence of Access
        Those of the journal.
    pile : Pile
        Runs of this process that are in none of them.
    known : callable
        Returns the run of an id, if it was measured in this process.
    notes : sequence of str
    """

    def __init__(
        self,
        files: Sequence[Access],
        pile: Pile,
        known: Callable[[str], Run | None],
        notes: Sequence[str],
    ) -> None:
        self._files = files
        self._pile = pile
        self._known = known
        self._notes = notes
        self._kept: dict[int, Run] = {}

    @property
    def notes(self) -> Sequence[str]:
        """What could not be read, and why."""
        return [*self._notes, *(note for file in self._files for note in file.notes)]

    def ordered(self, wanted: Wanted) -> list[int]:
        """Return the numbers of the runs that are wanted, newest first."""
        ask = partial(queries.find, wanted=wanted)
        found: list[list[int]] = [file.ask(ask, []) for file in self._files]
        stamped = self._piled(wanted)
        if not stamped and not any(found[1:]):
            return found[0] if found else []
        for at, (file, own) in enumerate(zip(self._files, found, strict=True)):
            known: list[queries.Found] = file.ask(partial(queries.stamps, numbers=own), [])
            stamped += [(started_at, at * _FILE + number) for started_at, number in known]
        stamped.sort(key=_moment, reverse=True)
        return [number for _, number in stamped]

    def _piled(self, wanted: Wanted) -> list[queries.Found]:
        numbers, found = range(len(self._pile)), self._pile.matching(wanted)
        entries = zip(numbers, self._pile.entries(numbers), strict=True)
        return [(e.started_at.encode("utf-8", "replace"), -1 - n) for n, e in entries if n in found]

    def matching(self, wanted: Wanted) -> Container[int]:
        """Return the numbers of all that are wanted."""
        return {*self.ordered(wanted)}

    def runs(self, numbers: Sequence[int]) -> list[Run]:
        """Return runs with their records; those of this process as they are."""
        missing = [number for number in numbers if number not in self._kept]
        read = {number: self._pile.runs([-1 - number])[0] for number in missing if number < 0}
        for number, (record, *values) in self._rows(missing, with_record=True).items():
            entry = entry_of(values)
            run = self._known(entry.id) or run_of(entry, record)
            read[number] = run
            if run.status != "running" and len(self._kept) < _MOST_KEPT:
                self._kept[number] = run
        return [self._kept.get(n) or read.get(n) or run_of(NOTHING, None) for n in numbers]

    def entries(self, numbers: Sequence[int]) -> list[Entry]:
        """Return the lines of runs."""
        read = {n: entry_of(values) for n, (_, *values) in self._rows(numbers).items()}
        return [self._pile.entries([-1 - n])[0] if n < 0 else read.get(n, NOTHING) for n in numbers]

    def parts(self, numbers: Sequence[int]) -> Collection[int]:
        """Return the numbers of runs whose figures are in those of another one of these."""
        piled = self._pile.parts([-1 - number for number in numbers if number < 0])
        found = {-1 - number for number in range(len(self._pile)) if number in piled}
        there: set[int] | None = None
        for at, file in enumerate(self._files):
            nested: list[tuple[int, int]] = file.ask(queries.parts, [])
            if nested and there is None:
                there = {*numbers}
            found |= {at * _FILE + p for p, w in nested if at * _FILE + w in (there or ())}
        return found

    def totals(self, numbers: Sequence[int], by: str) -> Iterable[Total]:
        """Return what runs took, in parts."""
        parts = [*self._pile.totals([-1 - number for number in numbers if number < 0], by)]
        for at, own in self._by_file(numbers).items():
            parts += self._files[at].ask(partial(queries.totals, numbers=own, by=by), [])
        return parts

    def _rows(
        self, numbers: Sequence[int], *, with_record: bool = False
    ) -> dict[int, tuple[Any, ...]]:
        """Return record and columns by number."""
        found: dict[int, tuple[Any, ...]] = {}
        for at, own in self._by_file(numbers).items():
            asked = partial(queries.rows, numbers=own, with_record=with_record)
            read: list[tuple[Any, ...]] = self._files[at].ask(asked, [])
            found.update((at * _FILE + row[0], row[1:]) for row in read)
        return found

    @staticmethod
    def _by_file(numbers: Sequence[int]) -> dict[int, list[int]]:
        parted: dict[int, list[int]] = {}
        for number in numbers:
            if number >= 0:
                parted.setdefault(number // _FILE, []).append(number % _FILE)
        return parted


def _moment(found: queries.Found) -> bytes:
    """Return what runs are sorted by; a damaged row may hold anything there."""
    started_at: object = found[0]
    return started_at if isinstance(started_at, bytes) else b""

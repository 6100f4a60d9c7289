"""Where runs are looked up: in memory here, in files elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ocarbon_magic.collection.entry import Entry, Origin
from ocarbon_magic.collection.totals import Total, key_of, total_of

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Sequence

    from ocarbon_magic.collection.wanted import Wanted
    from ocarbon_magic.run import Run


class Shelf(Protocol):
    """Holds runs under numbers of its own, and reads no more of them than is asked for."""

    @property
    def notes(self) -> Sequence[str]:
        """Lines for whoever looks at the list."""

    def runs(self, numbers: Sequence[int]) -> list[Run]:
        """Return runs with their records."""

    def entries(self, numbers: Sequence[int]) -> list[Entry]:
        """Return the lines of runs."""

    def matching(self, wanted: Wanted) -> Container[int]:
        """Return the numbers of all that are wanted."""

    def parts(self, numbers: Sequence[int]) -> Collection[int]:
        """Return the numbers of runs whose figures are in those of another one of these."""

    def totals(self, numbers: Sequence[int], by: str) -> Iterable[Total]:
        """Return what runs took, in parts; several parts may have one key."""


class Pile:
    """Runs in memory; the number of a run is its place.

    Parameters
    ----------
    runs : iterable of Run
    origins : iterable of Origin, optional
        One for each run; without them, that is not known.
    """

    notes: Sequence[str] = ()

    def __init__(self, runs: Iterable[Run], origins: Iterable[Origin] | None = None) -> None:
        self._runs = tuple(runs)
        self._origins = None if origins is None else tuple(origins)

    def __len__(self) -> int:
        return len(self._runs)

    def runs(self, numbers: Sequence[int]) -> list[Run]:
        """Return the runs themselves."""
        return [self._runs[number] for number in numbers]

    def entries(self, numbers: Sequence[int]) -> list[Entry]:
        """Return the lines of runs, as they are now."""
        nowhere = Origin()
        return [
            Entry.of(self._runs[n], nowhere if self._origins is None else self._origins[n])
            for n in numbers
        ]

    def matching(self, wanted: Wanted) -> Container[int]:
        """Return the numbers of all that are wanted."""
        lines = self.entries(range(len(self._runs)))
        return {number for number, entry in enumerate(lines) if wanted.accepts(entry)}

    def parts(self, numbers: Sequence[int]) -> Collection[int]:
        """Return the numbers of runs whose figures are in those of another one of these."""
        ids = {self._runs[number].id for number in numbers}
        return {number for number in numbers if self._runs[number].within in ids}

    def totals(self, numbers: Sequence[int], by: str) -> Iterable[Total]:
        """Return a part for each run."""
        return [total_of(entry, key_of(entry, by)) for entry in self.entries(numbers)]

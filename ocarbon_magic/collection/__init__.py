"""Several finished runs: a list that nobody can change, with its own looks and figures."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Unpack, overload

from ocarbon_magic.collection.entry import COLUMNS
from ocarbon_magic.collection.shelf import Pile
from ocarbon_magic.collection.totals import BY, Totals, totals_of
from ocarbon_magic.collection.wanted import wanted
from ocarbon_magic.errors import OneSentence
from ocarbon_magic.options import unknown_name
from ocarbon_magic.plotted import Plotted
from ocarbon_magic.run import Run
from ocarbon_magic.shown import Shown

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator
    from typing import Literal

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ocarbon_magic.collection.entry import Entry
    from ocarbon_magic.collection.shelf import Shelf
    from ocarbon_magic.collection.wanted import Filters, Wanted

_AT_ONCE = 100
"""Records that are read at a time."""


class MissingPandasError(OneSentence, ImportError):
    """A data frame needs pandas, which is not installed."""


class Runs(Shown, Plotted, Sequence[Run]):
    """Finished runs, newest first; a slice of them is `Runs` again.

    Those of the journal are read from it when they are looked at.

    Parameters
    ----------
    runs : iterable of Run
        In the order in which they are to stand.

    Examples
    --------
    >>> import ocarbon_magic as oc
    >>> len(oc.Runs([]))
    0
    """

    __slots__ = ("_numbers", "_shelf")

    _shelf: Shelf
    _numbers: Sequence[int]

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        pile = Pile(runs)
        self._shelf, self._numbers = pile, range(len(pile))

    @classmethod
    def on(cls, shelf: Shelf, numbers: Sequence[int]) -> Runs:
        """Return the runs that ``shelf`` holds under ``numbers``, in that order."""
        made = cls.__new__(cls)
        made._shelf, made._numbers = shelf, numbers  # noqa: SLF001 - one of ours
        return made

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the list must know, such as a file that could not be read."""
        return tuple(self._shelf.notes)

    def only(self, **filters: Unpack[Filters]) -> Runs:
        """Return those that are as all of these say; `ocarbon_magic.runs` has the filters.

        Raises
        ------
        TypeError
            If there is no such filter.
        ValueError
            If a moment cannot be read, or there is no such status or scope.
        """
        return self.wanted(wanted(**filters))

    def wanted(self, which: Wanted) -> Runs:
        """Return those that are wanted."""
        if which.is_anything:
            return self
        found = self._shelf.matching(which)
        return Runs.on(self._shelf, [number for number in self._numbers if number in found])

    def totals(self, by: str = "day") -> Totals:
        """Return what the runs took and emitted per day, or per something else.

        Parameters
        ----------
        by : str
            ``day`` or ``month`` (of UTC), ``project``, ``user``, ``host``, ``zone``,
            ``device``, ``name``, ``notebook``, ``metric`` or ``status``. Runs on several
            kinds of devices have a line of their own by ``device``, so that lines add up.

        Returns
        -------
        Totals
            Emissions with lifecycle, direct and by-hand intensities stand apart. A run that was
            measured within another one of these is left out, since that one includes it.

        Raises
        ------
        ValueError
            If ``by`` is none of these.
        """
        if by not in BY:
            raise ValueError(unknown_name("total", by, BY))
        parts = self._shelf.parts(self._numbers)
        if parts:
            apart = [number for number in self._numbers if number not in parts]
            return totals_of(self._shelf.totals(apart, by), by, len(self) - len(apart))
        return totals_of(self._shelf.totals(self._numbers, by), by)

    def entries(self) -> list[Entry]:
        """Return a line for each run, without their records: quick for many."""
        return self._shelf.entries(self._numbers)

    def to_pandas(self) -> Any:  # noqa: ANN401 - a DataFrame; pandas is not a dependency
        """Return a data frame with a row for each run; units stand in the names of columns.

        Raises
        ------
        MissingPandasError
            If pandas is not installed (``pip install pandas``).
        """
        try:
            import pandas as pd  # type: ignore[import-untyped] # noqa: PLC0415 - heavy
        except ModuleNotFoundError:
            raise MissingPandasError(
                "A data frame needs pandas, which is not installed: pip install pandas."
            ) from None
        rows = [*map(attrgetter(*COLUMNS), self.entries())]
        columns = zip(*rows, strict=True) if rows else [()] * len(COLUMNS)
        frame = pd.DataFrame(dict(zip(COLUMNS, map(list, columns), strict=True)))
        for name in ("started_at", "ended_at"):
            frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601", errors="coerce")
        for name in ("duration_s", "energy_kwh", "operational_g", "embodied_g", "emissions_g"):
            frame[name] = pd.to_numeric(frame[name], errors="coerce").astype("float64")
        return frame

    @overload
    def plot(
        self,
        kind: Literal["emissions", "metric"] = ...,
        *,
        better: Literal["higher", "lower"] | None = ...,
        ax: None = ...,
        width_in: float | None = ...,
        path: str | os.PathLike[str] | None = ...,
    ) -> Figure: ...

    @overload
    def plot(
        self,
        kind: Literal["emissions", "metric"] = ...,
        *,
        better: Literal["higher", "lower"] | None = ...,
        ax: Axes,
    ) -> Axes: ...

    def plot(
        self,
        kind: Literal["emissions", "metric"] = "emissions",
        *,
        better: Literal["higher", "lower"] | None = None,
        ax: Axes | None = None,
        width_in: float | None = None,
        path: str | os.PathLike[str] | None = None,
    ) -> Figure | Axes:
        """Draw the runs beside each other, fit for print.

        Parameters
        ----------
        kind : str
            ``emissions``: a bar for each run, operational and embodied stacked, the
            uncertainty of the energy as a whisker. ``metric``: the value of ``--metric``
            against the emissions, with the runs that no other beats in both.
        better : str, optional
            Whether ``higher`` or ``lower`` metrics are better; told by the name without it.
        ax : matplotlib.axes.Axes, optional
            Axes of your own to draw on.
        width_in : float, optional
            Width in inches: 3.5 for one column of a journal, 7.2 (the default) for two.
        path : str or path, optional
            Where to save the figure, too; the suffix tells the format.

        Returns
        -------
        matplotlib.figure.Figure or matplotlib.axes.Axes
            A figure, or ``ax`` where it was given.

        Raises
        ------
        MissingMatplotlibError
            If matplotlib is not installed (``pip install 'ocarbon_magic[figures]'``).
        PlotError
            If there are no such runs, or runs that do not compare, or an option cannot be.
        """
        drawn: Figure | Axes = self._plotted(
            kind=kind, better=better, ax=ax, width_in=width_in, path=path
        )
        return drawn

    @overload
    def __getitem__(self, index: int) -> Run: ...

    @overload
    def __getitem__(self, index: slice) -> Runs: ...

    def __getitem__(self, index: int | slice) -> Run | Runs:
        if isinstance(index, slice):
            return Runs.on(self._shelf, self._numbers[index])
        try:
            number = self._numbers[index]
        except IndexError:
            raise IndexError(f"there is no run {index} among {len(self)}.") from None
        return self._shelf.runs([number])[0]

    def __iter__(self) -> Iterator[Run]:
        for start in range(0, len(self), _AT_ONCE):
            yield from self._shelf.runs(self._numbers[start : start + _AT_ONCE])

    def __len__(self) -> int:
        return len(self._numbers)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Runs):
            return NotImplemented
        return len(self) == len(other) and all(
            mine is theirs or mine == theirs for mine, theirs in zip(self, other, strict=True)
        )

    __hash__ = None  # type: ignore[assignment] # runs can change until they are finished

    def __repr__(self) -> str:
        count = len(self)
        return f"<{count:,} run{'' if count == 1 else 's'}>"

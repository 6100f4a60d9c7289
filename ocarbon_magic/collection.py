"""Several finished runs: a list that nobody can change, with its own looks and figures."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, overload

from ocarbon_magic.plotted import Plotted
from ocarbon_magic.run import Run
from ocarbon_magic.shown import Shown

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from typing import Literal

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ocarbon_magic.run import IntensityScope


class Runs(Shown, Plotted, Sequence[Run]):
    """Finished runs, newest first; a slice of them is `Runs` again.

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

    __slots__ = ("_runs",)

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        self._runs = tuple(runs)

    def only(
        self,
        *,
        name: str | None = None,
        scope: IntensityScope | None = None,
        metric: str | None = None,
    ) -> Runs:
        """Return those of a name, of an intensity's scope, or with a metric.

        Parameters
        ----------
        name : str, optional
            As it is, or with ``*`` and ``?``.
        scope : str, optional
            ``lifecycle`` or ``direct``: emissions of the two do not compare.
        metric : str, optional
            The expression of ``--metric``.
        """
        return Runs(
            run
            for run in self._runs
            if (name is None or run.name == name or fnmatchcase(run.name, name))
            and (scope is None or run.intensity.scope == scope)
            and (metric is None or (run.metric is not None and run.metric.expression == metric))
        )

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
            return Runs(self._runs[index])
        try:
            return self._runs[index]
        except IndexError:
            raise IndexError(f"there is no run {index} among {len(self._runs)}.") from None

    def __len__(self) -> int:
        return len(self._runs)

    def __eq__(self, other: object) -> bool:
        return self._runs == other._runs if isinstance(other, Runs) else NotImplemented

    __hash__ = None  # type: ignore[assignment] # runs can change until they are finished

    def __repr__(self) -> str:
        count = len(self._runs)
        return f"<{count:,} run{'' if count == 1 else 's'}>"

"""A comparison: runs side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ocarbon_magic.jsontypes import plain
from ocarbon_magic.plotted import Plotted
from ocarbon_magic.shown import Shown

if TYPE_CHECKING:
    import os
    from typing import Literal

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ocarbon_magic.collection import Runs
    from ocarbon_magic.planning.comparison.difference import Difference
    from ocarbon_magic.planning.comparison.figures import Figures
    from ocarbon_magic.planning.comparison.metric import Yardstick


@dataclass(frozen=True, slots=True)
class Comparison(Shown, Plotted):
    """Runs side by side.

    Attributes
    ----------
    runs : Runs
        In the order in which they stand; the others are held against the first.
    figures : tuple of Figures
        What each of them had.
    changes : tuple of dict
        For each run how it differs from the first, by the names of `Figures`: what can be
        told. Emissions that are not comparable are not there, and that of the first is empty.
    verdict : str
        How they compare, in one sentence.
    obstacle : str or None
        Why emissions are not compared; None where they are.
    metric : Yardstick or None
        What the Pareto front is of, with its better values.
    per : str or None
        What ``emissions_g_per`` is for each of: ``sample``.
    functional_unit : str or None
        What ``sci_g`` is for each of: ``1,000 samples``.
    notes : tuple of str
        What must be known not to mistake the figures.
    """

    runs: Runs
    figures: tuple[Figures, ...]
    changes: tuple[dict[str, Difference], ...]
    verdict: str
    obstacle: str | None
    metric: Yardstick | None
    per: str | None
    functional_unit: str | None
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain JSON types, without the runs; units are in the keys."""
        pairs = zip(self.figures, self.changes, strict=True)
        return {
            "verdict": self.verdict,
            "obstacle": self.obstacle,
            "metric": plain(self.metric),
            "per": self.per,
            "functional_unit": self.functional_unit,
            "runs": [plain(figures) | {"changes": plain(changes)} for figures, changes in pairs],
            "notes": list(self.notes),
        }

    def plot(
        self,
        kind: Literal["emissions", "metric"] | None = None,
        *,
        ax: Axes | None = None,
        width_in: float | None = None,
        path: str | os.PathLike[str] | None = None,
    ) -> Figure | Axes:
        """Draw the runs beside each other, fit for print.

        Parameters
        ----------
        kind : str, optional
            ``metric``, against the emissions with the Pareto front, or ``emissions``, a bar
            each; without it the metric where there is one.
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
            If the emissions are not comparable or not known, or an option cannot be.
        """
        drawn: Figure | Axes = self._plotted(kind=kind, ax=ax, width_in=width_in, path=path)
        return drawn

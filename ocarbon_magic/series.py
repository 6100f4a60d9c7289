"""A run over time in bounded memory: what grows with it, at points that thin out with age."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

_T = TypeVar("_T")

POINTS = 240
"""Most points a record may hold (DESIGN: the record stays below 16 kB)."""

DIGITS = 5
"""Significant digits kept in a record; a screen shows three."""


@overload
def rounded(value: float) -> float: ...


@overload
def rounded(value: None) -> None: ...


def rounded(value: float | None) -> float | None:
    """Return ``value`` with as many digits as a record keeps; None where it is not known."""
    return None if value is None else float(f"{value:.{DIGITS}g}")


class RunSeries:
    """Cumulative energy and work over time, for a run of any length.

    Every tick is kept until there are twice `POINTS` of them; then every second one is
    dropped and only every second new one is kept. All is cumulative, so a dropped point
    loses resolution and neither joules nor steps.

    Attributes
    ----------
    t_s : list of float
        Seconds into the run.
    energy_j : list of float or None
        Joules by then; None where nothing was measured.
    stride : int
        Ticks from one point to the next.
    """

    def __init__(self) -> None:
        self.t_s: list[float] = []
        self.energy_j: list[float | None] = []
        self._steps: dict[Hashable, list[float]] = {}
        self.stride = 1
        self._skipped = 0

    def add(
        self, t_s: float, energy_j: float | None, steps: Mapping[Hashable, float] | None = None
    ) -> None:
        """Record what was drawn and counted by ``t_s`` seconds into the run.

        Parameters
        ----------
        t_s : float
        energy_j : float or None
        steps : mapping, optional
            The steps of each counter; one that is missing has not begun, or stands still.
        """
        self._skipped += 1
        if self.t_s and self._skipped < self.stride:
            return
        self._skipped = 0
        self._append(t_s, energy_j, steps or {})
        if len(self.t_s) >= 2 * POINTS:
            self.stride *= 2
            for column in self._columns():
                del column[1::2]

    def close(
        self, t_s: float, energy_j: float | None, steps: Mapping[Hashable, float] | None = None
    ) -> None:
        """Put the final reading at the end, in place of points that claim to be later.

        It takes the place of the last tick, too, if that was less than half a tick ago: a
        short last span would show a power that is mostly rounding.
        """
        keep = bisect_left(self.t_s, t_s)
        if keep > 1 and t_s - self.t_s[keep - 1] < (self.t_s[keep - 1] - self.t_s[keep - 2]) / 2:
            keep -= 1
        for column in self._columns():
            del column[keep:]
        self._append(t_s, energy_j, steps or {})

    def thinned(self) -> tuple[list[float], list[float | None]]:
        """Return times and energies at no more than `POINTS` points, ends included."""
        return self._thin(self.t_s), self._thin(self.energy_j)

    def work(self, keys: Sequence[Hashable], per_step: float) -> list[float]:
        """Return the work of some counters together, at the points of `thinned`."""
        return self._thin(self.all_work(keys, per_step))

    def all_work(self, keys: Sequence[Hashable], per_step: float) -> list[float]:
        """Return the work of some counters together, at every point kept; empty if unknown."""
        columns = [self._steps[key] for key in keys if key in self._steps]
        if not columns:
            return []
        return [per_step * sum(steps) for steps in zip(*columns, strict=True)]

    def work_at(self, index: int, keys: Sequence[Hashable], per_step: float) -> float | None:
        """Return the work of some counters together at one point; None if unknown."""
        columns = [self._steps[key] for key in keys if key in self._steps]
        return per_step * sum(steps[index] for steps in columns) if columns else None

    def _columns(self) -> list[list[Any]]:
        return [self.t_s, self.energy_j, *self._steps.values()]

    def _append(self, t_s: float, energy_j: float | None, steps: Mapping[Hashable, float]) -> None:
        for key in steps.keys() - self._steps.keys():
            self._steps[key] = [0.0] * len(self.t_s)
        for key, column in self._steps.items():
            last = column[-1] if column else 0.0
            column.append(max(steps.get(key, last), last))
        self.t_s.append(t_s)
        self.energy_j.append(energy_j)

    @staticmethod
    def _thin(column: list[_T]) -> list[_T]:
        step = -(-len(column) // (POINTS - 1)) if len(column) > POINTS else 1
        return column[:-1:step] + column[-1:]


def mean_power(t_s: list[float], energy_j: Sequence[float | None]) -> list[float | None]:
    """Return the mean power in watts of the span that ends at each point.

    The first point has no span and takes the second's, so that a chart starts at its left
    edge; it is None when there is no second. A span with an unknown end is None.
    """
    spans = zip(t_s, t_s[1:], energy_j, energy_j[1:], strict=False)
    power = [
        rounded(max(later - earlier, 0.0) / (end - start))
        if end > start and earlier is not None and later is not None
        else None
        for start, end, earlier, later in spans
    ]
    return [power[0] if power else None, *power] if t_s else []

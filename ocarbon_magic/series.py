"""A run over time in bounded memory: cumulative energy at points that thin out with age."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

POINTS = 240
"""Most points a record may hold (DESIGN: the record stays below 16 kB)."""

DIGITS = 5
"""Significant digits kept in a record; a screen shows three."""


def rounded(value: float) -> float:
    """Return ``value`` with as many digits as a record keeps."""
    return float(f"{value:.{DIGITS}g}")


@dataclass(slots=True)
class EnergySeries:
    """Cumulative energy over time, for a run of any length.

    Every tick is kept until there are twice `POINTS` of them; then every second one is
    dropped and only every second new one is kept. Energy is cumulative, so a dropped
    point loses resolution and no joules.
    """

    t_s: list[float] = field(default_factory=list)
    energy_j: list[float] = field(default_factory=list)
    _stride: int = 1
    _skipped: int = 0

    def add(self, t_s: float, energy_j: float) -> None:
        """Record that ``energy_j`` joules were drawn by ``t_s`` seconds into the run."""
        self._skipped += 1
        if self.t_s and self._skipped < self._stride:
            return
        self._skipped = 0
        self.t_s.append(t_s)
        self.energy_j.append(energy_j)
        if len(self.t_s) >= 2 * POINTS:
            self._stride *= 2
            del self.t_s[1::2], self.energy_j[1::2]

    def close(self, t_s: float, energy_j: float) -> None:
        """Put the final reading at the end, in place of points that claim to be later.

        It takes the place of the last tick, too, if that was less than half a tick ago: a
        short last span would show a power that is mostly rounding.
        """
        keep = bisect_left(self.t_s, t_s)
        if keep > 1 and t_s - self.t_s[keep - 1] < (self.t_s[keep - 1] - self.t_s[keep - 2]) / 2:
            keep -= 1
        del self.t_s[keep:], self.energy_j[keep:]
        self.t_s.append(t_s)
        self.energy_j.append(energy_j)

    def thinned(self) -> tuple[list[float], list[float]]:
        """Return times and energies at no more than `POINTS` points, ends included."""
        step = -(-len(self.t_s) // (POINTS - 1)) if len(self.t_s) > POINTS else 1
        t_s, energy_j = self.t_s[:-1:step], self.energy_j[:-1:step]
        return t_s + self.t_s[-1:], energy_j + self.energy_j[-1:]


def mean_power(t_s: list[float], energy_j: list[float]) -> list[float | None]:
    """Return the mean power in watts of the span that ends at each point.

    The first point has no span and takes the second's, so that a chart starts at its left
    edge; it is None when there is no second.
    """
    spans = zip(t_s, t_s[1:], energy_j, energy_j[1:], strict=False)
    power = [
        rounded(max(later - earlier, 0.0) / (end - start)) if end > start else None
        for start, end, earlier, later in spans
    ]
    return [power[0] if power else None, *power] if t_s else []

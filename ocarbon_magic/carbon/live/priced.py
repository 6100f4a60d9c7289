"""A run's energy with the intensity of its time."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ocarbon_magic.carbon.live.curve import Value
    from ocarbon_magic.carbon.live.slots import Slot


class Part(NamedTuple):
    """A slot of the run with its intensity, and how that is known; None is the tables'."""

    slot: Slot
    g_per_kwh: float
    value: Value | None


class Priced:
    """The parts of a run, of which the last still grows."""

    def __init__(self, parts: Sequence[Part] = ()) -> None:
        self.parts = parts
        self._starts = [part.slot.start_s for part in parts]
        self._alike = next(
            (i for i, part in enumerate(parts) if part.g_per_kwh != parts[0].g_per_kwh), len(parts)
        )
        done = parts[:-1]
        self._joules = [0.0, *accumulate(part.slot.joules for part in done)]
        self._weighed = [0.0, *accumulate(part.slot.joules * part.g_per_kwh for part in done)]

    def mean(self) -> float:
        """Return the mean intensity, weighed by energy; by time where none was drawn."""
        return self._mean_by(len(self.parts) - 1, math.inf)

    def mean_by(self, run_s: float, energy_j: float) -> float:
        """Return the mean intensity of the ``energy_j`` drawn by ``run_s`` seconds into the run."""
        index = max(bisect_right(self._starts, run_s) - 1, 0)
        return self._mean_by(index, energy_j)

    def _mean_by(self, index: int, energy_j: float) -> float:
        if index < self._alike:
            return self.parts[0].g_per_kwh  # to the digit
        slot, g_per_kwh, _ = self.parts[index]
        before = self._joules[index]
        joules = min(max(energy_j - before, 0.0), slot.joules)
        if before + joules > 0.0:
            return (self._weighed[index] + joules * g_per_kwh) / (before + joules)
        return _mean(self.parts[: index + 1])

    def share(self, which: Callable[[Part], bool]) -> float:
        """Return the share of the energy, or of the time where none was drawn, of some parts."""
        weights = _weights(self.parts)
        whole = sum(weights)
        of = sum(w for w, part in zip(weights, self.parts, strict=True) if which(part))
        return of / whole if whole else float(any(map(which, self.parts)))

    def steps(self, most: int) -> Iterator[tuple[float, float]]:
        """Yield seconds into the run, and the intensity from there on; ``most`` of them at most.

        Where there are more, neighbours go together by their mean, weighed by energy.
        """
        steps = list(_steps(self.parts))
        count = min(most, len(steps))
        for number in range(count):
            first, last = (len(steps) * n // count for n in (number, number + 1))
            together = [part for step in steps[first:last] for part in step]
            yield together[0].slot.start_s, _mean(together)


def _weights(parts: Sequence[Part]) -> list[float]:
    joules = [part.slot.joules for part in parts]
    return joules if sum(joules) else [part.slot.end_s - part.slot.start_s for part in parts]


def _mean(parts: Sequence[Part]) -> float:
    weights = _weights(parts)
    whole = sum(weights)
    if not whole:
        return parts[0].g_per_kwh
    return sum(w * part.g_per_kwh for w, part in zip(weights, parts, strict=True)) / whole


def _steps(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Yield neighbours of one intensity together."""
    step: list[Part] = []
    for part in parts:
        if step and part.g_per_kwh != step[-1].g_per_kwh:
            yield step
            step = []
        step.append(part)
    if step:
        yield step

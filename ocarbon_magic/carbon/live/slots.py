"""When a run drew its energy: in slots of five minutes, bounded for a run of any length."""

from __future__ import annotations

from dataclasses import dataclass

SLOT_S = 300.0
"""No source has a shorter step."""


@dataclass(slots=True)
class Slot:
    """A part of a run within five minutes of the clock.

    ``start_s`` and ``end_s`` are seconds into the run, ``joules`` what it drew between them.
    """

    start_s: float
    end_s: float
    joules: float = 0.0

    @property
    def middle_s(self) -> float:
        """Return the middle, in seconds into the run."""
        return (self.start_s + self.end_s) / 2


class Slots:
    """Puts cumulative energy into slots.

    Parameters
    ----------
    began_s : float
        When the run began, in seconds since 1970: slots begin at full five minutes.
    """

    def __init__(self, began_s: float) -> None:
        self._offset_s = began_s % SLOT_S
        self._energy_j = 0.0
        self._at_s = 0.0
        self.slots: list[Slot] = [Slot(0.0, 0.0)]

    def drew(self, run_s: float, energy_j: float) -> None:
        """Add what was drawn since the last call; by ``run_s`` it is ``energy_j`` in all."""
        span_s = run_s - self._at_s
        joules = max(energy_j - self._energy_j, 0.0)
        self._energy_j = max(energy_j, self._energy_j)
        if span_s <= 0.0:
            self.slots[-1].joules += joules
            return
        while self._at_s < run_s:
            begin_s = self._at_s
            end_s = min(self._end_of(begin_s), run_s)
            if begin_s >= self._end_of(self.slots[-1].start_s):
                self.slots.append(Slot(begin_s, begin_s))
            self.slots[-1].end_s = end_s
            self.slots[-1].joules += joules * ((end_s - begin_s) / span_s)
            self._at_s = end_s

    def _end_of(self, run_s: float) -> float:
        """Return where the slot ends that ``run_s`` lies in."""
        number = (run_s + self._offset_s) // SLOT_S
        end_s = (number + 1) * SLOT_S - self._offset_s
        return end_s if end_s > run_s else end_s + SLOT_S

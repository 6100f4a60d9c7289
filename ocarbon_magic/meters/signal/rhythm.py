"""Times to read at that no rhythm of the load keeps in step with."""

from __future__ import annotations

from dataclasses import dataclass

_GOLDEN = 0.6180339887498949


@dataclass(slots=True)
class Rhythm:
    """Beats whose spacing varies by a share of it.

    It varies evenly, by the golden ratio, which leaves less to luck than chance would. Two
    rhythms that begin together stay together, so that one waking serves many devices.

    Attributes
    ----------
    spacing_s : float
        The mean time from beat to beat.
    share : float
        By which share of it that varies at most.
    due_s : float
        The next beat.
    """

    spacing_s: float
    share: float
    due_s: float = 0.0
    _turn: int = 0

    def begin(self, now_s: float) -> None:
        """Begin, with the first beat one spacing from now."""
        self.due_s = now_s
        self.passed(now_s)

    def passed(self, now_s: float) -> None:
        """Plan the next beat; missed ones are not made up for."""
        self._turn += 1
        varied_s = self.spacing_s * (1 + self.share * (2 * (self._turn * _GOLDEN % 1.0) - 1))
        due_s = self.due_s + varied_s
        self.due_s = due_s if due_s > now_s else now_s + varied_s

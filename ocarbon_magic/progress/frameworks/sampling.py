"""When to look into a training step of PyTorch: at two early ones, and only if that is safe."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from ocarbon_magic.progress.frameworks.flop import (
    leave,
    new_mode,
    reason_not_to_measure,
    reason_unknown,
    step_flop,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from ocarbon_magic.progress.frameworks.flop import StepFlop, Work

UNKNOWN = "The FLOP of a training step are not known"

# The first steps allocate and compile. The later ones are for what was not to be had earlier.
DUE_STEPS = frozenset({3, 10, 30})
_LAPS = 2
_STARTS = 4
_PATIENCE_STEPS = 100


class StepSampler:
    """Measures the FLOP of a training step at a few early steps.

    All methods but `result` belong to threads that train.

    Parameters
    ----------
    done : callable
        Returns the training steps counted so far.
    notes : list of str
        Where to say what could not be measured.

    Attributes
    ----------
    on : bool
        Whether the next step of any optimizer is to be told.
    result : StepFlop or None
        The latest figure.
    """

    def __init__(self, done: Callable[[], int], notes: list[str]) -> None:
        self.on = False
        self.result: StepFlop | None = None
        self._done, self._notes = done, notes
        self._mode: Any = None
        self._starts = 0
        self._thread = 0
        self._failed = ""
        self._anchor: Hashable = None
        self._before = 0
        self._passed: Counter[Hashable] = Counter()
        self._covered: set[Hashable] = set()
        self._laps: list[tuple[float, Counter[Work], set[Hashable]]] = []

    def stepped(self, optimizer: Hashable) -> None:
        """Take note of the end of a step of ``optimizer``."""
        try:
            self._stepped(optimizer)
        except Exception as error:  # noqa: BLE001 - measuring never breaks training
            self._failed = f"{type(error).__name__}: {error}"
            self._say(self._failed)
            self.stop()

    def _stepped(self, optimizer: Hashable) -> None:
        if self._mode is None:
            self._start(optimizer)
        elif threading.get_ident() != self._thread:
            self._failed = self._failed or "several threads train"
        elif self._mode.idle or self._failed:
            self.stop()
        else:
            self._passed[optimizer] += 1
            if optimizer is self._anchor:
                self._lap()
            elif self._passed[optimizer] > _PATIENCE_STEPS:  # the anchor has had its last
                self.stop()

    def stop(self) -> bool:
        """Take the mode off, or make it idle until that can be done; return whether it is off."""
        mode = self._mode
        if mode is None:
            return True
        mode.idle = True
        if threading.get_ident() != self._thread or not leave(mode):
            return False
        self._mode = None
        self.on = False
        self._say(self._failed)
        return True

    def _say(self, reason: str) -> None:
        if not reason:
            return
        self.result = None
        note = f"{UNKNOWN}: {reason}."
        if note not in self._notes:
            self._notes.append(note)

    def _start(self, optimizer: Hashable) -> None:
        if self._starts >= _STARTS or optimizer in self._covered:
            return
        if reason := reason_not_to_measure():
            self._say(reason)
            return
        self._starts += 1
        self._thread = threading.get_ident()
        self._anchor, self._before, self._failed = optimizer, self._done(), ""
        self._passed.clear()
        self._laps.clear()
        self._mode, self.on = new_mode(), True
        self._mode.__enter__()

    def _lap(self) -> None:
        mode, now = self._mode, self._done()
        work, mode.work = mode.work, Counter()
        steps = max(now - self._before, 1)
        self._laps.append((work.total() / steps, work, set(self._passed)))
        self._failed = self._failed or mode.failed or reason_unknown(work)
        if work and len(self._laps) == _LAPS and not self._failed:
            # An evaluation between two steps makes one of them large; that its gradients are
            # off does not tell it, for teachers and target networks run so in each step.
            flop, work, self._covered = min(self._laps, key=lambda lap: lap[0])
            self.result = step_flop(work, flop / work.total())
            self._notes[:] = [note for note in self._notes if not note.startswith(UNKNOWN)]
        if not work or len(self._laps) == _LAPS or self._failed:
            self.stop()
        self._before = now
        self._passed.clear()

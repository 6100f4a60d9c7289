"""When to read a counter, so that few readings tell when it steps."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocarbon_magic.meters.signal.steps import Interval, StepClock

SPACING_S = 0.004
"""From reading to reading while the first steps are sought."""

MOST_READS = 100
LONGEST_S = 5.0
"""The first steps are given up after so many readings, or so long; usually 0.2 s do."""

MARGIN_S = 0.003
"""How long before a step might come the reading before it is taken."""

MOST_PARTS = 4
"""Readings that narrow one step down."""

WORTHWHILE_S = 0.04
"""Periods shorter than this are not followed: half a step is soon nothing."""


@dataclass(slots=True)
class StepSearch:
    """Finds two steps by reading closely, then looks at single ones ever further apart."""

    clock: StepClock
    _begun_s: float | None = None
    _reads: int = 0
    _target: Interval | None = None
    _plan: deque[float] = field(default_factory=deque)
    _based: bool = False

    def begin(self, now_s: float) -> None:
        """Begin to look for the first steps."""
        self._begun_s = now_s

    @property
    def begun(self) -> bool:
        """Whether the search was begun."""
        return self._begun_s is not None

    def probing(self, now_s: float) -> bool:
        """Tell whether the first steps are being sought."""
        return (
            self._begun_s is not None
            and self.clock.period is None
            and self._reads < MOST_READS
            and now_s - self._begun_s < LONGEST_S
        )

    def due_s(self, now_s: float, last_read_s: float) -> float | None:
        """Return when to read next, or None when no reading would tell more."""
        if self._begun_s is None:
            return None
        if self.probing(now_s):
            return last_read_s + SPACING_S
        if self._target is not None and not self._based and now_s > self._target.low:
            self._look_again(now_s)  # woken too late: this step may have come already
        return self._plan[0] if self._plan else None

    def took(self, now_s: float, *, changed: bool) -> None:
        """Learn that the counter was read, and whether it had changed."""
        if self.clock.period is None:
            self._reads += 1
        elif not self._plan:
            self._look_again(now_s)
        elif now_s >= self._plan[0]:
            self._plan.popleft()
            if (changed and self._based) or not self._plan:
                self._look_again(now_s)
            else:
                self._based = True

    def _look_again(self, now_s: float) -> None:
        self._plan.clear()
        self._based = False
        period = self.clock.period
        self._target = target = (
            self.clock.next_look(now_s + 2 * MARGIN_S)
            if period is not None and period.middle >= WORTHWHILE_S
            else None
        )
        if target is not None:
            parts = min(max(math.ceil(target.width / SPACING_S), 1), MOST_PARTS)
            self._plan.append(target.low - MARGIN_S)
            self._plan.extend(target.low + target.width * part / parts for part in range(1, parts))
            self._plan.append(target.high + MARGIN_S / 4)

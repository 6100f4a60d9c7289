"""The budget of one run: what is said when it is passed, and when the cell is to end."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from ocarbon_magic import units

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.run import Projection, RunProjection, Status

UNMEASURED_AFTER_S = 10.0
"""How long nothing is said of energy that is not known: meters may start late."""

_GIVEN_DIGITS = 6


class Budget:
    """Compares a run with its budget, and keeps one line about it in the run's warnings.

    The line tells of a projection that passes the budget, and gives way to one about the
    emissions when these do. It stands until the whole interval lies within the budget, and
    its figures until the projection has left the interval told, so that a projection that
    wavers does not make it come and go.

    Parameters
    ----------
    limit_g : float or None
        In gCO2e; None where there is no budget.
    stop : bool
        Whether the code is to end when its emissions reach the budget.
    warnings : list of str
        Where the line is kept: the run's own list.
    clock : callable
        Seconds of a monotonic clock.

    Attributes
    ----------
    interrupt : callable or None
        Ends the measured code as soon as it can, given the line that says why; returns the
        line it was ended with, or None where that is still to come. Asked at each check; set
        by whoever runs the code, None where it cannot be ended.
    """

    def __init__(
        self,
        limit_g: float | None,
        *,
        stop: bool,
        warnings: list[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limit_g = limit_g
        self.interrupt: Callable[[str], str | None] | None = None
        self._stops = stop
        self._warnings = warnings
        self._clock = clock
        self._lock = threading.Lock()
        self._begun_s = clock()
        self._line: str | None = None
        self._told: Projection | None = None
        self._passed = False
        self._ended = False

    def check(self, emitted_g: float | None, projection: RunProjection | None) -> None:
        """Compare what was emitted so far, and what is projected; called at each tick.

        Parameters
        ----------
        emitted_g : float or None
            gCO2e since the start of the run.
        projection : RunProjection or None
            The current one.
        """
        if self.limit_g is None:
            return
        with self._lock:
            if not self._ended:
                self._compare(self.limit_g, emitted_g, projection)

    def conclude(
        self,
        emitted_g: float | None,
        projection: RunProjection | None,
        status: Status,
        stopped: str | None,
    ) -> None:
        """Keep what is true of the ended run.

        Parameters
        ----------
        emitted_g, projection
            As they are in the record.
        status : str
            How the run ended.
        stopped : str or None
            The line that the code was ended with, if it was.
        """
        if self.limit_g is None:
            return
        with self._lock:
            self._ended = True
            if stopped is not None:
                self._say(stopped if status != "finished" else _caught(stopped))
            elif emitted_g is None:
                self._say((_passed if self._passed else _unmeasured)(self.limit_g))
            elif emitted_g >= self.limit_g:
                self._say(_passed(self.limit_g))
            else:
                self._project(self.limit_g, projection)

    def _compare(
        self, limit_g: float, emitted_g: float | None, projection: RunProjection | None
    ) -> None:
        if emitted_g is None:
            if not self._passed and self._clock() - self._begun_s >= UNMEASURED_AFTER_S:
                self._say(_unmeasured(limit_g))
        elif emitted_g >= limit_g:
            self._pass(limit_g, emitted_g)
        elif not self._passed:
            self._project(limit_g, projection)

    def _pass(self, limit_g: float, emitted_g: float) -> None:
        if not self._passed:
            self._passed = True
            self._say(_passed(limit_g))
        if self._stops and self.interrupt is not None:
            stopped = self.interrupt(_stopped(emitted_g, limit_g))
            if stopped is not None:
                self._stops = False
                self._say(stopped)

    def _project(self, limit_g: float, projection: RunProjection | None) -> None:
        made, told = None if projection is None else projection.emissions_g, self._told
        if made is None or (told is None and made.value <= limit_g) or made.high <= limit_g:
            self._say(None)
        elif told is None or not told.low <= made.value <= told.high:
            self._say(_projected(made, limit_g), made)

    def _say(self, line: str | None, told: Projection | None = None) -> None:
        """Put ``line`` in place of the one said before, or take that one back."""
        self._told = told
        said, self._line = self._line, line
        if line == said:
            return
        place = self._warnings.index(said) if said in self._warnings else len(self._warnings)
        self._warnings[place : place + 1] = [] if line is None else [line]


def grams(value_g: float) -> str:
    """Return gCO2e with three significant digits and the prefix that suits, as in "34.2 g"."""
    return str(_amount(value_g))


def _amount(value_g: float) -> units.Amount:
    return units.given(units.plain_mass(value_g))


def _given(limit_g: float) -> str:
    """Return a budget with as many digits as a person gives it."""
    return str(units.given(units.plain_mass(limit_g, _GIVEN_DIGITS)))


def _projected(made: Projection, limit_g: float) -> str:
    interval = units.interval(_amount(made.low), _amount(made.high), "to")
    verb = "passes" if made.value > limit_g else "may still pass"
    budget = f"the budget of {_given(limit_g)}"
    return f"The projection, {grams(made.value)} ({interval}), {verb} {budget}."


def _passed(limit_g: float) -> str:
    return f"The emissions passed the budget of {_given(limit_g)}."


def _stopped(emitted_g: float, limit_g: float) -> str:
    return (
        f"Stopped at the budget: {grams(emitted_g)} of {_given(limit_g)} CO2e emitted "
        "(--stop-at-budget)."
    )


def _caught(stopped: str) -> str:
    return f"{stopped} The code caught this and ended by itself."


def _unmeasured(limit_g: float) -> str:
    return f"No energy was measured, so the budget of {_given(limit_g)} could not be watched."

"""The sampling thread: it alone talks to the meters, so that no meter can hold up a cell.

A driver may take seconds to answer, hang, or lose a device. The cell's own thread waits
for the sampling thread no longer than it says, at the start and at the end, and goes on
with what is known.
"""

from __future__ import annotations

import contextvars
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ocarbon_magic.meters.base import MeterUnavailableError, Notes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ocarbon_magic.meters.base import Meter, Reading


@dataclass(slots=True)
class MeterState:
    """One meter with the last it said; ``answered`` is False until its final reading."""

    meter: Meter
    started_s: float
    readings: Sequence[Reading] = ()
    read_s: float = 0.0
    due_s: float | None = None
    failed: bool = False
    answered: bool = False


@dataclass(slots=True)
class Outcome:
    """What the sampling thread knows at the end of the run."""

    states: list[MeterState] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)
    interrupted: bool = False


class Sampler:
    """Starts, reads and stops meters in a thread of its own.

    Parameters
    ----------
    find_meters : callable
        Returns the meters and a list of notes; may raise `ValueError` with a sentence for
        the user. Called in the thread, because looking for devices can take long.
    interval_s : float
        Seconds between two ticks.
    clock : callable
        Seconds of a monotonic clock.
    on_tick : callable
        Called in the thread at each tick with the clock time and all current readings.
    """

    def __init__(
        self,
        find_meters: Callable[[], tuple[list[Meter], list[str]]],
        *,
        interval_s: float,
        clock: Callable[[], float],
        on_tick: Callable[[float, list[Reading]], None],
    ) -> None:
        self._find_meters = find_meters
        self._interval_s = interval_s
        self._clock = clock
        self._on_tick = on_tick
        self._outcome = Outcome()
        self._refused: ValueError | None = None
        self._end_s = 0.0
        self._starting: Meter | None = None
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._done = threading.Event()
        # In the context of the cell, so that what is shown from the thread is the cell's.
        context = contextvars.copy_context()
        self._thread = threading.Thread(
            target=context.run, args=(self._work,), name="ocarbon-sampler", daemon=True
        )

    def start(self, patience_s: float) -> None:
        """Start measuring; return once every meter runs, or after ``patience_s``.

        Raises
        ------
        ValueError
            If the devices asked for do not exist.
        """
        self._thread.start()
        self._ready.wait(patience_s)
        if self._refused is not None:
            self._stopping.set()
            raise self._refused

    def stop(self, end_s: float, patience_s: float) -> Outcome:
        """Stop at clock time ``end_s``; wait at most ``patience_s`` for final readings."""
        self._end_s = end_s
        self._stopping.set()
        try:
            self._done.wait(patience_s)
        except KeyboardInterrupt:
            # The run ends with all its readings; who must know of the interrupt is told then.
            self._outcome.interrupted = True
            self._done.wait(patience_s)
        if self._refused is not None:
            self._outcome.notes.add(str(self._refused))
        if (slow := self._starting) is not None and slow.describe():
            self._outcome.notes.add(
                f"{_named(slow)} had not started when the run ended: its energy is not known."
            )
        return self._outcome

    def _work(self) -> None:
        try:
            self._start_meters()
            self._ready.set()
            self._sample()
            self._stop_meters()
        except Exception as error:  # noqa: BLE001 - measuring never breaks training
            self._outcome.notes.add(f"Measuring stopped: {_said(error)}")
        finally:
            self._ready.set()
            self._done.set()

    def _start_meters(self) -> None:
        try:
            meters, notes = self._find_meters()
        except ValueError as refused:
            self._refused = refused
            return
        for note in notes:
            self._outcome.notes.add(note)
        for meter in meters:
            if self._stopping.is_set():
                return
            self._starting = meter
            try:
                meter.start()
            except MeterUnavailableError as error:
                self._outcome.notes.add(" ".join(filter(None, [str(error), error.remedy])))
            except Exception as error:  # noqa: BLE001 - the other meters go on
                self._outcome.notes.add(f"{_named(meter)} could not be started: {_said(error)}")
            else:
                now = self._clock()
                state = MeterState(meter, started_s=now, read_s=now, due_s=meter.due_s())
                self._outcome.states.append(state)
            finally:
                self._starting = None

    def _sample(self) -> None:
        tick_s = self._clock() + self._interval_s
        while not self._stopping.wait(max(self._next_s(tick_s) - self._clock(), 0.0)):
            now = self._clock()
            tick = now >= tick_s
            for state in self._outcome.states:
                if tick or (state.due_s is not None and now >= state.due_s):
                    self._read(state)
            if tick and not self._stopping.is_set():
                self._on_tick(now, [r for s in self._outcome.states for r in s.readings])
                # A late tick is not made up for: the meters' own time stamps carry the energy.
                tick_s = max(tick_s + self._interval_s, now)

    def _next_s(self, tick_s: float) -> float:
        wishes = (state.due_s for state in self._outcome.states)
        return min([tick_s, *(wish for wish in wishes if wish is not None)])

    def _read(self, state: MeterState) -> None:
        if state.failed or self._stopping.is_set():
            return
        try:
            state.readings = state.meter.read()
            state.due_s = state.meter.due_s()
        except Exception as error:  # noqa: BLE001 - the other meters go on
            self._give_up(state, error)
        state.read_s = self._clock()

    def _stop_meters(self) -> None:
        # The meters were started with the slow ones last; the ones whose window must end
        # closest to the cell's end are read first.
        for state in reversed(self._outcome.states):
            if not state.failed:
                try:
                    state.readings = state.meter.stop(self._end_s)
                    state.read_s = self._end_s
                except Exception as error:  # noqa: BLE001 - the last reading stands
                    self._give_up(state, error)
            state.answered = True

    def _give_up(self, state: MeterState, error: Exception) -> None:
        state.failed, state.due_s = True, None
        self._outcome.notes.add(
            f"{_named(state.meter)} stopped working during the run, so its energy is a lower "
            f"bound: {_said(error)}"
        )


def _named(meter: Meter) -> str:
    devices = meter.describe()
    return f"The meter of {devices[0].name}" if devices else type(meter).__name__


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")

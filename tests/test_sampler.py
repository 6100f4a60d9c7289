"""The sampling thread: no meter can hold up a cell, and none takes another with it."""

from __future__ import annotations

import threading
import time

import pytest

from ocarbon_magic.meters.base import Device, MeterUnavailableError, Notes, Reading
from ocarbon_magic.sampler import Sampler

PATIENT = 30.0


class Steady:
    """A meter of a constant 10 W."""

    def __init__(self, name="steady", due_s=None):
        self.notes = Notes()
        self.device = Device("cpu", name, None, "cpu-estimate", measured=False)
        self.calls = []
        self.begun = threading.Event()
        self.read_once = threading.Event()
        self._due_s = due_s
        self._start_s = 0.0

    def describe(self):
        return [self.device]

    def start(self):
        self.calls.append("start")
        self._start_s = time.monotonic()
        self.begun.set()

    def due_s(self):
        return self._due_s

    def read(self):
        self.calls.append("read")
        self.read_once.set()
        self._due_s = None
        return [Reading(self.device, 10 * (time.monotonic() - self._start_s))]

    def stop(self, end_s):
        self.calls.append("stop")
        return [Reading(self.device, 10 * (end_s - self._start_s))]


class Hanging(Steady):
    """A meter that hangs in one of its calls until it is let go."""

    def __init__(self, call):
        super().__init__("hanging")
        self.hangs_in = call
        self.released = threading.Event()
        self.reached = threading.Event()

    def _hang(self, call):
        if call == self.hangs_in:
            self.reached.set()
            self.released.wait(PATIENT)

    def start(self):
        self._hang("start")
        super().start()

    def read(self):
        self._hang("read")
        return super().read()

    def stop(self, end_s):
        self._hang("stop")
        return super().stop(end_s)


class Failing(Steady):
    """A meter that raises in one of its calls."""

    def __init__(self, call, error):
        super().__init__("failing")
        self._call, self._error = call, error

    def start(self):
        if self._call == "start":
            raise self._error
        super().start()

    def read(self):
        self.read_once.set()
        if self._call == "read":
            raise self._error
        return super().read()

    def stop(self, end_s):
        if self._call == "stop":
            raise self._error
        return super().stop(end_s)


def sampler_of(*meters, interval_s=60.0, on_tick=lambda *_: None, notes=()):
    return Sampler(
        lambda: (list(meters), list(notes)),
        interval_s=interval_s,
        clock=time.monotonic,
        on_tick=on_tick,
    )


def threads():
    return [t for t in threading.enumerate() if t.name == "ocarbon-sampler"]


def test_meters_are_started_read_and_stopped_and_the_thread_ends():
    ticked = threading.Event()
    meter = Steady()
    sampler = sampler_of(meter, interval_s=0.01, on_tick=lambda *_: ticked.set())
    sampler.start(PATIENT)
    assert ticked.wait(PATIENT)
    end_s = time.monotonic()
    outcome = sampler.stop(end_s, PATIENT)
    (state,) = outcome.states
    assert (meter.calls[0], meter.calls[-1]) == ("start", "stop")
    assert state.answered
    assert state.readings[0].energy_j == pytest.approx(10 * (end_s - meter._start_s))
    sampler._thread.join(PATIENT)
    assert threads() == []


def test_a_meter_that_is_due_is_read_before_the_next_tick():
    meter = Steady(due_s=0.0)
    sampler = sampler_of(meter)
    sampler.start(PATIENT)
    assert meter.read_once.wait(PATIENT)
    sampler.stop(time.monotonic(), PATIENT)


def test_the_meter_started_last_is_stopped_first():
    order = []
    first, last = Steady("first"), Steady("last")
    for meter in (first, last):
        meter.stop = lambda _end, name=meter.device.name: order.append(name) or []
    sampler = sampler_of(first, last)
    sampler.start(PATIENT)
    sampler.stop(time.monotonic(), PATIENT)
    assert order == ["last", "first"]


@pytest.mark.parametrize("call", ["start", "read", "stop"])
def test_a_hanging_meter_does_not_hold_up_the_cell(call):
    hanging, steady = Hanging(call), Steady()
    sampler = sampler_of(steady, hanging, interval_s=0.01)
    sampler.start(0.05 if call == "start" else PATIENT)
    if call == "stop":
        outcome = sampler.stop(time.monotonic(), 0.05)
    else:
        assert hanging.reached.wait(PATIENT)
        outcome = sampler.stop(time.monotonic(), 0.05)
    assert [s.answered for s in outcome.states if s.meter is hanging] in ([False], [])
    assert steady in [s.meter for s in outcome.states]
    hanging.released.set()
    sampler._thread.join(PATIENT)
    assert threads() == []


@pytest.mark.parametrize("call", ["start", "read", "stop"])
def test_a_failing_meter_is_one_note_and_the_others_go_on(call):
    failing, steady = Failing(call, RuntimeError("fell off the bus")), Steady()
    sampler = sampler_of(steady, failing, interval_s=0.01)
    sampler.start(PATIENT)
    assert steady.read_once.wait(PATIENT)
    if call == "read":
        assert failing.read_once.wait(PATIENT)
    outcome = sampler.stop(time.monotonic(), PATIENT)
    (note,) = outcome.notes.lines
    assert "failing" in note
    assert "fell off the bus" in note
    assert steady.calls[-1] == "stop"


def test_a_meter_that_cannot_work_here_is_left_out_with_its_remedy():
    sampler = sampler_of(Failing("start", MeterUnavailableError("No counter.", "Ask for one.")))
    sampler.start(PATIENT)
    outcome = sampler.stop(time.monotonic(), PATIENT)
    assert outcome.states == []
    assert outcome.notes.lines == ["No counter. Ask for one."]


def test_devices_that_do_not_exist_are_refused_before_the_cell_starts():
    def refuse():
        raise ValueError("there is no GPU 7")

    sampler = Sampler(refuse, interval_s=1, clock=time.monotonic, on_tick=lambda *_: None)
    with pytest.raises(ValueError, match="there is no GPU 7"):
        sampler.start(PATIENT)
    sampler._thread.join(PATIENT)
    assert threads() == []


def test_devices_refused_too_late_are_a_note():
    gate = threading.Event()

    def refuse():
        gate.wait(PATIENT)
        raise ValueError("there is no GPU 7")

    sampler = Sampler(refuse, interval_s=1, clock=time.monotonic, on_tick=lambda *_: None)
    sampler.start(0.01)
    gate.set()
    assert sampler.stop(time.monotonic(), PATIENT).notes.lines == ["there is no GPU 7"]


def test_notes_of_discovery_come_first():
    sampler = sampler_of(Steady(), notes=["a GPU was left out"])
    sampler.start(PATIENT)
    assert sampler.stop(time.monotonic(), PATIENT).notes.lines == ["a GPU was left out"]


def test_an_interrupt_while_the_run_ends_is_kept_for_later(monkeypatch):
    meter = Steady()
    sampler = sampler_of(meter)
    sampler.start(PATIENT)
    wait, calls = sampler._done.wait, []

    def interrupted_once(timeout):
        calls.append(timeout)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return wait(timeout)

    monkeypatch.setattr(sampler._done, "wait", interrupted_once)
    outcome = sampler.stop(time.monotonic(), PATIENT)
    assert outcome.interrupted
    assert [s.answered for s in outcome.states] == [True]

"""Runs recorded on a clock that moves when told, with meters of constant power."""

from __future__ import annotations

import ocarbon_magic as oc
from ocarbon_magic import recorder as recorder_module
from ocarbon_magic.config import resolve
from ocarbon_magic.meters.base import Device, Notes, Reading
from ocarbon_magic.meters.discover import Discovery
from ocarbon_magic.outlook import prepare
from ocarbon_magic.recorder import Recorder


class Clock:
    """A clock that moves when told."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Constant:
    """A meter of constant power on a clock of the test's."""

    def __init__(self, clock, power_w=100.0, *, kind="gpu", name="GPU 0", energy=True, late_s=0.0):
        self.notes = Notes()
        self.device = Device(kind, name, f"uuid of {name}", "nvml-energy-counter", measured=True)
        self._clock, self._power_w, self._known = clock, power_w, energy
        self._late_s = late_s
        self._start_s = 0.0

    def describe(self):
        return [self.device]

    def due_s(self):
        return None

    def start(self):
        self._clock.now += self._late_s
        self._start_s = self._clock()

    def reading(self, at_s):
        energy_j = self._power_w * (at_s - self._start_s) if self._known else None
        return [Reading(self.device, energy_j, self._power_w, self._power_w, 5.0)]

    def read(self):
        return self.reading(self._clock())

    def stop(self, end_s):
        return self.reading(end_s)


def recording(monkeypatch, clock):
    """Return a function that records 10 s on the clock with the given meters.

    What projects is imported by then, as in a process that has measured for some seconds.
    """
    prepare()

    def run(*meters, left_out=(), duration_s=10.0, during=lambda _: None, **options):
        found = Discovery(list(meters), list(left_out))
        monkeypatch.setattr(recorder_module, "discover", lambda *_, **__: found)
        settings, _ = resolve(
            {"zone": "FRA", "intensity": 360.0, "interval": 60, **options}, {}, {}
        )
        made = Recorder(settings, "test", clock=clock)
        made.start()
        clock.now += duration_s
        during(made)
        return made.stop("finished")

    return run


def trains(meter, clock, steps, *, total, left=None):
    """Return what trains for some steps of a second, and leaves the loop early if told to."""

    def during(made):
        for step in oc.track(range(total)):
            if step == (left or steps):
                break
            clock.now += 1.0
            made._tick(clock(), meter.read())

    return during

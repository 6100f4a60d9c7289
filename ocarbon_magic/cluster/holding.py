"""The devices that one engine measures: those of its host whose lock it got, and its own CPU time.

A device that another process of the run measures is asked for at every tick, so that it is
measured on when that process is gone.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from ocarbon_magic.cluster.messages import device_entry, device_id
from ocarbon_magic.meters.base import MeterUnavailableError, Notes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ocarbon_magic.cluster.locks import DeviceLocks
    from ocarbon_magic.cluster.messages import DeviceEntry
    from ocarbon_magic.meters.base import Device, Meter, Reading

_OF_THE_PROCESS = "cpu-estimate"
"""The method that measures this process and its children alone, so that it needs no lock."""

_READ_RARELY = {"nvml-energy-counter"}
"""Methods whose counter is read more rarely than we tick: in between, their energy stands still."""


@dataclass(slots=True)
class _Held:
    """A meter that runs here, with what it said last of each device."""

    meter: Meter
    from_s: float = 0.0
    readings: Sequence[Reading] = ()
    to_s: dict[str, float] = field(default_factory=dict)
    failed: bool = False

    def take(self, readings: Sequence[Reading], now_s: float, *, last: bool = False) -> None:
        """Keep new readings, and up to when each of them tells."""
        before = {device_id(reading.device): reading.energy_j for reading in self.readings}
        for reading in readings:
            key = device_id(reading.device)
            lags = reading.device.method in _READ_RARELY and not last
            if reading.energy_j is not None and not (lags and reading.energy_j == before.get(key)):
                self.to_s[key] = now_s
        self.readings = readings

    def entries(self) -> list[DeviceEntry]:
        """Return what is told of the devices."""
        return [
            device_entry(r, self.from_s, self.to_s.get(device_id(r.device), self.from_s))
            for r in self.readings
        ]


class HeldDevices:
    """Measures in an engine what no other process of the run measures.

    All methods are called from one thread, and none raises.

    Parameters
    ----------
    selection : str
        The devices of the run, as `discover` takes them.
    locks : DeviceLocks
    clock : callable
        Seconds of the host's monotonic clock.
    """

    def __init__(self, selection: str, locks: DeviceLocks, clock: Callable[[], float]) -> None:
        self._locks, self._clock = locks, clock
        self._held: list[_Held] = []
        self._wanted: dict[str, Callable[[], Meter]] = {}
        self.notes = Notes()
        try:
            self._find(selection)
        except Exception as error:  # noqa: BLE001 - measuring never breaks training
            self.notes.add(f"Its devices are not measured: {type(error).__name__}: {error}")

    def due_s(self) -> float:
        """Return when the next reading is wanted; infinity leaves it to the tick."""
        due = (held.meter.due_s() for held in self._held if not held.failed)
        return min((wish for wish in due if wish is not None), default=math.inf)

    def read(self, *, tick: bool) -> None:
        """Read what is due, or all at a ``tick``; then ask for what others measured, too."""
        for held in self._held:
            due_s = None if held.failed else held.meter.due_s()
            now_s = self._clock()
            if not held.failed and (tick or (due_s is not None and due_s <= now_s)):
                self._guarded(held, lambda meter: meter.read(), now_s)
        for name in [*self._wanted] if tick else ():
            if self._locks.take(name):
                self._try(self._wanted.pop(name))

    def stop(self, end_s: float) -> None:
        """Take the last readings, up to ``end_s``, and free the locks."""
        for held in reversed(self._held):
            if not held.failed:
                self._guarded(held, lambda meter: meter.stop(end_s), end_s, last=True)
        self._locks.free()

    def entries(self) -> list[DeviceEntry]:
        """Return what is told of the devices."""
        return [entry for held in self._held for entry in held.entries()]

    def all_notes(self) -> list[str]:
        """Return what the reader of the record should know, one line each."""
        lines = [*self.notes.lines, *(n for held in self._held for n in held.meter.notes.lines)]
        return [line for line in lines if not _is_of_sharing(line)]

    def _find(self, selection: str) -> None:
        from ocarbon_magic.meters.discover import discover  # noqa: PLC0415 - loads much

        try:
            found = discover(on_engines(selection), clock=self._clock, environ=os.environ)
        except ValueError as refused:  # a GPU that this host does not have
            self.notes.add(str(refused))
            found = discover("cpu", clock=self._clock)
        for left in found.left_out:
            if left.warn:
                self.notes.add(" ".join(filter(None, [f"{left.what}:", left.why, left.remedy])))
        for meter in found.meters:
            self._divide(meter)

    def _divide(self, meter: Meter) -> None:
        """Start ``meter`` for the devices that are ours, and note how to take over the rest."""
        devices = meter.describe()
        if not devices or devices[0].method == _OF_THE_PROCESS:
            self._start(meter)
            return
        if devices[0].kind != "gpu":  # one meter reads all the counters of the processors
            if self._locks.take(devices[0].method):
                self._start(meter)
            else:
                self._wanted[devices[0].method] = lambda: meter
            return
        ours = [device for device in devices if self._locks.take(device_id(device))]
        for device in devices:
            if device not in ours:
                self._wanted[device_id(device)] = partial(self._of_gpus, [device])
        if len(ours) == len(devices):
            self._start(meter)
        elif ours:
            self._try(lambda: self._of_gpus(ours))

    def _of_gpus(self, devices: Sequence[Device]) -> Meter:
        from ocarbon_magic.meters.nvml import NvmlMeter  # noqa: PLC0415 - where there are GPUs

        return NvmlMeter(",".join(device_id(device) for device in devices), clock=self._clock)

    def _try(self, make: Callable[[], Meter]) -> None:
        try:
            self._start(make())
        except (MeterUnavailableError, ValueError) as error:
            self.notes.add(str(error))

    def _start(self, meter: Meter) -> None:
        try:
            meter.start()
        except MeterUnavailableError as error:
            self.notes.add(" ".join(filter(None, [str(error), error.remedy])))
            return
        self._held.append(_Held(meter, from_s=self._clock()))

    def _guarded(
        self,
        held: _Held,
        ask: Callable[[Meter], Sequence[Reading]],
        now_s: float,
        *,
        last: bool = False,
    ) -> None:
        try:
            held.take(ask(held.meter), now_s, last=last)
        except Exception as error:  # noqa: BLE001 - the other meters go on
            held.failed = True
            names = ", ".join(device.name for device in held.meter.describe())
            self.notes.add(f"{names} could not be read any more: {type(error).__name__}: {error}")


def on_engines(selection: str) -> str:
    """Return which devices of a run's selection engines measure: those of their own hosts.

    A file to replay, or a server to ask, tells the kernel already.
    """
    words = [word.strip() for word in selection.split(",")]
    if ":" in selection:
        words = [word for word in words if word in {"visible", "all", "cpu"}]
    return ",".join(words) or "none"


def _is_of_sharing(line: str) -> bool:
    """Return whether a line tells of other processes on a GPU: here they may be the run's own."""
    return " is shared with " in line or " is used by " in line

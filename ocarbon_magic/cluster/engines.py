"""The engines of ipyparallel as the fleet of a run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ocarbon_magic.cluster.coordinator import Coordinator
from ocarbon_magic.cluster.lease import RENEWED_EVERY_S
from ocarbon_magic.cluster.link import Link
from ocarbon_magic.cluster.locks import DeviceLocks
from ocarbon_magic.cluster.members import engines_named
from ocarbon_magic.cluster.messages import device_id
from ocarbon_magic.cluster.place import own_place
from ocarbon_magic.cluster.telling import closing_lines, host_rows, lost_lines, unfit_lines
from ocarbon_magic.environment import versions
from ocarbon_magic.meters.base import Notes
from ocarbon_magic.sums import known_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ocarbon_magic.cluster.members import Engine
    from ocarbon_magic.config import Settings
    from ocarbon_magic.hosts import HostReading
    from ocarbon_magic.meters.base import Device, Meter, Reading
    from ocarbon_magic.progress.remote import Part
    from ocarbon_magic.run import Run

MESSAGES_PER_S = 100.0
"""All engines together say something no more often than this."""

PATIENCE_S = 1.0
"""How long the end of a run waits for the last words of engines."""

_SETTLED_S = 2.0
"""Engines that cannot be measured are told of together, so long after the first of them."""


class EngineFleet:
    """The engines of one client in one run: a `Fleet`, and the `Meter` of their devices.

    Parameters
    ----------
    client : ipyparallel.Client
    targets : list of int or None
        The engines, None for all that the client has at any time.
    settings : Settings
    is_users : bool
        Whether the user gives tasks through this client.
    """

    patience_s = PATIENCE_S

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - a Client
        targets: list[int] | None,
        settings: Settings,
        *,
        is_users: bool = True,
    ) -> None:
        self._link = Link(client, targets)
        self._settings, self._is_users = settings, is_users
        count = len(self._link.targets())
        self._interval_s = max(settings.interval, count / MESSAGES_PER_S)
        self._coordinator = Coordinator(own_place(), self._interval_s)
        self._run: Run | None = None
        self._run_id = ""
        self._warn: Callable[[str], None] = lambda _line: None
        self._locks: DeviceLocks | None = None
        self._called = self._left = False
        self._before = 0
        self._outstanding: set[str] = set()
        self._renewed_s = 0.0
        self._unfit_s: float | None = None
        self._told_unfit = 0
        self._told_lost: list[Engine] = []
        self._told: Sequence[Reading] = ()
        self.notes = Notes()

    # The fleet

    def begin(self, run: Run, warn: Callable[[str], None]) -> None:
        """Take part in ``run``."""
        self._run, self._run_id, self._warn = run, run.id, warn

    def meters(self, own: Sequence[Meter]) -> Sequence[Meter]:
        """Return the meter of the engines' devices, of which ``own`` are the kernel's."""
        locks = self._locks = DeviceLocks(self._run_id)
        for meter in own:
            devices = meter.describe()
            self._coordinator.measured_here(devices)
            for device in devices:
                if device.kind == "gpu":
                    locks.take(device_id(device))
                elif device.method == "rapl":
                    locks.take(device.method)
        return [self]

    def call(self) -> None:
        """Ask the engines to take part, ahead of what the measured code gives them to do."""
        client = self._link.client
        self._called = True
        self._outstanding = self._link.outstanding()
        self._ask(self._link.targets())
        self._before = len(client.history)
        self._renewed_s = time.monotonic()
        self._coordinator.started_s = self._renewed_s

    def parts(self) -> Sequence[Part]:
        """Return the work of each engine so far."""
        return self._coordinator.parts()

    def hosts(self, readings: Sequence[Reading], duration_s: float) -> list[HostReading]:
        """Return what each host did; what no engine told of is of the kernel's own machine."""
        own = (r.energy_j for r in readings if not any(r is told for told in self._told))
        return host_rows(self._coordinator, known_sum(own), duration_s)

    def end(self) -> None:
        """Ask the engines for their last words."""
        if self._called and not self._left:
            self._left = True
            self._link.leave(self._run_id)

    def close(self) -> None:
        """Tell what is to be told of the engines, and leave nothing behind."""
        if not self._called:
            return
        known, link = self._coordinator, self._link
        duration_s = time.monotonic() - known.started_s
        told = [] if self._run is None else self._run.warnings
        for line in told:  # what the kernel's own meters say, too
            known.notes.pop(line, None)
        self._tell_lost()
        for line in closing_lines(known, duration_s):
            self._warn(line)
        self._tell_unfit()
        absent = [i for i in link.joined() if i not in known.engines and i not in known.unfit]
        absent = [i for i in absent if i in link.targets()]
        if absent:
            self._warn(
                f"{engines_named(absent).capitalize()} gave no answer, busy with earlier tasks or "
                "gone: what they drew and did is not in the total."
            )
        if self._is_users:
            self._tell_of_tasks(absent)
        link.forget()

    # The meter of their devices

    def describe(self) -> Sequence[Device]:
        """Return nothing: what engines measure is known when they say so."""
        return ()

    def start(self) -> None:
        """Begin when the engines are called."""

    def due_s(self) -> None:
        """Leave the pace to the recorder."""

    def read(self) -> Sequence[Reading]:
        """Return what the engines' devices drew, as far as it was heard."""
        self._listen()
        self._look()
        self._told = self._coordinator.readings()
        return self._told

    def stop(self, end_s: float) -> Sequence[Reading]:
        """Return what the engines' devices drew up to ``end_s``, after their last words."""
        self._link.wait(PATIENCE_S)
        self._listen()
        self._coordinator.look()
        self._coordinator.close(end_s)
        if self._locks is not None:
            self._locks.free()
        self._told = self._coordinator.readings()
        return self._told

    def _ask(self, engines: list[int]) -> None:
        order = {
            "run": self._run_id,
            "devices": self._settings.devices,
            "interval_s": self._interval_s,
            "unit": self._settings.unit,
        }
        self._link.join(engines, order)

    def _listen(self) -> None:
        known = self._coordinator
        for heard in self._link.heard():
            if heard.message is not None:
                known.received(heard.engine, heard.message, heard.received_s)
            elif heard.why is not None:
                known.unfit.setdefault(heard.engine, heard.why)
        if not self._link.is_closed():
            there = set(self._link.targets())
            for engine in [e for e in known.engines.values() if e.id not in there]:
                known.lost(engine.id)

    def _look(self) -> None:
        """See who is new, lost, silent or cannot be measured, and give a sign now and then."""
        if not self._called or self._left:
            return
        known, link, now_s = self._coordinator, self._link, time.monotonic()
        known.look()
        new = set(link.targets()).difference(link.joined())
        if new:
            self._ask(sorted(new))
        if now_s - self._renewed_s > RENEWED_EVERY_S:
            self._renewed_s = now_s
            link.renew(self._run_id)
        self._tell_lost()
        if known.unfit and self._unfit_s is None:
            self._unfit_s = now_s
        if self._unfit_s is not None and now_s - self._unfit_s > _SETTLED_S:
            self._unfit_s = now_s
            self._tell_unfit()

    def _tell_lost(self) -> None:
        known = self._coordinator
        lost = [e for e in known.engines.values() if e.lost and e not in self._told_lost]
        for line in lost_lines(known, lost, len(self._told_lost)):
            self._warn(line)
        self._told_lost += lost

    def _tell_unfit(self) -> None:
        unfit = self._coordinator.unfit
        if len(unfit) > self._told_unfit:
            self._told_unfit = len(unfit)
            for line in unfit_lines(unfit, versions()["ocarbon_magic"]):
                self._warn(line)

    def _tell_of_tasks(self, absent: list[int]) -> None:
        """Tell of tasks that go on, or that there were none."""
        link = self._link
        if link.outstanding() - self._outstanding:
            self._warn(
                "Engines still work on tasks of this cell: what they do after it is not in this "
                "run. Wait for the result in the cell, or use `%%px --block`."
            )
        elif not link.users_tasks(self._before) and not absent:
            self._warn(
                "No engine was given work in this cell: put `%%px` on the line below `%%carbon`, "
                "or call a view in it."
            )

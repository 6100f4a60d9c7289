"""Adds up what the engines of a run say: their devices, their work, their hosts.

It knows nothing of how it hears of them: `received` takes what an engine said, `lost` that it
is gone. Sums are kept by what changes, so that a message costs the same whatever the number of
hosts. All methods are called from one thread.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ocarbon_magic.cluster.accounts import Account, device_of
from ocarbon_magic.cluster.members import Engine, Host
from ocarbon_magic.cluster.messages import NOT_THIS_VERSION, PROTOCOL, device_id
from ocarbon_magic.cluster.place import Place
from ocarbon_magic.cluster.shares import Row
from ocarbon_magic.folding import MOST_ROWS
from ocarbon_magic.meters.base import Device
from ocarbon_magic.progress.remote import Part
from ocarbon_magic.sums import whole_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ocarbon_magic.cluster.messages import DeviceEntry, Message
    from ocarbon_magic.meters.base import Reading
    from ocarbon_magic.run import Method

SILENT_S = 5.0
SILENT_INTERVALS = 5.0
"""An engine not heard for so long, and so many intervals, while others are, may be gone."""

LATE_S = 2.0
"""An engine that begins later than this counts from then, and not from the run's start."""

MOST_PARTS = 64
"""The work of more engines is told as one, for each unit."""

_ESTIMATE: Method = "cpu-estimate"


class Coordinator:
    """The engines of one run.

    Parameters
    ----------
    own : Place
        Where the kernel is.
    interval_s : float
        Seconds between two messages of an engine.
    clock : callable
        Seconds of the kernel's monotonic clock.

    Attributes
    ----------
    started_s : float
        When the run began.
    engines : dict
        The engines that were heard, by their number.
    hosts : list of Host
        Their hosts, in the order in which they were heard.
    unfit : dict
        Why an engine is not measured, by its number.
    notes : dict
        What engines would have the reader know, with the hosts where it is so.
    """

    def __init__(
        self, own: Place, interval_s: float = 0.5, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._own, self._clock = own, clock
        self._patience_s = max(SILENT_S, SILENT_INTERVALS * interval_s)
        self._hosts: dict[str, Host] = {}
        self._ordered: list[Host] = []
        self._by_name: dict[object, Row] = {}
        self._single: dict[object, tuple[Row, Host]] = {}
        self._own_devices: set[str] = set()
        self._own_counted = False
        self._unnamed = True
        self._fold_parts = False
        self.started_s = clock()
        self.engines: dict[int, Engine] = {}
        self.unfit: dict[int, str] = {}
        self.notes: dict[str, dict[Host, None]] = {}

    @property
    def hosts(self) -> list[Host]:
        """The hosts of the engines, in the order of their lowest engine."""
        self._name_hosts()
        return self._ordered

    @property
    def has_others(self) -> bool:
        """Whether any host is another one than the kernel's."""
        return any(not host.own for host in self._hosts.values())

    def measured_here(self, devices: Iterable[Device]) -> None:
        """Note the devices that the kernel measures: no engine's figures of them count."""
        for device in devices:
            self._own_devices.add(device_id(device))
            self._own_counted |= device.kind == "cpu" and device.method == "rapl"

    def received(self, engine_id: int, message: Message, received_s: float | None = None) -> None:
        """Take a message of an engine.

        Parameters
        ----------
        engine_id : int
        message : Message
        received_s : float, optional
            When it came, if that was not now.
        """
        if message.get("v") != PROTOCOL:
            self.unfit.setdefault(engine_id, NOT_THIS_VERSION)
            return
        now_s = self._clock() if received_s is None else received_s
        engine = self.engines.get(engine_id)
        if engine is None:
            engine = self._new(engine_id, message, now_s)
        if message["n"] <= engine.number or engine.lost:
            return
        host = engine.host
        if not host.own:
            host.offset_s = min(host.offset_s, now_s - message["at_s"])
        engine.number, engine.heard_s, engine.silent = message["n"], now_s, False
        engine.work = message["work"] or engine.work
        engine.ended = message["final"]
        for entry in message["devices"]:
            self._take(engine, entry)
        for line in message["notes"]:
            self.notes.setdefault(line, {})[host] = None

    def lost(self, engine_id: int) -> None:
        """Note that an engine is gone: what it measured and did stays."""
        engine = self.engines.get(engine_id)
        if engine is not None and not engine.lost and not engine.ended:
            engine.lost = True
            self._let_go(engine)

    def look(self) -> None:
        """Note which engines have fallen silent while others speak."""
        now_s = self._clock()
        heard_s = max((engine.heard_s for engine in self.engines.values()), default=now_s)
        for engine in self.engines.values():
            if not (engine.is_away or engine.ended) and heard_s - engine.heard_s > self._patience_s:
                engine.silent = True
                self._let_go(engine)

    def close(self, end_s: float) -> None:
        """Let all be of the time from the run's start to ``end_s``."""
        for host in self._hosts.values():
            for account in host.accounts.values():
                owner = None if account.owner is None else self.engines[account.owner]
                first = self.engines[account.first]
                since_s = first.joined_s if self.is_late(first) else self.started_s
                account.close(
                    since_s - host.offset_s,
                    end_s - host.offset_s,
                    ended=owner is not None and not owner.is_away,
                )

    def is_late(self, engine: Engine) -> bool:
        """Return whether an engine began so late that it counts from then."""
        return engine.joined_s - self.started_s > LATE_S

    def readings(self) -> list[Reading]:
        """Return all devices that the kernel does not measure, in as few rows as a record has."""
        self._name_hosts()
        run_s = max(self._clock() - self.started_s, 0.0)
        if len(self._single) <= MOST_ROWS:
            return _read(self._single.values(), run_s)
        if len(self._hosts) <= MOST_ROWS:
            by_host = [(row, host) for host in self._hosts.values() for row in host.rows.values()]
            if len(by_host) <= MOST_ROWS:
                return _read(by_host, run_s)
        return _read([(row, None) for row in self._by_name.values()], run_s)

    def parts(self) -> list[Part]:
        """Return the work of each engine, or of all together for each thing counted if many.

        An engine may find that another of its loops tells the work better: that is another part.
        """
        parts = [
            Part(
                ("engine", engine.id, work["what"]),
                work["done"],
                work["done"] if engine.is_away else work["total"],
                work["unit"],
                work["source"],
                work["what"],
                work["rate_per_s"],
            )
            for engine in self.engines.values()
            if (work := engine.work) is not None
        ]
        self._fold_parts |= len(parts) > MOST_PARTS
        return _together(parts) if self._fold_parts else parts

    def _new(self, engine_id: int, message: Message, now_s: float) -> Engine:
        place = Place(message["host"], message["namespace"], tuple(message["pids"]))
        host = self._hosts.get(place.host)
        if host is None:
            own = place.host == self._own.host
            offset_s = 0.0 if own else now_s - message["at_s"]
            host = self._hosts[place.host] = Host(Row(_ALL), offset_s, own)
            host.counted = own and self._own_counted
        joined_s = message["at_s"] + host.offset_s
        engine = Engine(engine_id, host, place.is_below(self._own), joined_s, now_s)
        host.engines.append(engine)
        self.engines[engine_id] = engine
        self._unnamed = True
        return engine

    def _take(self, engine: Engine, entry: DeviceEntry) -> None:
        host = engine.host
        key, estimate = entry["id"], entry["method"] == _ESTIMATE
        if not estimate and key in self._own_devices and (host.own or entry["uuid"] is not None):
            return
        if estimate:
            key = f"{key} {engine.id}"
        elif entry["kind"] == "cpu" and not host.counted:
            self._count_processors(host)
        account = host.accounts.get(key)
        if account is None:
            account = host.accounts[key] = self._open(engine, entry)
        else:
            account.told(engine.id, entry)
        engine.accounts[key] = account

    def _open(self, engine: Engine, entry: DeviceEntry) -> Account:
        """Return an account of a device, which adds to the rows that it is told in."""
        host = engine.host
        estimate = entry["method"] == _ESTIMATE
        if estimate and (engine.in_tree or host.counted):
            return Account(engine.id, entry, ())
        device = device_of(entry)
        group = (entry["kind"], entry["name"], entry["method"], entry["measured"])
        name_row = self._by_name.setdefault(group, Row(device))
        if not estimate:
            row = self._single.setdefault((id(host), entry["id"]), (Row(device), host))[0]
            rows = (host.row, row, host.rows.setdefault(group, Row(device)), name_row)
            return Account(engine.id, entry, rows)
        # What the engines of a host use are parts of its one processor.
        known = group in host.rows
        row = host.rows.setdefault(group, Row(device, one=True))
        self._single.setdefault((id(host), group), (row, host))
        return Account(engine.id, entry, (host.row, row, name_row), 0.0 if known else 1.0)

    def _count_processors(self, host: Host) -> None:
        """Leave all estimates of a host out, for counters tell of its processors."""
        host.counted = True
        for account in host.accounts.values():
            if account.device.method == _ESTIMATE:
                account.leave_out()

    def _let_go(self, engine: Engine) -> None:
        for account in engine.accounts.values():
            account.lost(engine.id)

    def _name_hosts(self) -> None:
        if self._unnamed:
            self._unnamed = False
            self._ordered = sorted(self._hosts.values(), key=lambda host: host.lowest)
            for number, host in enumerate(self._ordered, 1):
                host.name = f"host {number}"


_ALL = Device("cpu", "all devices", None, _ESTIMATE, measured=False)


def _read(rows: Iterable[tuple[Row, Host | None]], run_s: float) -> list[Reading]:
    """Return the readings of rows, each with its host: the run's own machine has no name."""
    return [
        row.reading(None if host is None or host.own else host.name, run_s)
        for row, host in rows
        if not row.is_empty()
    ]


def _together(parts: list[Part]) -> list[Part]:
    groups: dict[tuple[str, str, str], list[Part]] = {}
    for part in parts:
        groups.setdefault((part.unit, part.source, part.what), []).append(part)
    return [
        Part(
            ("engines", *key),
            sum(part.done for part in group),
            whole_sum(part.total for part in group),
            group[0].unit,
            group[0].source,
            group[0].what,
            whole_sum(part.rate_per_s for part in group),
        )
        for key, group in groups.items()
    ]

"""What an engine tells the coordinator: plain dictionaries, each of which says all.

A message replaces the ones before it, so that one that is lost costs nothing. Times are seconds
of the engine's host's monotonic clock, which all processes of a host have in common; energies
are joules since ``from_s`` and never decrease.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from ocarbon_magic.meters.base import Device, Reading
    from ocarbon_magic.progress.choice import Count
    from ocarbon_magic.run import DeviceKind, Method

PROTOCOL = 1
"""The version of these shapes: an engine of another one is not measured."""

NOT_THIS_VERSION = "ocarbon_magic is not installed there, or in another version"


class DeviceEntry(TypedDict):
    """One device that the engine measures, as `Reading` has it.

    ``id`` names the device within its host: a GPU by its UUID, a counter by what it counts. An
    estimate is of the engine's own processes and adds to those of the other engines. ``to_s`` is
    the time up to which ``energy_j`` tells.
    """

    id: str
    kind: DeviceKind
    name: str
    uuid: str | None
    method: Method
    measured: bool
    tdp_w: float | None
    from_s: float
    to_s: float
    energy_j: float | None
    power_w: float | None
    max_power_w: float | None
    uncertainty_pct: float | None
    busy_s: float | None
    busy_share: float | None


class WorkEntry(TypedDict):
    """What the engine counted, as `Count` has it."""

    done: float
    total: float | None
    rate_per_s: float | None
    unit: str
    source: str
    what: str


class Message(TypedDict):
    """All that an engine says, at ``at_s``.

    ``n`` grows by one from message to message. ``host`` is the same for all processes of a
    machine; ``namespace`` for those that mean the same process by a number, of which ``pids``
    lists the engine's own and its ancestors'. ``final`` is said once, when nothing follows.
    """

    v: int
    n: int
    at_s: float
    host: str
    namespace: str
    pids: list[int]
    devices: list[DeviceEntry]
    work: WorkEntry | None
    notes: list[str]
    final: bool


def device_id(device: Device) -> str:
    """Return what identifies ``device`` within its host."""
    return device.uuid or f"{device.method} {device.kind} {device.name}"


def device_entry(reading: Reading, from_s: float, to_s: float) -> DeviceEntry:
    """Return a reading as it is told, of the time between two times of the host's clock."""
    device = reading.device
    return {
        "id": device_id(device),
        "kind": device.kind,
        "name": device.name,
        "uuid": device.uuid,
        "method": device.method,
        "measured": device.measured,
        "tdp_w": device.tdp_w,
        "from_s": from_s,
        "to_s": to_s,
        "energy_j": reading.energy_j,
        "power_w": reading.power_w,
        "max_power_w": reading.max_power_w,
        "uncertainty_pct": reading.uncertainty_pct,
        "busy_s": reading.busy_s,
        "busy_share": reading.busy_share,
    }


def work_entry(count: Count | None) -> WorkEntry | None:
    """Return a count as it is told; None where nothing was counted."""
    if count is None:
        return None
    return {
        "done": float(count.done),
        "total": None if count.total is None else float(count.total),
        "rate_per_s": None if count.rate_per_s is None else float(count.rate_per_s),
        "unit": str(count.unit),
        "source": count.source,
        "what": count.what,
    }

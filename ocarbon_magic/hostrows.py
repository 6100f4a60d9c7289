"""The hosts of a run where no code of ours runs, by what a meter says of their devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.hosts import HostReading
from ocarbon_magic.sums import known_sum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.meters.base import Reading

MOST_HOSTS = 16
"""Rows of hosts in a record: the last is of all those that have none of their own."""

OWN_HOST = "kernel's host"
"""What the machine of the run is called where others take part."""


def hosts_of(readings: Sequence[Reading], duration_s: float) -> list[HostReading]:
    """Return what each host drew in ``duration_s`` seconds; empty where none is another one."""
    energies: dict[str | None, float | None] = {}
    for reading in readings:
        host, joules = reading.device.host, reading.energy_j
        known_j = energies.get(host)
        energies[host] = known_j if joules is None else (known_j or 0.0) + joules
    if not any(energies):
        return []
    rows = list(energies.items())
    others: list[float | None] = []
    if len(rows) > MOST_HOSTS:
        rows.sort(key=lambda row: row[1] or 0.0, reverse=True)
        others = [joules for _, joules in rows[MOST_HOSTS - 1 :]]
        rows = rows[: MOST_HOSTS - 1]
    hosts = [_row(OWN_HOST if name is None else name, [j], duration_s) for name, j in rows]
    return [*hosts, _row("other hosts", others, duration_s)] if others else hosts


def mean_w(energy_j: float | None, duration_s: float) -> float | None:
    """Return the mean power in watts of ``energy_j`` joules in ``duration_s`` seconds."""
    return energy_j / duration_s if energy_j is not None and duration_s > 0 else None


def _row(name: str, energies: list[float | None], duration_s: float) -> HostReading:
    energy_j = known_sum(energies)
    return HostReading(
        name=name,
        members="",
        workers=0,
        lost=0,
        energy_j=energy_j,
        mean_power_w=mean_w(energy_j, duration_s),
        work_done=None,
        count=len(energies),
    )

"""How many devices, and how many hosts: a row of a record may stand for several."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.hosts import HostReading
    from ocarbon_magic.run import DeviceKind, DeviceReading


def count_of(row: DeviceReading | HostReading) -> int:
    """Return how many devices or hosts a row is of; one where a damaged record says nonsense."""
    count = row.count
    return count if type(count) is int and count > 0 else 1


def devices_in(readings: Iterable[DeviceReading], kind: DeviceKind | None = None) -> int:
    """Return how many devices ``readings`` are of, those of one ``kind`` if it is given."""
    return sum(count_of(row) for row in readings if kind in (None, row.kind))


def by_name(readings: Iterable[DeviceReading]) -> Counter[str]:
    """Return how many devices there are of each name, in the order of their first."""
    counted: Counter[str] = Counter()
    for row in readings:
        counted[row.name] += count_of(row)
    return counted


def hosts_in(hosts: Iterable[HostReading]) -> int:
    """Return how many hosts the rows of a record are of; 0 where one machine alone took part."""
    return sum(map(count_of, hosts))

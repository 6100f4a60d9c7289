"""Many devices as few rows: what a record and a page hold of a run does not grow with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ocarbon_magic.meters.base import Reading
from ocarbon_magic.sums import known_sum, whole_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from ocarbon_magic.meters.base import Device

MOST_ROWS = 16
"""Rows of devices in a record; the devices of one more are told by host and name, then by name."""


def folded(readings: Sequence[Reading], most: int = MOST_ROWS) -> Sequence[Reading]:
    """Return ``readings`` in at most ``most`` rows, with the same energy and power in all.

    Devices of one host and name are put together where there are more of them, then those of
    one name whatever their host, then all of a kind but the names that draw most. Devices
    measured in different ways are never put together.
    """
    keys = (_by_host, _by_name)
    rows = readings
    for key in keys:
        if len(rows) <= most:
            return rows
        rows = _together(rows, key)
    if len(rows) <= most:
        return rows
    rest = sorted(rows, key=lambda row: row.energy_j or 0.0, reverse=True)[most // 2 :]
    small = {_by_name(row.device) for row in rest}
    return _together(rows, lambda device: _by_kind(device, small))


def _by_host(device: Device) -> Hashable:
    return device.host, device.kind, device.name, device.method, device.measured


def _by_name(device: Device) -> Hashable:
    return device.kind, device.name, device.method, device.measured


def _by_kind(device: Device, small: set[Hashable]) -> Hashable:
    key = _by_name(device)
    return (device.kind, device.method, device.measured) if key in small else key


def _together(rows: Sequence[Reading], key: Callable[[Device], Hashable]) -> list[Reading]:
    groups: dict[Hashable, list[Reading]] = {}
    for row in rows:
        groups.setdefault(key(row.device), []).append(row)
    return [group[0] if len(group) == 1 else _sum(group) for group in groups.values()]


def _sum(rows: list[Reading]) -> Reading:
    """Return several readings as one of all their devices."""
    first = rows[0].device
    same_name = all(row.device.name == first.name for row in rows)
    same_host = all(row.device.host == first.host for row in rows)
    same_limit = all(row.device.tdp_w == first.tdp_w for row in rows)
    device = replace(
        first,
        name=first.name if same_name else f"other {first.kind.upper()}s",
        uuid=None,
        tdp_w=first.tdp_w if same_limit and same_name else None,
        host=first.host if same_host else None,
        count=sum(row.device.count for row in rows),
    )
    return Reading(
        device=device,
        energy_j=known_sum(row.energy_j for row in rows),
        power_w=known_sum(row.power_w for row in rows),
        max_power_w=known_sum(row.max_power_w for row in rows),
        uncertainty_pct=_mean([(row.uncertainty_pct, row.energy_j or 0.0) for row in rows]),
        busy_s=whole_sum(row.busy_s for row in rows),
        busy_share=_mean([(row.busy_share, float(row.device.count)) for row in rows]),
    )


def _mean(weighed: Sequence[tuple[float | None, float]]) -> float | None:
    """Return the weighed mean of what is known.

    Of uncertainties, too: devices measured in one way err to one side.
    """
    known = [(value, weight) for value, weight in weighed if value is not None]
    weight = sum(weight for _, weight in known)
    return sum(value * w for value, w in known) / weight if weight else None

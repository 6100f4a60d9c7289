"""Runs one after the other, however many there are, and their figures as others want them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.conversions import J_PER_KWH
from ocarbon_magic.counting import by_name
from ocarbon_magic.lines import one_line
from ocarbon_magic.sums import known_sum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocarbon_magic.collection import Runs
    from ocarbon_magic.run import DeviceKind, DeviceReading, Run

_AT_ONCE = 100
"""Runs looked at together: those of the journal are read when they are looked at."""


def backwards(runs: Runs) -> Iterator[Run]:
    """Yield the runs, the oldest first, without holding all of them."""
    for start in reversed(range(0, len(runs), _AT_ONCE)):
        yield from reversed([*runs[start : start + _AT_ONCE]])


def of_kind(run: Run, kind: DeviceKind) -> list[DeviceReading]:
    """Return the run's devices of a kind."""
    return [device for device in run.devices if device.kind == kind]


def energy_kwh(run: Run, kind: DeviceKind) -> float | None:
    """Return the energy of the devices of a kind, before PUE; None where none was read."""
    energy_j = known_sum(device.energy_j for device in of_kind(run, kind))
    return None if energy_j is None else energy_j / J_PER_KWH


def power_w(run: Run, kind: DeviceKind) -> float | None:
    """Return the mean power of the devices of a kind together, in watts; None if not known."""
    kwh = energy_kwh(run, kind)
    return None if kwh is None or run.duration_s <= 0 else kwh * J_PER_KWH / run.duration_s


def names(devices: list[DeviceReading]) -> str:
    """Return the names of devices, the same ones counted: ``2 x NVIDIA L4``."""
    counted = by_name(devices).items()
    return one_line(", ".join(f"{n} x {name}" if n > 1 else name for name, n in counted))

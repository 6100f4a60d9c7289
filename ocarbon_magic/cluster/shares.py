"""Sums that one device's change costs the same in, however many devices there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic.meters.base import Device, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.cluster.messages import DeviceEntry


class Share(NamedTuple):
    """What one device adds to a row; each figure comes with how many devices know it.

    ``spread_j`` is the stated uncertainty in joules, ``stated_j`` the energy of which it is;
    ``whole`` counts the devices that are the run's for as long as it lasts, whose ``busy_s`` is
    not told.
    """

    devices: float = 0.0
    energy_j: float = 0.0
    energies: float = 0.0
    power_w: float = 0.0
    powers: float = 0.0
    most_w: float = 0.0
    mosts: float = 0.0
    spread_j: float = 0.0
    stated_j: float = 0.0
    busy_s: float = 0.0
    whole: float = 0.0
    at_work: float = 0.0
    at_works: float = 0.0


NOTHING = Share()


def changes(old: Share, new: Share) -> list[tuple[int, float]]:
    """Return what is to be added to a row that has ``old``, for it to have ``new``."""
    return [(place, b - a) for place, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]


def share_of(  # noqa: PLR0913 - what is told, and what is known besides
    entry: DeviceEntry,
    energy_j: float | None,
    filled_j: float,
    most_w: float | None,
    *,
    live: bool,
    count: float,
) -> Share:
    """Return what a device adds, given its last entry and all its energy.

    Parameters
    ----------
    entry : DeviceEntry
    energy_j, filled_j : float or None, float
        All energy of the device in the run, and how much of it nobody measured.
    most_w : float or None
        The highest power seen.
    live : bool
        Whether it draws its power still.
    count : float
        1 for a device; 0 for one more part of a device that is counted.
    """
    power_w = entry["power_w"] if live else None
    spread = entry["uncertainty_pct"]
    known = energy_j is not None
    joules = energy_j or 0.0
    return Share(
        devices=count,
        energy_j=joules,
        energies=float(known),
        power_w=power_w or 0.0,
        powers=float(power_w is not None),
        most_w=most_w or 0.0,
        mosts=float(most_w is not None),
        spread_j=0.0 if spread is None else joules * spread / 100 + filled_j,
        stated_j=0.0 if spread is None else joules,
        busy_s=entry["busy_s"] or 0.0,
        whole=float(entry["busy_s"] is None),
        at_work=entry["busy_share"] or 0.0,
        at_works=float(entry["busy_share"] is not None),
    )


class Row:
    """Devices that are told together.

    Parameters
    ----------
    device : Device
        The first of them.
    one : bool
        Whether all that is added are parts of one device, such as its processes.
    """

    __slots__ = ("_limits", "_sums", "device", "one")

    def __init__(self, device: Device, *, one: bool = False) -> None:
        self.device, self.one = device, one
        self._sums = [*NOTHING]
        self._limits = {device.tdp_w}

    @property
    def known_j(self) -> float | None:
        """Joules of all that is known; None where nothing is."""
        energy_j, energies = self._sums[1:3]
        return energy_j if round(energies) else None

    def add(self, changes: Sequence[tuple[int, float]], device: Device) -> None:
        """Add what changed of what ``device`` adds: the place in a `Share`, and by how much."""
        for place, change in changes:
            self._sums[place] += change
        self._limits.add(device.tdp_w)

    def is_empty(self) -> bool:
        """Return whether no device is in it."""
        return self._sums[0] < 0.5  # noqa: PLR2004 - a sum of whole numbers

    def reading(self, host: str | None, run_s: float) -> Reading:
        """Return all together, ``run_s`` seconds into the run."""
        sums = Share(*self._sums)
        count = 1 if self.one else round(sums.devices)
        first = self.device
        device = Device(
            kind=first.kind,
            name=first.name,
            uuid=first.uuid if count == 1 else None,
            method=first.method,
            measured=first.measured,
            tdp_w=first.tdp_w if len(self._limits) == 1 else None,
            host=host,
            count=count,
        )
        wholes = round(sums.whole)
        return Reading(
            device=device,
            energy_j=sums.energy_j if round(sums.energies) else None,
            power_w=sums.power_w if round(sums.powers) else None,
            max_power_w=sums.most_w if round(sums.mosts) else None,
            uncertainty_pct=100 * sums.spread_j / sums.stated_j if sums.stated_j > 0 else None,
            busy_s=None if wholes >= round(sums.devices) else sums.busy_s + wholes * run_s,
            busy_share=sums.at_work / sums.at_works if round(sums.at_works) else None,
        )

"""The energy of one device of a host, whoever measures it in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.cluster.shares import NOTHING, Share, changes, share_of
from ocarbon_magic.meters.base import Device

if TYPE_CHECKING:
    from ocarbon_magic.cluster.messages import DeviceEntry
    from ocarbon_magic.cluster.shares import Row


class Account:
    """One device: taken from one engine at a time, its owner.

    Where the owner is lost and another engine measures on, the time in between is filled at the
    mean power before. What an engine tells of a device that another one owns is kept aside.

    Parameters
    ----------
    owner : int
        The engine that told of it first.
    entry : DeviceEntry
        What it told.
    rows : tuple of Row
        The rows that it adds to; none where its energy is in the total already.
    count : float
        1, or 0 for one more part of a device that is counted.

    Attributes
    ----------
    first : int
        The engine that told of it first.
    from_s, to_s : float
        From when, and up to when, its energy is known, on the host's clock.
    unseen_s : float
        How much of that nobody measured.
    """

    def __init__(
        self, owner: int, entry: DeviceEntry, rows: tuple[Row, ...], count: float = 1.0
    ) -> None:
        self.first = owner
        self.owner: int | None = owner
        self._former: int | None = None
        self.device = device_of(entry)
        self.from_s = self.to_s = entry["from_s"]
        self.unseen_s = 0.0
        self._rows, self._count = rows, count
        self._entry = entry
        self._aside: dict[int, DeviceEntry] = {}
        self._base_j = self._filled_j = self._before_j = 0.0
        self._energy_j: float | None = None
        self._most_w: float | None = None
        self._last: tuple[float, float] | None = None  # the end and the energy told before
        self._added: Share = NOTHING
        self.told(owner, entry)

    @property
    def is_told(self) -> bool:
        """Whether it adds to any row."""
        return bool(self._rows)

    @property
    def mean_w(self) -> float:
        """Mean power of all the time it is known for, in watts."""
        span_s = self.to_s - self.from_s
        return (self._energy_j or 0.0) / span_s if span_s > 0 else 0.0

    def told(self, engine: int, entry: DeviceEntry) -> None:
        """Take what an engine tells of the device."""
        if self.owner is None:
            self._begin(engine, entry)
        if engine != self.owner:
            self._aside[engine] = entry
            return
        self._entry = entry
        if entry["energy_j"] is not None:
            if self._energy_j is not None and entry["to_s"] > self.to_s:
                self._last = (self.to_s, self._energy_j)
            energy_j = self._base_j + entry["energy_j"] - self._before_j
            self._energy_j = max(energy_j, self._energy_j or 0.0)
            self.to_s = max(entry["to_s"], self.to_s)
        if entry["max_power_w"] is not None:
            self._most_w = max(entry["max_power_w"], self._most_w or 0.0)
        self._add(live=True)

    def lost(self, engine: int) -> None:
        """Note that an engine tells nothing more; another one may go on in its place."""
        self._aside.pop(engine, None)
        if engine != self.owner:
            return
        self.owner, self._former = None, engine
        self._add(live=False)
        if self._aside:
            heir = min(self._aside, key=lambda other: self._aside[other]["from_s"])
            self.told(heir, self._aside.pop(heir))

    def close(self, since_s: float, end_s: float, *, ended: bool) -> None:
        """Let it be of the time between two times of the host's clock, and no other.

        Parameters
        ----------
        since_s, end_s : float
            When the run began for the device, and when it ended.
        ended : bool
            Whether it is known to have gone on to the end.
        """
        if self._energy_j is None:
            return
        energy_j, mean_w = self._energy_j, self.mean_w
        missed_s = max(self.from_s - since_s, 0.0)
        if ended and self.to_s < end_s:
            missed_s += end_s - self.to_s
        elif self.to_s > end_s and self._last is not None and self._last[0] <= end_s:
            last_s, last_j = self._last
            energy_j = last_j + (energy_j - last_j) * (end_s - last_s) / (self.to_s - last_s)
        self.unseen_s += missed_s
        self._filled_j += missed_s * mean_w
        self._energy_j = energy_j + missed_s * mean_w
        self._add(live=ended)

    def leave_out(self) -> None:
        """Add to no row any more: the energy is in the total already."""
        self._change(NOTHING)
        self._rows = ()

    def _begin(self, engine: int, entry: DeviceEntry) -> None:
        """Go on with another engine, from where the one before ended."""
        self.owner = engine
        if engine == self._former:  # it was only silent, and tells what it has measured since
            return
        gap_s = entry["from_s"] - self.to_s
        told_j = entry["energy_j"] or 0.0
        fill_j = max(gap_s, 0.0) * self.mean_w
        span_s = entry["to_s"] - entry["from_s"]
        known_twice = min(-gap_s / span_s, 1.0) if gap_s < 0 < span_s else 0.0
        self._before_j = known_twice * told_j
        self._base_j = (self._energy_j or 0.0) + fill_j
        self._filled_j += fill_j
        self.unseen_s += max(gap_s, 0.0)

    def _add(self, *, live: bool) -> None:
        joules, most_w = (self._energy_j, self._filled_j), self._most_w
        self._change(share_of(self._entry, *joules, most_w, live=live, count=self._count))

    def _change(self, new: Share) -> None:
        if self._rows:
            changed = changes(self._added, new)
            for row in self._rows:
                row.add(changed, self.device)
        self._added = new


def device_of(entry: DeviceEntry) -> Device:
    """Return the device that an entry tells of."""
    return Device(
        kind=entry["kind"],
        name=entry["name"],
        uuid=entry["uuid"],
        method=entry["method"],
        measured=entry["measured"],
        tdp_w=entry["tdp_w"],
    )

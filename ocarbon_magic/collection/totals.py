"""What runs took and emitted together, per day, project, person and the like."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from ocarbon_magic.collection.entry import BY_HAND
from ocarbon_magic.jsontypes import plain
from ocarbon_magic.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ocarbon_magic.collection.entry import Entry

BY = (
    "day",
    "month",
    "project",
    "user",
    "host",
    "zone",
    "device",
    "name",
    "notebook",
    "metric",
    "status",
)
"""What totals can be made by."""

_DAY, _MONTH = len("2026-03-01"), len("2026-03")

Key = str | None


@dataclass(slots=True)
class Total:
    """What the runs of one line took; a sum is None where no run of it is known.

    Emissions with lifecycle, direct and by-hand intensities stand apart: they do not add up.

    Attributes
    ----------
    key : str or None
        The day, the project, ...; None for runs of which that is not known.
    runs : int
    duration_s, energy_kwh : float or None
        Runs at the same time count each for itself.
    lifecycle_g, direct_g, by_hand_g : float or None
        Emissions in gCO2e, operational and embodied.
    unknown : int
        Runs whose energy is not known, and in no sum of it.
    """

    key: Key
    runs: int = 0
    duration_s: float | None = None
    energy_kwh: float | None = None
    lifecycle_g: float | None = None
    direct_g: float | None = None
    by_hand_g: float | None = None
    unknown: int = 0

    def add(self, other: Total) -> None:
        """Add what the runs of ``other`` took."""
        self.runs += other.runs
        self.unknown += other.unknown
        for name in _SUMS:
            more = getattr(other, name)
            if more is not None:
                setattr(self, name, (getattr(self, name) or 0.0) + more)


_SUMS = ("duration_s", "energy_kwh", "lifecycle_g", "direct_g", "by_hand_g")
SUM_OF_SCOPE = {"lifecycle": "lifecycle_g", "direct": "direct_g", BY_HAND: "by_hand_g"}
"""Where the emissions of a scope are added."""


@dataclass(frozen=True, slots=True)
class Totals(Shown):
    """A line for each key, days newest first, others by energy; shown as a table.

    Attributes
    ----------
    by : str
        What the keys are.
    rows : tuple of Total
    whole : Total
        All of them together.
    parts : int
        Runs that were left out because another one of these includes them.
    """

    by: str
    rows: tuple[Total, ...]
    whole: Total = field(default_factory=lambda: Total(None))
    parts: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Total]:
        return iter(self.rows)

    def __getitem__(self, key: Key) -> Total:
        for row in self.rows:
            if row.key == key:
                return row
        raise KeyError(key)

    def to_dict(self) -> dict[str, Any]:
        """Return the totals as plain JSON types."""
        return {f.name: plain(getattr(self, f.name)) for f in fields(self)}


def key_of(entry: Entry, by: str) -> Key:
    """Return the line that a run belongs to; each belongs to one."""
    if by == "day":
        return entry.started_at[:_DAY]
    if by == "month":
        return entry.started_at[:_MONTH]
    key: Key = entry.devices if by == "device" else getattr(entry, by)
    return key or None


def total_of(entry: Entry, key: Key) -> Total:
    """Return what one run took."""
    total = Total(key, 1, entry.duration_s, entry.energy_kwh)
    total.unknown = int(entry.energy_kwh is None)
    setattr(total, SUM_OF_SCOPE.get(entry.scope, "by_hand_g"), entry.emissions_g)
    return total


def totals_of(parts: Iterable[Total], by: str, left_out: int = 0) -> Totals:
    """Return parts as lines, those of one key added up, and how many runs were left out."""
    rows: dict[Key, Total] = {}
    whole = Total(None)
    for part in parts:
        rows.setdefault(part.key, Total(part.key)).add(part)
        whole.add(part)
    if by in ("day", "month"):
        ordered = sorted(rows.values(), key=lambda row: row.key or "", reverse=True)
    else:
        ordered = sorted(rows.values(), key=lambda row: (-(row.energy_kwh or 0.0), row.key or ""))
    return Totals(by, tuple(ordered), whole, left_out)

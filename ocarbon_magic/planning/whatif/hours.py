"""How clean a grid is by the hour: its mean day in a month of one past year.

The shape of that day alone is used: the level of a zone is known better, and a season is not
for a reader to choose.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ocarbon_magic.tables import Row, rows, table

if TYPE_CHECKING:
    from ocarbon_magic.run import IntensityScope

HOURS = range(24)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class GridDay:
    """A grid's day in the month a run started in.

    Attributes
    ----------
    grid, year, month : str
    shape : tuple of float
        24 values from 0:00 UTC, as shares of the day's mean.
    ahead_h : float
        How far clocks there are ahead of UTC, in hours.
    """

    grid: str
    year: str
    month: str
    shape: tuple[float, ...]
    ahead_h: float


def grid_day(code: str, scope: IntensityScope, started: datetime) -> GridDay | None:
    """Return the day of a place's grid in the month of a moment there; None if not known."""
    place = _hourly_place(code)
    zone = None if place is None else _time_zone(place["timezone"])
    if place is None or zone is None:
        return None
    try:
        there = started.astimezone(zone)
        # By the 15th: summer time begins and ends within a month.
        middle = datetime(there.year, there.month, 15, 12, tzinfo=UTC)
        ahead = middle.astimezone(zone).utcoffset()
    except OverflowError:
        return None
    row = _profiles().get((place["grid"], scope, there.month))
    if row is None or ahead is None:
        return None
    return GridDay(
        grid=place["grid"],
        year=row["year"],
        month=_MONTHS[there.month - 1],
        shape=_of_its_mean(row),
        ahead_h=ahead.total_seconds() / 3600.0,
    )


def _hourly_place(code: str) -> Row | None:
    """Return which grid's shape a place has: a region's, else its grid's or country's."""
    site = table("carbon_intensity_cloud_region").get(code)
    codes = [code] if site is None else [code, site["grid_code"], site["country_iso3"]]
    listed = table("hourly_place")
    return next((listed[each] for each in codes if each in listed), None)


@cache
def _time_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:  # a system without the database
        return None


@cache
def _profiles() -> dict[tuple[str, str, int], Row]:
    return {(row["grid"], row["scope"], int(row["month"])): row for row in rows("hourly_profile")}


def _of_its_mean(row: Row) -> tuple[float, ...]:
    shape = [float(row[f"of_annual_mean_{hour:02}_utc"]) for hour in HOURS]
    mean = sum(shape) / len(shape)
    return tuple(value / mean for value in shape)

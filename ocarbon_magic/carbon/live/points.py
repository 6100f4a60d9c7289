"""What sources tell: intensities, each for a span of time."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_G_PER_KWH = 3000.0
"""No grid is as dirty: brown coal burnt badly gives half of it."""

MOST_POINTS = 2000
"""More in one answer are not told by any source: a week in steps of five minutes."""

_YEARS = range(2000, 2101)


class Point(NamedTuple):
    """One intensity.

    Attributes
    ----------
    start_s, end_s : float
        The time it is of, in seconds since 1970 (UTC).
    g_per_kwh : float
        gCO2e per kWh.
    estimated : bool
        Whether its publisher calls it an estimate or a forecast.
    """

    start_s: float
    end_s: float
    g_per_kwh: float
    estimated: bool


class LiveError(Exception):
    """A source has no intensity for us; the message is one sentence without any secret."""


def amount_in(value: object) -> float | None:
    """Return the number that ``value`` is; None if it is none that an intensity can be."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not (math.isfinite(value) and 0.0 <= value <= MOST_G_PER_KWH):
        return None
    return float(value)


def moment_s(text: object) -> float | None:
    """Return the seconds since 1970 of an ISO 8601 moment, UTC if it says nothing else."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment.timestamp() if moment.year in _YEARS else None


def as_iso(moment: float) -> str:
    """Return seconds since 1970 as sources take them: UTC, to the minute."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%MZ")


def sound(title: str, found: Iterable[Point | None]) -> list[Point]:
    """Return the points that could be read, earliest first.

    Raises
    ------
    LiveError
        If nothing could be read, or more came than can be meant.
    """
    points = sorted(_few(title, found))
    if not points:
        raise LiveError(f"{title} tells no intensity that can be used.")
    return points


def _few(title: str, found: Iterable[Point | None]) -> Iterator[Point]:
    for number, point in enumerate(found):
        if number >= MOST_POINTS:
            raise LiveError(f"{title} tells more intensities than can be meant.")
        if point is not None and point.end_s > point.start_s:
            yield point

"""When to start a job: the mean of a forecast over it, for each start that the forecast covers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ocarbon_magic.carbon.footprint import operational_g
from ocarbon_magic.carbon.live.curve import Curve
from ocarbon_magic.conversions import S_PER_H
from ocarbon_magic.shown import Shown
from ocarbon_magic.units import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.carbon.live.points import Point
    from ocarbon_magic.run import IntensityScope, Zone

WAITS_H = (6, 12, 24, 48, 72)
"""How long somebody may wait, in hours: the best start within each is told."""


class StartError(ValueError):
    """No start can be told; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be started.

    Attributes
    ----------
    duration_s : float
    energy_kwh : float or None
        Before PUE; None where it is not known.
    pue : float
    basis : str
        Where duration and energy come from.
    """

    duration_s: float
    energy_kwh: float | None
    pue: float
    basis: str


@dataclass(frozen=True, slots=True)
class Start:
    """One start of a job.

    Attributes
    ----------
    at : str
        RFC 3339, UTC.
    waits_s : float
        Seconds from now.
    g_per_kwh : float
        Mean of the forecast over the job, in gCO2e per kWh.
    operational_g, saved_g : float or None
        Of the job, and less than of a start now; None where its energy is not known.
    saved_pct : float
        Per cent less than a start now; negative where it is more.
    """

    at: str
    waits_s: float
    g_per_kwh: float
    operational_g: float | None
    saved_g: float | None
    saved_pct: float


@dataclass(frozen=True, slots=True)
class Starts(Shown):
    """When to start a job.

    Attributes
    ----------
    zone : Zone
    source : str
        Who forecasts, and for which of its zones.
    scope : str
        ``lifecycle`` or ``direct``.
    marginal : bool
        Whether the forecast is of the plants that answer one more kWh: then the grams are what
        a start causes or avoids, and none that a run is charged with.
    job : Job
    now, best : Start
    within : tuple of Start
        The best within 6, 12, 24, ... hours, each once, the soonest first.
    until : str
        The end of the forecast, RFC 3339, UTC.
    """

    zone: Zone
    source: str
    scope: IntensityScope
    marginal: bool
    job: Job
    now: Start
    best: Start
    within: tuple[Start, ...]
    until: str

    def to_dict(self) -> dict[str, Any]:
        """Return the starts as plain JSON types; units are in the keys."""
        return asdict(self) | {"within": [asdict(start) for start in self.within]}


def starts(points: Sequence[Point], job: Job, now_s: float) -> tuple[list[Start], str]:
    """Return every start that the forecast covers, the present one first, and its end.

    Parameters
    ----------
    points : sequence of Point
        The forecast.
    job : Job
    now_s : float
        Seconds since 1970.

    Raises
    ------
    StartError
        If the forecast does not cover a start now.
    """
    curve = Curve(points)
    if not curve.points or curve.points[-1].end_s <= now_s:
        raise StartError("the forecast ends before now: is this machine's clock right?")
    end_s = curve.points[-1].end_s
    if not curve.covers(now_s, now_s + job.duration_s):
        raise StartError(
            f"the forecast reaches {duration(end_s - now_s)} ahead and does not cover a job of "
            f"{duration(job.duration_s)}: name a shorter one."
        )
    later = [point.start_s for point in curve.points if point.start_s > now_s]
    found: list[Start] = []
    for at_s in [now_s, *later]:
        mean = curve.mean(at_s, at_s + job.duration_s)
        if mean is not None and curve.covers(at_s, at_s + job.duration_s):
            found.append(_start(at_s, now_s, mean, job, found[0] if found else None))
    return found, _rfc3339(end_s)


def chosen(found: Sequence[Start]) -> tuple[Start, tuple[Start, ...]]:
    """Return the best start, the soonest of equals, and the best within each of `WAITS_H`."""
    best = [
        _cleanest([start for start in found if start.waits_s <= hours * S_PER_H])
        for hours in WAITS_H
    ]
    return _cleanest(found), tuple(dict.fromkeys(best))


def _cleanest(found: Sequence[Start]) -> Start:
    return min(found, key=lambda start: (start.g_per_kwh, start.waits_s))


def _start(at_s: float, now_s: float, mean: float, job: Job, now: Start | None) -> Start:
    grams = operational_g(job.energy_kwh, job.pue, mean)
    base = mean if now is None else now.g_per_kwh
    base_g = grams if now is None else now.operational_g
    return Start(
        at=_rfc3339(at_s),
        waits_s=at_s - now_s,
        g_per_kwh=mean,
        operational_g=grams,
        saved_g=None if grams is None or base_g is None else base_g - grams,
        saved_pct=100.0 * (1.0 - mean / base) if base else 0.0,
    )


def _rfc3339(moment_s: float) -> str:
    return datetime.fromtimestamp(moment_s, UTC).isoformat(timespec="seconds")

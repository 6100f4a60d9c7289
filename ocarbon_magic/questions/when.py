"""`ocarbon_magic.when`: when to start, by a publisher's forecast."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

from ocarbon_magic import history
from ocarbon_magic.carbon import zones
from ocarbon_magic.carbon.live.feed import feed_of
from ocarbon_magic.carbon.live.points import LiveError
from ocarbon_magic.carbon.live.service import DEADLINE_S
from ocarbon_magic.carbon.live.sources import source_of
from ocarbon_magic.config import resolve
from ocarbon_magic.options import OptionError
from ocarbon_magic.planning.starts import Job, Starts, chosen, starts
from ocarbon_magic.run import Run
from ocarbon_magic.shells import configuration, current_shell
from ocarbon_magic.site import site_of
from ocarbon_magic.views import when as _shown  # noqa: F401 - the answer then shows itself

if TYPE_CHECKING:
    from ocarbon_magic.site import Site

REQUESTS = 3
"""A token, a zone and the forecast are asked for one after the other, at the most."""

LONGEST_S = 30 * 86_400.0

_UNITS_S = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:min|[smhd]))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(min|[smhd])")


def when(
    duration: str | float | None = None,
    *,
    zone: str | None = None,
    live_intensity: str | None = None,
    run: Run | None = None,
) -> Starts:
    """Return when to start a job, by the forecast of a publisher; asks over the network.

    Parameters
    ----------
    duration : str or float, optional
        ``90min``, ``1h30m``, ``2d``, or seconds; that of ``run`` without it.
    zone : str, optional
        Where; that of ``run`` without it, else the configured one.
    live_intensity : str, optional
        Who is asked: ``electricitymaps``, ``gb`` or ``watttime``, or ``SOURCE:ITS_ZONE``; the
        configured one without it.
    run : Run, optional
        A run like the job, whose mean power it has; the last one without it.

    Returns
    -------
    Starts
        ``now``, ``best``, and the best ``within`` some hours, each with the mean intensity over
        the job, its grams and what is saved against a start now.

    Raises
    ------
    ValueError
        If nobody to ask is named, they have no forecast for the place, or it is too short.
    """
    like = history.last_run() if run is None else run
    if like is not None and not isinstance(like, Run):
        raise OptionError(f"run must be a measured run, not {like!r}.")
    said = {"zone": zone, "live_intensity": live_intensity}
    if zone is None and like is not None:
        said["zone"] = like.zone.code
    settings, _ = resolve(said, configuration(current_shell()), os.environ)
    if settings.live_intensity is None:
        raise OptionError(
            "nobody to ask is named: add --live-intensity electricitymaps, gb or watttime."
        )
    site = site_of(settings)
    job = _job(duration, like, site)
    try:
        source = source_of(settings.live_intensity, zones.resolve(site.zone.code))
        points = feed_of(source).foresee(REQUESTS * DEADLINE_S)
    except LiveError as error:
        raise OptionError(str(error)) from None
    if not points:
        raise OptionError(f"{source.service.title} forecasts no intensities: ask another source.")
    found, until = starts(points, job, time.time())
    best, within = chosen(found)
    return Starts(
        zone=site.zone,
        source=f"{source.service.title}, {source.zone}",
        scope=source.scope,
        marginal=source.ahead_is_marginal,
        job=job,
        now=found[0],
        best=best,
        within=within,
        until=until,
    )


def _job(duration: str | float | None, like: Run | None, site: Site) -> Job:
    duration_s = None if duration is None else seconds(duration)
    if like is None:
        if duration_s is None:
            raise OptionError("how long it takes is not known: add a duration such as 2h.")
        return Job(duration_s, None, site.pue, "the duration as given")
    own_s, energy_kwh = like.duration_s, like.energy_kwh
    if like.status == "running" and like.projection is not None:
        own_s, energy_kwh = like.projection.duration_s.value, like.projection.energy_kwh.value
    if not own_s > 0.0:
        raise OptionError(f"{like.name} took no time: add a duration such as 2h.")
    if duration_s is None:
        return Job(own_s, energy_kwh, site.pue, f"as long as {like.name}")
    scaled = None if energy_kwh is None else energy_kwh * duration_s / own_s
    return Job(duration_s, scaled, site.pue, f"at the mean power of {like.name}")


def seconds(duration: object) -> float:
    """Return a duration in seconds: a number of them, or text such as ``1h30m``.

    Raises
    ------
    OptionError
        If it is none, or not from a second to 30 days.
    """
    text = str(duration).strip().lower().replace(" ", "")
    total = -1.0
    if _DURATION.fullmatch(text):
        total = sum(float(number) * _UNITS_S[unit] for number, unit in _PART.findall(text))
    elif re.fullmatch(r"\d+(?:\.\d+)?", text):
        total = float(text)
    if not 1.0 <= total <= LONGEST_S:
        raise OptionError(
            f"a duration is a time such as 90min, 1h30m or 2d, of at most 30 days, "
            f"not {duration!r}."
        )
    return total

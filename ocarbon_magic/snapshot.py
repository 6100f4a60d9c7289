"""What a run looks like at one tick, small enough to be streamed to whoever draws it.

A snapshot holds the figures that change, and in turn some of what changes seldom or is
history: the name and the zone, a device, the warnings, the projection, some points. Whoever
begins to listen in midst of a run, as a page does that was loaded again, has the whole of it
after some seconds.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ocarbon_magic.jsontypes import plain
from ocarbon_magic.series import rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.charge import EmbodiedCharge
    from ocarbon_magic.hosts import HostReading
    from ocarbon_magic.meters.base import Reading
    from ocarbon_magic.progress.choice import Count
    from ocarbon_magic.run import DeviceReading, Intensity, Run, Work
    from ocarbon_magic.series import RunSeries
    from ocarbon_magic.timeline import Timeline

SCHEMA = "ocarbon.snapshot/1"

EVERY_S = 0.45
"""Twice a second, with room for ticks that come a little early: nobody reads faster."""

BYTES_PER_S = 3600
"""What the way to the browser carries at most; larger snapshots come less often."""

ENVELOPE_BYTES = 700
"""What a Jupyter message weighs around its content."""

ABOUT = ("name", "started_at", "zone", "intensity", "pue", "budget_g", "cell")
"""What stays as it is: for those who have lost the output that says it."""

NEW_POINTS, OLD_POINTS = 2, 6
"""Points of the series in a snapshot: the newest, and some older ones in turn."""


class Snapshots:
    """Takes the snapshots of one run.

    Parameters
    ----------
    run : Run
        Kept up to date by others.
    series : RunSeries
    timeline : Timeline
        Tells the points of the series.
    """

    def __init__(self, run: Run, series: RunSeries, timeline: Timeline) -> None:
        self._run, self._series, self._timeline = run, series, timeline
        self._number = 0
        self._next_s = 0.0
        self._next_point = 0
        self._told: dict[str, Any] = {}

    def is_due(self, run_s: float) -> bool:
        """Return whether it is time for another one, ``run_s`` seconds into the run."""
        return run_s >= self._next_s

    def take(self, readings: Sequence[Reading], count: Count | None) -> dict[str, Any]:
        """Return the run as it is now, as JSON types.

        Parameters
        ----------
        readings : sequence of Reading
            The last of each device, in the order of the run's devices.
        count : Count or None
            The work so far.
        """
        run = self._run
        made = {
            "schema": SCHEMA,
            "id": run.id,
            "number": self._number,
            "duration_s": rounded(run.duration_s),
            "energy_kwh": rounded(run.energy_kwh),
            "operational_g": rounded(run.operational_g),
            "embodied_g": rounded(run.embodied_g),
            "emissions_g": rounded(run.emissions_g),
            "device_power_w": [rounded(reading.power_w) for reading in readings],
            "device_energy_j": [rounded(reading.energy_j) for reading in readings],
            "done": rounded(run.work.done),
            "rate_per_s": rounded(run.work.rate_per_s),
            "stride": self._series.stride,
            "points": self._points(count),
            **self._parts(),
        }
        self._number += 1
        size = len(json.dumps(made)) + ENVELOPE_BYTES
        self._next_s = run.duration_s + max(EVERY_S, size / BYTES_PER_S)
        return made

    def _points(self, count: Count | None) -> list[list[float | None]]:
        """Return time, power, work and emissions of the newest and of some older points."""
        end = len(self._series.t_s)
        newest = max(end - NEW_POINTS, 0)
        old = self._next_point if self._next_point < newest else 0
        self._next_point = old + OLD_POINTS
        indices = [*range(old, min(old + OLD_POINTS, newest)), *range(newest, end)]
        return [self._timeline.point(index, count) for index in indices]

    def _parts(self) -> dict[str, Any]:
        """Return what has changed of that which changes seldom, and one part of it in turn."""
        run = self._run
        parts: dict[str, Any] = {
            "run": {key: plain(getattr(run, key)) for key in ABOUT}
            | {"intensity": _about_intensity(run.intensity)},
            "work": _about_work(run.work),
            "projection": plain(run.projection),
            "throughput": plain(run.throughput),
            "warnings": [*run.warnings],
            "embodied": [_about_charge(charge) for charge in run.embodied],
        }
        if run.hosts:
            parts["hosts"] = [_about_host(host) for host in run.hosts]
        for index, device in enumerate(run.devices):
            parts[str(index)] = _about(device)
        turn = list(parts)[self._number % len(parts)]
        told = {
            name: part for name, part in parts.items() if name == turn or self._is_news(name, part)
        }
        self._told |= {name: _identity(name, part) for name, part in told.items()}
        devices = {name: told.pop(name) for name in list(told) if name.isdigit()}
        return told | ({"devices": devices} if devices else {})

    def _is_news(self, name: str, part: Any) -> bool:  # noqa: ANN401 - JSON
        return name not in self._told or self._told[name] != _identity(name, part)


def _about_intensity(intensity: Intensity) -> dict[str, Any]:
    """Return what is said of an intensity, without what creeps where it changes with time."""
    said: dict[str, Any] = plain(intensity)
    if said.pop("series") is not None:
        said["gco2e_per_kwh"] = float(f"{intensity.gco2e_per_kwh:.3g}")
    return said


def _about_work(work: Work) -> dict[str, Any]:
    """Return what is said of the work besides how much of it is done."""
    said: dict[str, Any] = plain(work)
    del said["done"], said["rate_per_s"]
    return said


def _about_charge(charge: EmbodiedCharge) -> dict[str, Any]:
    """Return on what a charge rests, without what grows at every tick."""
    said: dict[str, Any] = plain(charge)
    for grows in ("device_s", "embodied_g", "low_g", "high_g"):
        del said[grows]
    return said


def _about(device: DeviceReading) -> dict[str, Any]:
    """Return what is said of a device besides its energy and its power now."""
    said: dict[str, Any] = plain(device)
    del said["energy_j"], said["mean_power_w"]
    return said


def _about_host(host: HostReading) -> dict[str, Any]:
    """Return what is said of a host, with no more digits than are shown."""
    said: dict[str, Any] = plain(host)
    for figure in ("energy_j", "mean_power_w", "work_done"):
        said[figure] = rounded(said[figure])
    return said


_DEVICE = ("name", "uuid", "method", "host", "count")
_HOST = ("name", "members", "workers", "lost", "count")


def _identity(name: str, part: Any) -> object:  # noqa: ANN401 - JSON
    """Return what must differ for a part to be told at once: not what creeps at every tick."""
    if name.isdigit():
        return [part[key] for key in _DEVICE]
    if name == "hosts":
        return [[host[key] for key in _HOST] for host in part]
    return part

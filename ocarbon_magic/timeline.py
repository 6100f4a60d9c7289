"""A run over time as its record and its page tell it: power, work and emissions, in few points."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

from ocarbon_magic.jsontypes import plain
from ocarbon_magic.run import Series
from ocarbon_magic.series import mean_power, rounded

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.progress.choice import Count
    from ocarbon_magic.run import Run
    from ocarbon_magic.series import RunSeries

MOST_BYTES = 15_800
"""What a record may weigh as JSON (DESIGN: 16 kB), less a line or two that come afterwards."""

LEAST_POINTS = 30


class Timeline:
    """Tells one run over time.

    Parameters
    ----------
    run : Run
        Kept up to date by others.
    series : RunSeries
    emitted_g : callable
        Returns the operational grams of the joules drawn by some seconds into the run.
    """

    def __init__(
        self, run: Run, series: RunSeries, emitted_g: Callable[[float, float], float]
    ) -> None:
        self._run, self._series, self._emitted_g = run, series, emitted_g

    def point(self, index: int, count: Count | None) -> list[float | None]:
        """Return time, power, work by ``count`` and emissions at one point of the series."""
        series = self._series
        t_s, energy_j = series.t_s[index], series.energy_j[index]
        before = max(index - 1, 0)
        power_w = mean_power(series.t_s[before : index + 1], series.energy_j[before : index + 1])
        work = count and series.work_at(index, count.keys, count.per_step)
        return [rounded(t_s), power_w[-1], rounded(work), self._emissions_g(t_s, energy_j)]

    def whole(self, count: Count | None) -> Series:
        """Return the run as a record has it; empty where neither energy nor work is known."""
        t_s, energy_j = self._series.thinned()
        work = [] if count is None else self._series.work(count.keys, count.per_step)
        if self._run.energy_kwh is None and not work:
            return Series()
        return Series(
            t_s=[rounded(t) for t in t_s],
            power_w=mean_power(t_s, energy_j),
            work=[rounded(done) for done in work] or [None] * len(t_s),
            emissions_g=[self._emissions_g(t, e) for t, e in zip(t_s, energy_j, strict=True)],
        )

    def _emissions_g(self, t_s: float, energy_j: float | None) -> float | None:
        """Return what was emitted by a time, the embodied part spread evenly over the run."""
        if energy_j is None:
            return None
        run = self._run
        embodied_g_per_s = (run.embodied_g or 0.0) / run.duration_s if run.duration_s else 0.0
        return rounded(self._emitted_g(t_s, energy_j) + t_s * embodied_g_per_s)


def fitted(run: Run, series: Series, most_bytes: int = MOST_BYTES) -> Series:
    """Return ``series`` with as many points as let the record of ``run`` stay small.

    Half of the points go as often as needed, down to `LEAST_POINTS`; powers are means of the
    longer spans then, so that the energy stays.
    """
    others = len(json.dumps(run.to_dict() | {"series": None}))
    while len(series.t_s) >= 2 * LEAST_POINTS:
        if others + len(json.dumps(plain(series))) <= most_bytes:
            break
        series = _halved(series)
    return series


def _halved(series: Series) -> Series:
    kept = [*range(0, len(series.t_s) - 1, 2), len(series.t_s) - 1]
    spans = pairwise(kept)
    return Series(
        t_s=[series.t_s[i] for i in kept],
        power_w=[_mean_w(series, 0, kept[1]), *(_mean_w(series, a, b) for a, b in spans)],
        work=[series.work[i] for i in kept],
        emissions_g=[series.emissions_g[i] for i in kept],
    )


def _mean_w(series: Series, start: int, end: int) -> float | None:
    """Return the mean power between two points; each point has that of the span before it."""
    energy_j = 0.0
    for i in range(start + 1, end + 1):
        power_w = series.power_w[i]
        if power_w is None:
            return None
        energy_j += power_w * (series.t_s[i] - series.t_s[i - 1])
    span_s = series.t_s[end] - series.t_s[start]
    return rounded(energy_j / span_s) if span_s > 0 else None

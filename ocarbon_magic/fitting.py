"""A record stays small: where there is much else to tell, its series has fewer points."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

from ocarbon_magic.jsontypes import plain
from ocarbon_magic.run import Series
from ocarbon_magic.series import rounded

if TYPE_CHECKING:
    from ocarbon_magic.run import Run

MOST_BYTES = 15_800
"""What a record may weigh as JSON (DESIGN: 16 kB), less a line or two that come afterwards."""

LEAST_POINTS = 30


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

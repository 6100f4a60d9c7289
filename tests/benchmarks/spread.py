"""Many measurements of one thing, told in three numbers."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return the median, the 95th percentile and the number of some values."""
    p95 = statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
    return {"median": statistics.median(values), "p95": p95, "n": len(values)}


def told(of: dict[str, float]) -> str:
    """Return median and 95th percentile as words."""
    return f"median {of['median']:8.2f}   p95 {of['p95']:8.2f}"

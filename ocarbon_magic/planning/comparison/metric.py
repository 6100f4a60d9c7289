"""The metric that runs are compared by: what it is called, and which values are better."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.run import Run

Better = Literal["higher", "lower"]

_LOWER = re.compile(r"loss|err|perplex|ppl|mse|mae|rmse|nll|entropy|wer|cer|fid", re.IGNORECASE)
"""Metrics that are better when they are lower, by what they are called."""


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A metric as its ``--metric`` expression, and which of its values are better."""

    expression: str
    better: Better

    def key(self, value: float) -> float:
        """Return ``value`` so that the higher is the better."""
        return value if self.better == "higher" else -value


def better_of(name: str, said: Better | None) -> Better:
    """Return which values of a metric are the better ones, as said or by its name."""
    return said or ("lower" if _LOWER.search(name) else "higher")


def value_of(run: Run, expression: str | None = None) -> float | None:
    """Return the metric as a number; None where it is none, or that of another expression."""
    found = run.metric
    if found is None or (expression is not None and found.expression != expression):
        return None
    number = isinstance(found.value, int | float) and not isinstance(found.value, bool)
    return float(found.value) if number and math.isfinite(found.value) else None  # type: ignore[arg-type] # a number, as was asked


def expressions(runs: Sequence[Run]) -> list[str]:
    """Return the expressions whose value some run has as a number, in order of the runs."""
    found = (run.metric.expression for run in runs if run.metric and value_of(run) is not None)
    return list(dict.fromkeys(found))

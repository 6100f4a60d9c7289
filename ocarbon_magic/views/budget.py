"""The user's budget beside what a run emits, and will, in words that text and HTML share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.views.words import open_projection

if TYPE_CHECKING:
    from ocarbon_magic.run import Run


def limit_g(run: Run) -> float | None:
    """Return the budget in grams, None where none was set."""
    most_g = run.budget_g
    return most_g if most_g is not None and math.isfinite(most_g) and most_g > 0 else None


def amount(most_g: float) -> units.Amount:
    """Return a budget as a person gives it: 50 g, and not 50.0 g."""
    return units.given(units.mass(most_g))


def verdict(run: Run) -> str | None:
    """Return whether the budget is passed, None where there is none or nothing to compare."""
    most_g, emitted_g = limit_g(run), run.emissions_g
    if most_g is None or emitted_g is None:
        return None
    if emitted_g >= most_g:
        return "passed"
    will, may = ("will", "may") if run.status == "running" else ("would", "might")
    projection = open_projection(run)
    if projection is not None and (projection.emissions_g.value or 0.0) > most_g:
        return f"{will} be passed"
    if projection is not None and (projection.emissions_g.high or 0.0) > most_g:
        return f"{may} be passed"
    return "not passed"


def summary(run: Run) -> str | None:
    """Return the budget, whether it is passed, and how much of it is emitted, or None."""
    most_g, emitted_g = limit_g(run), run.emissions_g
    if most_g is None:
        return None
    said = verdict(run)
    if said is None or emitted_g is None:
        return f"{amount(most_g)}, with nothing measured to hold against it"
    used_pct = 100 * emitted_g / most_g
    used = units.percent(used_pct) if used_pct >= 1 else "less than 1 %"
    return f"{amount(most_g)}, {said}: {used} of it emitted"

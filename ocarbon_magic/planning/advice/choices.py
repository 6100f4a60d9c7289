"""What-ifs as advice: the best of several choices, and what it saves and costs."""

from __future__ import annotations

from math import exp, hypot, inf
from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.planning.spread import Spread, log_ratio
from ocarbon_magic.planning.whatif.choice import Choice, WhatIfError
from ocarbon_magic.planning.whatif.outcome import Outcome, what_if

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.planning.advice.figures import Figures


def best(
    figures: Figures, choices: Iterable[Choice], *, surely: bool = False
) -> tuple[Outcome | None, str]:
    """Return the outcome of the fewest grams, or None and one sentence why there is none.

    With ``surely`` only those count that emit less even at the far end of their interval, on
    a card with as much memory.
    """
    answered: list[Outcome] = []
    why = "nothing to compare with."
    for choice in choices:
        try:
            answered.append(what_if(figures.run, choice))
        except WhatIfError as error:
            why = str(error)
    if surely and answered:
        why = "none for hire is sure to emit less."
        answered = [each for each in answered if _is_surely_less(figures, each)]
    return min(answered, key=lambda each: each.emissions_g.value, default=None), why


def saved_share(figures: Figures, outcome: Outcome) -> float:
    """Return the share of all grams that an outcome saves."""
    return 1.0 - outcome.emissions_g.value / figures.basis.total_g


def saving(figures: Figures, outcome: Outcome) -> Spread:
    """Return what an outcome saves, with what the choice alone may be off by.

    A projected total is off by the same share whatever is chosen: that part of the outcome's
    interval is taken out again, where it was put in by quadrature.
    """
    total_g, emitted = figures.basis.total_g, outcome.emissions_g
    if emitted.low is None or emitted.high is None:
        return Spread(total_g - emitted.value, None, None)
    own = figures.basis.total_range
    below, above = log_ratio(emitted.value, emitted.low), log_ratio(emitted.high, emitted.value)
    if own is not None:
        below = _without(below, log_ratio(own.value, own.low))
        above = _without(above, log_ratio(own.high, own.value))
    if below == above == 0.0:
        return Spread(total_g - emitted.value, None, None)
    low_g, high_g = emitted.value * exp(-below), emitted.value * exp(above)
    return Spread(total_g - emitted.value, total_g - high_g, total_g - low_g)


def would_save(figures: Figures, outcome: Outcome) -> str:
    """Return what an outcome saves in words: "3.1 % less", or "nothing less"."""
    share = saved_share(figures, outcome)
    return f"{units.percent(100 * share)} less" if share > 0 else "nothing less"


def time(outcome: Outcome) -> str:
    """Return what an outcome costs in time, as the beginning of a sentence."""
    change, duration_s = outcome.time_change_pct, outcome.duration_s
    if change is None or duration_s is None:
        return "How much time is not known"
    more = "more" if change >= 0 else "less"
    return f"{units.percent(abs(change))} {more} time, {units.duration(duration_s.value)} in all"


def money(outcome: Outcome) -> str:
    """Return what an outcome costs in money, to be put behind something else."""
    cost = outcome.cost
    if cost is None:
        return ""
    of = "hire" if cost.kind == "cloud" else "electricity"
    return f", and about {units.money(cost.amount.value, cost.currency)} of {of}"


def _is_surely_less(figures: Figures, outcome: Outcome) -> bool:
    fits = not any("may not fit" in note for note in outcome.notes)
    saved = saving(figures, outcome)
    return fits and saved.ends[0] > 0.0


_ROUNDING = 1e-9


def _without(both: float, own: float) -> float:
    """Return what is left of two spreads in quadrature without one of them."""
    if inf in (both, own):
        return inf if both > own else 0.0
    left = both * both - own * own
    return left**0.5 if left > _ROUNDING * hypot(both, own) ** 2 else 0.0

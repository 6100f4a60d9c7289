"""What an outcome must keep: the time, a budget of grams, an amount of money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic import units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocarbon_magic.planning.whatif.outcome import Outcome

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Limits:
    """Constraints; None where there is none.

    Attributes
    ----------
    within_time_pct : float or None
        How much longer than the run the work may take, in per cent.
    budget_g : float or None
        What it may emit, in gCO2e.
    max_cost_usd : float or None
        What the cards may cost to hire, or the electricity, in USD.
    """

    within_time_pct: float | None = None
    budget_g: float | None = None
    max_cost_usd: float | None = None

    @property
    def in_words(self) -> tuple[str, ...]:
        """The constraints, each in a few words."""
        return tuple(self._words())

    def broken_by(self, outcome: Outcome) -> tuple[str, ...]:
        """Return the constraints that an outcome's likely figures break, in words."""
        return tuple(self._broken(outcome))

    def _words(self) -> Iterator[str]:
        if self.within_time_pct is not None:
            yield f"within {units.percent(self.within_time_pct)} of the time"
        if self.budget_g is not None:
            yield f"within {units.given(units.mass(self.budget_g))}"
        if self.max_cost_usd is not None:
            yield f"for at most {self.max_cost_usd:,.12g} USD"

    def _broken(self, outcome: Outcome) -> Iterator[str]:
        if self.within_time_pct is not None:
            if outcome.time_change_pct is None:
                yield "time not known"
            elif outcome.time_change_pct > self.within_time_pct * (1 + _ROUNDING):
                yield "takes longer"
        if self.budget_g is not None and _above(outcome.emissions_g.value, self.budget_g):
            yield "above the budget"
        if self.max_cost_usd is not None:
            if outcome.cost is None or outcome.cost.currency != "USD":
                yield "cost in USD not known"
            elif _above(outcome.cost.amount.value, self.max_cost_usd):
                yield "costs more"


def _above(value: float, most: float) -> bool:
    return value > most * (1 + _ROUNDING)

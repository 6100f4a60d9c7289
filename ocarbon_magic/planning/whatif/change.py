"""What a choice changes of the run's cards: another kind, another number, a cap on power."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.planning.spread import Range, range_over
from ocarbon_magic.planning.whatif.arithmetic import (
    CAPPED,
    LEAST_CAP,
    POWER_SPREAD,
    SCALING,
    Pace,
    embodied,
    embodied_of_cards,
    energy_ratio,
    servers_ratio,
    time_ratio,
)
from ocarbon_magic.planning.whatif.cards import Card, OwnCards, find_card, own_cards
from ocarbon_magic.planning.whatif.choice import Choice, WhatIfError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.planning.whatif.basis import Basis
    from ocarbon_magic.run import Run


@dataclass(frozen=True, slots=True)
class Change:
    """The run's cards against those chosen.

    Attributes
    ----------
    own : OwnCards
    card, count : Card and int
        The chosen ones; the run's own where nothing was chosen.
    one_takes : Range
        How many times as long one card takes for the same work.
    power : float
        How many times the power one card draws, without a cap.
    cap_w, cap : float or None, and float
        The cap, and the share of its power that it leaves to a card: 1 where it changes nothing.
    """

    own: OwnCards
    card: Card
    count: int
    one_takes: Range
    power: float
    cap_w: float | None
    cap: float

    @property
    def is_other_card(self) -> bool:
        """Whether the cards are of another kind."""
        return self.card != self.own.card

    def pace(self, **changed: float) -> Pace:
        """Return how the chosen cards do the work, some of it as it may be at worst or best."""
        likely = {
            "busy": self.own.busy,
            "pace": self.one_takes.value,
            "power": self.power,
            "cards": self.count / self.own.count,
            "cap": self.cap,
        }
        return Pace(**{**likely, **changed})

    def times(self) -> list[Range]:
        """Return by how much the time may be off, for each of its causes."""
        device = self._over(_time, "pace") if self.is_other_card else []
        return [*device, *self._of_count_and_cap(_time)]

    def ranges(self, figure: Callable[[Pace], float]) -> list[Range]:
        """Return by how much an energy or emissions may be off, for each cause.

        Another card: its pace and its power. Several: how well they go together. A cap: what
        it costs. ``figure`` gives the energy or the emissions for a pace.
        """
        power = Range(1.0, 1.0 / POWER_SPREAD, POWER_SPREAD)
        device = [*self._over(_time, "pace"), power] if self.is_other_card else []
        return [*device, *self._of_count_and_cap(figure)]

    def energy(self, pace: Pace) -> float:
        """Return how many times the energy of all devices."""
        rest = pace.time * servers_ratio(self.own.count, self.count)
        return energy_ratio(self.own.share, pace.cards_energy, rest)

    def embodied_g(self, basis: Basis, pace: Pace) -> float:
        """Return the embodied grams, the run's cards replaced by those chosen."""
        own = self.own
        cards_g = embodied_of_cards(own.count, basis.duration_s or 0.0, own.kg_per_year)
        return embodied(
            basis.embodied_g,
            cards_g,
            pace,
            product=self.card.kg_per_year / own.card.kg_per_year,
            servers=servers_ratio(own.count, self.count),
        )

    def _of_count_and_cap(self, figure: Callable[[Pace], float]) -> list[Range]:
        count = self._over(figure, "scaling") if self.count != self.own.count else []
        return count + (self._over(figure, "capped") if self.cap < 1 else [])

    def _over(self, figure: Callable[[Pace], float], cause: str) -> list[Range]:
        """Return a figure with the bounds that one cause alone can bring it to."""
        ends = {
            "pace": (self.one_takes.low, self.one_takes.high),
            "scaling": SCALING[1:],
            "capped": CAPPED[1:],
        }[cause]
        reached = [figure(self.pace(**{cause: end})) for end in ends]
        return [range_over(figure(self.pace()), reached)]


def _time(pace: Pace) -> float:
    return pace.time


def change_of(run: Run, choice: Choice, basis: Basis) -> Change | None:
    """Return what a choice changes of the cards; None where nothing.

    Raises
    ------
    WhatIfError
        If the run's cards or its time say nothing of the chosen ones.
    """
    if choice.device is None and choice.count is None and choice.power_cap_w is None:
        return None
    chosen = None if choice.device is None else find_card(choice.device)
    own = own_cards(run)
    card, count = chosen or own.card, choice.count or own.count
    power = card.speeds.tdp_w / own.card.speeds.tdp_w
    cap = _cap(choice.power_cap_w, own.power_w, power)
    if card == own.card and count == own.count and cap == 1 and choice.power_cap_w is None:
        return None
    if basis.duration_s is None:
        raise WhatIfError("how long the run takes is not known.")
    same = Range(1.0, 1.0, 1.0)
    one_takes = same if card == own.card else time_ratio(own.card.speeds, card.speeds)
    return Change(own, card, count, one_takes, power, choice.power_cap_w, cap)


def _cap(cap_w: float | None, own_w: float | None, power: float) -> float:
    """Return the share of its power that a cap leaves to a card."""
    if cap_w is None:
        return 1.0
    if not own_w:
        raise WhatIfError("the power that a GPU of the run drew is not known.")
    share = min(1.0, cap_w / (own_w * power))
    if share < LEAST_CAP:
        raise WhatIfError(
            f"a cap of {units.given(units.power(cap_w))} is less than half of the "
            f"{units.power(own_w * power)} that a GPU would draw, and nothing published says what "
            "a training does under it."
        )
    return share

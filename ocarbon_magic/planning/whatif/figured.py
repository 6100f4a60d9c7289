"""A choice worked out: its energy, time, grams and money."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.planning.spread import Range, Spread, spread_of
from ocarbon_magic.planning.whatif import cost, notes
from ocarbon_magic.planning.whatif.arithmetic import Pace, Supply, operational
from ocarbon_magic.planning.whatif.basis import Basis, basis_of
from ocarbon_magic.planning.whatif.cards import find_card
from ocarbon_magic.planning.whatif.change import Change, change_of
from ocarbon_magic.planning.whatif.choice import Choice, WhatIfError, checked
from ocarbon_magic.planning.whatif.places import PROVIDERS, Where, provider_of, where
from ocarbon_magic.planning.whatif.start import Start, start_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ocarbon_magic.run import Run


AS_IT_WAS = "as it was"


@dataclass(frozen=True, slots=True)
class Figured:
    """What a choice means for a run; ``start`` is the reason where the hour has no part in it."""

    run: Run
    choice: Choice
    basis: Basis
    place: Where
    change: Change | None
    start: Start | str | None
    supply: Supply

    @property
    def operational_g(self) -> float:
        """Operational emissions in gCO2e."""
        return self._operational_g(self._pace)

    @property
    def embodied_g(self) -> float:
        """Embodied emissions in gCO2e."""
        return self._embodied_g(self._pace)

    @property
    def emissions_g(self) -> Spread:
        """Their sum, with its interval."""
        ranges = self._ranges(
            self.basis.total_range,
            lambda pace: self._operational_g(pace) + self._embodied_g(pace),
        )
        return spread_of(self.operational_g + self.embodied_g, ranges)

    @property
    def energy_kwh(self) -> Spread:
        """Energy of the devices, before PUE."""
        value = self.basis.energy_kwh * self._energy(self._pace)
        return spread_of(value, self._ranges(self.basis.energy_range, self._energy))

    @property
    def duration_s(self) -> Spread | None:
        """How long the work takes; None where the run does not say."""
        own_s, own_range = self.basis.duration_s, self.basis.duration_range
        if own_s is None:
            return None
        ranges = [] if self.change is None else self.change.times()
        if own_range is not None:
            ranges.append(own_range)
        return spread_of(own_s * self._pace.time, ranges)

    @property
    def hire(self) -> cost.Cost | None:
        """What the cards cost to hire."""
        duration_s = self.duration_s
        if duration_s is None:
            return None
        if self.change is None:
            return cost.hire_of_run(self.run, duration_s, self.place.code)
        return cost.hired(self.change.card.name, self.change.count, duration_s, self.place.code)

    @property
    def electricity(self) -> cost.Cost | None:
        """What the electricity costs."""
        if self.place.other is None and not cost.place_is_told(self.run):
            return None
        return cost.electricity(self.energy_kwh, self.supply.pue, self.place.code)

    @property
    def label(self) -> str:
        """The choice in a few words, and whether it is what the run had."""
        chosen = ", ".join(self._labels())
        if not chosen:
            return AS_IT_WAS
        return chosen if self._is_another() else f"{chosen} ({AS_IT_WAS})"

    @property
    def notes(self) -> Iterator[str]:
        """What the reader must know."""
        if self.place.other is not None:
            yield from notes.of_place(self.run, self.place.other, self.choice.pue)
        if self.change is not None:
            yield from notes.of_change(self.change)
        if isinstance(self.start, Start):
            yield from notes.of_start(self.place, self.start)
        elif self.start is not None:
            yield notes.without_start(self.start)
        yield from self._of_money()

    @property
    def _pace(self) -> Pace:
        return Pace() if self.change is None else self.change.pace()

    def _energy(self, pace: Pace) -> float:
        return 1.0 if self.change is None else self.change.energy(pace)

    def _operational_g(self, pace: Pace) -> float:
        basis = self.basis
        energy = self._energy(pace)
        return operational(basis.operational_g, basis.energy_kwh, energy, basis.supply, self.supply)

    def _embodied_g(self, pace: Pace) -> float:
        basis = self.basis
        return basis.embodied_g if self.change is None else self.change.embodied_g(basis, pace)

    def _ranges(self, own: Range | None, figure: Callable[[Pace], float]) -> list[Range]:
        ranges = [] if own is None else [own]
        return ranges if self.change is None else [*ranges, *self.change.ranges(figure)]

    def _is_another(self) -> bool:
        """Whether anything is asked for that the run did not have."""
        choice, change = self.choice, self.change
        other_cards = change is not None and (
            change.is_other_card or change.count != change.own.count
        )
        rest = choice.hour is None and choice.pue is None and choice.power_cap_w is None
        return self.place.other is not None or other_cards or not rest

    def _labels(self) -> Iterator[str]:
        choice = self.choice
        if choice.zone is not None:
            yield self.place.code if provider_of(self.place.code) else self.place.name
        if choice.device is not None:
            yield find_card(choice.device).short_name
        if choice.count is not None:
            yield f"{choice.count:g} GPU{'' if choice.count == 1 else 's'}"
        if choice.hour is not None:
            yield f"from {notes.clock(choice.hour)}"
        if choice.pue is not None:
            yield f"PUE {choice.pue:.3g}"
        if choice.power_cap_w is not None:
            yield f"cap {units.given(units.power(choice.power_cap_w))}"

    def _of_money(self) -> Iterator[str]:
        if self.choice == Choice():
            return
        shown = self.hire or self.electricity
        provider = provider_of(self.place.code)
        if shown is not None:
            yield f"Money: {shown.basis}"
        elif provider is not None:
            yield f"No price of such a machine is known at {PROVIDERS[provider]}."
        else:
            yield "No price is known, neither of such a machine for hire nor of electricity there."


def figured(run: Run, choice: Choice) -> Figured:
    """Return what a choice means for a run.

    Raises
    ------
    WhatIfError
        If it says nothing of this run, or is none.
    """
    chosen = checked(choice)
    basis = basis_of(run)
    place = where(run, chosen.zone)
    change = change_of(run, chosen, basis)
    time = 1.0 if change is None else change.pace().time
    start = _start(
        run, place, chosen, None if basis.duration_s is None else basis.duration_s * time
    )
    own, other = basis.supply, place.other
    g_per_kwh = own.g_per_kwh if other is None else other.figure.gco2e_per_kwh
    pue = own.pue if other is None or other.pue is None else other.pue.value
    supply = Supply(
        g_per_kwh * (start.factor if isinstance(start, Start) else 1.0),
        pue if chosen.pue is None else chosen.pue,
    )
    found = Figured(run, chosen, basis, place, change, start, supply)
    if not math.isfinite(found.operational_g + found.embodied_g):
        raise WhatIfError("the figures of the run are beyond any training.")
    return found


def _start(run: Run, place: Where, choice: Choice, duration_s: float | None) -> Start | str | None:
    if choice.hour is None:
        return None
    try:
        return start_at(run, place, choice.hour, duration_s)
    except WhatIfError as reason:
        return str(reason)

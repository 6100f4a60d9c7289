"""Several choices: every combination of what was named, or a few that may do best."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ocarbon_magic.planning.whatif.cards import cards, own_cards
from ocarbon_magic.planning.whatif.choice import Choice, WhatIfError
from ocarbon_magic.planning.whatif.cost import priced_cards
from ocarbon_magic.planning.whatif.hours import HOURS
from ocarbon_magic.planning.whatif.places import PROVIDERS, places_of, provider_of, scope_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ocarbon_magic.run import Run

ALL = "all"
MOST_CHOICES = 5000
"""Combinations that are worked out in a second or two, and far more than anybody reads."""

_Chosen = TypeVar("_Chosen")


class Several(NamedTuple):
    """What may be chosen of each; empty leaves it as it was."""

    zones: Sequence[str] = ()
    devices: Sequence[str] = ()
    counts: Sequence[int] = ()
    hours: Sequence[int] = ()
    pues: Sequence[float] = ()
    power_caps_w: Sequence[float] = ()

    @property
    def only_one(self) -> Choice | None:
        """The one choice that this is; None where it is several, or none."""
        words = {word.strip().lower() for word in (*self.zones, *self.devices)}
        if not any(self) or any(len(values) > 1 for values in self) or words & {ALL, *PROVIDERS}:
            return None
        return Choice(*(values[0] if values else None for values in self))  # type: ignore[arg-type]


def combined(run: Run, several: Several) -> list[Choice]:
    """Return every combination of what may be chosen.

    ``all`` stands for every place of the run's scope, or every card; a provider's name for
    all its regions.

    Raises
    ------
    WhatIfError
        If they are too many.
    """
    zones, devices = _zones(run, several.zones), _devices(several.devices)
    count = 1
    for values in (zones, devices, *several[2:]):
        count *= len(values) or 1
    if count > MOST_CHOICES:
        raise WhatIfError(
            f"that asks for {count:,} combinations, and at most {MOST_CHOICES:,} are worked out: "
            "name fewer."
        )
    combinations = product(
        _or_none(zones),
        _or_none(devices),
        _or_none(several.counts),
        _or_none(several.hours),
        _or_none(several.pues),
        _or_none(several.power_caps_w),
    )
    return [Choice(*chosen) for chosen in dict.fromkeys(combinations)]


def suggested(run: Run) -> list[list[Choice]]:
    """Return what may do best: cloud regions, hours of the run's place, cards for hire.

    Of each country the region with the lowest overhead; of cards those whose price is known
    and whose memory is no smaller than the run's.
    """
    return [
        [Choice(zone=code) for code in _regions(run)],
        [Choice(hour=hour) for hour in HOURS],
        [Choice(device=name) for name in _for_hire(run)],
    ]


def _or_none(values: Iterable[_Chosen]) -> Sequence[_Chosen | None]:
    return [*values] or [None]


def _zones(run: Run, named: Iterable[str]) -> list[str]:
    found: list[str] = []
    for name in named:
        word = name.strip().lower()
        if word == ALL or word in PROVIDERS:
            places = places_of(scope_of(run))
            found += [p.code for p in places if word in (ALL, provider_of(p.code))]
        else:
            found.append(name)
    return found


def _devices(named: Iterable[str]) -> list[str]:
    found: list[str] = []
    for name in named:
        found += [card.name for card in cards()] if name.strip().lower() == ALL else [name]
    return found


def _regions(run: Run) -> list[str]:
    regions = [p for p in places_of(scope_of(run)) if p.pue is not None]
    regions.sort(key=lambda p: p.figure.gco2e_per_kwh * (1.0 if p.pue is None else p.pue.value))
    first = {(p.figure.source, p.figure.gco2e_per_kwh): p.code for p in reversed(regions)}
    return [p.code for p in regions if p.code in first.values()]


def _for_hire(run: Run) -> list[str]:
    try:
        own = own_cards(run).card
    except WhatIfError:
        return []
    hired = priced_cards()
    return [
        card.name
        for card in cards()
        if card != own and card.name in hired and (card.memory_gb or 0.0) >= (own.memory_gb or 0.0)
    ]

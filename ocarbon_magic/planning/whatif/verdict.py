"""One outcome against another in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.planning.whatif.choice import Choice
from ocarbon_magic.planning.whatif.notes import times

if TYPE_CHECKING:
    from ocarbon_magic.planning.whatif.outcome import Outcome

_SAME = 0.005
"""Ratios closer to 1 read as the same."""

_PARTS = {"half": 1 / 2, "a third": 1 / 3, "a quarter": 1 / 4, "a fifth": 1 / 5, "a tenth": 1 / 10}
_NEAR = 0.05


def verdict(one: Outcome, other: Outcome) -> str:
    """Return how ``one`` compares with ``other``: grams, time and money.

    Where their intervals overlap, it says that the order is not sure; not where both are done
    by the same cards, for then they are unsure of the same.
    """
    parts = (_grams(one, other), _time(one, other), _money(one, other))
    said = [part for part in parts if part is not None]
    sentence = f"{_head(one)}: {', '.join(said)}"
    if not _is_unsure(one, other):
        return f"{sentence}."
    if said[0].startswith("as much"):
        return f"{sentence}; the intervals overlap, so either may emit less."
    return f"{sentence}; the intervals overlap, so it may be the other way round."


def compared(outcome: Outcome) -> str:
    """Return how an outcome compares with the run: its grams in place of the run's, its time."""
    grams, was = outcome.emissions_g.value, outcome.basis_g
    what = "projected" if outcome.basis == "projected" else "emitted"
    head = f"{_head(outcome)}: {units.mass(grams)} in place of {units.mass(was)} {what}"
    pct = outcome.change_pct
    said = [head]
    if pct is not None and abs(pct) >= 100 * _SAME:
        said.append(f"{units.percent(abs(pct))} {'less' if pct < 0 else 'more'}")
    if outcome.time_change_pct is not None and abs(outcome.time_change_pct) >= 100 * _SAME:
        said.append(f"in {_share(1 + outcome.time_change_pct / 100)} the time")
    low, high = outcome.emissions_g.ends
    if any(_cards(outcome)) and low <= was <= high:
        return f"{', '.join(said)}; the interval reaches to what it was."
    return f"{', '.join(said)}."


def _grams(one: Outcome, other: Outcome) -> str:
    value, of = one.emissions_g.value, other.emissions_g.value
    if abs(value - of) <= _SAME * of:
        return f"as much CO2e as {_named(other)}"
    more = "less" if value < of else "more"
    much = f"{units.percent(100 * abs(value / of - 1))} " if of > 0 else ""
    return f"{much}{more} CO2e than {_named(other)}"


def _time(one: Outcome, other: Outcome) -> str | None:
    if one.duration_s is None or other.duration_s is None or other.duration_s.value <= 0:
        return None
    ratio = one.duration_s.value / other.duration_s.value
    return None if abs(ratio - 1) < _SAME else f"in {_share(ratio)} the time"


def _money(one: Outcome, other: Outcome) -> str | None:
    own, of = one.cost, other.cost
    if own is None or of is None or not own.compares_with(of) or of.amount.value <= 0:
        return None
    ratio = own.amount.value / of.amount.value
    if abs(ratio - 1) < _SAME:
        return "for the same money"
    return f"for {_share(ratio)} the {'money' if own.kind == 'cloud' else 'electricity bill'}"


def _share(ratio: float) -> str:
    """Return "a fifth of", "38 % of" or "1.9 times"."""
    if ratio >= 1:
        return f"{times(ratio)} times"
    near = min(_PARTS, key=lambda name: abs(_PARTS[name] / ratio - 1))
    if abs(_PARTS[near] / ratio - 1) < _NEAR:
        return f"{near} of"
    return f"{units.percent(100 * ratio)} of"


def _is_unsure(one: Outcome, other: Outcome) -> bool:
    return _cards(one) != _cards(other) and one.emissions_g.overlaps(other.emissions_g)


def _cards(outcome: Outcome) -> tuple[str | None, int | None, float | None]:
    """Return what was chosen of the cards: all that an outcome is unsure of beside the run."""
    choice = outcome.choice
    return choice.device, choice.count, choice.power_cap_w


def _head(outcome: Outcome) -> str:
    label = outcome.label
    begins_in_words = label.startswith(("as ", "from ", "cap "))
    return label[:1].upper() + label[1:] if begins_in_words else label


def _named(outcome: Outcome) -> str:
    """Return what it is called in a sentence: the T4, Sweden, as it was."""
    if outcome.choice == Choice():
        return "the run as it was"
    is_card_alone = outcome.choice == Choice(device=outcome.choice.device)
    return f"the {outcome.label}" if is_card_alone else outcome.label

"""A what-if as text and as HTML. Importing this module tells the answers how to show themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocarbon_magic import units
from ocarbon_magic.planning.whatif.choice import Choice
from ocarbon_magic.planning.whatif.outcome import Outcome
from ocarbon_magic.planning.whatif.ranking import Ranking
from ocarbon_magic.planning.whatif.verdict import compared
from ocarbon_magic.views.table import Table
from ocarbon_magic.views.words import clean, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from ocarbon_magic.planning.spread import Spread
    from ocarbon_magic.planning.whatif.cost import Cost

MOST_ROWS = 12
"""Choices that are looked at; the rest is an attribute away."""

MOST_EXCLUDED = 5
_FEW = 3
"""Of so many all notes are read; of more those of the best."""


_SHOWN_PCT = 0.05
"""Changes below that are shown as none."""

_LABEL = 44
_SENTENCE = 300
_AS_IT_WAS = {"projected": "as projected", "emitted": "as it was"}


def table_of(outcome: Outcome) -> Table:
    """Return the figures of one choice with their intervals, beside those of the run."""
    return Table(
        clean(compared(outcome), _SENTENCE),
        head=(clean(outcome.label, _LABEL), "", _interval_head([outcome]), "change"),
        rows=[*_figures(outcome)],
        notes=[clean(note, _SENTENCE) for note in (*outcome.notes, *_kept_in_mind([outcome]))],
    )


def table_of_several(ranking: Ranking) -> Table:
    """Return a row for each choice, the best first, then those that break a constraint."""
    shown = ranking.outcomes[:MOST_ROWS]
    apart = ranking.excluded[:MOST_EXCLUDED]
    looked_at = [*shown, *(each.outcome for each in apart), ranking.as_it_was]
    rows = [_row(each) for each in shown]
    if all(each.change_pct for each in shown):
        rows.append(_row(ranking.as_it_was))
    rows += [_row(each.outcome, ", ".join(each.broken)) for each in apart]
    return Table(
        clean(ranking.verdict, _SENTENCE),
        head=(
            clean(ranking.run_name, 24),
            "CO2e",
            _interval_head(looked_at),
            "change",
            "time",
            "money",
        ),
        rows=rows,
        notes=[clean(note, _SENTENCE) for note in _notes(ranking, looked_at)],
    )


def _row(outcome: Outcome, broken: str = "") -> tuple[str, ...]:
    label = _AS_IT_WAS[outcome.basis] if outcome.choice == Choice() else outcome.label
    return (
        clean(f"{label}: {broken}" if broken else label, _LABEL + len(broken)),
        str(units.plain_mass(outcome.emissions_g.value)),
        _interval(outcome.emissions_g, units.plain_mass),
        _change(outcome.change_pct),
        units.duration(None if outcome.duration_s is None else outcome.duration_s.value),
        "" if outcome.cost is None else str(_money(outcome.cost)),
    )


def _figures(outcome: Outcome) -> Iterator[tuple[str, str, str, str]]:
    grams = outcome.emissions_g
    yield (
        "emissions",
        str(units.plain_mass(grams.value)),
        _interval(grams, units.plain_mass),
        _change(outcome.change_pct),
    )
    yield "  operational", str(units.plain_mass(outcome.operational_g)), "", ""
    embodied_g = outcome.embodied_g
    left_out = "not in the total" if embodied_g is None else str(units.plain_mass(embodied_g))
    yield "  embodied", left_out, "", ""
    energy = outcome.energy_kwh
    yield "energy", str(units.energy(energy.value)), _interval(energy, units.energy), ""
    if outcome.duration_s is not None:
        yield (
            "time",
            units.duration(outcome.duration_s.value),
            _interval(outcome.duration_s, _clock),
            _change(outcome.time_change_pct),
        )
    costs = dict.fromkeys(each for each in (outcome.cost, outcome.electricity) if each is not None)
    for cost in costs:
        label = "cards for hire" if cost.kind == "cloud" else "electricity"
        yield label, str(_money(cost)), _interval(cost.amount, _of_currency(cost.currency)), ""


def _notes(ranking: Ranking, looked_at: list[Outcome]) -> Iterator[str]:
    if ranking.constraints:
        yield f"Kept: {', '.join(ranking.constraints)}."
    rest = len(ranking.outcomes) - MOST_ROWS
    if rest > 0:
        yield f"{rest:,} more in its .outcomes."
    apart = len(ranking.excluded) - MOST_EXCLUDED
    if apart > 0:
        yield f"{apart:,} more that do not keep to that in its .excluded."
    for each in ranking.unanswered:
        many = f" ({len(each.choices):,} choices)" if len(each.choices) > 1 else ""
        yield f"Left out{many}: {each.why}"
    explained = ranking.outcomes if len(ranking.outcomes) <= _FEW else ranking.outcomes[:1]
    yield from dict.fromkeys(note for each in explained for note in each.notes)
    yield from _kept_in_mind(looked_at)


def _kept_in_mind(outcomes: list[Outcome]) -> Iterator[str]:
    """Yield what holds for all of them."""
    exact = [each.emissions_g.low is None for each in outcomes if each.change_pct]
    if any(exact) and not all(exact):
        yield ("Without an interval: what is unsure of the run itself is so of every choice alike.")
    if any(each.cost is not None for each in outcomes):
        yield "Money is an indication, from prices of the date given, and may have changed."
    if any(each.choice.zone for each in outcomes):
        yield "Intensities are yearly averages of the grid, not what one more kWh would cause."


def _interval_head(outcomes: list[Outcome]) -> str:
    return "80 % interval" if any(each.emissions_g.low is not None for each in outcomes) else ""


def _interval(spread: Spread, amount: Callable[[float], units.Amount]) -> str:
    low, high = spread.low, spread.high
    if low is None or high is None or not low < high:
        return ""
    return units.interval(amount(low), amount(high))


def _change(pct: float | None) -> str:
    if not pct:
        return ""
    shown = signed(pct) if abs(pct) >= _SHOWN_PCT else "0 %"
    return shown.replace(" ", "\N{NO-BREAK SPACE}")


def _clock(seconds: float) -> units.Amount:
    return units.Amount(units.duration(seconds), "")


def _money(cost: Cost) -> units.Amount:
    return _of_currency(cost.currency)(cost.amount.value)


def _of_currency(currency: str) -> Callable[[float], units.Amount]:
    return lambda amount: units.money(amount, currency)


def _show(outcome: Outcome, include: Collection[str] | None) -> dict[str, Any]:
    return table_of(outcome).bundle(include)


def _show_several(ranking: Ranking, include: Collection[str] | None) -> dict[str, Any]:
    return table_of_several(ranking).bundle(include)


Outcome.render_with(_show)
Ranking.render_with(_show_several)

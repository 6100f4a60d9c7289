"""Runs compared in one sentence; of two, the one that the sidebar says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic import units
from ocarbon_magic.planning.bounds import Emitted
from ocarbon_magic.planning.comparison.difference import are_within
from ocarbon_magic.planning.spread import Spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ocarbon_magic.planning.comparison.difference import Difference
    from ocarbon_magic.planning.comparison.metric import Yardstick

NOT_ENOUGH = "Not enough is known of the {these} to say which one emitted {less}."

_READS_AS_MUCH = 1.05
_TWO_DIGITS_BELOW = 9.95
_NAMED = 2


def of_two(names: Sequence[str], changes: Mapping[str, Difference]) -> str:
    """Return how the second differs from the first."""
    one, other = names
    emissions, energy = changes.get("emissions_g"), changes.get("energy_kwh")
    if emissions is not None:
        said = _against(emissions, f"{other} emitted", "", one)
    elif energy is not None:
        said = _against(energy, f"{other} used", " energy", one)
    else:
        return NOT_ENOUGH.format(these="two", less="less")
    return said + _in_time(changes.get("duration_s"))


def _against(change: Difference, begun: str, what: str, one: str) -> str:
    if change.is_none:
        return f"{begun} as much{what} as {one}"
    than = "less" if change.pct < 0 else "more"
    return f"{begun} {units.percent(abs(change.pct))} {than}{what} than {one}"


def _in_time(time: Difference | None) -> str:
    if time is None:
        return "."
    if time.is_none:
        return ", in the same time."
    than = "less" if time.pct < 0 else "more"
    return f", in {units.percent(abs(time.pct))} {than} time."


class Contender(NamedTuple):
    """What the sentence on several runs is made from; the value is grams, or kilowatt-hours."""

    name: str
    value: float | None
    parts: Emitted | Spread | None
    metric: float | None


def of_many(runs: Sequence[Contender], metric: Yardstick | None, *, energy: bool) -> str:
    """Return which run emitted least, or used the least energy, and which has the best metric."""
    known = [run for run in runs if run.value is not None]
    if not known:
        return NOT_ENOUGH.format(these="runs", less="least")
    least = min(known, key=lambda run: run.value or 0.0)
    amount = units.energy(least.value) if energy else units.plain_mass(least.value)
    if len(runs) == 1:
        return f"{least.name} {'used' if energy else 'emitted'} {amount}."
    did = "used the least energy" if energy else "emitted least"
    said = f"{least.name} {did} ({amount}{_ties(least, known)})"
    scored = [run for run in known if run.metric is not None]
    if metric is None or not scored:
        return f"{said}."
    best = max(scored, key=lambda run: (metric.key(run.metric or 0.0), -(run.value or 0.0)))
    praise = f"has the best {metric.expression} ({best.metric:.4g})"
    if best is least:
        return f"{said} and {praise}."
    return f"{said}; {best.name} {praise} for {_times(best.value or 0.0, least.value or 0.0)}."


def _ties(least: Contender, known: Sequence[Contender]) -> str:
    """Return who else may have had least, for all that is known."""
    near = [run.name for run in known if run is not least and _may_be_one(least, run)]
    if not near:
        return ""
    some = near if len(near) <= _NAMED else [f"{len(near)} others"]
    return f"; {' and '.join(some)} {'is' if len(near) == 1 else 'are'} within the uncertainty"


def _may_be_one(one: Contender, other: Contender) -> bool:
    if isinstance(one.parts, Emitted) and isinstance(other.parts, Emitted):
        return bool(are_within(one.parts, other.parts))
    if isinstance(one.parts, Spread) and isinstance(other.parts, Spread):
        return bool(one.parts.meets(other.parts))
    return False


def _times(value: float, least: float) -> str:
    if least <= 0:
        return "more"
    ratio = value / least
    if ratio < _READS_AS_MUCH:
        return "about as much"
    number = f"{ratio:.2g}" if ratio < _TWO_DIGITS_BELOW else f"{ratio:,.0f}"
    return f"{number} times as much"

"""Several choices beside each other, the best first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ocarbon_magic.planning.whatif.choice import Choice, WhatIfError
from ocarbon_magic.planning.whatif.figured import figured
from ocarbon_magic.planning.whatif.limits import Limits
from ocarbon_magic.planning.whatif.outcome import Outcome, outcome_of, what_if
from ocarbon_magic.planning.whatif.several import Several, combined, suggested
from ocarbon_magic.planning.whatif.verdict import verdict
from ocarbon_magic.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ocarbon_magic.run import Run

_OF_EACH = (4, 2, 4)
"""How many places, hours and cards are suggested where nothing was named."""


class Excluded(NamedTuple):
    """An outcome that breaks constraints, each named in a few words."""

    outcome: Outcome
    broken: tuple[str, ...]


class Unanswered(NamedTuple):
    """Choices that say nothing of the run, and why."""

    choices: tuple[Choice, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Ranking(Shown):
    """Outcomes of several choices for one run, the fewest grams first.

    Attributes
    ----------
    run_name : str
    as_it_was : Outcome
        The run with nothing changed.
    outcomes : tuple of Outcome
        Those that keep all constraints.
    excluded : tuple of Excluded
        Those that do not, with what they break.
    unanswered : tuple of Unanswered
    constraints : tuple of str
        What had to be kept, in words.
    verdict : str
        The answer in one sentence.
    """

    run_name: str
    as_it_was: Outcome
    outcomes: tuple[Outcome, ...]
    excluded: tuple[Excluded, ...]
    unanswered: tuple[Unanswered, ...]
    constraints: tuple[str, ...]
    verdict: str

    @property
    def best(self) -> Outcome | None:
        """The outcome with the fewest grams that keeps all constraints."""
        return self.outcomes[0] if self.outcomes else None

    def __len__(self) -> int:
        return len(self.outcomes)

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self.outcomes)

    def to_dict(self) -> dict[str, Any]:
        """Return the ranking as plain JSON types; units are in the keys."""
        return {
            "run_name": self.run_name,
            "as_it_was": self.as_it_was.to_dict(),
            "outcomes": [each.to_dict() for each in self.outcomes],
            "excluded": [
                {"outcome": each.outcome.to_dict(), "broken": list(each.broken)}
                for each in self.excluded
            ],
            "unanswered": [
                {"choices": [choice.to_dict() for choice in each.choices], "why": each.why}
                for each in self.unanswered
            ],
            "constraints": list(self.constraints),
            "verdict": self.verdict,
        }


def rank(  # noqa: PLR0913 - what may be chosen, and what must be kept
    run: Run,
    *,
    zones: Iterable[str] = (),
    devices: Iterable[str] = (),
    counts: Iterable[int] = (),
    hours: Iterable[int] = (),
    pues: Iterable[float] = (),
    power_caps_w: Iterable[float] = (),
    within_time_pct: float | None = None,
    budget_g: float | None = None,
    max_cost_usd: float | None = None,
) -> Ranking:
    """Return every combination of what may be chosen, the fewest grams first.

    Where nothing is named, a few cloud regions, hours and cards that do best by themselves.

    Parameters
    ----------
    run : Run
    zones, devices, counts, hours, pues, power_caps_w
        Values of `Choice`. ``all`` stands for every zone or card, ``aws``, ``gcp`` and
        ``azure`` for all regions of theirs.
    within_time_pct : float, optional
        How much longer than the run the work may take, in per cent.
    budget_g : float, optional
        What it may emit in gCO2e.
    max_cost_usd : float, optional
        What it may cost.

    Raises
    ------
    WhatIfError
        If the run says nothing of any choice, or the combinations are too many.
    """
    limits = Limits(within_time_pct, budget_g, max_cost_usd)
    as_it_was = what_if(run, Choice())
    named = Several(
        tuple(zones), tuple(devices), tuple(counts), tuple(hours), tuple(pues), tuple(power_caps_w)
    )
    if any(named):
        made, unanswered = _answered(run, combined(run, named))
        if not made:
            raise WhatIfError(unanswered[0].why)
    else:
        made, unanswered = _suggestions(run, limits, as_it_was), []
    kept = [each for each in made if not limits.broken_by(each)]
    excluded = [Excluded(each, limits.broken_by(each)) for each in made if limits.broken_by(each)]
    return Ranking(
        run_name=run.name,
        as_it_was=as_it_was,
        outcomes=tuple(kept),
        excluded=tuple(excluded),
        unanswered=tuple(unanswered),
        constraints=limits.in_words,
        verdict=_verdict(kept, excluded, as_it_was),
    )


def _answered(run: Run, choices: Iterable[Choice]) -> tuple[list[Outcome], list[Unanswered]]:
    """Return the outcomes in order, and the choices that have none, by reason."""
    made: list[Outcome] = []
    without: dict[str, list[Choice]] = {}
    for choice in choices:
        try:
            found = figured(run, choice)
        except WhatIfError as error:
            without.setdefault(str(error), []).append(choice)
            continue
        if isinstance(found.start, str):  # the hour would change nothing
            without.setdefault(found.start, []).append(choice)
            continue
        made.append(outcome_of(found))
    made.sort(key=_order)
    return made, [Unanswered(tuple(choices), why) for why, choices in without.items()]


def _order(outcome: Outcome) -> tuple[float, float]:
    return outcome.emissions_g.value, outcome.duration_s.value if outcome.duration_s else 0.0


def _suggestions(run: Run, limits: Limits, as_it_was: Outcome) -> list[Outcome]:
    """Return the best of each kind that emit less than the run, those within the limits first."""
    best: list[Outcome] = []
    for choices, most in zip(suggested(run), _OF_EACH, strict=True):
        made, _ = _answered(run, choices)
        better = [each for each in made if (each.change_pct or 0.0) < 0]
        better.sort(key=lambda each: (bool(limits.broken_by(each)), *_order(each)))
        best += better[:most]
    return sorted(best, key=_order) or [as_it_was]


def _verdict(kept: list[Outcome], excluded: list[Excluded], as_it_was: Outcome) -> str:
    if not kept:
        nearest = min((each.outcome for each in excluded), key=_order)
        return f"Nothing that was asked for keeps to that; the fewest grams: {nearest.label}."
    best = kept[0]
    others = [*kept[1:], *(each.outcome for each in excluded)]
    if len(others) == 1:
        return verdict(best, others[0])
    looked_at = others or best.choice == as_it_was.choice
    if looked_at and (best.change_pct or 0.0) >= 0:
        return "Nothing that was looked at emits less than the run as it was."
    return verdict(best, as_it_was)

"""All rules, asked one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.planning.advice.elsewhere import of_hour, of_place
from ocarbon_magic.planning.advice.figures import Figures, figures_of
from ocarbon_magic.planning.advice.idle import of_idle_gpus
from ocarbon_magic.planning.advice.machines import of_cap, of_count, of_device
from ocarbon_magic.planning.advice.measure import Advice, Finding, Measure
from ocarbon_magic.planning.advice.pace import of_pace
from ocarbon_magic.planning.advice.pauses import of_end, of_pauses, of_start
from ocarbon_magic.planning.advice.precision import of_precision
from ocarbon_magic.planning.advice.smaller import of_smaller
from ocarbon_magic.planning.advice.stopping import of_curve
from ocarbon_magic.planning.advice.waiting import of_waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ocarbon_magic.run import Run

_Rules = tuple["Callable[[Figures], Finding]", ...]

_OF_GPUS: _Rules = (of_idle_gpus, of_waiting, of_pace, of_precision)
_OF_THE_RUN: _Rules = (of_start, of_pauses, of_end)
_OF_RUNS: tuple[Callable[[Figures, Sequence[Run]], Finding], ...] = (of_curve, of_smaller)
_OTHER_GPUS: _Rules = (of_count, of_cap, of_device)
_ELSEWHERE: _Rules = (of_place, of_hour)
_NO_GPU = Finding("GPUs: the run used none.")

WORTH_PCT = 1.0
"""A measure that saves less than this share of all grams is not worth a reader's time."""


def advise(run: Run, others: Sequence[Run] = ()) -> Advice:
    """Return what would save emissions in a run like this one, the most first.

    Parameters
    ----------
    run : Run
        Finished, or under way: savings are then of the projected whole.
    others : sequence of Run
        Runs that it may be held against: shorter ones of its name, smaller models.

    Returns
    -------
    Advice
        Without measures where no figure calls for one; it names those that were looked at.
    """
    figures, unknown = figures_of(run)
    if unknown is not None:
        return _without_grams(figures, unknown)
    findings = list(_findings(figures, [other for other in others if other.id != run.id]))
    measures = [each.measure for each in findings if each.measure and _is_worth_it(each.measure)]
    return Advice(
        run_name=run.name,
        basis=figures.basis.kind,
        basis_g=figures.basis.total_g,
        measures=tuple(sorted(measures, key=lambda made: -made.saving_g.value)),
        looked_at=tuple(_looked_at(findings)),
    )


def _without_grams(figures: Figures, why: str) -> Advice:
    """Return what the figures say of a run whose grams are not known: nothing can be saved."""
    looked_at = (finding.looked for finding in _of_its_own(figures))
    return Advice(figures.run.name, None, None, (), (f"Emissions: {why}", *looked_at))


def _is_worth_it(measure: Measure) -> bool:
    return measure.saving_pct.value >= WORTH_PCT


def _looked_at(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield what was looked at in vain."""
    for finding in findings:
        if finding.measure is None:
            yield finding.looked
        elif not _is_worth_it(finding.measure):
            yield f"{finding.looked} That would save less than {WORTH_PCT:g} %."


def _of_its_own(figures: Figures) -> Iterator[Finding]:
    if figures.gpus.there_are:
        yield from (rule(figures) for rule in _OF_GPUS)
    else:
        yield _NO_GPU
    yield from (rule(figures) for rule in _OF_THE_RUN)


def _findings(figures: Figures, others: Sequence[Run]) -> Iterator[Finding]:
    yield from _of_its_own(figures)
    yield from (held_against(figures, others) for held_against in _OF_RUNS)
    if figures.gpus.there_are:
        yield from (choice(figures) for choice in _OTHER_GPUS)
    yield from (choice(figures) for choice in _ELSEWHERE)

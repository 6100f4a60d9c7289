"""What must be known not to mistake the figures of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.planning import bounds
from ocarbon_magic.planning.comparison.metric import expressions
from ocarbon_magic.progress.units import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ocarbon_magic.planning.comparison.metric import Yardstick
    from ocarbon_magic.planning.comparison.rate import Rate
    from ocarbon_magic.run import Run

_UNCERTAINTY = (
    "Uncertainty: the devices' bounds added, operational emissions as the energy. Embodied: the "
    "product's published range, else half to twice its figure; runs on one product share its error."
)


def notes(
    runs: Sequence[Run],
    obstacle: str | None,
    rate: Rate | None,
    score: Rate | None,
    metric: Yardstick | None,
) -> tuple[str, ...]:
    """Return the sentences, the most important first."""
    return tuple(note for note in _notes(runs, obstacle, rate, score, metric) if note)


def _notes(
    runs: Sequence[Run],
    obstacle: str | None,
    rate: Rate | None,
    score: Rate | None,
    metric: Yardstick | None,
) -> Iterator[str | None]:
    yield obstacle
    known = expressions(runs)
    if metric is None and len(known) > 1:
        yield f"The runs have different metrics ({', '.join(known)}): choose one with --metric."
    if any(run.status == "running" for run in runs):
        yield "The figures of a run that goes on are those so far."
    yield None if rate is None else rate.note
    yield None if score is None else score.note
    if len(runs) > 1 and any(bounds.energy_share(run) is not None for run in runs):
        yield _UNCERTAINTY
    if score is None:
        yield _how_to_score(runs)


def _how_to_score(runs: Sequence[Run]) -> str:
    """Return what to name for a score: it is of a functional unit, or there is none."""
    unit = next((run.work.unit for run in runs if run.work.unit), None)
    example = "'trained model' --units 1" if unit is None else f"'1,000 {plural(unit)}'"
    return f"No SCI score without a functional unit: name one, as in --functional-unit {example}."

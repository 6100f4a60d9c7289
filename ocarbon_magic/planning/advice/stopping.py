"""Runs of one name that went on for longer than they gained by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.planning.advice.measure import Finding, advised
from ocarbon_magic.planning.comparison.metric import Yardstick, better_of, value_of
from ocarbon_magic.planning.spread import Spread
from ocarbon_magic.planning.whatif.basis import quantity
from ocarbon_magic.progress.units import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.planning.advice.figures import Figures
    from ocarbon_magic.run import Run

FLAT = 0.005
"""A metric that gains no more than this share of itself is called flat, half a point of 100;
what was gained is told, for whoever minds it."""

SHORTER = 0.8
"""A run is a shorter one if it did at most this share of the work; less of a difference is no
curve."""


def of_curve(figures: Figures, others: Sequence[Run]) -> Finding:
    """Advise to stop where a shorter run of the same name reached about the same metric.

    A record has only the metric at its end, so a curve takes several runs: of one name, one
    metric and one unit of work. Thresholds: `FLAT` and `SHORTER`. The saving is the share of
    the work beyond the shortest that will do, of all but the start.
    """
    run = figures.run
    done, value = quantity(run.work.done), value_of(run)
    if run.metric is None or value is None:
        return Finding("Early stopping: the run has no metric (--metric) to tell it by.")
    if not done:
        return Finding("Early stopping: how much work was done is not known.")
    shorter = [other for other in others if _is_shorter(other, run, done)]
    if not shorter:
        return Finding("Early stopping: no shorter run of this name has the same metric.")
    yardstick = Yardstick(run.metric.expression, better_of(run.metric.expression, None))
    least = yardstick.key(value) - FLAT * abs(value)
    enough = [o for o in shorter if yardstick.key(value_of(o) or 0.0) >= least]
    if not enough:
        return Finding("Early stopping: shorter runs of this name have a worse metric.")
    chosen = min(enough, key=lambda other: other.work.done or 0.0)
    share = 1.0 - (quantity(chosen.work.done) or 0.0) / done
    before = figures.timeline.before if figures.timeline else None
    cards = share * (1.0 - (before.energy if before else 0.0))
    time = share * (1.0 - (before.time if before else 0.0))
    saved_g = figures.saved_g(cards=1.0 - cards, rest=1.0 - cards, time=1.0 - time)
    unit = plural(run.work.unit or "")
    enough_work = f"{units.count(chosen.work.done)} {unit}".rstrip()
    reached = _number(value_of(chosen))
    measure = figures.measure(
        f"Stop after {enough_work}",
        Spread(saved_g, None, None),
        because=f"A run of this name reached {reached} in {enough_work}; the last "
        f"{units.percent(100 * share)} of the {units.count(done)} {unit} here changed "
        f"{run.metric.expression} from that to {_number(value)}.",
        how="Plan so many, or stop early: when the validation metric has not moved for a while.",
        costs=f"{run.metric.expression}: {reached} in place of "
        f"{_number(value)}, as one run each had it.",
    )
    return advised("Early stopping", measure)


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"


def _is_shorter(other: Run, run: Run, done: float) -> bool:
    its = quantity(other.work.done)
    return (
        other.id != run.id
        and other.name == run.name
        and other.status == "finished"
        and other.work.unit == run.work.unit
        and value_of(other, run.metric.expression if run.metric else None) is not None
        and bool(its)
        and (its or 0.0) <= SHORTER * done
    )

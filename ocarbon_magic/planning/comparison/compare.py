"""Runs set side by side: figures, differences, the front, and what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.collection import Runs
from ocarbon_magic.derived import mean_power_w
from ocarbon_magic.planning import bounds
from ocarbon_magic.planning.comparison import verdict
from ocarbon_magic.planning.comparison.error import ComparisonError
from ocarbon_magic.planning.comparison.figures import (
    Counts,
    Figures,
    changes,
    over,
    per_unit,
)
from ocarbon_magic.planning.comparison.front import Point, standings
from ocarbon_magic.planning.comparison.metric import Yardstick, better_of, expressions, value_of
from ocarbon_magic.planning.comparison.names import told_apart
from ocarbon_magic.planning.comparison.notes import notes
from ocarbon_magic.planning.comparison.obstacle import obstacle
from ocarbon_magic.planning.comparison.rate import POINT, Rate, per_point
from ocarbon_magic.planning.comparison.rate import per_unit as per_unit_of_work
from ocarbon_magic.planning.comparison.result import Comparison
from ocarbon_magic.planning.comparison.sci import functional_units
from ocarbon_magic.planning.whatif.cost import cost_of_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.planning.bounds import Emitted
    from ocarbon_magic.planning.comparison.difference import Difference
    from ocarbon_magic.planning.comparison.front import Standing
    from ocarbon_magic.planning.comparison.metric import Better
    from ocarbon_magic.planning.spread import Spread
    from ocarbon_magic.run import Run

_TWO = 2


def compare(  # noqa: PLR0913 - what may be asked
    runs: Sequence[Run],
    *,
    per: str | None = None,
    functional_unit: str | None = None,
    units: float | None = None,
    metric: str | None = None,
    better: Better | None = None,
) -> Comparison:
    """Return ``runs`` side by side; the others are held against the first.

    Parameters
    ----------
    runs : sequence of Run
        One counts once.
    per : str, optional
        What emissions are told for each of: a unit that the runs counted, or ``point``, of
        the metric (`per_point` says how).
    functional_unit : str, optional
        Of the SCI score: ``1,000 samples``, ``trained model``.
    units : float, optional
        How many functional units each run delivered.
    metric : str, optional
        The ``--metric`` expression to compare.
    better : str, optional
        ``higher`` or ``lower``; told by the metric's name without it.

    Raises
    ------
    ComparisonError
        If there is no run, or none has what was asked.
    """
    once = list({run.id: run for run in runs}.values())
    if not once:
        raise ComparisonError("there is no run to compare: measure two cells with %%carbon first.")
    if units is not None and functional_unit is None:
        raise ComparisonError(
            "--units says how many functional units there are: name one with --functional-unit."
        )
    why = obstacle(once)
    yardstick = _yardstick(once, metric, better)
    rate = _rate(once, per, yardstick)
    score = None if functional_unit is None else functional_units(once, functional_unit, units)
    counts = _counts(once, rate, score)
    names = told_apart(once)
    stand = _standings(once, yardstick) if why is None else [None] * len(once)
    expression = None if yardstick is None else yardstick.expression
    differing: list[dict[str, Difference]] = [{}]
    for run, own in zip(once[1:], counts[1:], strict=True):
        pair = (counts[0], own)
        differing.append(changes(once[0], run, pair, expression, comparable=why is None))
    return Comparison(
        runs=Runs(once),
        figures=tuple(
            _figures(*of, yardstick) for of in zip(once, names, counts, stand, strict=True)
        ),
        changes=tuple(differing),
        verdict=_verdict(once, names, differing, yardstick, comparable=why is None),
        obstacle=why,
        metric=yardstick,
        per=None if rate is None else rate.label,
        functional_unit=None if score is None else score.label,
        notes=notes(once, why, rate, score, yardstick),
    )


def _yardstick(runs: Sequence[Run], said: str | None, better: Better | None) -> Yardstick | None:
    """Return the metric that was named, else the one that all have in common."""
    known = expressions(runs)
    if said is not None and said not in known:
        rest = f"they have {', '.join(known)}" if known else "measure with --metric EXPR"
        raise ComparisonError(f"no run has the metric {said} as a number: {rest}.")
    if said is None and len(known) != 1:
        return None
    name = known[0] if said is None else said
    return Yardstick(name, better_of(name, better))


def _rate(runs: Sequence[Run], per: str | None, metric: Yardstick | None) -> Rate | None:
    if per is None:
        return None
    return per_point(runs, metric) if per in (POINT, f"{POINT}s") else per_unit_of_work(runs, per)


def _counts(runs: Sequence[Run], rate: Rate | None, score: Rate | None) -> list[Counts]:
    nothing: tuple[float | None, ...] = (None,) * len(runs)
    per = nothing if rate is None else rate.amounts
    delivered = nothing if score is None else score.amounts
    return [
        Counts(amount, None if run.embodied_g is None else number)
        for run, amount, number in zip(runs, per, delivered, strict=True)
    ]


def _standings(runs: Sequence[Run], metric: Yardstick | None) -> list[Standing | None]:
    if metric is None:
        return [None] * len(runs)
    values = [value_of(run, metric.expression) for run in runs]
    points = {
        index: Point(run, run.emissions_g, value)
        for index, (run, value) in enumerate(zip(runs, values, strict=True))
        if run.emissions_g is not None and value is not None
    }
    found = dict(zip(points, standings(list(points.values()), metric.better), strict=True))
    return [found.get(index) for index in range(len(runs))]


def _figures(
    run: Run, name: str, counts: Counts, standing: Standing | None, metric: Yardstick | None
) -> Figures:
    emitted = bounds.emitted(run)
    return Figures(
        id=run.id,
        name=name,
        emissions_g=_spread(emitted),
        operational_g=bounds.operational(run),
        embodied_g=bounds.embodied(run),
        energy_kwh=bounds.energy(run),
        duration_s=run.duration_s,
        mean_power_w=mean_power_w(run),
        cost=cost_of_run(run),
        work_done=run.work.done,
        work_unit=run.work.unit,
        rate_per_s=run.work.rate_per_s,
        emissions_g_per_unit=_spread(per_unit(run)),
        emissions_g_per=_spread(over(emitted, counts.per)),
        sci_g=_spread(over(emitted, counts.functional_units)),
        metric=None if metric is None else value_of(run, metric.expression),
        standing=standing,
    )


def _spread(parts: Emitted | None) -> Spread | None:
    return None if parts is None else parts.spread()


def _verdict(
    runs: Sequence[Run],
    names: Sequence[str],
    differing: Sequence[dict[str, Difference]],
    metric: Yardstick | None,
    *,
    comparable: bool,
) -> str:
    if len(runs) == _TWO:
        return verdict.of_two(names, differing[1])
    energy = not comparable or all(run.emissions_g is None for run in runs)
    contenders = [
        verdict.Contender(
            name,
            run.energy_kwh if energy else run.emissions_g,
            bounds.energy(run) if energy else bounds.emitted(run),
            None if metric is None else value_of(run, metric.expression),
        )
        for run, name in zip(runs, names, strict=True)
    ]
    return verdict.of_many(contenders, metric, energy=energy)

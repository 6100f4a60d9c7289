"""Other runs that reached about the same metric with less energy: a smaller model, perhaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.planning import bounds
from ocarbon_magic.planning.advice.measure import Finding, advised
from ocarbon_magic.planning.comparison.metric import Yardstick, better_of, value_of
from ocarbon_magic.planning.spread import Spread
from ocarbon_magic.planning.whatif.basis import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ocarbon_magic.planning.advice.figures import Figures
    from ocarbon_magic.planning.whatif.arithmetic import Supply
    from ocarbon_magic.run import Run

WITHIN = 0.01
"""A metric that is worse by no more than this share of itself counts as about the same; by how
much is told."""

LESS = 0.8
"""A run that took more than this share of the energy is not much of a saving, whatever its
bounds; and beyond the bounds of both it must be."""


def of_smaller(figures: Figures, others: Sequence[Run]) -> Finding:
    """Advise the run of another name that had about the same metric for the least energy.

    Thresholds: `WITHIN` and `LESS`, and the energies differ by more than both are unsure of.
    It is energy that is compared, at this run's intensity and PUE, so that it does not matter
    where the other one ran; the kinds of devices measured must be the same.
    """
    run = figures.run
    value = value_of(run)
    if run.metric is None or value is None:
        return Finding("Other models: the run has no metric (--metric) to compare by.")
    own = bounds.energy(run)
    if run.status == "running" or own is None:
        return Finding("Other models: what the whole run took is not known.")
    expression = run.metric.expression
    yardstick = Yardstick(expression, better_of(expression, None))
    least = yardstick.key(value) - WITHIN * abs(value)
    rivals = list(_rivals(run, others, expression))
    if not rivals:
        return Finding("Other models: no run of another name has the same metric.")
    good = [rival for rival in rivals if yardstick.key(value_of(rival) or 0.0) >= least]
    cheap = [(e, r) for r in good if (e := bounds.energy(r)) and _is_less(e, own)]
    if not cheap:
        return Finding("Other models: none had about the same metric for clearly less energy.")
    energy, chosen = min(cheap, key=lambda pair: pair[0].value)
    supply, embodied_g = figures.basis.supply, _embodied_g(figures, chosen)
    measure = figures.measure(
        f"Use {chosen.name}",
        _saving(own, energy, supply, figures.basis.embodied_g - embodied_g),
        because=f"{chosen.name} reached {value_of(chosen):.4g} of {expression} with "
        f"{units.energy(energy.value)}; {run.name} reached {value:.4g} with "
        f"{units.energy(own.value)}.",
        how=f"%carbon compare sets them side by side; {chosen.name} is the run "
        f"{chosen.id[:8]} of {chosen.started_at[:10]}.",
        costs=_costs(run, chosen, value),
    )
    return advised("Other models", measure)


def _rivals(run: Run, others: Sequence[Run], expression: str) -> Iterator[Run]:
    kinds = _kinds(run)
    for other in others:
        finished = other.status == "finished" and other.name != run.name
        if finished and value_of(other, expression) is not None and _kinds(other) == kinds:
            yield other


def _kinds(run: Run) -> set[str]:
    return {device.kind for device in run.devices if device.energy_j is not None}


def _is_less(energy: Spread, own: Spread) -> bool:
    return 0.0 < energy.value <= LESS * own.value and energy.meets(own) is not True


def _embodied_g(figures: Figures, chosen: Run) -> float:
    """Return the embodied grams of another run; by its time where it has left them out."""
    known_g = quantity(chosen.embodied_g)
    if known_g is not None:
        return known_g
    duration_s = quantity(chosen.duration_s) or 0.0
    return figures.basis.embodied_g * (duration_s / figures.duration_s if figures.duration_s else 0)


def _saving(own: Spread, energy: Spread, supply: Supply, embodied_g: float) -> Spread:
    g_per_kwh = supply.g_per_kwh * supply.pue

    def grams(less_kwh: float) -> float:
        return less_kwh * g_per_kwh + embodied_g

    value_g = grams(own.value - energy.value)
    if own.low is None or own.high is None or energy.low is None or energy.high is None:
        return Spread(value_g, None, None)
    return Spread(value_g, grams(own.low - energy.high), grams(own.high - energy.low))


def _costs(run: Run, chosen: Run, value: float) -> str:
    own_s, its_s = quantity(run.duration_s), quantity(chosen.duration_s)
    expression = run.metric.expression if run.metric else ""
    score = f"{expression}: {value_of(chosen):.4g} in place of {value:.4g}, as one run each had it"
    if not own_s or its_s is None:
        return f"{score}."
    return f"{score}; {units.duration(its_s)} in place of {units.duration(own_s)}."

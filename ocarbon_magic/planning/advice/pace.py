"""GPUs that work, but slower than others did at such work."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.conversions import FLOP_PER_TFLOP
from ocarbon_magic.planning.advice.compute import Compute, compute_of
from ocarbon_magic.planning.advice.figures import up_to
from ocarbon_magic.planning.advice.measure import Finding, advised
from ocarbon_magic.planning.advice.waiting import BUSY
from ocarbon_magic.planning.spread import Spread
from ocarbon_magic.planning.whatif.arithmetic import WAITING

if TYPE_CHECKING:
    from ocarbon_magic.planning.advice.figures import Figures
    from ocarbon_magic.run import Projection

LOAD = 0.38
"""Least share of a board's limit that a published training drew on average: a ViT on V100, 115.8
W of 300 W, is at 0.386 (Dodge et al. 2022, in ``published_runs.csv``)."""

_TITLE = "Give the GPU more at a time"
_HOW = (
    "Raise the batch size as far as memory allows, join small operations (torch.compile, a fused "
    "optimizer), and pad less."
)
_COSTS = "No time; a larger batch may need another learning rate."


def of_pace(figures: Figures) -> Finding:
    """Advise where a GPU computes or draws less than published trainings do.

    First threshold, where the share of the peak is known: the low end of the 80 % interval
    that published trainings of as many FLOP on such a card give (`planning.calibrated_pace`);
    the saving is that at their pace, with that interval, as far as the power limit lets it go.
    Second threshold, while the GPU works for `waiting.BUSY` of the time: `LOAD`; the saving is
    at most that of a pace which brings power to its limit.
    """
    compute = compute_of(figures)
    if isinstance(compute, str) or compute.precision is None:
        return _of_load(figures, [])
    said = f"{units.flop_rate(compute.tflops)} a GPU"
    if compute.utilisation is not None:
        said += f", {units.percent(100 * compute.utilisation)} of the peak"
    try:
        expected = _expected(figures, compute)
    except ValueError:  # a size that nothing was published of
        return _of_load(figures, [said])
    ends = units.interval(units.flop_rate(expected.low), units.flop_rate(expected.high))
    said += f"; published trainings of that size on {compute.part.name} gave {ends}"
    if compute.tflops >= expected.low:
        return _of_load(figures, [said])
    paces = (expected.value, expected.low, expected.high)
    value_g, low_g, high_g = (_at_g(figures, pace / compute.tflops) for pace in paces)
    return _found(figures, Spread(value_g, low_g, high_g), said)


def _of_load(figures: Figures, said: list[str]) -> Finding:
    """Advise where a GPU works all the time and draws little: its kernels are small."""
    load, busy = figures.gpus.load, figures.busy
    if load is None or busy is None:
        known = said or ["neither the share of the peak nor that of the power is known"]
        return Finding(f"Pace: {'; '.join(known)}.")
    power = f"{units.percent(100 * load)} of its power limit"
    said = [*said, f"the GPU drew {power}, at work {units.percent(100 * busy)} of the time"]
    if load >= LOAD or busy < BUSY or figures.working <= 0.0:
        return Finding(f"Pace: {'; '.join(said)}.")
    return _found(figures, up_to(_at_g(figures, math.inf)), "; ".join(said))


def _found(figures: Figures, saving: Spread, said: str) -> Finding:
    if not saving.value > 0.0:
        return Finding(f"Pace: {said}; its power is at the limit.")
    because = f"{said[:1].upper()}{said[1:]}."
    measure = figures.measure(_TITLE, saving, because=because, how=_HOW, costs=_COSTS)
    return advised("Pace", measure)


def _at_g(figures: Figures, pace: float) -> float:
    """Return the grams saved at ``pace`` times the pace, or at what the power limit allows."""
    load = figures.gpus.load
    if load:
        pace = min(pace, (1.0 / load - WAITING) / (1.0 - WAITING))
    return figures.faster_g(max(pace, 1.0)) if math.isfinite(pace) else 0.0


def _expected(figures: Figures, compute: Compute) -> Projection:
    """Return the TFLOP/s of a GPU that published trainings of that size give.

    Raises
    ------
    ValueError
        If the size of the run, or the peak, is beyond what they tell of.
    """
    from ocarbon_magic.planning.calibrated_pace import fitted_pace  # noqa: PLC0415 - imports numpy

    seconds = (figures.basis.duration_s or 0.0) * figures.working
    gpus = max(figures.gpus.working_count, 1)
    flop = compute.tflops * FLOP_PER_TFLOP * gpus * seconds
    return fitted_pace().predict(flop, compute.part, precision=compute.precision)

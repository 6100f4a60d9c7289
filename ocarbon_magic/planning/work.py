"""How much computing a plan is, in floating point operations, and whether that can be meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocarbon_magic.planning.plan import Plan

FLOP_PER_PARAM_AND_TOKEN = 6.0
"""Forward and backward pass of a dense transformer (OpenCarbonEval and LLMCarbon: 6ND)."""

_LEAST_FLOP = 1e12
"""A hundredth of a second of a small GPU: no training, but a figure in another unit."""

_MOST_FLOP = 1e30
"""Thousands of times the largest trainings known."""

_FEWEST = 1000.0
"""Fewer parameters, tokens or FLOP per sample than this were given in billions, say."""


def planned_flop(plan: Plan) -> float | None:
    """Return the operations of a plan, None where it does not say them.

    Raises
    ------
    ValueError
        If they are said in more than one way, or a figure can only be in a wrong unit.
    """
    ways = _ways(plan)
    if len(ways) > 1:
        raise ValueError(
            f"the work is given more than once, by {' and by '.join(ways)}: keep one of them."
        )
    if plan.flop is not None:
        return _checked(plan.flop)
    if plan.params is not None and plan.tokens is not None:
        _large("params", plan.params, "parameters: 7e9 for a 7B model")
        _large("tokens", plan.tokens, "tokens: 2e12 for two trillion")
        return _not_endless(FLOP_PER_PARAM_AND_TOKEN * plan.params * plan.tokens)
    if plan.samples is not None and plan.flop_per_sample is not None:
        _large("flop_per_sample", plan.flop_per_sample, "operations: 12e9 for 12 GFLOP")
        return _not_endless(plan.samples * plan.flop_per_sample)
    return None


def missing_work(plan: Plan) -> ValueError:
    """Return the error for a plan that does not say its operations."""
    for one, other in (
        ("params", "tokens"),
        ("tokens", "params"),
        ("samples", "flop_per_sample"),
        ("flop_per_sample", "samples"),
    ):
        if getattr(plan, one) is not None:
            return ValueError(f"{one} needs {other} beside it, to tell the operations.")
    return ValueError(
        "say how much work it is: flop, or params and tokens, or samples and flop_per_sample."
    )


def _ways(plan: Plan) -> list[str]:
    ways = {
        "flop": (plan.flop,),
        "params and tokens": (plan.params, plan.tokens),
        "samples and flop_per_sample": (plan.samples, plan.flop_per_sample),
        "work": (plan.work,),
    }
    return [way for way, figures in ways.items() if any(f is not None for f in figures)]


def _checked(flop: float) -> float:
    if flop < _LEAST_FLOP:
        raise ValueError(
            f"flop={flop:g} is less than a hundredth of a second of work: it counts single "
            "operations, so multiply TFLOP by 1e12, PetaFLOP/s-days by 8.64e19."
        )
    return _not_endless(flop)


def _not_endless(flop: float) -> float:
    if flop > _MOST_FLOP:
        raise ValueError(
            f"{flop:.3g} FLOP are thousands of times the largest training known: check the units "
            "of what was given."
        )
    return flop


def _large(name: str, value: float, unit: str) -> None:
    if value < _FEWEST:
        raise ValueError(f"{name}={value:g} is too few: it counts single {unit}.")

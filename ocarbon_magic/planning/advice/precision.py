"""Work in single precision on cards whose matrix units stand still for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.planning.advice.compute import Compute, compute_of
from ocarbon_magic.planning.advice.figures import up_to
from ocarbon_magic.planning.advice.measure import Finding, advised
from ocarbon_magic.planning.advice.waiting import BUSY

if TYPE_CHECKING:
    from ocarbon_magic.hardware import Accelerator
    from ocarbon_magic.planning.advice.figures import Figures

BOUND = 0.22
"""Below this share of the FP32 peak while it works, a GPU is not held up by arithmetic, and
faster arithmetic promises nothing: most large trainings reached 0.22 to 0.51 of their peak
(`planning.calibrated_pace`)."""

MATRIX = 2.5
"""A half-precision peak of so many times that of FP32 is one of matrix units, as for
`planning.calibrated_pace.default_precision`."""


def of_precision(figures: Figures) -> Finding:
    """Advise half precision where a run computes in FP32 on a card with matrix units.

    That it does is known where utilisation is a share of the FP32 peak; else it is likely
    where the throughput is below that peak although the GPU works, since one in half precision
    would pass it. Thresholds: `BOUND`, and then `waiting.BUSY`. The saving is bounded by the
    two peaks, for the time in which the GPU works; by how much memory holds it up is not known.
    """
    compute = compute_of(figures)
    if isinstance(compute, str):
        return Finding(f"Precision: {compute}.")
    single, half = compute.part.fp32_tflops or 0.0, compute.part.fp16_tflops or 0.0
    if half < MATRIX * single:
        return Finding(f"Precision: {compute.part.name} has no matrix units that would be faster.")
    busy = figures.busy
    reason = _why_not(compute, single, busy)
    if reason is not None:
        return Finding(f"Precision: {reason}.")
    less = figures.working * (1.0 if busy is None else busy) * (1.0 - single / half)
    most_g = figures.saved_g(cards=1.0 - less, rest=1.0 - less, time=1.0 - less)
    return advised(
        "Precision",
        figures.measure(
            "Train in half precision",
            up_to(most_g),
            because=_because(compute, single, half),
            how=_how(compute.part),
            costs="Less time; the score may change a little: watch the loss.",
        ),
    )


def _why_not(compute: Compute, single: float, busy: float | None) -> str | None:
    """Return why half precision would not help, or None where it might."""
    if compute.precision not in (None, "fp32"):
        return f"most FLOP are made in {compute.precision}, on the matrix units"
    share = compute.tflops / single / (busy or 1.0)
    said = f"{units.percent(100 * share)} of the FP32 peak while the GPU works"
    if share < BOUND:
        return f"{said}, which arithmetic does not hold up"
    if compute.precision == "fp32":
        return None
    if share >= 1.0:
        return f"{said}, which only the matrix units reach"
    if busy is None or busy < BUSY:
        return f"{said}, in a precision that is not known"
    return None


def _because(compute: Compute, single: float, half: float) -> str:
    rate = f"{units.flop_rate(compute.tflops)} a GPU"
    peaks = f"{units.flop_rate(single)} in FP32 and {units.flop_rate(half)} in half precision"
    if compute.precision == "fp32":
        return f"Most FLOP are made in FP32, {rate}; {compute.part.name} can {peaks}."
    return (
        f"{rate}, while the GPU works, is below its FP32 peak; {compute.part.name} can {peaks}. "
        "The precision itself is not in the record."
    )


def _how(part: Accelerator) -> str:
    if part.tf32_tflops is None:
        return (
            "In PyTorch: torch.autocast('cuda', dtype=torch.float16) around the forward pass, with "
            "torch.amp.GradScaler."
        )
    return (
        "In PyTorch: torch.autocast('cuda', dtype=torch.bfloat16) around the forward pass, or, for "
        "TF32 alone, torch.set_float32_matmul_precision('high')."
    )

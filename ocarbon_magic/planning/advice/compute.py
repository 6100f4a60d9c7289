"""How fast a run computed, and in which precision, as far as its record tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ocarbon_magic.planning.whatif.basis import quantity

if TYPE_CHECKING:
    from ocarbon_magic.hardware import Accelerator
    from ocarbon_magic.planning.advice.figures import Figures

Precision = Literal["fp32", "tf32", "fp16", "fp8"]

_SAME = 0.01
"""A record keeps its figures to five digits; peaks of one part lie further apart than this."""


class Compute(NamedTuple):
    """The throughput of a run.

    Attributes
    ----------
    part : Accelerator
        What the GPUs are.
    tflops : float
        TFLOP/s of one of them over the time of the steps.
    precision : str or None
        What most of the FLOP were made in; fp16 stands for bf16 too. A record does not name
        it, but utilisation is a share of the peak in it.
    utilisation : float or None
    """

    part: Accelerator
    tflops: float
    precision: Precision | None
    utilisation: float | None


def compute_of(figures: Figures) -> Compute | str:
    """Return how fast a run computed, or one sentence that says why that is not known."""
    throughput = figures.run.throughput
    tflops = quantity(throughput.tflops_per_device)
    if not tflops:
        return "how many FLOP a step takes is not known (--flop-per-unit tells it)"
    part = figures.gpus.part
    if part is None or not part.fp32_tflops:
        return "the peaks of the GPU are not known"
    utilisation = quantity(throughput.utilisation) or None
    precision = None if utilisation is None else _precision(part, tflops / utilisation)
    return Compute(part, tflops, precision, utilisation)


def _precision(part: Accelerator, peak_tflops: float) -> Precision | None:
    """Return the precision of which a part has that peak."""
    peaks: dict[Precision, float | None] = {
        "fp32": part.fp32_tflops,
        "tf32": part.tf32_tflops,
        "fp16": part.fp16_tflops,
        "fp8": part.fp8_tflops,
    }
    return next(
        (
            precision
            for precision, known in peaks.items()
            if known and abs(peak_tflops / known - 1.0) < _SAME
        ),
        None,
    )

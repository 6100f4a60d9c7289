"""The calibrated estimate: what a planned training will sustain and draw, from published runs.

Throughput is `calibrated_pace`, power `calibrated_power`, the runs are `calibrated_runs`.
Both intervals are normal in the logarithm, and independent of each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic.conversions import FLOP_PER_TFLOP, S_PER_H, W_PER_KW
from ocarbon_magic.planning.arithmetic import exactly, inverted, multiplied, scaled, spoken
from ocarbon_magic.planning.calibrated_pace import (
    SMALL_FLOP,
    default_precision,
    fitted_pace,
    peak_tflops,
)
from ocarbon_magic.planning.calibrated_power import fitted_power
from ocarbon_magic.planning.calibrated_runs import SUMMARY, published_runs
from ocarbon_magic.planning.parts import embodied_note, own_rate
from ocarbon_magic.planning.result import Course

if TYPE_CHECKING:
    from ocarbon_magic.hardware import Accelerator
    from ocarbon_magic.planning.plan import Plan
    from ocarbon_magic.run import Projection

_HALF: dict[str | None, str] = {"bf16": "fp16"}  # one peak stands for both
_WITHOUT_MATRIX_UNITS = {"Kepler", "Maxwell", "Pascal", "Apple silicon"}


@dataclass(frozen=True, slots=True)
class CalibratedPace:
    """What a planned training is expected to sustain, and how that was found.

    Attributes
    ----------
    tflops_per_device : Projection
        Sustained TFLOP/s per device over the whole training, pauses and restarts included.
    power_w : Projection
        Mean power of one device's board in W, as NVML reads it.
    notes : tuple of str
        One sentence each: what was assumed, and what to be careful about.
    """

    tflops_per_device: Projection
    power_w: Projection
    notes: tuple[str, ...]


def course(flop: float, plan: Plan, part: Accelerator, count: int) -> Course:
    """Return how published runs have a training of ``flop`` operations go.

    Raises
    ------
    ValueError
        If the accelerator's peak or power limit is not known.
    """
    given_w = plan.device_power_w
    precision = _HALF.get(plan.precision, plan.precision)
    pace = predict(flop, part, count, precision=precision, tdp_w=given_w)
    power_w = pace.power_w if given_w is None else exactly(given_w)
    device_hours = inverted(pace.tflops_per_device, flop / FLOP_PER_TFLOP / S_PER_H)
    power = () if given_w is None else (f"Power: {spoken(given_w)} W a device, as given.",)
    return Course(
        device=part.name,
        device_hours=device_hours,
        energy_kwh=scaled(multiplied(device_hours, power_w), 1.0 / W_PER_KW),
        power_w=power_w,
        tflops_per_device=pace.tflops_per_device,
        embodied_g_per_device_hour=own_rate(part.name, part),
        interval=f"{pace.tflops_per_device.level * 100:.0f} %: as far as published runs of other "
        "kinds fell from what the rest said of them",
        notes=(*pace.notes, *power, embodied_note(part.name, part)),
    )


def predict(  # noqa: PLR0913 - a training has that many sides; all but two have a default
    flop: float,
    accelerator: Accelerator,
    device_count: int = 1,
    *,
    level: float = 0.8,
    precision: str | None = None,
    tdp_w: float | None = None,
) -> CalibratedPace:
    """Return the throughput and the power to expect of a training.

    Parameters
    ----------
    flop : float
        Work of the whole training.
    accelerator : Accelerator
    device_count : int
        How many of them. The pace per device does not depend on it: large runs show no trend
        with it, and too few small ones were reported at several counts; the notes say so.
    level : float
        Coverage of the intervals, between 0 and 1.
    precision : str, optional
        ``fp32``, ``tf32``, ``fp16`` (or bf16) or ``fp8``; by default half precision where the
        device has matrix units, else FP32.
    tdp_w : float, optional
        Power limit of the board in W, where it is not the accelerator's own.

    Raises
    ------
    ValueError
        If an argument is out of range, or the accelerator's peak or power limit is unknown.
    """
    if device_count < 1:
        raise ValueError(f"device_count must be 1 or more, not {device_count}.")
    throughput = fitted_pace().predict(flop, accelerator, level=level, precision=precision)
    power = fitted_power().predict(accelerator, level=level, tdp_w=tdp_w)
    notes = (
        _how(throughput, accelerator, precision),
        _power_scope(),
        *_doubts_of_device(accelerator, precision),
        *_doubts_of_size(flop, device_count),
    )
    return CalibratedPace(throughput, power, notes)


def _how(throughput: Projection, accelerator: Accelerator, precision: str | None) -> str:
    peak = peak_tflops(accelerator, precision)
    paced = [run for run in published_runs() if run.tflops_per_device]
    summed_up = sum(run.runs for run in paced if run.family == SUMMARY)
    single = sum(run.family != SUMMARY for run in paced)
    share_pct = 100.0 * throughput.value / peak
    return (
        f"{spoken(throughput.value, 3)} TFLOP/s per device is {share_pct:.0f} % of a peak of "
        f"{spoken(peak)} TFLOP/s ({precision or default_precision(accelerator)}), as learnt from "
        f"{single} published runs and the alphas of OpenCarbonEval, which sum up {summed_up} more."
    )


def _power_scope() -> str:
    return (
        "The power is that of the accelerator boards; whole servers draw about "
        f"{fitted_power().server_over_board:.1f} times as much."
    )


def _doubts_of_device(accelerator: Accelerator, precision: str | None) -> list[str]:
    doubts = []
    seen = {run.accelerator.arch for run in published_runs() if run.tflops_per_device}
    if accelerator.arch not in seen:
        doubts.append(
            f"None of the published runs was on a device of the {accelerator.arch} generation, "
            "so the time is less certain."
        )
    unknown = accelerator.fp16_tflops is None and accelerator.arch not in _WITHOUT_MATRIX_UNITS
    if unknown and precision is None:
        doubts.append(
            f"The peak of {accelerator.name} in half precision is not known: a training that "
            "uses it is faster than this."
        )
    return doubts


def _doubts_of_size(flop: float, device_count: int) -> list[str]:
    if flop >= SMALL_FLOP:
        return []
    small = (
        "A training this small seldom keeps a device busy, and how much depends on its code: "
        "measure some of its steps for a better estimate."
    )
    doubts = [small]
    if device_count > 1:
        doubts.append(
            "A small training spread over several devices keeps each less busy, which is not "
            "reckoned with: MLPerf's ResNet-50 loses a third from 8 to 64 H100."
        )
    return doubts

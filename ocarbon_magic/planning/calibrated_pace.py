"""Throughput that a planned training will sustain, as a share of the device's peak.

ln(TFLOP/s per device) = ln(35 % of the peak) + level + the device's generation + the place
+ b * ln(FLOP / 1e19), if negative + c * ln(peak / 312 TFLOP/s) + noise: a share of the peak,
less of it in small jobs and on faster devices. Level, generation, place and noise are 30 %
each; b is 0.2 +- 0.1 beforehand, and 0.2 more or less from place to place; c is -0.1 +- 0.1.
Published runs update all of it, and a planned training is at a place not seen yet.

The scales are round and not tuned: utilisations of 22 to 51 % were reported for most large
runs; a BERT fine-tuned for 1e15 FLOP on a T4 runs at a few per cent of its peak, hence b;
memory and network have grown less than peaks, hence c. ``tests/validation/estimates.py``
prints how well this does on families of runs that the fit has not seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ocarbon_magic.planning.calibrated_regression import Effects, Regression, log_normal
from ocarbon_magic.planning.calibrated_runs import PublishedRun, published_runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.hardware import Accelerator
    from ocarbon_magic.run import Projection

PRECISIONS = ("fp32", "tf32", "fp16", "fp8")

SMALL_FLOP = 1e19
"""Below this much work a training seldom keeps its devices busy."""

_UTILISATION = 0.35
_SMALL_SLOPE = 0.2
_REFERENCE_PEAK_TFLOPS = 312.0
_PEAK_SLOPE = -0.1
_NOISE = 0.3


@dataclass(frozen=True, slots=True)
class PaceModel:
    """The fitted model of throughput."""

    regression: Regression

    @classmethod
    def fit(cls, runs: Iterable[PublishedRun]) -> PaceModel:
        """Return the model that those of ``runs`` with FLOP and device-hours give."""
        effects, observed, noise = [], [], []
        for run in runs:
            if run.flop is None or run.tflops_per_device is None:
                continue
            peak = peak_tflops(run.accelerator, run.precision)
            effects.append(_effects(run.flop, peak, run.accelerator.arch, run.family))
            observed.append(math.log(run.tflops_per_device) - _expected(run.flop, peak))
            noise.append(_NOISE / math.sqrt(run.runs))
        return cls(Regression.fit(effects, observed, noise))

    def predict(
        self,
        flop: float,
        accelerator: Accelerator,
        *,
        level: float = 0.8,
        precision: str | None = None,
    ) -> Projection:
        """Return the TFLOP/s per device to expect over a training of ``flop``.

        Parameters
        ----------
        flop : float
            Work of the whole training.
        accelerator : Accelerator
        level : float
            Coverage of the interval, between 0 and 1.
        precision : str, optional
            One of `PRECISIONS`; by default that of `default_precision`.

        Raises
        ------
        ValueError
            If an argument is out of range, or the peak of the accelerator is unknown.
        """
        if not (math.isfinite(flop) and flop > 0.0):
            raise ValueError(f"flop must be a finite number above zero, not {flop}.")
        peak = peak_tflops(accelerator, precision)
        shift, spread = self.regression.predict(_effects(flop, peak, accelerator.arch, "new"))
        return log_normal(
            _expected(flop, peak) + shift,
            math.hypot(spread, _NOISE),
            level,
            most=_fastest(accelerator, precision),
        )


@cache
def fitted_pace() -> PaceModel:
    """Return the model of all published runs."""
    return PaceModel.fit(published_runs())


def default_precision(accelerator: Accelerator) -> str:
    """Return the precision that a training on ``accelerator`` is assumed to use.

    Half precision on devices with matrix units, which show by a TF32 peak or by one of half
    precision far above twice that of FP32, else FP32.
    """
    half, single = accelerator.fp16_tflops, accelerator.fp32_tflops
    if half is None or (accelerator.tf32_tflops is None and single and half < 2.5 * single):
        return "fp32"
    return "fp16"


def peak_tflops(accelerator: Accelerator, precision: str | None = None) -> float:
    """Return the dense peak that a training's throughput is a share of, in TFLOP/s.

    In FP8 it is the geometric mean of the peaks in FP8 and in half precision, because only
    the large matrix products are made in FP8.

    Raises
    ------
    ValueError
        If the precision is none of `PRECISIONS`, or the accelerator's peak in it is unknown.
    """
    if precision not in (None, *PRECISIONS):
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, not {precision!r}.")
    peak = _peak(accelerator, precision or default_precision(accelerator))
    if peak is None:
        which = f" in {precision}" if precision else ""
        raise ValueError(
            f"The peak throughput of {accelerator.name}{which} is not known: measure a short "
            "run on it and estimate from that."
        )
    half = accelerator.fp16_tflops
    return math.sqrt(peak * half) if precision == "fp8" and half else peak


def _peak(accelerator: Accelerator, precision: str) -> float | None:
    return {
        "fp32": accelerator.fp32_tflops,
        "tf32": accelerator.tf32_tflops,
        "fp16": accelerator.fp16_tflops,
        "fp8": accelerator.fp8_tflops,
    }[precision]


def _fastest(accelerator: Accelerator, precision: str | None) -> float:
    """Return the peak that no training passes: of ``precision``, if told, else of any."""
    told = (precision,) if precision else PRECISIONS
    return max(_peak(accelerator, each) or 0.0 for each in told)


def _smallness(flop: float) -> float:
    return min(0.0, math.log(flop / SMALL_FLOP))


def _expected(flop: float, peak: float) -> float:
    """Return the logarithm of TFLOP/s expected before any run is seen."""
    return (
        math.log(_UTILISATION * peak)
        + _SMALL_SLOPE * _smallness(flop)
        + _PEAK_SLOPE * math.log(peak / _REFERENCE_PEAK_TFLOPS)
    )


def _effects(flop: float, peak: float, arch: str, family: str) -> Effects:
    small = _smallness(flop)
    return {
        "level": 0.3,
        "small job": 0.1 * small,
        "peak": 0.1 * math.log(peak / _REFERENCE_PEAK_TFLOPS),
        f"generation {arch}": 0.3,
        f"at {family}": 0.3,
        f"small job at {family}": 0.2 * small,
    }

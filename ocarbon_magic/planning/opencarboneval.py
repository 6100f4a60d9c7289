"""OpenCarbonEval's estimate, to the digit (arXiv:2405.12843).

Throughput per device is f(t) = ln(1 + alpha t) in TFLOP/s at t device-seconds; the time is
that by which its integral is the work. Power is the device's TDP, without the host, and
without PUE unless one is given. A device has a low and a high alpha; the estimate is the mean
of the emissions at the two.

Alphas and powers are those of the authors' ``data/model_emission.csv`` where that has the
device (it takes 250 W for a TPU v3 and 300 W for a TPU v4), else of the paper's Table 1; other
parts of a family in Table 1 take its alphas and their own TDP. Embodied rates are the paper's,
in grams per device-hour, where it has them, else those of `ocarbon_magic.carbon.embodied`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import e
from typing import TYPE_CHECKING

from ocarbon_magic.conversions import FLOP_PER_TFLOP, S_PER_H
from ocarbon_magic.hardware import accelerators
from ocarbon_magic.planning.arithmetic import (
    Consumption,
    consumption,
    exactly,
    spoken,
)
from ocarbon_magic.planning.devices import plain_name
from ocarbon_magic.planning.parts import highest_peak_tflops, own_rate
from ocarbon_magic.planning.result import Course
from ocarbon_magic.run import Projection
from ocarbon_magic.tables import number, parts, rows
from ocarbon_magic.throughput import DynamicThroughput

if TYPE_CHECKING:
    from ocarbon_magic.hardware import Accelerator
    from ocarbon_magic.planning.plan import Plan

MISLEADS_BELOW_TFLOPS = 20.0
"""Below this mean throughput, a factor 2.7 in time, which adds 1 TFLOP/s, is over 5 %."""

# Words in the names of parts, and the family of Table 1 that the authors merge them into.
_FAMILIES = {"A100": "A100", "H100": "H100", "V100": "V100", "V100S": "V100"}


@dataclass(frozen=True, slots=True)
class PaperDevice:
    """A device as the paper has it.

    Attributes
    ----------
    name : str
    tdp_w : float or None
    peak_tflops : float or None
        For a K80, that of the board with its two GPUs, as its TDP is.
    log10_alpha : tuple of float or None
        Low and high.
    embodied_g_per_device_hour : float or None
    source : str
    """

    name: str
    tdp_w: float | None
    peak_tflops: float | None
    log10_alpha: tuple[float, float] | None
    embodied_g_per_device_hour: float | None
    source: str


def course(flop: float, plan: Plan, name: str, accelerator: Accelerator | None) -> Course:
    """Return how the paper has a training of ``flop`` operations go.

    Parameters
    ----------
    flop : float
    plan : Plan
        Its alphas, power and TDP win over the tables.
    name : str
        The device as it was named: the paper tells an "A100" from an "A100 SXM4 40 GB".
    accelerator : Accelerator or None
        What the name means to our own tables.

    Raises
    ------
    ValueError
        If the alphas or the power are not known, or the throughput is above the peak.
    """
    paper = _paper_device(name, accelerator)
    alphas = plan.log10_alpha or paper.log10_alpha
    if alphas is None:
        raise ValueError(
            f"OpenCarbonEval has no alpha for {name}: give log10_alpha, or leave the method to "
            "'calibrated', or to 'measured' after a run."
        )
    power_w = plan.device_power_w or paper.tdp_w
    if power_w is None:
        raise ValueError(f"no power limit is known for {name}: give tdp_w, its watts.")
    slow, fast = (_at(flop, alpha, power_w) for alpha in alphas)
    slow_tflops, fast_tflops = (
        flop / FLOP_PER_TFLOP / S_PER_H / takes.device_hours for takes in (slow, fast)
    )
    _check_peak(fast_tflops, paper, accelerator)
    rate = paper.embodied_g_per_device_hour
    hours = _mean(fast.device_hours, slow.device_hours)
    mean_tflops = flop / FLOP_PER_TFLOP / S_PER_H / hours.value
    return Course(
        device=paper.name,
        device_hours=hours,
        energy_kwh=_mean(fast.energy_kwh, slow.energy_kwh),
        power_w=exactly(power_w),
        tflops_per_device=Projection(mean_tflops, slow_tflops, fast_tflops, 0.0),
        embodied_g_per_device_hour=own_rate(name, accelerator) if rate is None else rate,
        interval="the paper's range: its high alpha to its low one, the value their mean; it "
        "claims no coverage",
        notes=_notes(plan, paper, alphas, _power_note(plan, power_w, accelerator)),
        warnings=_warnings(mean_tflops),
    )


def _at(flop: float, log10_alpha: float, power_w: float) -> Consumption:
    law = DynamicThroughput.from_log10_alpha(log10_alpha)
    device_s = law.time_for(flop / FLOP_PER_TFLOP)
    return consumption(flop, flop / FLOP_PER_TFLOP / device_s, power_w=power_w)


def _mean(low: float, high: float) -> Projection:
    return Projection((low + high) / 2, low, high, 0.0)


@cache
def _table() -> dict[str, PaperDevice]:
    """Return the paper's devices by the plain form of their names and of ours for them."""
    devices: dict[str, PaperDevice] = {}
    for row in rows("opencarboneval"):
        device = PaperDevice(
            name=row["device"],
            tdp_w=float(row["tdp_w"]),
            peak_tflops=number(row["peak_tflops"]),
            log10_alpha=(float(row["log10_alpha_low"]), float(row["log10_alpha_high"])),
            embodied_g_per_device_hour=number(row["embodied_g_per_device_hour"]),
            source=row["source"],
        )
        for name in (row["device"], *parts(row["names"])):
            devices[plain_name(name)] = device
    return devices


def _paper_device(name: str, accelerator: Accelerator | None) -> PaperDevice:
    known = _table().get(plain_name(name))
    if known is not None:
        return known
    if accelerator is None:
        return PaperDevice(name, None, None, None, None, "")
    return _table().get(plain_name(accelerator.name)) or _of_family(accelerator)


def _of_family(part: Accelerator) -> PaperDevice:
    """Return a part as one of its family in Table 1, else without alphas."""
    family = next((_FAMILIES[word] for word in part.name.split() if word in _FAMILIES), None)
    alphas = next(
        (
            sibling.log10_alpha_family
            for sibling in accelerators()
            if sibling.log10_alpha_family and family in sibling.name.split()
        ),
        None,
    )
    like = _table().get(plain_name(family or ""))
    return PaperDevice(
        name=part.name,
        tdp_w=part.tdp_w,
        peak_tflops=None,
        log10_alpha=alphas,
        embodied_g_per_device_hour=like.embodied_g_per_device_hour if like else None,
        source=f"OpenCarbonEval, Table 1, as a part of the family {family}",
    )


def _check_peak(tflops: float, paper: PaperDevice, accelerator: Accelerator | None) -> None:
    ours = highest_peak_tflops(accelerator) if accelerator else None
    peak = max(paper.peak_tflops or 0.0, ours or 0.0)
    if 0.0 < peak < tflops:
        raise ValueError(
            f"this alpha means {tflops:,.0f} TFLOP/s on each {paper.name}, whose peak is "
            f"{peak:,.0f}: give a smaller log10_alpha."
        )


def _notes(
    plan: Plan,
    paper: PaperDevice,
    alphas: tuple[float, float],
    power: str,
) -> tuple[str, ...]:
    ends = " to ".join(f"{alpha:.4g}" for alpha in dict.fromkeys(alphas))
    whence = "as given" if plan.log10_alpha else paper.source
    rate = paper.embodied_g_per_device_hour
    embodied = (
        "Embodied: the house's own rate, as the paper has none for this device."
        if rate is None
        else f"Embodied: the paper's {rate:.2g} g per device-hour."
    )
    pue = "" if plan.pue is None else f" PUE {plan.pue:.3g} as given, which the paper leaves out."
    return (
        f"Throughput: f(t) = ln(1 + alpha t), log10 alpha {ends} ({whence}).",
        f"Power: {power}; no host, no network.{pue}",
        embodied,
    )


def _power_note(plan: Plan, power_w: float, accelerator: Accelerator | None) -> str:
    if plan.device_power_w:
        return f"{spoken(power_w)} W a device, as given"
    ours_w = accelerator.tdp_w if accelerator else None
    if ours_w in (None, power_w):
        return f"{spoken(power_w)} W a device, its TDP"
    return (
        f"{spoken(power_w)} W a device, the TDP that the paper takes (ours is {spoken(ours_w)} W)"
    )


def _warnings(tflops: float) -> tuple[str, ...]:
    if tflops >= MISLEADS_BELOW_TFLOPS:
        return ()
    steady = DynamicThroughput.from_mean_rate(tflops, 60.0)
    share = steady.time_for(tflops * 6000.0) / 6000.0
    told = (
        f"The law reads {tflops:.3g} TFLOP/s a device here, and gains 1 TFLOP/s with every factor "
        f"{e:.1f} in time on any device: under about {MISLEADS_BELOW_TFLOPS:.0f} it misleads (a "
        f"steady minute at this pace, projected to 100, would be said to take {share * 100:.0f} % "
        "of the time it does)."
    )
    return (told,)

"""The estimate at a throughput that is given by hand, which is taken as exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.planning.arithmetic import consumption, exactly, spoken
from ocarbon_magic.planning.parts import embodied_note, highest_peak_tflops, own_rate
from ocarbon_magic.planning.result import Course

if TYPE_CHECKING:
    from ocarbon_magic.hardware import Accelerator
    from ocarbon_magic.planning.plan import Plan


def course(flop: float, plan: Plan, name: str, part: Accelerator | None) -> Course:
    """Return how a training of ``flop`` operations goes at the throughput of ``plan``.

    Parameters
    ----------
    flop : float
    plan : Plan
        Its power wins over the device's limit.
    name : str
        The device as it was named.
    part : Accelerator or None
        What the name means to our own tables.

    Raises
    ------
    ValueError
        If the throughput is above the device's peak, or its power is not known.
    """
    tflops = plan.tflops_per_device or 0.0
    peak = highest_peak_tflops(part) if part else None
    if peak and tflops > peak:
        raise ValueError(
            f"tflops_per_device={tflops:g} is above the peak of {name}, {peak:,.0f} TFLOP/s: it "
            "is what one device sustains."
        )
    power_w = plan.device_power_w or (part.tdp_w if part else None)
    if power_w is None:
        raise ValueError(f"no power limit is known for {name}: give power_w, its watts.")
    whose = "as given" if plan.device_power_w else "its TDP, which is more than it draws"
    takes = consumption(flop, tflops, power_w=power_w)
    return Course(
        device=part.name if part else name,
        device_hours=exactly(takes.device_hours),
        energy_kwh=exactly(takes.energy_kwh),
        power_w=exactly(power_w),
        tflops_per_device=exactly(tflops),
        embodied_g_per_device_hour=own_rate(name, part),
        interval="none: the figures given are taken as exact",
        notes=(
            f"Throughput: {spoken(tflops)} TFLOP/s a device, as given.",
            f"Power: {spoken(power_w)} W a device, {whose}.",
            embodied_note(name, part),
        ),
    )

"""From operations to grams: the arithmetic that every estimate shares.

Energy is that of the devices, before the overhead of the site (PUE), as in a run's record.
"""

from __future__ import annotations

from math import exp, hypot, log
from typing import NamedTuple

from ocarbon_magic.conversions import FLOP_PER_TFLOP, S_PER_H, W_PER_KW
from ocarbon_magic.run import Projection


class Consumption(NamedTuple):
    """What a training takes: device-hours, hours on the clock, kWh before PUE, gCO2e."""

    device_hours: float
    hours: float
    energy_kwh: float
    operational_g: float


def consumption(  # noqa: PLR0913 - the factors of one product
    flop: float,
    tflops_per_device: float,
    *,
    power_w: float,
    device_count: int = 1,
    pue: float = 1.0,
    intensity_g_per_kwh: float = 0.0,
) -> Consumption:
    """Return what ``flop`` operations take at a known throughput and power.

    LLMCarbon's model of training (arXiv:2309.14393): hours = FLOP / (devices x achieved
    FLOP/s), energy = devices x power x hours, emissions = energy x PUE x intensity.

    Parameters
    ----------
    flop : float
        Floating point operations of the whole training.
    tflops_per_device : float
        Sustained throughput of one device in TFLOP/s.
    power_w : float
        Mean power of one device in watts, with whatever of the system it is to stand for.
    device_count : int
    pue : float
        Energy of the site over that of its computers.
    intensity_g_per_kwh : float
        Carbon intensity in gCO2e per kWh.
    """
    device_hours = flop / (tflops_per_device * FLOP_PER_TFLOP) / S_PER_H
    energy_kwh = device_hours * power_w / W_PER_KW
    return Consumption(
        device_hours=device_hours,
        hours=device_hours / device_count,
        energy_kwh=energy_kwh,
        operational_g=energy_kwh * pue * intensity_g_per_kwh,
    )


def spoken(value: float, digits: int = 4) -> str:
    """Return a number as a sentence has it: to some significant digits, thousands apart."""
    return f"{float(f'{value:.{digits}g}'):,.12g}"


def exactly(value: float) -> Projection:
    """Return a value for which no interval is claimed: a level of 0."""
    return Projection(value, value, value, 0.0)


def scaled(quantity: Projection, factor: float) -> Projection:
    """Return a quantity times a number that is known."""
    return Projection(
        quantity.value * factor, quantity.low * factor, quantity.high * factor, quantity.level
    )


def added(one: Projection, other: Projection) -> Projection:
    """Return the sum of two quantities that rise and fall together."""
    return Projection(
        one.value + other.value, one.low + other.low, one.high + other.high, one.level
    )


def multiplied(one: Projection, other: Projection) -> Projection:
    """Return the product of two independent quantities above zero.

    The half-widths of the intervals are added in quadrature in the logarithm, each side for
    itself. Where one has no interval (a level of 0), the other's level holds.
    """
    value = one.value * other.value
    below = hypot(log(one.value / one.low), log(other.value / other.low))
    above = hypot(log(one.high / one.value), log(other.high / other.value))
    return Projection(value, value * exp(-below), value * exp(above), one.level or other.level)


def inverted(quantity: Projection, numerator: float) -> Projection:
    """Return ``numerator`` over a quantity above zero: its high end gives the low one."""
    return Projection(
        numerator / quantity.value,
        numerator / quantity.high,
        numerator / quantity.low,
        quantity.level,
    )

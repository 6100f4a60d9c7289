"""An estimate: what a planned training will take, and what that was made from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ocarbon_magic.shown import Shown

if TYPE_CHECKING:
    from ocarbon_magic.planning.plan import Method
    from ocarbon_magic.run import Intensity, Projection, Zone


@dataclass(frozen=True, slots=True)
class Course:
    """How a planned training goes, as one of the methods has it; grams come later.

    Attributes
    ----------
    device : str
        What the method takes the device to be.
    device_hours, energy_kwh : Projection
        Of all devices; the energy is before PUE.
    power_w : Projection
        Mean power of one device.
    tflops_per_device : Projection or None
        Sustained throughput; None where the method works in another unit.
    embodied_g_per_device_hour : float or None
        Share of making the device; None where it is not known.
    interval : str
        What the low and high ends stand for.
    notes, warnings : tuple of str
    """

    device: str
    device_hours: Projection
    energy_kwh: Projection
    power_w: Projection
    tflops_per_device: Projection | None
    embodied_g_per_device_hour: float | None
    interval: str
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate(Shown):
    """What a planned training will take.

    Each quantity is a `Projection` of a value, a low and a high end, and the coverage that
    is claimed for the interval. A ``level`` of 0 claims none: then the ends are those of a
    range, or the value itself, and `interval` says which.

    Attributes
    ----------
    device_hours, hours : Projection
        Hours of all devices together, and hours on the clock.
    energy_kwh : Projection
        Energy of the devices, before PUE, as in a run's record.
    operational_g, embodied_g, emissions_g : Projection
        In gCO2e; ``emissions_g`` is the sum. ``embodied_g`` is None where it was not asked
        for or is not known, and then ``emissions_g`` is the operational part.
    method : str
        calibrated, opencarboneval, measured, or given (a throughput given by hand).
    flop : float or None
        Operations of the whole training; None where only other work is known.
    work, unit : float and str, or None
        Planned work in the unit of the measured run.
    device, device_count
        The device as the method knows it, and how many.
    tflops_per_device : Projection or None
        Sustained throughput of one device in TFLOP/s.
    power_w : Projection
        Mean power of one device in watts.
    zone : Zone or None
        None where the intensity was given by hand.
    intensity : Intensity
        With its year, scope and source.
    pue : float
    interval : str
        What the low and high ends stand for.
    notes, warnings : tuple of str
        What the figures rest on, and what may mislead.
    """

    device_hours: Projection
    hours: Projection
    energy_kwh: Projection
    operational_g: Projection
    embodied_g: Projection | None
    emissions_g: Projection
    method: Method
    flop: float | None
    work: float | None
    unit: str | None
    device: str
    device_count: int
    tflops_per_device: Projection | None
    power_w: Projection
    zone: Zone | None
    intensity: Intensity
    pue: float
    interval: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the estimate as plain JSON types; units are in the keys."""
        record = asdict(self)
        return record | {"notes": list(self.notes), "warnings": list(self.warnings)}

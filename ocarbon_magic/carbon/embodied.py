"""A run's share of the carbon of making its devices: device-seconds over lifetime.

C = sum over devices of (device-seconds / lifetime) * product carbon, OpenCarbonEval's
embodied term (arXiv:2405.12843). Product carbon is that of whole cards, cradle to gate,
without the host; figures of bare dies, a tenth of a card's, are not used. Published figures
span a factor of four per GPU and the lifetime is a convention, so product, lifetime and
source travel with the grams.

A GPU is charged as the product it is where a figure is published, else as a generic card of
its class. A processor is charged 100 kg, Cloud Carbon Footprint's figure for a server CPU
with its share of the mainboard. Memory has no charge of its own: published figures per
gigabyte are a factor of six apart, and how many modules a run kept busy is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic.tables import Row, number, parts, table

if TYPE_CHECKING:
    from ocarbon_magic.run import DeviceKind

# The span over which Cloud Carbon Footprint and most vendor sheets write a server off, and
# that of the generic rows; most product sheets of cards state none.
DEFAULT_LIFETIME_YEARS = 4.0
HOURS_PER_YEAR = 8760

_DATA_CENTRE_GPU = "generic data-centre GPU"
_GRAPHICS_CARD = "generic consumer graphics card"
_SERVER_CPU = "additional server CPU (Cloud Carbon Footprint)"
# Workstation boards are built like graphics cards (GDDR memory, no module).
_GRAPHICS_CARD_CLASSES = {"consumer", "workstation", "mobile", "desktop", "soc"}


@dataclass(frozen=True, slots=True)
class Embodied:
    """Embodied carbon charged for the use of one device.

    Attributes
    ----------
    grams : float
        In gCO2e.
    low_grams, high_grams : float or None
        Bounds from the product's own range; None where its source states none.
    product : str
        The product whose figure was used.
    lifetime_years : float
    source : str
    """

    grams: float
    low_grams: float | None
    high_grams: float | None
    product: str
    lifetime_years: float
    source: str


def of_device(
    kind: DeviceKind, name: str, device_seconds: float, *, lifetime_years: float | None = None
) -> Embodied | None:
    """Return what the use of one device is charged; None for memory, which has no charge.

    Parameters
    ----------
    kind, name
        What the device is, with the name its driver reports.
    device_seconds : float
        The run's seconds on the device. For a processor, times the share of it that the run
        used: four busy cores of sixteen for an hour are 900.
    lifetime_years : float, optional
        Default: what the product's source assumes, else four years.
    """
    if kind == "dram":
        return None
    row = table("embodied")[_SERVER_CPU] if kind == "cpu" else _gpu(name)
    years = lifetime_years or number(row["lifetime_years"]) or DEFAULT_LIFETIME_YEARS
    grams_per_kg = 1000 * device_seconds / (years * HOURS_PER_YEAR * 3600)
    low, high = number(row["low_kgco2e"]), number(row["high_kgco2e"])
    return Embodied(
        grams=float(row["kgco2e"]) * grams_per_kg,
        low_grams=None if low is None else low * grams_per_kg,
        high_grams=None if high is None else high * grams_per_kg,
        product=row["product"],
        lifetime_years=years,
        source=row["source"],
    )


def _gpu(name: str) -> Row:
    """Return the row of the product itself, else that of a generic card of its class."""
    from ocarbon_magic.hardware import find_accelerator  # noqa: PLC0415 - reads its own tables

    rows = table("embodied")
    accelerator = find_accelerator(name)
    if accelerator is None:
        return rows[_DATA_CENTRE_GPU]
    for row in rows.values():
        if accelerator.name in parts(row["accelerators"]):
            return row
    generic = accelerator.device_class in _GRAPHICS_CARD_CLASSES
    return rows[_GRAPHICS_CARD if generic else _DATA_CENTRE_GPU]

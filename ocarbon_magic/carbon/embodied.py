"""A run's share of the carbon of making its devices: device-seconds over lifetime.

C = sum over devices of (device-seconds / lifetime) * product carbon, OpenCarbonEval's
embodied term (arXiv:2405.12843). Product carbon is that of whole cards, cradle to gate,
without the host; figures of bare dies, a tenth of a card's, are not used. Published figures
span a factor of four per GPU and the lifetime is a convention, so product, lifetime and
source travel with the grams.

A GPU is charged as the product it is where a figure is published, else as a generic card of
its class, and one of several GPUs on a board as its part of the board. A processor is charged
100 kg, Cloud Carbon Footprint's figure for a server CPU with its share of the mainboard, but
nothing where it sits on the module of a GPU of the run (GH200, GB10, MI300A, ...), whose figure
then stands for both. Memory has no charge of its own: published figures per gigabyte are a
factor of six apart, and how many modules a run kept busy is not known.

A GPU that is split into MIG instances is charged whole, as its energy is counted whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ocarbon_magic.charge import EmbodiedCharge
from ocarbon_magic.conversions import S_PER_YEAR
from ocarbon_magic.tables import Row, number, parts, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.run import DeviceKind

# The span over which Cloud Carbon Footprint and most vendor sheets write a server off, and
# that of the generic rows; most product sheets of cards state none.
DEFAULT_LIFETIME_YEARS = 4.0

_DATA_CENTRE_GPU = "generic data-centre GPU"
_GRAPHICS_CARD = "generic consumer graphics card"
_SERVER_CPU = "additional server CPU (Cloud Carbon Footprint)"
# Workstation boards are built like graphics cards (GDDR memory, no module).
_GRAPHICS_CARD_CLASSES = {"consumer", "workstation", "mobile", "desktop", "soc"}
_WITH_PROCESSOR = {
    "NVIDIA GH200 96GB",
    "NVIDIA GH200 144GB",
    "NVIDIA GB200 (per GPU)",
    "NVIDIA GB300 (per GPU)",
    "NVIDIA GB10 (DGX Spark)",
    "AMD Instinct MI300A",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What the user said of embodied carbon, instead of the tables.

    Attributes
    ----------
    gpu_kgco2e : float or None
        Product carbon of one GPU in kgCO2e.
    lifetime_years : float or None
        Of every device.
    counted : bool
        False leaves the embodied part out of the total.
    """

    gpu_kgco2e: float | None = None
    lifetime_years: float | None = None
    counted: bool = True


def of_device(
    kind: DeviceKind,
    name: str,
    device_s: float,
    *,
    lifetime_years: float | None = None,
    gpu_kgco2e: float | None = None,
) -> EmbodiedCharge | None:
    """Return what the use of one device is charged; None for memory, which has no charge.

    Parameters
    ----------
    kind, name
        What the device is, with the name its driver reports.
    device_s : float
        The run's seconds on the device. For a processor, times the share of it that the run
        used: four busy cores of sixteen for an hour are 900.
    lifetime_years : float, optional
        Default: what the product's source assumes, else four years.
    gpu_kgco2e : float, optional
        Product carbon of a GPU, given by hand.
    """
    if kind == "dram":
        return None
    by_hand = kind == "gpu" and gpu_kgco2e is not None
    row = table("embodied")[_SERVER_CPU] if kind == "cpu" else _gpu(name)
    if by_hand:
        row = {"product": "figure by hand", "kgco2e": str(gpu_kgco2e), "source": "given"}
    years = lifetime_years or _number(row, "lifetime_years") or DEFAULT_LIFETIME_YEARS
    g_per_kg = 1000 * device_s / (years * S_PER_YEAR)
    kg = float(row["kgco2e"])
    low, high = _number(row, "low_kgco2e"), _number(row, "high_kgco2e")
    return EmbodiedCharge(
        device=name,
        count=1,
        device_s=device_s,
        product=row["product"],
        product_kgco2e=kg,
        low_kgco2e=low,
        high_kgco2e=high,
        boundary=_boundary(kind, name, row.get("boundary", "whole product, as given")),
        lifetime_years=years,
        source=row["source"] + ("" if by_hand or lifetime_years is None else "; lifetime given"),
        embodied_g=kg * g_per_kg,
        low_g=None if low is None else low * g_per_kg,
        high_g=None if high is None else high * g_per_kg,
    )


class Used(NamedTuple):
    """A device, or several of one name, with the device-seconds that a run is charged."""

    kind: DeviceKind
    name: str
    device_s: float
    devices: int = 1


def charges(devices: Iterable[tuple[Any, ...]], terms: Terms) -> list[EmbodiedCharge]:
    """Return what a run is charged for its devices, those of one name together.

    Parameters
    ----------
    devices : iterable of Used
        Or tuples with the fields of one.
    terms : Terms
    """
    listed = [Used(*device) for device in devices]
    one_module = any(kind == "gpu" and carries_processor(name) for kind, name, *_ in listed)
    used: dict[tuple[DeviceKind, str], tuple[float, int]] = {}
    for kind, name, used_s, count in listed:
        if not (kind == "cpu" and one_module):
            before_s, before = used.get((kind, name), (0.0, 0))
            used[kind, name] = before_s + used_s, before + count
    charged = ((_per_s(kind, name, terms), sums) for (kind, name), sums in used.items())
    return [_times(per_s, *sums) for per_s, sums in charged if per_s is not None]


@lru_cache(maxsize=256)  # asked for each device at every tick
def carries_processor(name: str) -> bool:
    """Return whether the GPU of that name has its computer's processor on its own module."""
    from ocarbon_magic.hardware import find_accelerator  # noqa: PLC0415 - reads its own tables

    part = find_accelerator(name)
    return part is not None and (part.device_class == "soc" or part.name in _WITH_PROCESSOR)


def _times(per_s: EmbodiedCharge, device_s: float, count: int) -> EmbodiedCharge:
    """Return the charge of ``device_s`` device-seconds, given that of one."""
    low_g, high_g = per_s.low_g, per_s.high_g
    return replace(
        per_s,
        count=count,
        device_s=device_s,
        embodied_g=per_s.embodied_g * device_s,
        low_g=None if low_g is None else low_g * device_s,
        high_g=None if high_g is None else high_g * device_s,
    )


@lru_cache(maxsize=256)  # as above
def _per_s(kind: DeviceKind, name: str, terms: Terms) -> EmbodiedCharge | None:
    return of_device(
        kind, name, 1.0, lifetime_years=terms.lifetime_years, gpu_kgco2e=terms.gpu_kgco2e
    )


def _number(row: Row, column: str) -> float | None:
    return number(row.get(column, ""))


def _boundary(kind: DeviceKind, name: str, stated: str) -> str:
    """Return the boundary that a figure states, with what of the computer is in it."""
    if kind == "cpu":
        return stated
    module = carries_processor(name)
    return f"{stated}; {'with its processor' if module else 'without the host'}"


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

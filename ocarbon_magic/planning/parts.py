"""What our own tables say of a planned device: its peak and the carbon of making it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.carbon import embodied
from ocarbon_magic.conversions import S_PER_H

if TYPE_CHECKING:
    from ocarbon_magic.hardware import Accelerator


def highest_peak_tflops(part: Accelerator) -> float | None:
    """Return the highest dense peak of a part in TFLOP/s, in whatever precision."""
    peaks = (part.fp8_tflops, part.fp16_tflops, part.tf32_tflops, part.fp32_tflops)
    return max((peak for peak in peaks if peak is not None), default=None)


def own_rate(name: str, part: Accelerator | None) -> float | None:
    """Return the embodied gCO2e of one device-hour (`ocarbon_magic.carbon.embodied`)."""
    charge = embodied.of_device("gpu", part.name if part else name, S_PER_H)
    return None if charge is None else charge.embodied_g


def embodied_note(name: str, part: Accelerator | None) -> str:
    """Return whose figure the embodied rate is."""
    charge = embodied.of_device("gpu", part.name if part else name, S_PER_H)
    if charge is None:
        return "Embodied: not known."
    return (
        f"Embodied: {charge.embodied_g:.2g} g per device-hour, {charge.product} over "
        f"{charge.lifetime_years:.2g} years ({charge.source}); published figures span a factor "
        "of four."
    )

"""What a record says of the making of its devices, in words that text and HTML share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.views.words import clean

if TYPE_CHECKING:
    from ocarbon_magic.charge import EmbodiedCharge
    from ocarbon_magic.run import Run

_IN_GENERAL = "Carbon of the devices' manufacture, shared over their lifetime by the time used"


def is_left_out(run: Run) -> bool:
    """Return whether the total is known and the embodied part is not in it."""
    return run.embodied_g is None and run.emissions_g is not None


def basis(run: Run) -> str:
    """Return on whose figures the embodied part rests, or why it is not in the total."""
    if run.embodied_g is None:
        return "Not in the total" if is_left_out(run) else "Not known, not in the total"
    return ". ".join(map(_charge, run.embodied)) or _IN_GENERAL


def _charge(charge: EmbodiedCharge) -> str:
    """Return the product, its figure with the range, lifetime, boundary and source."""
    times = f"{charge.count:,} \N{MULTIPLICATION SIGN} " if charge.count > 1 else ""
    return (
        f"{times}{clean(charge.device, 60)}: {clean(charge.product, 60)}, {_figure(charge)}, "
        f"lifetime {charge.lifetime_years:.3g} yr; {clean(charge.boundary)}; "
        f"source: {clean(charge.source)}"
    )


def _figure(charge: EmbodiedCharge) -> str:
    product, low, high = (
        units.mass(None if kg is None else 1000 * kg)
        for kg in (charge.product_kgco2e, charge.low_kgco2e, charge.high_kgco2e)
    )
    known = charge.low_kgco2e is not None and charge.high_kgco2e is not None
    return f"{product} ({units.interval(low, high)})" if known else str(product)

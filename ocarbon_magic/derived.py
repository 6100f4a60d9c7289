"""What follows from a record alone, and stands nowhere in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.conversions import J_PER_KWH

if TYPE_CHECKING:
    from ocarbon_magic.run import Run


def mean_power_w(run: Run) -> float | None:
    """Return the mean power of all devices together, in watts; None where it is not known."""
    if run.energy_kwh is None or run.duration_s <= 0:
        return None
    return run.energy_kwh * J_PER_KWH / run.duration_s


def intensity_is_by_hand(run: Run) -> bool:
    """Return whether the user gave the intensity, so that the zone has no part in it."""
    return run.intensity.year is None and run.intensity.scope is None

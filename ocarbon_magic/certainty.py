"""How sure a run's energy is: what of it was measured, and its uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocarbon_magic.run import Run


def energy_uncertainty_pct(run: Run) -> float | None:
    """Return the half-width of the energy's uncertainty in per cent, None where it is not known.

    The devices' bounds are added as they are, not in quadrature: sensors of one kind err
    the same way.
    """
    known = [(d, d.energy_j) for d in run.devices if d.energy_j is not None]
    energy_j = sum(joules for _, joules in known)
    bounds = [d.uncertainty_pct * joules for d, joules in known if d.uncertainty_pct is not None]
    return sum(bounds) / energy_j if len(bounds) == len(known) and energy_j > 0 else None


def how_obtained(run: Run) -> str:
    """Return whether the energy was measured, estimated, or in part one and the other."""
    known = [device.measured for device in run.devices if device.energy_j is not None]
    if all(known):
        return "measured"
    return "partly estimated" if any(known) else "estimated"

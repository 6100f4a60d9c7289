"""The grams of a run: what its energy emitted, and its share of making the devices."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Footprint:
    """Emissions in gCO2e; a part that is not known is None, and so is their sum then.

    An embodied part that was left out is None, too, and the sum is then the rest.
    """

    operational_g: float | None
    embodied_g: float | None
    emissions_g: float | None


def operational_g(energy_kwh: float | None, pue: float, intensity_g_per_kwh: float) -> float | None:
    """Return the emissions in gCO2e of ``energy_kwh`` drawn by the computers (before PUE).

    Equation 1 of OpenCarbonEval (arXiv:2405.12843), E * I, with the site's PUE, which the
    paper leaves out.
    """
    return None if energy_kwh is None else energy_kwh * pue * intensity_g_per_kwh


def footprint(
    energy_kwh: float | None, pue: float, intensity_g_per_kwh: float, embodied_g: float | None
) -> Footprint:
    """Return the operational, embodied and summed emissions of a run."""
    operational = operational_g(energy_kwh, pue, intensity_g_per_kwh)
    if operational is None or embodied_g is None:
        return Footprint(operational, embodied_g, None)
    return Footprint(operational, embodied_g, operational + embodied_g)


def operational_alone(energy_kwh: float, pue: float, intensity_g_per_kwh: float) -> Footprint:
    """Return the emissions of a run whose embodied part is left out of the total."""
    operational = operational_g(energy_kwh, pue, intensity_g_per_kwh)
    return Footprint(operational, None, operational)

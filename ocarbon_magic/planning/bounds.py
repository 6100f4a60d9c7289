"""How far off a run's energy and emissions may be.

Energy: the bounds of its devices are added as they are, not in quadrature, for sensors of one
kind err the same way. Operational emissions are as unsure as the energy; intensity and PUE are
taken as they are stated. Embodied emissions: the published range of the product, and where
none is published half to twice the figure, since published figures of one GPU span a factor
of four. What is not known has no bounds, and is not taken for exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic.certainty import energy_uncertainty_pct
from ocarbon_magic.planning.spread import Range, Spread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ocarbon_magic.run import Run

UNPUBLISHED = (0.5, 2.0)
"""What an embodied figure without a published range may be off by, as factors."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """Emissions with what each part of them may be off by.

    Attributes
    ----------
    value_g : float
        In gCO2e, or gCO2e for each unit of something.
    operational_g : float
    bound_g : float or None
        Half-width of the uncertainty of the operational part; None where it is not known.
    embodied : mapping of str to Range
        In gCO2e by product. Two runs on one product share the error of its figure.
    """

    value_g: float
    operational_g: float
    bound_g: float | None
    embodied: Mapping[str, Range]

    def over(self, amount: float) -> Emitted:
        """Return the emissions for each of ``amount`` units."""
        shares = {
            product: Range(*(grams / amount for grams in share))
            for product, share in self.embodied.items()
        }
        bound_g = None if self.bound_g is None else self.bound_g / amount
        return Emitted(self.value_g / amount, self.operational_g / amount, bound_g, shares)

    def spread(self) -> Spread:
        """Return the sum with its ends: those of all the parts added."""
        if self.bound_g is None:
            return Spread(self.value_g)
        low_g = sum(share.low - share.value for share in self.embodied.values())
        high_g = sum(share.high - share.value for share in self.embodied.values())
        return Spread(
            self.value_g, self.value_g - self.bound_g + low_g, self.value_g + self.bound_g + high_g
        )


def energy_share(run: Run) -> float | None:
    """Return what the energy may be off by, up or down, as a share of it.

    None where a device was not read, or has no bound.
    """
    if any(device.energy_j is None for device in run.devices):
        return None
    pct = energy_uncertainty_pct(run)
    return None if pct is None else pct / 100


def energy(run: Run) -> Spread | None:
    """Return the energy in kWh, before PUE; None where it is not known."""
    return _within(run.energy_kwh, energy_share(run))


def operational(run: Run) -> Spread | None:
    """Return the operational emissions in gCO2e; None where they are not known."""
    return _within(run.operational_g, energy_share(run))


def embodied(run: Run) -> Spread | None:
    """Return the embodied emissions in gCO2e; None where they are not known."""
    if run.embodied_g is None:
        return None
    shares = _shares(run, run.embodied_g).values()
    return Spread(run.embodied_g, sum(s.low for s in shares), sum(s.high for s in shares))


def emitted(run: Run) -> Emitted | None:
    """Return the emissions by their parts; None where they are not known."""
    if run.emissions_g is None:
        return None
    share, operational_g = energy_share(run), run.operational_g
    return Emitted(
        value_g=run.emissions_g,
        operational_g=operational_g or 0.0,
        bound_g=None if share is None or operational_g is None else share * operational_g,
        embodied={} if run.embodied_g is None else _shares(run, run.embodied_g),
    )


def emissions(run: Run) -> Spread | None:
    """Return the emissions in gCO2e; None where they are not known."""
    parts = emitted(run)
    return None if parts is None else parts.spread()


def _within(value: float | None, share: float | None) -> Spread | None:
    if value is None or share is None:
        return None if value is None else Spread(value)
    return Spread(value, value * (1 - share), value * (1 + share))


def _shares(run: Run, embodied_g: float) -> dict[str, Range]:
    """Return the embodied emissions by product.

    A record that does not tell the products has one, made of its devices.
    """
    if not run.embodied:
        devices = ",".join(device.name for device in run.devices)
        return {devices: _share(embodied_g, None, None)}
    shares: dict[str, Range] = {}
    for charge in run.embodied:
        before = shares.get(charge.product, Range(0.0, 0.0, 0.0))
        its = _share(charge.embodied_g, charge.low_g, charge.high_g)
        shares[charge.product] = Range(*(a + b for a, b in zip(before, its, strict=True)))
    return shares


def _share(value_g: float, low_g: float | None, high_g: float | None) -> Range:
    below, above = UNPUBLISHED
    return Range(
        value_g,
        below * value_g if low_g is None else low_g,
        above * value_g if high_g is None else high_g,
    )

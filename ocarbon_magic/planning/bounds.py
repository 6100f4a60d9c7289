"""How far off a run's energy and emissions may be.

Energy: the bounds of its devices are added as they are, not in quadrature, for sensors of one
kind err the same way. Operational emissions are as unsure as the energy; intensity and PUE are
taken as they are stated. Embodied emissions: the published range of the product, and where
none is published half to twice the figure, since published figures of one GPU span a factor
of four. What is not known has no bounds, and is not taken for exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ocarbon_magic.run import Run

UNPUBLISHED = (0.5, 2.0)
"""What an embodied figure without a published range may be off by, as factors."""


@dataclass(frozen=True, slots=True)
class Bounded:
    """A value with the ends it may lie between; None where these are not known."""

    value: float
    low: float | None = None
    high: float | None = None

    def over(self, amount: float) -> Bounded:
        """Return it divided by ``amount``."""
        low = None if self.low is None else self.low / amount
        return Bounded(self.value / amount, low, None if self.high is None else self.high / amount)

    def meets(self, other: Bounded) -> bool | None:
        """Return whether the two may be the same; None where an end is not known."""
        if self.low is None or self.high is None or other.low is None or other.high is None:
            return None
        return self.low <= other.high and other.low <= self.high


class Share(NamedTuple):
    """Embodied emissions of one product in gCO2e, with the ends that they may lie between."""

    value_g: float
    low_g: float
    high_g: float


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
    embodied : mapping of str to Share
        By product. Two runs on one product share the error of its figure.
    """

    value_g: float
    operational_g: float
    bound_g: float | None
    embodied: Mapping[str, Share]

    def over(self, amount: float) -> Emitted:
        """Return the emissions for each of ``amount`` units."""
        shares = {
            product: Share(s.value_g / amount, s.low_g / amount, s.high_g / amount)
            for product, s in self.embodied.items()
        }
        bound_g = None if self.bound_g is None else self.bound_g / amount
        return Emitted(self.value_g / amount, self.operational_g / amount, bound_g, shares)

    def bounded(self) -> Bounded:
        """Return the sum with its ends: those of all the parts added."""
        if self.bound_g is None:
            return Bounded(self.value_g)
        low_g = sum(share.low_g - share.value_g for share in self.embodied.values())
        high_g = sum(share.high_g - share.value_g for share in self.embodied.values())
        return Bounded(
            self.value_g, self.value_g - self.bound_g + low_g, self.value_g + self.bound_g + high_g
        )


def energy_share(run: Run) -> float | None:
    """Return what the energy may be off by, up or down, as a share of it.

    None where a device was not read, or has no bound.
    """
    energy_j = error_j = 0.0
    for device in run.devices:
        if device.energy_j is None or device.uncertainty_pct is None:
            return None
        energy_j += device.energy_j
        error_j += device.energy_j * device.uncertainty_pct / 100
    return error_j / energy_j if energy_j > 0 else None


def energy(run: Run) -> Bounded | None:
    """Return the energy in kWh, before PUE; None where it is not known."""
    return _within(run.energy_kwh, energy_share(run))


def operational(run: Run) -> Bounded | None:
    """Return the operational emissions in gCO2e; None where they are not known."""
    return _within(run.operational_g, energy_share(run))


def embodied(run: Run) -> Bounded | None:
    """Return the embodied emissions in gCO2e; None where they are not known."""
    if run.embodied_g is None:
        return None
    shares = _shares(run, run.embodied_g).values()
    return Bounded(run.embodied_g, sum(s.low_g for s in shares), sum(s.high_g for s in shares))


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


def emissions(run: Run) -> Bounded | None:
    """Return the emissions in gCO2e; None where they are not known."""
    parts = emitted(run)
    return None if parts is None else parts.bounded()


def _within(value: float | None, share: float | None) -> Bounded | None:
    if value is None or share is None:
        return None if value is None else Bounded(value)
    return Bounded(value, value * (1 - share), value * (1 + share))


def _shares(run: Run, embodied_g: float) -> dict[str, Share]:
    """Return the embodied emissions by product.

    A record that does not tell the products has one, made of its devices.
    """
    if not run.embodied:
        devices = ",".join(device.name for device in run.devices)
        return {devices: _share(embodied_g, None, None)}
    shares: dict[str, Share] = {}
    for charge in run.embodied:
        before = shares.get(charge.product, Share(0.0, 0.0, 0.0))
        its = _share(charge.embodied_g, charge.low_g, charge.high_g)
        shares[charge.product] = Share(*(a + b for a, b in zip(before, its, strict=True)))
    return shares


def _share(value_g: float, low_g: float | None, high_g: float | None) -> Share:
    below, above = UNPUBLISHED
    return Share(
        value_g,
        below * value_g if low_g is None else low_g,
        above * value_g if high_g is None else high_g,
    )

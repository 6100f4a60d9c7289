"""By how much one run differs from another, and whether that is more than is unsure of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic.planning.spread import Range

if TYPE_CHECKING:
    from ocarbon_magic.planning.bounds import Emitted
    from ocarbon_magic.planning.spread import Spread

_LEAST_PCT = 0.05
"""What reads 0 % is no difference."""

_NOTHING = Range(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Difference:
    """Of one run against another.

    Attributes
    ----------
    pct : float
        In per cent of the other.
    is_within : bool or None
        Whether what is unsure of both is more; None where that is not known or not asked.
    """

    pct: float
    is_within: bool | None = None

    @property
    def is_none(self) -> bool:
        """Whether it reads 0 %."""
        return abs(self.pct) < _LEAST_PCT


def difference(one: float | None, other: float | None) -> Difference | None:
    """Return the difference of ``other`` against ``one``; None where there is none to tell."""
    if one is None or other is None or one <= 0:
        return None
    return Difference(100 * (other - one) / one)


def of_spreads(one: Spread | None, other: Spread | None) -> Difference | None:
    """Return the difference of two that err each by itself.

    It is within the uncertainty where the intervals meet: bounds are added, not in
    quadrature, for they are limits and not deviations.
    """
    if one is None or other is None:
        return None
    found = difference(one.value, other.value)
    return None if found is None else Difference(found.pct, one.meets(other))


def of_emitted(one: Emitted | None, other: Emitted | None) -> Difference | None:
    """Return the difference of emissions.

    The operational bounds are added. Of a product that both runs used the figure's error is
    the same in both, so that it scales their difference and cannot hide it; of different
    products each figure errs by itself.
    """
    if one is None or other is None:
        return None
    found = difference(one.value_g, other.value_g)
    return None if found is None else Difference(found.pct, are_within(one, other))


def are_within(one: Emitted, other: Emitted) -> bool | None:
    """Return whether two emissions may be the same; None where it is not known."""
    if one.bound_g is None or other.bound_g is None:
        return None
    low_g = high_g = other.operational_g - one.operational_g
    for product in sorted({*one.embodied, *other.embodied}):
        a = one.embodied.get(product, _NOTHING)
        b = other.embodied.get(product, _NOTHING)
        ends = (b.low - a.low, b.high - a.high)
        low_g += min(ends)
        high_g += max(ends)
    bound_g = one.bound_g + other.bound_g
    return low_g <= bound_g and -high_g <= bound_g

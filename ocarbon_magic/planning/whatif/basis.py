"""The grams that an outcome is compared with, read with care: a record may be damaged."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ocarbon_magic.planning.spread import Range
from ocarbon_magic.planning.whatif.arithmetic import Supply
from ocarbon_magic.planning.whatif.choice import WhatIfError

if TYPE_CHECKING:
    from ocarbon_magic.run import Projection, Run, RunProjection

_ROUNDING = 1e-4
"""Sums of a record may differ in the digits it was rounded to."""

BasisKind = Literal["projected", "emitted"]


@dataclass(frozen=True, slots=True)
class Basis:
    """What the whole run comes to, as far as its record says.

    Attributes
    ----------
    kind : str
        ``projected`` while work is left that can be projected, else ``emitted``.
    total_g, operational_g, embodied_g, energy_kwh : float
    duration_s : float or None
    total_range, energy_range, duration_range : Range or None
        How far off they may be; None where they were measured.
    supply : Supply
    """

    kind: BasisKind
    total_g: float
    operational_g: float
    embodied_g: float
    energy_kwh: float
    duration_s: float | None
    total_range: Range | None
    energy_range: Range | None
    duration_range: Range | None
    supply: Supply


def quantity(value: object) -> float | None:
    """Return a quantity that can be; not known, where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


def basis_of(run: Run) -> Basis:
    """Return what choices are compared with: the open projection, else the run.

    Raises
    ------
    WhatIfError
        If the record does not say what the run emitted.
    """
    g_per_kwh, pue = quantity(run.intensity.gco2e_per_kwh), quantity(run.pue)
    if g_per_kwh is not None and pue is not None and pue >= 1:
        supply = Supply(g_per_kwh, pue)
        basis = _projected(run, supply) or _emitted(run, supply)
        if basis is not None:
            return basis
    raise WhatIfError("the emissions of the run are not known.")


def open_projection(run: Run) -> RunProjection | None:
    """Return the projection while work is left."""
    done, total = quantity(run.work.done), quantity(run.work.total)
    complete = done is not None and total is not None and done >= total
    return None if complete else run.projection


def _projected(run: Run, supply: Supply) -> Basis | None:
    ahead = open_projection(run)
    so_far_s, so_far_g = quantity(run.duration_s), _embodied_g(run)
    if ahead is None or not so_far_s or so_far_g is None:
        return None
    whole_s = quantity(ahead.duration_s.value)
    if whole_s is None:
        return None
    return _whole(
        "projected",
        supply,
        (
            quantity(ahead.emissions_g.value),
            so_far_g * whole_s / so_far_s,  # the projection's own rule
            quantity(ahead.energy_kwh.value),
            whole_s,
        ),
        (_range(ahead.emissions_g), _range(ahead.energy_kwh), _range(ahead.duration_s)),
    )


def _emitted(run: Run, supply: Supply) -> Basis | None:
    figures = (run.emissions_g, _embodied_g(run), run.energy_kwh, run.duration_s)
    total_g, embodied_g, energy_kwh, duration_s = map(quantity, figures)
    measured = (None, None, None)
    return _whole("emitted", supply, (total_g, embodied_g, energy_kwh, duration_s), measured)


def _embodied_g(run: Run) -> float | None:
    """Return the embodied part of the total: 0 where that was left out of it."""
    return 0.0 if run.embodied_g is None else quantity(run.embodied_g)


def _whole(
    kind: BasisKind,
    supply: Supply,
    figures: tuple[float | None, float | None, float | None, float | None],
    ranges: tuple[Range | None, Range | None, Range | None],
) -> Basis | None:
    total_g, embodied_g, energy_kwh, duration_s = figures
    if total_g is None or embodied_g is None or energy_kwh is None:
        return None
    operational_g = total_g - embodied_g
    if operational_g < -_ROUNDING * total_g:
        return None
    return Basis(
        kind=kind,
        total_g=total_g,
        operational_g=max(operational_g, 0.0),
        embodied_g=min(embodied_g, total_g),
        energy_kwh=energy_kwh,
        duration_s=duration_s,
        total_range=ranges[0],
        energy_range=ranges[1],
        duration_range=ranges[2],
        supply=supply,
    )


def _range(projected: Projection) -> Range | None:
    value, low, high = map(quantity, (projected.value, projected.low, projected.high))
    if value is None or low is None or high is None:
        return None
    return Range(value, low, high) if value > 0 and low <= value <= high else None

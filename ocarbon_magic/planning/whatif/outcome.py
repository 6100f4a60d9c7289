"""What a choice comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ocarbon_magic.jsontypes import plain
from ocarbon_magic.planning.whatif.figured import Figured, figured
from ocarbon_magic.shown import Shown

if TYPE_CHECKING:
    from ocarbon_magic.planning.spread import Spread
    from ocarbon_magic.planning.whatif.basis import BasisKind
    from ocarbon_magic.planning.whatif.choice import Choice
    from ocarbon_magic.planning.whatif.cost import Cost
    from ocarbon_magic.run import Run

_NO_CHANGE = 1e-12
"""A change of less is the rounding of sums."""


@dataclass(frozen=True, slots=True)
class Outcome(Shown):
    """What the same work would have emitted under a choice.

    Attributes
    ----------
    choice : Choice
    label : str
        The choice in a few words; "as it was" for none.
    basis : str
        Whether it stands beside the ``projected`` total or beside what was ``emitted``.
    emissions_g : Spread
        In gCO2e; the sum of ``operational_g`` and ``embodied_g``. The interval is one of 80 %;
        a measured run's own uncertainty, which each of its outcomes shares, is not in it.
    operational_g : float
    embodied_g : float or None
        None where it was left out of the run's total.
    energy_kwh : Spread
        Energy of the devices, before PUE.
    duration_s : Spread or None
        None where the run does not say how long it takes.
    cost : Cost or None
        Of hired cards, else of the electricity; None where no price is known.
    electricity : Cost or None
        The electricity alone; None in clouds, and where no price is known.
    basis_g : float
        The grams as it was.
    change_pct : float or None
        How far ``emissions_g`` is from them in per cent; None where they are 0.
    time_change_pct : float or None
        How far the time is from the run's, in per cent.
    notes : tuple of str
        What the reader must know, one sentence each.
    """

    choice: Choice
    label: str
    basis: BasisKind
    emissions_g: Spread
    operational_g: float
    embodied_g: float | None
    energy_kwh: Spread
    duration_s: Spread | None
    cost: Cost | None
    electricity: Cost | None
    basis_g: float
    change_pct: float | None
    time_change_pct: float | None
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as plain JSON types; units are in the keys."""
        dictionary: dict[str, Any] = plain(self)
        return dictionary


def what_if(run: Run, choice: Choice) -> Outcome:
    """Return the same work under ``choice``.

    Parameters
    ----------
    run : Run
        Measured, or under way: then it is the projected whole that is compared.
    choice : Choice
        What of it is None stays as it was.

    Raises
    ------
    WhatIfError
        If the choice says nothing of this run, or is none.
    """
    return outcome_of(figured(run, choice))


def outcome_of(found: Figured) -> Outcome:
    """Return what was worked out, as figures alone."""
    basis = found.basis
    return Outcome(
        choice=found.choice,
        label=found.label,
        basis=basis.kind,
        emissions_g=found.emissions_g,
        operational_g=found.operational_g,
        embodied_g=None if found.run.embodied_g is None else found.embodied_g,
        energy_kwh=found.energy_kwh,
        duration_s=found.duration_s,
        cost=found.hire or found.electricity,
        electricity=found.electricity,
        basis_g=basis.total_g,
        change_pct=_change_pct(found.emissions_g.value, basis.total_g),
        time_change_pct=_time_change_pct(found),
        notes=tuple(found.notes),
    )


def _time_change_pct(found: Figured) -> float | None:
    own_s = found.basis.duration_s
    if own_s is None or found.duration_s is None:
        return None
    return _change_pct(found.duration_s.value, own_s)


def _change_pct(value: float, own: float) -> float | None:
    if own == 0:
        return None
    change = value / own - 1
    return 0.0 if abs(change) < _NO_CHANGE else 100 * change

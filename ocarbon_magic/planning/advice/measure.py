"""What is advised, and what it was advised from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ocarbon_magic.jsontypes import plain
from ocarbon_magic.shown import Shown

if TYPE_CHECKING:
    from ocarbon_magic.planning.spread import Spread
    from ocarbon_magic.planning.whatif.basis import BasisKind


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that would save emissions.

    Attributes
    ----------
    title : str
        What to do, in a few words.
    saving_g, saving_pct : Spread
        What it saves in gCO2e, and in per cent of the advice's ``basis_g``. Where only the
        most that it can save is known, its low end is 0 and its value half of the most. The
        low end is below 0 where it may as well emit more.
    because : str
        The figures of the run that it follows from.
    how : str
        What to type or to change.
    costs : str
        What it costs in time, money or score.
    """

    title: str
    saving_g: Spread
    saving_pct: Spread
    because: str
    how: str
    costs: str


class Finding(NamedTuple):
    """What one rule found.

    Attributes
    ----------
    looked : str
        The figure it looked at, and why nothing follows from it where nothing does.
    measure : Measure or None
        What follows from it.
    """

    looked: str
    measure: Measure | None = None


def advised(figure: str, measure: Measure) -> Finding:
    """Return the finding of a rule whose figure calls for ``measure``."""
    return Finding(f"{figure}: {measure.because}", measure)


@dataclass(frozen=True, slots=True)
class Advice(Shown):
    """What would save emissions in a run like this one, the most first.

    The savings are not additive: each is that of its measure alone.

    Attributes
    ----------
    run_name : str
    basis : str or None
        Whether savings are of the ``projected`` total or of what was ``emitted``; None where
        neither is known.
    basis_g : float or None
    measures : tuple of Measure
    looked_at : tuple of str
        The figures that nothing followed from, one sentence each.
    """

    run_name: str
    basis: BasisKind | None
    basis_g: float | None
    measures: tuple[Measure, ...]
    looked_at: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the advice as plain JSON types; units are in the keys."""
        dictionary: dict[str, Any] = plain(self)
        return dictionary

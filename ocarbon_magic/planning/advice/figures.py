"""The figures of a run that advice follows from, read with care: a record may be damaged."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic.planning.advice.gpus import Gpus, gpus_of
from ocarbon_magic.planning.advice.measure import Measure
from ocarbon_magic.planning.advice.timeline import Timeline, timeline_of
from ocarbon_magic.planning.spread import Spread
from ocarbon_magic.planning.whatif.arithmetic import WAITING, Supply
from ocarbon_magic.planning.whatif.basis import Basis, basis_of, quantity
from ocarbon_magic.planning.whatif.choice import WhatIfError

if TYPE_CHECKING:
    from ocarbon_magic.run import Run


@dataclass(frozen=True, slots=True)
class Figures:
    """A run with what was worked out of its record.

    Attributes
    ----------
    run : Run
    basis : Basis
        What savings are of: the projected whole, or what was emitted.
    gpus : Gpus
    timeline : Timeline or None
    duration_s : float
        Of the run so far.
    """

    run: Run
    basis: Basis
    gpus: Gpus
    timeline: Timeline | None
    duration_s: float

    @property
    def working(self) -> float:
        """Share of the time in which steps were made; all of it where that is not known."""
        return 1.0 if self.timeline is None else self.timeline.working

    @property
    def busy(self) -> float | None:
        """Share of that time in which the GPUs that worked ran kernels; None where not told."""
        busy = self.gpus.busy
        if busy is None:
            return None
        return min(busy / self.working, 1.0) if self.working > 0.0 else 1.0

    def saved_g(self, *, cards: float, rest: float, time: float) -> float:
        """Return the grams that go with less energy and time.

        Parameters
        ----------
        cards, rest : float
            How many times the energy is left of the GPUs, and of all else.
        time : float
            How many times the time, for the embodied share.
        """
        share = self.gpus.energy_share
        energy = share * cards + (1.0 - share) * rest
        return self.basis.operational_g * (1.0 - energy) + self.basis.embodied_g * (1.0 - time)

    def faster_g(self, pace: float) -> float:
        """Return the grams saved if the same steps were made ``pace`` times as fast.

        A share of `WAITING` of a GPU's power is drawn whatever it does, and goes with the time;
        the rest goes with the work. All else draws what it does for less time.
        """
        less = self.working * (1.0 - 1.0 / pace)
        return self.saved_g(cards=1.0 - WAITING * less, rest=1.0 - less, time=1.0 - less)

    def measure(self, title: str, saving: Spread, *, because: str, how: str, costs: str) -> Measure:
        """Return a measure; it saves no more than there is."""
        total_g = self.basis.total_g
        value, low, high = (None if g is None else min(g, total_g) for g in saving)
        saving_g = Spread(value or 0.0, low, high)
        return Measure(title, saving_g, saving_g.times(100.0 / total_g), because, how, costs)


def up_to(most_g: float) -> Spread:
    """Return a saving of which only the most is known: half of it, from nothing to all."""
    return Spread(most_g / 2, 0.0, most_g)


def figures_of(run: Run) -> tuple[Figures, str | None]:
    """Return the figures of a run, and one sentence where its grams are not known.

    Then they are worked out for one gram, so that what else can be said is.
    """
    duration_s = quantity(run.duration_s) or 0.0
    unknown = None
    try:
        basis = basis_of(run)
    except WhatIfError as error:
        unknown = str(error)
    else:
        if not (basis.total_g > 0.0 and math.isfinite(100.0 / basis.total_g)):
            unknown = "the run emitted nothing that could be saved."
    if unknown is not None:
        supply = Supply(1.0, 1.0)
        basis = Basis("emitted", 1.0, 1.0, 0.0, 1.0, duration_s, None, None, None, supply)
    return Figures(run, basis, gpus_of(run), timeline_of(run), duration_s), unknown

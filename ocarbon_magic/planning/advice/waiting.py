"""GPUs that wait for the rest of the machine while steps are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.planning.advice.figures import up_to
from ocarbon_magic.planning.advice.measure import Finding, advised
from ocarbon_magic.planning.whatif.arithmetic import WAITING

if TYPE_CHECKING:
    from ocarbon_magic.planning.advice.figures import Figures

ENOUGH_S = 60.0
"""The busy share rests on some 45 readings by then, each a second or two after the other."""

BUSY = 0.75
"""GPUs that work for more of the time are fed well enough. A load that is on for 0.9 of the time
reads so in 45 readings give or take 0.045, and 0.75 is three times that away."""


def of_waiting(figures: Figures) -> Finding:
    """Advise to feed GPUs that waited for more than a quarter of the time of the steps.

    Threshold: `BUSY`, in a run of at least `ENOUGH_S`. At most all of the waiting goes, with
    the power of GPUs that wait (`WAITING` of that at work) and of all else.
    """
    busy = figures.busy
    if busy is None:
        return Finding("Waiting: for how much of the time the GPUs worked is not known.")
    said = f"the GPUs worked for {units.percent(100 * busy)} of the time of the steps"
    if figures.duration_s < ENOUGH_S:
        return Finding(f"Waiting: {said}, in a run too short to judge it by.")
    if busy >= BUSY:
        return Finding(f"Waiting: {said}.")
    waited = figures.working * (1.0 - busy)
    its_energy = WAITING * (1.0 - busy) / (busy + WAITING * (1.0 - busy))
    most_g = figures.saved_g(
        cards=1.0 - figures.working * its_energy, rest=1.0 - waited, time=1.0 - waited
    )
    return advised(
        "Waiting",
        figures.measure(
            "Feed the GPU faster",
            up_to(most_g),
            because=f"T{said[1:]}, and waited for the rest of it.",
            how="Load data in more workers (DataLoader: num_workers, pin_memory, "
            "persistent_workers), decode and tokenise it beforehand, and read .item() or "
            "print once in many steps.",
            costs="No time and no score; more workers take memory of the machine.",
        ),
    )

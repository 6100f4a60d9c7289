"""Energy without work: before the first step, between steps, and after the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.planning.advice.figures import up_to
from ocarbon_magic.planning.advice.measure import Finding, advised
from ocarbon_magic.planning.whatif.basis import quantity

if TYPE_CHECKING:
    from ocarbon_magic.planning.advice.figures import Figures
    from ocarbon_magic.planning.advice.timeline import Part

NOTICED = 0.05
"""A part of less energy is not told: the meters of most GPUs are off by 5 % themselves."""

_UNSEEN = "steps over time are not known well enough"


def of_start(figures: Figures) -> Finding:
    """Advise on a start that took more than `NOTICED` of the energy before the first step."""
    if figures.timeline is None:
        return Finding(f"Start: {_UNSEEN}.")
    part = figures.timeline.before
    if part.energy <= NOTICED:
        return Finding(f"Start: {_took(part)} before the first step.")
    return advised(
        "Start",
        figures.measure(
            "Shorten the start",
            up_to(_once_g(figures, part)),
            because=f"{_took(part)} before the first step.",
            how="Keep on disk what is made there (data, tokens, compiled kernels), download "
            "and load before the GPU is taken, and make one long run of several short ones.",
            costs="Disk space, and some work once.",
        ),
    )


def of_pauses(figures: Figures) -> Finding:
    """Advise on pauses between steps that took more than `NOTICED` of the energy."""
    if figures.timeline is None:
        return Finding(f"Pauses: {_UNSEEN}.")
    part = figures.timeline.pauses
    if part.energy <= NOTICED:
        return Finding(f"Pauses: {_took(part)} between steps.")
    most_g = figures.saved_g(cards=1.0 - part.energy, rest=1.0 - part.energy, time=1.0 - part.time)
    times = f"{part.pieces} pause{'' if part.pieces == 1 else 's'}"
    return advised(
        "Pauses",
        figures.measure(
            "Evaluate and save less often",
            up_to(most_g),
            because=f"{_took(part)} in {times} between steps, such as evaluation and checkpoints.",
            how="Evaluate every second time or on a part of the data, without gradients and "
            "with a larger batch, and keep fewer checkpoints.",
            costs="The validation metric is known less often or less exactly.",
        ),
    )


def of_end(figures: Figures) -> Finding:
    """Advise on an end that took more than `NOTICED` of the energy after the last step."""
    if figures.run.status == "running":
        return Finding("End: the run goes on.")
    if figures.timeline is None:
        return Finding(f"End: {_UNSEEN}.")
    part = figures.timeline.after
    if part.energy <= NOTICED:
        return Finding(f"End: {_took(part)} after the last step.")
    return advised(
        "End",
        figures.measure(
            "Let go of the GPU after the last step",
            up_to(_once_g(figures, part)),
            because=f"{_took(part)} after the last step.",
            how="End the cell there; evaluate on a part of the data, and write or upload "
            "results where no GPU waits for it.",
            costs="None where it needs no GPU; else a test on fewer samples.",
        ),
    )


def _took(part: Part) -> str:
    if part.duration_s <= 0.0:
        return "nothing went"
    energy = units.percent(100 * part.energy)
    return f"{units.duration(part.duration_s)} and {energy} of the energy went"


def _once_g(figures: Figures, part: Part) -> float:
    """Return the grams of a part that comes once, however long the run goes on."""
    operational_g = quantity(figures.run.operational_g) or 0.0
    embodied_g = quantity(figures.run.embodied_g) or 0.0
    return operational_g * part.energy + embodied_g * part.time

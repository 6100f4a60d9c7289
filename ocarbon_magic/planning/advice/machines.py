"""The same work on other GPUs, on fewer of them, or with less power."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.planning.advice.choices import (
    best,
    money,
    saved_share,
    saving,
    time,
    would_save,
)
from ocarbon_magic.planning.advice.measure import Finding, advised
from ocarbon_magic.planning.whatif.choice import Choice
from ocarbon_magic.tables import rows

if TYPE_CHECKING:
    from ocarbon_magic.planning.advice.figures import Figures

CAP = 0.6
"""The cap that is tried, as a share of the power limit: that of published trainings under one,
150 W of 250 W (McDonald et al. 2022, arXiv:2205.09646)."""

LESS = 0.05
"""A cap, and fewer GPUs, must save more than this share: what most meters are unsure of."""

_IDLE_FIRST = "the GPUs that were idle come first."


def of_cap(figures: Figures) -> Finding:
    """Advise a cap on the power of GPUs that draw more than it. Thresholds: `CAP`, `LESS`."""
    if figures.gpus.idle:
        return Finding(f"Power cap: {_IDLE_FIRST}")
    limits_w = [gpu.limit_w for gpu in figures.gpus.working if gpu.limit_w]
    cap_w = round(CAP * min(limits_w, default=0.0))
    if cap_w <= 0:
        return Finding("Power cap: no power limit of a GPU is known.")
    power_w = max(gpu.power_w or 0.0 for gpu in figures.gpus.working)
    found, why = best(figures, [Choice(power_cap_w=cap_w)])
    if found is None:
        return Finding(f"Power cap: {why}")
    if saved_share(figures, found) <= LESS:
        drew = f"a GPU drew {units.power(power_w)}"
        return Finding(f"Power cap: {would_save(figures, found)} at {cap_w} W; {drew}.")
    measure = figures.measure(
        f"Cap each GPU at {cap_w} W",
        saving(figures, found),
        because=f"A GPU drew {units.power(power_w)} of {units.power(min(limits_w))}, and the last "
        "watts bring the least speed.",
        how=f"sudo nvidia-smi -pl {cap_w}, by whoever may.",
        costs=f"{time(found)}.",
    )
    return advised("Power cap", measure)


def of_count(figures: Figures) -> Finding:
    """Advise half as many GPUs where that saves enough. Threshold: `LESS`."""
    count = figures.gpus.working_count
    if figures.gpus.idle:
        return Finding(f"Fewer GPUs: {_IDLE_FIRST}")
    if count < 2:  # noqa: PLR2004 - half of them is one
        return Finding(f"Fewer GPUs: {count:,} {'was' if count == 1 else 'were'} used.")
    fewer = count // 2
    found, why = best(figures, [Choice(count=fewer)])
    if found is None:
        return Finding(f"Fewer GPUs: {why}")
    if saved_share(figures, found) <= LESS:
        return Finding(f"Fewer GPUs: {would_save(figures, found)} with {fewer:,} of {count:,}.")
    measure = figures.measure(
        f"Use {fewer:,} of the {count:,} GPUs",
        saving(figures, found),
        because=next((note for note in found.notes if "in place of" in note), ""),
        how=f"Start {fewer:,} worker{'' if fewer == 1 else 's'}, each with its batch as it was.",
        costs=f"{time(found)}.",
    )
    return advised("Fewer GPUs", measure)


def of_device(figures: Figures) -> Finding:
    """Advise the card for hire that emits least, if even the far end of its interval does."""
    names = dict.fromkeys(row["accelerator"] for row in rows("cloud_price"))
    found, why = best(figures, (Choice(device=name) for name in names), surely=True)
    if found is None:
        return Finding(f"Another GPU: {why}")
    because = next((note for note in found.notes if "times the time" in note), None)
    if because is None:
        return Finding(f"Another GPU: how long it would take on {found.label} is not known.")
    measure = figures.measure(
        f"Train on {found.label}",
        saving(figures, found),
        because=because,
        how=f'%carbon whatif --device "{found.choice.device}" shows what that rests on.',
        costs=f"{time(found)}{money(found)}.",
    )
    return advised("Another GPU", measure)

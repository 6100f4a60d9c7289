"""GPUs that were taken, and did nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.planning.advice.measure import Finding, advised
from ocarbon_magic.planning.spread import Spread
from ocarbon_magic.planning.whatif.basis import quantity

if TYPE_CHECKING:
    from ocarbon_magic.planning.advice.figures import Figures
    from ocarbon_magic.planning.advice.gpus import Gpus

NAMED = 4
"""So many GPUs are named to CUDA; more would be no line to type."""


def of_idle_gpus(figures: Figures) -> Finding:
    """Advise to leave out those GPUs that did nothing while others worked.

    Thresholds: `gpus.IDLE_BUSY` and `gpus.WORKING_BUSY`, and where the time is not told
    `gpus.IDLE_POWER` and `gpus.WORKING_POWER`. The saving is all that they drew and their
    embodied share; its low end is 0, for a GPU that nobody else uses idles on.
    """
    gpus = figures.gpus
    count = gpus.working_count + gpus.idle_count
    if count < 2:  # noqa: PLR2004 - one that idles beside one that works
        return Finding(f"{_gpus(count)}: none that could have been idle beside another.")
    if not gpus.idle:
        return Finding(f"Idle GPUs: none of {count:,} is known to have been idle.")
    all_j = sum(quantity(device.energy_j) or 0.0 for device in figures.run.devices)
    idle_j = sum(gpu.energy_j or 0.0 for gpu in gpus.idle)
    if not 0.0 < idle_j <= all_j:
        return Finding("Idle GPUs: what they drew is not known.")
    saved_g = figures.basis.operational_g * (idle_j / all_j) + _embodied_g(figures)
    return advised(
        "Idle GPUs",
        figures.measure(
            f"Leave out {_gpus(gpus.idle_count, 'idle ')}",
            Spread(saved_g, 0.0, saved_g),
            because=_because(gpus, idle_j / all_j),
            how=_how(gpus),
            costs="Nothing; what it saves is saved only where the GPU is given back, or does "
            "other work.",
        ),
    )


def _embodied_g(figures: Figures) -> float:
    """Return the embodied grams of the idle GPUs: the charges of GPUs named so, by number."""
    charged = {
        charge.device: (quantity(charge.embodied_g) or 0.0) / max(charge.count, 1)
        for charge in figures.run.embodied
    }
    so_far_g = sum(gpu.number * charged.get(gpu.name, 0.0) for gpu in figures.gpus.idle)
    run_g = quantity(figures.run.embodied_g)
    return so_far_g * (figures.basis.embodied_g / run_g) if run_g else 0.0


def _because(gpus: Gpus, share: float) -> str:
    idle = gpus.idle
    drew = f"{units.percent(100 * share)} of the run's energy"
    subject = f"{_gpus(gpus.idle_count)} of {gpus.working_count + gpus.idle_count}"
    if all(gpu.busy is not None for gpu in idle):
        most = units.percent(100 * max(gpu.busy or 0.0 for gpu in idle))
        return f"{subject} worked for at most {most} of the time, and drew {drew}."
    most_w = units.power(max(gpu.power_w or 0.0 for gpu in idle))
    return f"{subject} drew {most_w} at most, which is that of waiting, and {drew}."


def _how(gpus: Gpus) -> str:
    named = [gpu.uuid for gpu in gpus.working if gpu.uuid]
    ask = f"Ask for {_gpus(gpus.working_count)}"
    if not named or len(named) < gpus.working_count or len(named) > NAMED:
        return f"{ask}, or name those that work in CUDA_VISIBLE_DEVICES before the kernel starts."
    return f"{ask}, or start the kernel with CUDA_VISIBLE_DEVICES={','.join(named)}."


def _gpus(count: int, kind: str = "") -> str:
    return f"{count:,} {kind}GPU{'' if count == 1 else 's'}"

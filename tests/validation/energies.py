"""How well a run's energy is projected: the recorded runs whose nodes' power was logged."""

import sys
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from validation import scorer

from ocarbon_magic.conversions import J_PER_KWH
from ocarbon_magic.outlook import SoFar, project


class EnergyCase(NamedTuple):
    """One run at one share of its work: projected over true energy, and its interval."""

    run: str
    share: float
    ratio: float
    covered: bool


def judge(traces, shares=scorer.SHARES):
    """Project every run that has energies at every share at which it can be judged."""
    cases = []
    for trace in traces:
        for share in shares if trace.energy_j is not None else ():
            seen = trace.seen(share)
            if seen is None:
                continue
            energy_j = trace.energy_j[: len(seen.t_s)]
            made = project(SoFar(seen.t_s, seen.work, energy_j, seen.total_work, 1.0, 0.0))
            if made is not None:
                true_kwh = trace.energy_j[-1] / J_PER_KWH
                energy = made.energy_kwh
                covered = energy.low <= true_kwh <= energy.high
                cases.append(EnergyCase(trace.id, share, energy.value / true_kwh, covered))
    return cases

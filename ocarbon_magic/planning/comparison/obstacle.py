"""Why emissions of runs say nothing of one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.derived import intensity_is_by_hand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.run import Run

_SCOPES = "Emissions are not comparable: their scopes differ or are not known ({scopes})."
_EMBODIED = "Emissions are not comparable: embodied carbon is not in {all}."

_TWO = 2


def obstacle(runs: Sequence[Run]) -> str | None:
    """Return in one sentence why emissions are not compared; None where they are."""
    scopes = [_scope(run) for run in runs]
    unlike = len({*scopes}) > 1 or any(intensity_is_by_hand(run) for run in runs)
    if len(runs) > 1 and unlike:
        told = scopes if len(runs) == _TWO else dict.fromkeys(scopes)
        return _SCOPES.format(scopes=" and ".join(told))
    are_in = {run.embodied_g is not None for run in runs if run.emissions_g is not None}
    everywhere = "both" if len(runs) == _TWO else "all of them"
    return _EMBODIED.format(all=everywhere) if len(are_in) > 1 else None


def _scope(run: Run) -> str:
    if intensity_is_by_hand(run):
        return "intensity by hand"
    return run.intensity.scope or "scope unknown"

"""`ocarbon_magic.advise`: the advice of `planning`, for the last run where none is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import history
from ocarbon_magic.collection import Runs
from ocarbon_magic.collection.wanted import Wanted
from ocarbon_magic.options import OptionError
from ocarbon_magic.planning.advice.advise import advise as advised
from ocarbon_magic.run import Run
from ocarbon_magic.views import advice as _shown  # noqa: F401 - advice then shows itself

if TYPE_CHECKING:
    from ocarbon_magic.planning.advice.measure import Advice

HELD_AGAINST = 200
"""The newest runs of the project with the same metric that a run is held against."""


def advise(run: Run | None = None) -> Advice:
    """Return what would save emissions in a run like this one, the most first.

    Each measure follows from a figure of the run: GPUs that idle or wait, work in FP32 on
    cards with matrix units, small kernels, time without steps, a power cap, fewer or other
    GPUs, a cleaner place or hour; and, where the run has a metric, from other runs of its
    project: shorter ones, and those of smaller models. Where no figure calls for a measure,
    there is none.

    Parameters
    ----------
    run : Run, optional
        The last one without it. Of a run under way, savings are of the projected whole.

    Returns
    -------
    Advice
        ``measures``, each with its saving in grams and per cent, why, how, and what it costs;
        ``looked_at`` names the figures that nothing followed from.

    Raises
    ------
    ValueError
        If there is no run, or ``run`` is none.
    """
    chosen = history.last_run() if run is None else run
    if chosen is None:
        raise OptionError("nothing has been measured yet: run some steps under %%carbon first.")
    if not isinstance(chosen, Run):
        raise OptionError(f"run must be a measured run, not {chosen!r}.")
    return advised(chosen, _others(chosen))


def _others(run: Run) -> Runs:
    """Return the newest finished runs with the same metric, of the same project if it is known."""
    if run.metric is None:
        return Runs([])
    own = history.runs().wanted(Wanted(id=run.id)).entries()
    project = own[0].project if own else None
    return history.runs(metric=run.metric.expression, project=project)[:HELD_AGAINST]

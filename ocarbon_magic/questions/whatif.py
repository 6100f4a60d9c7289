"""`ocarbon_magic.whatif`: the what-if of `planning`, for the last run where none is given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ocarbon_magic.history import last_run
from ocarbon_magic.options import OptionError
from ocarbon_magic.planning.whatif.choice import WhatIfError
from ocarbon_magic.planning.whatif.hours import HOURS
from ocarbon_magic.planning.whatif.limits import Limits
from ocarbon_magic.planning.whatif.outcome import Outcome, what_if
from ocarbon_magic.planning.whatif.ranking import Ranking, rank
from ocarbon_magic.planning.whatif.several import ALL, Several
from ocarbon_magic.run import Run
from ocarbon_magic.views import whatif as _shown  # noqa: F401 - answers then show themselves


def whatif(  # noqa: PLR0913 - what may be chosen, and what must be kept
    run: Run | None = None,
    *,
    zone: str | Iterable[str] | None = None,
    device: str | Iterable[str] | None = None,
    count: int | Iterable[int] | None = None,
    hour: int | str | Iterable[int] | None = None,
    pue: float | Iterable[float] | None = None,
    power_cap_w: float | Iterable[float] | None = None,
    within_time_pct: float | None = None,
    budget_g: float | None = None,
    max_cost_usd: float | None = None,
) -> Outcome | Ranking:
    """Return what the work of a run would have emitted elsewhere, or on something else.

    Each choice may be one value or several. One of each gives an `Outcome`; several give a
    `Ranking` of all combinations, the fewest grams first, and so does a constraint. Without
    any choice it is a few places, hours and cards that do best.

    Parameters
    ----------
    run : Run, optional
        The last one without it. Of a run under way it is the projected whole.
    zone : str, optional
        Country, subdivision or cloud region. ``all`` stands for every place that compares
        with the run's, ``aws``, ``gcp`` and ``azure`` for all regions of theirs. Lifecycle
        and direct intensities do not compare.
    device : str, optional
        A graphics processor, such as ``T4`` or ``A100``; ``all`` for every one. Its pace and
        power are estimated from peaks, memory bandwidth and power limits, with an interval.
    count : int, optional
        How many of them.
    hour : int or "all", optional
        Hour of start, 0 to 23, as clocks at the place show it.
    pue : float, optional
        Power usage effectiveness, in place of the cloud region's or the run's own.
    power_cap_w : float, optional
        Power limit of each GPU in watts.
    within_time_pct : float, optional
        How much longer than the run the work may take, in per cent.
    budget_g : float, optional
        What it may emit, in gCO2e.
    max_cost_usd : float, optional
        What it may cost, in USD: an indication from dated prices.

    Raises
    ------
    ValueError
        If there is no run, or a choice says nothing of it; the message is one sentence.
    """
    measured = _run(run)
    chosen = Several(
        zones=_several(zone),
        devices=_several(device),
        counts=_several(count),
        hours=(*HOURS,) if hour == ALL else _several(hour),
        pues=_several(pue),
        power_caps_w=_several(power_cap_w),
    )
    limits = Limits(
        _limit(within_time_pct, "within_time_pct"),
        _limit(budget_g, "budget_g"),
        _limit(max_cost_usd, "max_cost_usd"),
    )
    only = chosen.only_one
    if only is None or limits != Limits():
        return rank(measured, **chosen._asdict(), **asdict(limits))
    return what_if(measured, only)


def _run(run: Run | None) -> Run:
    found = last_run() if run is None else run
    if found is None:
        raise WhatIfError("nothing has been measured yet: run some steps under %%carbon first.")
    if not isinstance(found, Run):
        raise WhatIfError(f"run must be a measured run, such as oc.last_run(), not {found!r}.")
    return found


def _several(value: Any) -> tuple[Any, ...]:  # noqa: ANN401 - one value or several
    if value is None:
        return ()
    is_several = isinstance(value, Iterable) and not isinstance(value, str)
    return tuple(value) if is_several else (value,)


def _limit(value: object, name: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise OptionError(f"{name} must be a number of 0 or more, not {value!r}.")
    return float(value)

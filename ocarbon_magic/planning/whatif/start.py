"""Another hour of start: which hours a run then covers, and how clean the grid is in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ocarbon_magic.derived import intensity_is_by_hand
from ocarbon_magic.planning.whatif.arithmetic import mean_over_run
from ocarbon_magic.planning.whatif.choice import WhatIfError
from ocarbon_magic.planning.whatif.hours import GridDay, grid_day
from ocarbon_magic.planning.whatif.places import scope_of

if TYPE_CHECKING:
    from ocarbon_magic.planning.whatif.places import Where
    from ocarbon_magic.run import Run


@dataclass(frozen=True, slots=True)
class Start:
    """A start at an hour.

    Attributes
    ----------
    hour : int
        As clocks there show it.
    day : GridDay
    factor : float
        The grid's intensity over the run, as a share of its mean over a day.
    """

    hour: int
    day: GridDay
    factor: float


def start_at(run: Run, place: Where, hour: int, duration_s: float | None) -> Start:
    """Return the start at an hour.

    Raises
    ------
    WhatIfError
        If it cannot be told how clean the grid is then.
    """
    if place.other is None and intensity_is_by_hand(run):
        raise WhatIfError(
            "the run's intensity was given by hand: choose a zone for the hours there."
        )
    if place.other is None and run.intensity.series is not None:
        raise WhatIfError(
            "the run's intensity is that of its own hours, not a mean day's: choose a zone for "
            "the hours there."
        )
    started = _moment(run.started_at)
    if started is None:
        raise WhatIfError("the record does not say when the run started.")
    if duration_s is None:
        raise WhatIfError("how long the run takes is not known.")
    day = grid_day(place.code, scope_of(run), started)
    if day is None:
        raise WhatIfError(f"no hourly figures are known for {place.name}.")
    return Start(hour, day, mean_over_run(day.shape, hour - day.ahead_h, duration_s))


def _moment(rfc3339: object) -> datetime | None:
    try:
        stamp = datetime.fromisoformat(str(rfc3339))
    except ValueError:
        return None
    return stamp if stamp.tzinfo is not None else stamp.replace(tzinfo=UTC)

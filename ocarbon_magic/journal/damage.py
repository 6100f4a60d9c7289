"""Rows and records as they are read, which may hold anything: told as far as they make sense."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ocarbon_magic.collection.entry import BY_HAND, COLUMNS, Entry
from ocarbon_magic.journal.queries import is_over
from ocarbon_magic.journal.rows import TEXTS
from ocarbon_magic.run import Intensity, Run, Zone

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEXTS_OR_NONE = {"ended_at", "metric", "within", "user", "host", "project", "notebook"}
_IN_PLACE = {"status": "lost", "scope": BY_HAND}
"""What stands for a text that cannot be read; else none."""

_STATUS = COLUMNS.index("status")

_sound: dict[tuple[type, ...], bool] = {}
"""Whether values of these types are what an `Entry` holds."""


def entry_of(values: Sequence[Any]) -> Entry:
    """Return the line that a row gives (`ocarbon_magic.journal.queries.READ`)."""
    *columns, process, heartbeat_s = values
    types = tuple(map(type, columns))
    if types not in _sound:
        _sound[types] = _mended(columns) == columns
    if not _sound[types]:
        columns = _mended(columns)
    if columns[_STATUS] == "running" and is_over(process, heartbeat_s):
        columns[_STATUS] = "lost"
    return Entry(*columns)


def _mended(columns: Sequence[Any]) -> list[Any]:
    return [_sensible(name, value) for name, value in zip(COLUMNS, columns, strict=True)]


def _sensible(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever stands in the file
    if name in TEXTS:
        return value if isinstance(value, str) else _IN_PLACE.get(name, "")
    if name in _TEXTS_OR_NONE:
        return value if isinstance(value, str) else None
    known = float | int | str if name == "metric_value" else float | int
    return value if isinstance(value, known) else None


NOTHING = entry_of([None] * (len(COLUMNS) + 2))
"""The line of a run that is not there any more."""


def run_of(entry: Entry, record: object) -> Run:
    """Return a run from its record, else what its line tells of it."""
    with suppress(ValueError, TypeError, AttributeError, RecursionError):
        run = Run.from_dict(json.loads(str(record)))
        if run.id == entry.id:
            run.status = entry.status  # type: ignore[assignment] # which is lost by now, perhaps
            return run
    scope: Any = None if entry.scope == BY_HAND else entry.scope
    return Run(
        id=entry.id,
        name=entry.name,
        status=entry.status,  # type: ignore[arg-type] # as it was written
        started_at=entry.started_at,
        ended_at=entry.ended_at,
        duration_s=entry.duration_s or 0.0,
        devices=[],
        energy_kwh=entry.energy_kwh,
        pue=1.0,
        zone=Zone(entry.zone, entry.zone, "given"),
        intensity=Intensity(_intensity(entry), None, scope, "not known"),
        operational_g=entry.operational_g,
        embodied_g=entry.embodied_g,
        emissions_g=entry.emissions_g,
        warnings=["The record of this run cannot be read; these are the columns of its row."],
    )


def _intensity(entry: Entry) -> float:
    """Return grams per kWh, the PUE in them; not a number where that is not known."""
    grams, energy_kwh = entry.operational_g, entry.energy_kwh
    return grams / energy_kwh if grams is not None and energy_kwh else math.nan

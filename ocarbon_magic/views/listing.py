"""Several runs as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.collection.entry import BY_HAND
from ocarbon_magic.views import words
from ocarbon_magic.views.table import Table, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.collection import Runs
    from ocarbon_magic.collection.entry import Entry

MOST_ROWS = 25
"""Rows that are looked at; the rest is a slice away."""

_NAME_LENGTH = 40
_METRIC_LENGTH = 24


def table_of(runs: Runs) -> Table:
    """Return a row for each of ``runs``, or what to type where there are none."""
    notes = [words.clean(note, 300) for note in runs.notes]
    if not runs:
        return Table(
            "No such run has been kept.",
            notes=["Put %%carbon on the first line of the cell that trains, and run it.", *notes],
        )
    shown = runs[:MOST_ROWS].entries()
    years = {words.moment(entry.started_at)[:4] for entry in shown}
    year = years.pop() if len(years) == 1 else ""
    metrics = {entry.metric for entry in shown if entry.metric is not None}
    metric = metrics.pop() if len(metrics) == 1 else ""
    head = ("name", "status", f"{year} UTC".strip(), "took", "energy", "CO2e", "zone")
    return Table(
        f"{words.runs(len(runs))}, newest first",
        head=(*head, words.clean(metric, _METRIC_LENGTH) or "metric"),
        rows=[_row(entry, year, metric) for entry in shown],
        notes=[*_more(runs), *_scopes(shown), *notes],
    )


def _row(entry: Entry, year: str, metric: str) -> tuple[str, ...]:
    return (
        short(words.clean(entry.name) or "unnamed run", _NAME_LENGTH),
        words.clean(entry.status, 12),
        words.moment(entry.started_at).removesuffix(" UTC").removeprefix(f"{year}-"),
        units.duration(entry.duration_s),
        str(units.energy(entry.energy_kwh)),
        str(units.plain_mass(entry.emissions_g)),
        "by hand" if entry.scope == BY_HAND else words.clean(entry.zone, 24),
        _metric(entry, metric),
    )


def _metric(entry: Entry, metric: str) -> str:
    if entry.metric is None:
        return ""
    value = words.metric_value(entry.metric_value)
    return value if metric else short(f"{words.clean(entry.metric, 40)} = {value}", _METRIC_LENGTH)


def _more(runs: Runs) -> list[str]:
    rest = len(runs) - MOST_ROWS
    return [f"{rest:,} more: a slice such as oc.runs()[{MOST_ROWS}:] has them."] if rest > 0 else []


def _scopes(shown: Sequence[Entry]) -> list[str]:
    """Return a word where emissions stand in one column that do not compare."""
    direct = [words.clean(entry.zone, 24) for entry in shown if entry.scope == "direct"]
    if not direct or not any(entry.scope == "lifecycle" for entry in shown):
        return []
    zones = ", ".join(dict.fromkeys(direct))
    return [f"CO2e of {zones} is direct: it does not compare with the lifecycle figures."]

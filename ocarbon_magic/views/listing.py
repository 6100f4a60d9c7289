"""Several runs as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.views import words
from ocarbon_magic.views.table import Table, short

if TYPE_CHECKING:
    from ocarbon_magic.collection import Runs
    from ocarbon_magic.run import Run

MOST_ROWS = 25
"""Rows that are looked at; the rest is a slice away."""

_NAME_LENGTH = 40
_METRIC_LENGTH = 24


def table_of(runs: Runs) -> Table:
    """Return a row for each of ``runs``, or what to type where there are none."""
    if not runs:
        return Table(
            "No run has been kept yet.",
            notes=["Put %%carbon on the first line of the cell that trains, and run it."],
        )
    shown = runs[:MOST_ROWS]
    years = {words.moment(run.started_at)[:4] for run in shown}
    year = years.pop() if len(years) == 1 else ""
    metrics = {run.metric.expression for run in shown if run.metric is not None}
    metric = metrics.pop() if len(metrics) == 1 else ""
    head = ("name", "status", f"{year} UTC".strip(), "took", "energy", "CO2e", "zone")
    return Table(
        f"{words.runs(len(runs))}, newest first",
        head=(*head, words.clean(metric, _METRIC_LENGTH) or "metric"),
        rows=[_row(run, year, metric) for run in shown],
        notes=[*_more(runs), *_scopes(shown)],
    )


def _row(run: Run, year: str, metric: str) -> tuple[str, ...]:
    return (
        short(words.name(run), _NAME_LENGTH),
        words.clean(run.status, 12),
        words.moment(run.started_at).removesuffix(" UTC").removeprefix(f"{year}-"),
        units.duration(run.duration_s),
        str(units.energy(run.energy_kwh)),
        str(units.plain_mass(run.emissions_g)),
        "by hand" if words.intensity_is_by_hand(run) else words.clean(run.zone.code, 24),
        _metric(run, metric),
    )


def _metric(run: Run, metric: str) -> str:
    known = words.metric(run)
    if known is None:
        return ""
    expression, value = known
    return value if metric else short(f"{expression} = {value}", _METRIC_LENGTH)


def _more(runs: Runs) -> list[str]:
    rest = len(runs) - MOST_ROWS
    return [f"{rest:,} more: a slice such as oc.runs()[{MOST_ROWS}:] has them."] if rest > 0 else []


def _scopes(shown: Runs) -> list[str]:
    """Return a word where emissions stand in one column that do not compare."""
    direct = [words.clean(run.zone.code, 24) for run in shown if run.intensity.scope == "direct"]
    if not direct or not any(run.intensity.scope == "lifecycle" for run in shown):
        return []
    zones = ", ".join(dict.fromkeys(direct))
    return [f"CO2e of {zones} is direct: it does not compare with the lifecycle figures."]

"""What a list of runs tells of each of them, without its whole record."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from ocarbon_magic.counting import by_name
from ocarbon_magic.moments import in_utc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.run import DeviceReading, Run

BY_HAND = "by-hand"
"""The scope of an intensity that was given by hand: nobody said what it holds."""

TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who measured a run, and from where; it stands in the journal, and in no record.

    Attributes
    ----------
    user : str or None
        The person, as the operating system calls them.
    host : str or None
        The machine's name.
    project : str or None
    notebook : str or None
        Path of the notebook or the script.
    """

    user: str | None = None
    host: str | None = None
    project: str | None = None
    notebook: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list of runs.

    Attributes
    ----------
    id, name, status, started_at, ended_at : str
        As in the record; ``started_at`` is RFC 3339 in UTC, ``ended_at`` None where unknown.
    duration_s, energy_kwh, operational_g, embodied_g, emissions_g : float or None
    scope : str
        ``lifecycle``, ``direct`` or ``by-hand``; emissions of two scopes do not compare.
    zone : str
        Its code.
    devices : str
        A line for each kind, with how many there are if several; empty for none.
    metric : str or None
        The expression of ``--metric``.
    metric_value : float or str or None
    within : str or None
        Id of the run whose figures include these.
    user, host, project, notebook : str or None
        See `Origin`.
    """

    id: str
    name: str
    status: str
    started_at: str
    ended_at: str | None
    duration_s: float | None
    energy_kwh: float | None
    operational_g: float | None
    embodied_g: float | None
    emissions_g: float | None
    scope: str
    zone: str
    devices: str
    metric: str | None
    metric_value: float | str | None
    within: str | None = None
    user: str | None = None
    host: str | None = None
    project: str | None = None
    notebook: str | None = None

    @classmethod
    def of(cls, run: Run, origin: Origin) -> Entry:
        """Return the line for ``run``."""
        metric = run.metric
        return cls(
            id=run.id,
            name=run.name,
            status=run.status,
            started_at=in_utc(run.started_at),
            ended_at=run.ended_at,
            duration_s=run.duration_s,
            energy_kwh=run.energy_kwh,
            operational_g=run.operational_g,
            embodied_g=run.embodied_g,
            emissions_g=run.emissions_g,
            scope=run.intensity.scope or BY_HAND,
            zone=run.zone.code,
            devices=devices_of(run.devices),
            metric=None if metric is None else metric.expression,
            metric_value=None if metric is None else metric.value,
            within=run.within,
            user=origin.user,
            host=origin.host,
            project=origin.project,
            notebook=origin.notebook,
        )


COLUMNS = tuple(field.name for field in fields(Entry))
"""What is known of each run, in the order of `Entry`."""


def devices_of(readings: Iterable[DeviceReading]) -> str:
    """Return a line for each kind of device, counted."""
    counted = ((" ".join(name.split()), n) for name, n in by_name(readings).items())
    return "\n".join(f"{n} {TIMES} {name}" if n > 1 else name for name, n in counted)

"""The columns of our own tables: a row a run, units in the names.

The columns and their order are version 1 of ``ocarbon.runs``; the first of them says so.
Columns may be added at the end within a version, none is renamed or given another unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ocarbon_magic.certainty import energy_uncertainty_pct, how_obtained
from ocarbon_magic.counting import devices_in, hosts_in
from ocarbon_magic.derived import mean_power_w
from ocarbon_magic.journal.export.reading import energy_kwh, names, of_kind
from ocarbon_magic.lines import one_line
from ocarbon_magic.moments import moment_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.run import Run

SCHEMA = "ocarbon.runs/1"

Kind = Literal["text", "number", "whole", "moment"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name with the unit, what its values are, and how they come from a run."""

    name: str
    kind: Kind
    of: Callable[[Run], object]

    def value(self, run: Run) -> object:
        """Return the run's value, None where it is not known."""
        value = self.of(run)
        if isinstance(value, str):
            return one_line(value)
        if self.kind == "number" and isinstance(value, float | int):
            return float(value) if math.isfinite(value) else None
        return value


def _boundary(run: Run) -> str | None:
    """Return what the energy is of, as it must be said beside it."""
    kinds = {device.kind for device in run.devices if device.energy_j is not None}
    return f"{' + '.join(sorted(kinds))} only, not the whole server" if kinds else None


def _metric_value(run: Run) -> str | None:
    value = None if run.metric is None else run.metric.value
    return None if value is None else str(value)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


COLUMNS = (
    Column("schema", "text", lambda _: SCHEMA),
    Column("id", "text", lambda run: run.id),
    Column("name", "text", lambda run: run.name),
    Column("status", "text", lambda run: run.status),
    Column("started_at", "moment", lambda run: moment_of(run.started_at)),
    Column("ended_at", "moment", lambda run: moment_of(run.ended_at)),
    Column("duration_s", "number", lambda run: run.duration_s),
    Column("energy_kwh", "number", lambda run: run.energy_kwh),
    Column("energy_uncertainty_pct", "number", energy_uncertainty_pct),
    Column("energy_how", "text", lambda r: None if r.energy_kwh is None else how_obtained(r)),
    Column("energy_methods", "text", lambda r: ", ".join(sorted({d.method for d in r.devices}))),
    Column("energy_boundary", "text", _boundary),
    Column("gpu_energy_kwh", "number", lambda run: energy_kwh(run, "gpu")),
    Column("cpu_energy_kwh", "number", lambda run: energy_kwh(run, "cpu")),
    Column("dram_energy_kwh", "number", lambda run: energy_kwh(run, "dram")),
    Column("mean_power_w", "number", mean_power_w),
    Column("gpu_count", "whole", lambda run: devices_in(run.devices, "gpu")),
    Column("gpu_names", "text", lambda run: names(of_kind(run, "gpu")) or None),
    Column("cpu_names", "text", lambda run: names(of_kind(run, "cpu")) or None),
    Column("pue", "number", lambda run: run.pue),
    Column("zone_code", "text", lambda run: run.zone.code),
    Column("zone_name", "text", lambda run: run.zone.name),
    Column("zone_how", "text", lambda run: run.zone.how),
    Column("intensity_gco2e_per_kwh", "number", lambda run: run.intensity.gco2e_per_kwh),
    Column("intensity_year", "whole", lambda run: run.intensity.year),
    Column("intensity_scope", "text", lambda run: run.intensity.scope),
    Column("intensity_source", "text", lambda run: run.intensity.source),
    Column("operational_gco2e", "number", lambda run: run.operational_g),
    Column("embodied_gco2e", "number", lambda run: run.embodied_g),
    Column("emissions_gco2e", "number", lambda run: run.emissions_g),
    Column("work_done", "number", lambda run: run.work.done),
    Column("work_total", "number", lambda run: run.work.total),
    Column("work_unit", "text", lambda run: run.work.unit),
    Column("work_rate_per_s", "number", lambda run: run.work.rate_per_s),
    Column("tflops_per_device", "number", lambda run: run.throughput.tflops_per_device),
    Column("utilisation", "number", lambda run: run.throughput.utilisation),
    Column(
        "metric_expression", "text", lambda r: None if r.metric is None else r.metric.expression
    ),
    Column("metric_value", "text", _metric_value),
    Column("system", "text", lambda run: _text(run.host.get("system"))),
    Column("python_version", "text", lambda run: run.versions.get("python")),
    Column("ocarbon_magic_version", "text", lambda run: run.versions.get("ocarbon_magic")),
    Column("within_id", "text", lambda run: run.within),
    Column("warnings", "text", lambda run: " ".join(run.warnings) or None),
    Column("host_count", "whole", lambda run: hosts_in(run.hosts) or None),
)

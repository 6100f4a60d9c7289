"""CodeCarbon's ``emissions.csv``: its columns and units, one row a run, never cumulative.

As in CodeCarbon 3, energies and powers hold the PUE, masses are kilograms, energies kilowatt
hours, and ``emissions`` is of electricity alone: its columns have no place for embodied
carbon. What a record does not know (water, memory, utilisation, coordinates) is left empty.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, BinaryIO

from ocarbon_magic.carbon.whereabouts import whereabouts
from ocarbon_magic.counting import devices_in
from ocarbon_magic.files import NotWrittenError
from ocarbon_magic.journal.export.reading import energy_kwh, names, of_kind, power_w
from ocarbon_magic.journal.export.rows import inert, lines
from ocarbon_magic.lines import one_line
from ocarbon_magic.moments import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ocarbon_magic.run import DeviceKind, Run

COLUMNS = (
    "timestamp", "project_name", "run_id", "experiment_id", "duration", "emissions",
    "emissions_rate", "cpu_power", "gpu_power", "ram_power", "cpu_energy", "gpu_energy",
    "ram_energy", "energy_consumed", "water_consumed", "country_name", "country_iso_code",
    "region", "cloud_provider", "cloud_region", "os", "python_version", "codecarbon_version",
    "cpu_count", "cpu_model", "gpu_count", "gpu_model", "longitude", "latitude",
    "ram_total_size", "tracking_mode", "cpu_utilization_percent", "gpu_utilization_percent",
    "ram_utilization_percent", "ram_used_gb", "on_cloud", "pue", "wue",
)  # fmt: skip
"""Those of CodeCarbon 3.3, in its order."""

_KINDS: dict[DeviceKind, str] = {"cpu": "cpu", "gpu": "gpu", "dram": "ram"}
_CHUNK_BYTES = 1 << 16


def row(run: Run) -> dict[str, object]:
    """Return the run by CodeCarbon's columns; what is left out is not known."""
    place = whereabouts(run.zone.code)
    gpus, cpus = of_kind(run, "gpu"), of_kind(run, "cpu")
    emissions_kg = None if run.operational_g is None else run.operational_g / 1000
    known = {
        "timestamp": _local(run),
        "project_name": one_line(run.name),
        "run_id": run.id,
        "duration": run.duration_s,
        "emissions": emissions_kg,
        "emissions_rate": _over(emissions_kg, run.duration_s),
        "energy_consumed": _times(run.energy_kwh, run.pue),
        "country_name": place.country,
        "country_iso_code": place.country_iso3,
        "region": place.region.lower(),
        "cloud_provider": place.cloud_provider,
        "cloud_region": place.cloud_region,
        "os": run.host.get("system"),
        "python_version": run.versions.get("python"),
        "codecarbon_version": f"ocarbon_magic {run.versions.get('ocarbon_magic', '')}".rstrip(),
        "cpu_count": run.host.get("logical_cpus"),
        "cpu_model": names(cpus),
        "gpu_count": devices_in(gpus),
        "gpu_model": names(gpus),
        "tracking_mode": "process" if any(c.method == "cpu-estimate" for c in cpus) else "machine",
        "on_cloud": "Y" if place.cloud_provider else "N",
        "pue": run.pue,
    }
    for kind, theirs in _KINDS.items():
        known[f"{theirs}_power"] = _times(power_w(run, kind), run.pue)
        known[f"{theirs}_energy"] = _times(energy_kwh(run, kind), run.pue)
    return known


def write(runs: Iterable[Run], file: BinaryIO) -> None:
    """Write the runs, in the order given, under CodeCarbon's header."""
    with lines(file) as write_row:
        write_row(COLUMNS)
        for run in runs:
            known = row(run)
            write_row(known.get(column) for column in COLUMNS)


def add(runs: Iterable[Run], there: Path, file: BinaryIO) -> int:
    """Write what stands in the file ``there``, then the runs that are not yet in it.

    Returns
    -------
    int
        How many runs were added.

    Raises
    ------
    NotWrittenError
        If the file has other columns than CodeCarbon's.
    """
    header, written = _standing(there)
    with there.open("rb") as before:
        shutil.copyfileobj(before, file, _CHUNK_BYTES)
    if not _ends_a_line(there):
        file.write(b"\n")
    added = 0
    with lines(file) as write_row:
        for run in runs:
            if inert(run.id) in written:
                continue
            known = row(run)
            write_row(known.get(column) for column in header)
            written.add(run.id)
            added += 1
    return added


def _standing(there: Path) -> tuple[list[str], set[str]]:
    """Return the header of a file, and the ids of the runs in it."""
    import csv  # noqa: PLC0415 - only for who exports

    with there.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(file)
        try:
            header = next(reader, [])
            if sorted(header) != sorted(COLUMNS):
                raise NotWrittenError(
                    f"{there} has other columns than CodeCarbon's emissions.csv, so that nothing "
                    "was added to it: name another file."
                )
            at = header.index("run_id")
            return header, {row[at] for row in reader if len(row) > at}
        except csv.Error as error:
            raise NotWrittenError(f"{there} cannot be read as CSV ({error}).") from None


def _ends_a_line(there: Path) -> bool:
    with there.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _local(run: Run) -> str | None:
    """Return when the run ended on the clock of this machine, as CodeCarbon writes it."""
    ended = moment_of(run.ended_at)
    return None if ended is None else f"{ended.astimezone():%Y-%m-%dT%H:%M:%S}"


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _over(value: float | None, duration_s: float) -> float | None:
    return None if value is None or duration_s <= 0 else value / duration_s

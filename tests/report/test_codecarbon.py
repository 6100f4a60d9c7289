"""CodeCarbon's ``emissions.csv``: its columns, its units, one row a run."""

from __future__ import annotations

import csv
from datetime import datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reported import AWKWARD, an_hour, charged, in_california
from sample_runs import cpu, gpu, sample

import ocarbon_magic as oc
from ocarbon_magic.journal.export.rows import inert
from ocarbon_magic.run import Zone

THEIRS = {
    "timestamp": str, "project_name": str, "run_id": str, "experiment_id": str,
    "duration": float, "emissions": float, "emissions_rate": float, "cpu_power": float,
    "gpu_power": float, "ram_power": float, "cpu_energy": float, "gpu_energy": float,
    "ram_energy": float, "energy_consumed": float, "water_consumed": float,
    "country_name": str, "country_iso_code": str, "region": str, "cloud_provider": str,
    "cloud_region": str, "os": str, "python_version": str, "codecarbon_version": str,
    "cpu_count": float, "cpu_model": str, "gpu_count": float, "gpu_model": str,
    "longitude": float, "latitude": float, "ram_total_size": float, "tracking_mode": str,
    "cpu_utilization_percent": float, "gpu_utilization_percent": float,
    "ram_utilization_percent": float, "ram_used_gb": float, "on_cloud": str, "pue": float,
    "wue": float,
}  # fmt: skip
"""Fields of ``EmissionsData`` of CodeCarbon 3.3.2, whose order its files have, and their types."""


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "emissions.csv"


def test_the_file_has_exactly_their_columns(path):
    assert oc.export(path, an_hour()).format == "codecarbon"
    frame = pd.read_csv(path)
    assert list(frame.columns) == list(THEIRS)
    for name, kind in THEIRS.items():
        known = frame[name].dropna()
        assert len(known) == 0 or isinstance(kind(known[0]), kind), name
    assert pd.api.types.is_float_dtype(frame["emissions"])


def test_units_are_kilograms_kilowatt_hours_watts_and_seconds(path):
    devices = [gpu(1, energy_j=2.4e6), gpu(2, energy_j=0.6e6), cpu(energy_j=0.6e6)]
    run = an_hour(devices=devices, pue=1.5, operational_g=75.0, emissions_g=79.0)
    run.host = {"system": "Linux 6.1", "logical_cpus": 16}
    run.versions = {"python": "3.11.9", "ocarbon_magic": "0.1.0"}
    oc.export(path, run)
    (row,) = rows_of(path)
    # As in CodeCarbon, PUE is in energies and powers: 1 kWh x 1.5, and 75 g / 1.5 kWh = 50 g/kWh.
    assert float(row["energy_consumed"]) == pytest.approx(1.5)
    assert float(row["emissions"]) == pytest.approx(0.075)
    assert float(row["emissions"]) / float(row["energy_consumed"]) == pytest.approx(0.050)
    assert float(row["emissions_rate"]) == pytest.approx(0.075 / 3600)
    assert float(row["duration"]) == 3600.0
    assert float(row["gpu_energy"]) == pytest.approx(3 / 3.6 * 1.5)
    assert float(row["cpu_energy"]) == pytest.approx(0.6 / 3.6 * 1.5)
    # 3 MJ in an hour are 833.3 W at the devices.
    assert float(row["gpu_power"]) == pytest.approx(1250.0)
    assert (row["ram_energy"], row["water_consumed"], row["wue"]) == ("", "", "")
    assert float(row["pue"]) == 1.5
    assert (row["gpu_count"], row["gpu_model"]) == ("2", "2 x NVIDIA H100 80GB HBM3")
    assert (row["cpu_count"], row["os"], row["python_version"]) == ("16", "Linux 6.1", "3.11.9")
    assert row["codecarbon_version"] == "ocarbon_magic 0.1.0"
    assert row["tracking_mode"] == "process"
    stamp = datetime.fromisoformat(row["timestamp"])
    assert stamp == datetime.fromisoformat("2026-03-01T11:00:00+00:00").astimezone().replace(
        tzinfo=None
    )


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("FRA", ("France", "FRA", "", "", "", "N")),
        ("US-CA", ("United States", "USA", "california", "", "", "N")),
        ("aws:eu-west-3", ("France", "FRA", "", "aws", "eu-west-3", "Y")),
        ("WLD", ("", "", "", "", "", "N")),
        ("somewhere else", ("", "", "", "", "", "N")),
    ],
)
def test_places_are_countries_regions_and_clouds(path, zone, expected):
    oc.export(path, an_hour(zone=Zone(zone, "as recorded", "given")))
    (row,) = rows_of(path)
    names = ("country_name", "country_iso_code", "region", "cloud_provider", "cloud_region")
    assert (*(row[name] for name in names), row["on_cloud"]) == expected


def test_what_is_not_known_is_empty_and_never_zero(path):
    oc.export(path, sample(devices=[]))
    (row,) = rows_of(path)
    for name in ("emissions", "energy_consumed", "gpu_energy", "cpu_power", "emissions_rate"):
        assert row[name] == "", name


def test_a_run_is_one_row_and_the_sum_of_the_column_is_the_sum_of_the_runs(path):
    runs = [an_hour(n) for n in range(3)]
    oc.export(path, runs)
    for _ in range(2):  # again: nothing is there twice
        again = oc.export(path, runs)
        assert (again.runs, again.left_out) == (0, 3)
    later = oc.export(path, [an_hour(3, status="lost"), *runs])
    assert (later.runs, later.left_out) == (1, 3)
    frame = pd.read_csv(path)
    assert frame["run_id"].is_unique
    assert frame["emissions"].sum() == pytest.approx(4 * 0.050)


def test_rows_stand_in_the_order_of_time(path):
    newest_first = [an_hour(n) for n in range(250)]
    oc.export(path, newest_first)
    assert [row["run_id"] for row in rows_of(path)] == [r.id for r in reversed(newest_first)]


def test_a_run_that_goes_on_waits_until_it_has_ended(path):
    running = an_hour(1, status="running", ended_at=None)
    export = oc.export(path, [running, an_hour(2)])
    assert (export.runs, export.left_out) == (1, 1)
    assert "1 run not written: in the file already, or still going on." in str(export)
    oc.export(path, an_hour(1))
    assert len(rows_of(path)) == 2


def test_embodied_carbon_is_said_to_be_left_out(path):
    notes = " ".join(oc.export(path, charged(an_hour())).notes)
    assert "Embodied carbon is not in the file" in notes
    assert "emissions are of electricity alone" in notes


def test_rows_are_added_to_a_file_of_codecarbons_own_in_its_order(path):
    order = sorted(THEIRS)
    path.write_text(f"{','.join(order)}\n" + ",".join("1" for _ in order), encoding="utf-8")
    oc.export(path, in_california())
    first, second = rows_of(path)
    assert set(first.values()) == {"1"}
    assert second["country_iso_code"] == "USA"
    assert float(second["emissions"]) == pytest.approx(0.1)
    assert path.read_text(encoding="utf-8").splitlines()[0] == ",".join(order)


@pytest.mark.parametrize(
    "there", ["a,b\n1,2\n", "timestamp,emissions\n", ",".join(list(THEIRS)[:-1]) + "\n"]
)
def test_a_file_with_other_columns_is_left_alone(path, there):
    path.write_text(there)
    with pytest.raises(ValueError, match="has other columns than CodeCarbon's"):
        oc.export(path, an_hour())
    assert path.read_text() == there
    oc.export(path, an_hour(), overwrite=True)
    assert len(rows_of(path)) == 1


def test_an_empty_file_is_a_new_one(path):
    path.touch()
    oc.export(path, an_hour())
    assert len(rows_of(path)) == 1


@settings(max_examples=30)
@given(name=st.text() | st.sampled_from(AWKWARD))
def test_any_name_stays_in_its_column(tmp_path_factory, name):
    path = tmp_path_factory.mktemp("cc") / "emissions.csv"
    oc.export(path, an_hour(1, name=name))
    oc.export(path, an_hour(2))
    one, two = rows_of(path)
    line = "".join(c if c.isprintable() else " " for c in name)
    assert one["project_name"] == inert(line)
    assert two["project_name"] == "train_resnet"
    assert one["wue"] == two["wue"] == ""

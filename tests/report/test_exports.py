"""Exports, read back by those who read such files."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import UTC, datetime

import jsonschema
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus
from reported import AWKWARD, an_hour, charged, in_california, of_each_status
from sample_runs import cpu, fullest, gpu, sample

import ocarbon_magic as oc
from ocarbon_magic.collection import Runs
from ocarbon_magic.journal.export.rows import inert
from ocarbon_magic.run import Metric, Run, run_schema

RUNS = [*of_each_status(), fullest(), in_california(), sample(id="unknown", devices=[])]


def text_of(runs, form):
    return oc.export(runs=runs, format=form).text


# JSON


def test_json_is_an_array_of_records_that_the_schema_knows(tmp_path):
    path = tmp_path / "runs.json"
    oc.export(path, RUNS[:-1])
    records = json.loads(path.read_text())
    check = jsonschema.Draft202012Validator(run_schema())
    for record, run in zip(records, RUNS, strict=False):
        check.validate(record)
        assert Run.from_dict(record) == run
    assert len(records) == len(RUNS) - 1
    assert json.loads(text_of([], "json")) == []


def test_json_lines_are_a_record_each(tmp_path):
    path = tmp_path / "runs.jsonl"
    oc.export(path, RUNS)
    lines = path.read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [run.id for run in RUNS]
    assert pd.read_json(path, lines=True)["name"].tolist() == [run.name for run in RUNS]
    assert text_of([], "jsonl") == ""


@given(name=st.text())
def test_records_with_any_name_go_through_json(name):
    (line,) = text_of(an_hour(name=name), "jsonl").splitlines()
    assert json.loads(line)["name"] == name


# CSV and Parquet of our own

COLUMNS = [
    "schema", "id", "name", "status", "started_at", "ended_at", "duration_s", "energy_kwh",
    "energy_uncertainty_pct", "energy_how", "energy_methods", "energy_boundary",
    "gpu_energy_kwh", "cpu_energy_kwh", "dram_energy_kwh", "mean_power_w", "gpu_count",
    "gpu_names", "cpu_names", "pue", "zone_code", "zone_name", "zone_how",
    "intensity_gco2e_per_kwh", "intensity_year", "intensity_scope", "intensity_source",
    "operational_gco2e", "embodied_gco2e", "emissions_gco2e", "work_done", "work_total",
    "work_unit", "work_rate_per_s", "tflops_per_device", "utilisation", "metric_expression",
    "metric_value", "system", "python_version", "ocarbon_magic_version", "within_id", "warnings",
    "host_count",
]  # fmt: skip
"""Version 1: readers rely on these names, and on their order."""


def test_the_columns_of_version_1_stay(tmp_path):
    path = tmp_path / "runs.csv"
    oc.export(path, RUNS)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == COLUMNS
    assert {row[0] for row in rows[1:]} == {"ocarbon.runs/1"}
    assert {len(row) for row in rows} == {len(COLUMNS)}
    oc.export(tmp_path / "runs.parquet", RUNS)
    assert pq.read_schema(tmp_path / "runs.parquet").names == COLUMNS


def test_a_row_is_worked_by_hand():
    devices = [gpu(1, energy_j=2.4e6), gpu(2, energy_j=0.6e6), cpu(energy_j=0.6e6)]
    run = an_hour(devices=devices, pue=1.5, operational_g=75.0, emissions_g=79.0)
    run.metric = Metric("accuracy", 0.5)
    (row,) = csv.DictReader(io.StringIO(text_of(run, "csv")))
    assert float(row["energy_kwh"]) == pytest.approx(1.0)
    # (5.1 % x 3 MJ + 50 % x 0.6 MJ) / 3.6 MJ = 12.58 %.
    assert float(row["energy_uncertainty_pct"]) == pytest.approx(12.5833, rel=1e-4)
    assert row["energy_how"] == "partly estimated"
    assert row["energy_methods"] == "cpu-estimate, nvml-energy-counter"
    assert row["energy_boundary"] == "cpu + gpu only, not the whole server"
    assert float(row["gpu_energy_kwh"]) == pytest.approx(3 / 3.6)
    assert float(row["cpu_energy_kwh"]) == pytest.approx(0.6 / 3.6)
    assert row["dram_energy_kwh"] == ""
    assert float(row["mean_power_w"]) == pytest.approx(1000.0)
    assert row["gpu_count"] == "2"
    assert row["gpu_names"] == "2 x NVIDIA H100 80GB HBM3"
    assert (row["started_at"], row["ended_at"]) == ("2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z")
    assert float(row["emissions_gco2e"]) == pytest.approx(79.0)
    assert (row["metric_expression"], row["metric_value"]) == ("accuracy", "0.5")


def test_what_is_not_known_is_empty_and_never_zero(tmp_path):
    path = tmp_path / "runs.csv"
    oc.export(path, [sample(devices=[])])
    with path.open(newline="") as file:
        (row,) = csv.DictReader(file)
    for name in ("energy_kwh", "emissions_gco2e", "energy_how", "mean_power_w", "work_done"):
        assert row[name] == ""
    frame = pd.read_csv(path)
    assert math.isnan(frame["energy_kwh"][0])


def test_parquet_has_the_types_and_the_values_of_the_csv(tmp_path):
    oc.export(tmp_path / "runs.parquet", RUNS)
    oc.export(tmp_path / "runs.csv", RUNS)
    table = pq.read_table(tmp_path / "runs.parquet")
    assert table.schema.metadata[b"schema"] == b"ocarbon.runs/1"
    assert str(table.schema.field("started_at").type) == "timestamp[ms, tz=UTC]"
    assert str(table.schema.field("energy_kwh").type) == "double"
    assert str(table.schema.field("gpu_count").type) == "int64"
    first = table.to_pylist()[0]
    assert first["started_at"] == datetime(2026, 3, 1, 14, 2, 11, tzinfo=UTC)
    rows = pd.read_csv(tmp_path / "runs.csv")
    frame = table.to_pandas()
    for name in ("energy_kwh", "emissions_gco2e", "pue", "energy_uncertainty_pct"):
        pd.testing.assert_series_equal(frame[name], rows[name])
    assert table["energy_kwh"].null_count == 1


def test_parquet_is_written_a_thousand_rows_at_a_time(tmp_path):
    run = an_hour()
    oc.export(tmp_path / "runs.parquet", Runs([run] * 2500))
    file = pq.ParquetFile(tmp_path / "runs.parquet")
    assert [file.metadata.row_group(n).num_rows for n in range(3)] == [1000, 1000, 500]


@given(name=st.text() | st.sampled_from(AWKWARD))
def test_any_name_goes_through_csv(name):
    (row,) = csv.DictReader(io.StringIO(text_of(an_hour(name=name), "csv"), newline=""))
    assert row["name"] == inert("".join(c if c.isprintable() else " " for c in name))


# OpenMetrics


def samples(families):
    return {
        (
            sample.name,
            sample.labels.get("run"),
            sample.labels.get("part", sample.labels.get("device")),
        ): sample
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize("parse", [openmetrics, prometheus])
def test_metrics_are_read_by_both_parsers(parse):
    run = charged(an_hour(pue=1.2, devices=[gpu(1, energy_j=3.6e6), cpu(energy_j=1e6)]))
    found = samples(parse(text_of([run, in_california(9), sample(devices=[])], "openmetrics")))
    assert found["ocarbon_run_device_energy_joules", run.id, "0"].value == 3.6e6
    assert found["ocarbon_run_device_energy_joules", run.id, "0"].labels["measured"] == "true"
    assert found["ocarbon_run_device_energy_joules", run.id, "1"].labels["method"] == "cpu-estimate"
    assert found["ocarbon_run_emissions_grams", run.id, "operational"].value == pytest.approx(
        run.operational_g
    )
    assert found["ocarbon_run_emissions_grams", run.id, "embodied"].value == pytest.approx(
        run.embodied_g
    )
    assert found["ocarbon_run_duration_seconds", run.id, None].value == 3600.0
    assert found["ocarbon_run_pue_ratio", run.id, None].value == 1.2
    # (5.1 x 3.6 + 50 x 1) / 4.6 = 14.86 %.
    assert found["ocarbon_run_energy_uncertainty_ratio", run.id, None].value == pytest.approx(
        0.148609, rel=1e-4
    )
    status = found["ocarbon_run_status", run.id, None].labels
    assert (status["status"], status["zone"], status["intensity_scope"]) == (
        "finished",
        "FRA",
        "lifecycle",
    )


def test_a_family_has_its_unit_and_stands_together():
    families = list(openmetrics(text_of(RUNS, "openmetrics")))
    assert {family.name: family.unit for family in families} == {
        "ocarbon_run_status": "",
        "ocarbon_run_duration_seconds": "seconds",
        "ocarbon_run_device_energy_joules": "joules",
        "ocarbon_run_energy_uncertainty_ratio": "ratio",
        "ocarbon_run_pue_ratio": "ratio",
        "ocarbon_run_emissions_grams": "grams",
    }
    assert {family.type for family in families} == {"gauge"}
    assert not next(iter(openmetrics(text_of([], "openmetrics")))).samples


@given(name=st.text() | st.sampled_from(AWKWARD))
def test_any_name_goes_through_a_label(name):
    text = text_of(an_hour(name=name), "openmetrics")
    found = samples(openmetrics(text))
    ((label,),) = [[s.labels["name"]] for key, s in found.items() if key[0] == "ocarbon_run_status"]
    shown = "".join(c if c.isprintable() else " " for c in name)
    assert label == shown


# What an export says of itself


def test_an_export_tells_what_its_reader_must_know():
    export = oc.export(runs=RUNS, format="json")
    said = " ".join(export.notes)
    assert "GPU boards alone miss 18 to 29 %" in said
    assert "do not add up or compare their emissions" in said
    assert "3 of the runs failed, were stopped or lost; they count." in said
    assert "1 of the runs have no energy measured: it is left empty." in said
    assert (export.runs, export.left_out, export.path) == (len(RUNS), 0, None)
    assert export.to_dict()["notes"] == list(export.notes)
    assert str(export) == export.text


def test_a_run_within_another_is_told_so_that_nobody_adds_it_twice():
    outer = an_hour(1)
    inner = an_hour(2, within=outer.id)
    export = oc.export(runs=[inner, outer], format="csv")
    assert "1 of the runs were measured within another, which includes them." in export.notes
    assert [row["within_id"] for row in csv.DictReader(io.StringIO(export.text))] == [outer.id, ""]


def test_one_scope_needs_no_word_on_scopes():
    export = oc.export(runs=[an_hour(1), an_hour(2)], format="json")
    assert export.notes == (
        "Energy is that of the devices measured, before PUE; GPU boards alone miss 18 to 29 % "
        "of a server's energy.",
    )


def test_only_runs_since_a_day_are_exported():
    runs = [an_hour(1), an_hour(2, started_at="2026-02-01T10:00:00Z")]
    export = oc.export(runs=runs, format="jsonl", since="2026-02-15")
    assert [json.loads(line)["id"] for line in export.text.splitlines()] == [runs[0].id]


def test_a_run_that_is_named_twice_is_written_once():
    run = an_hour()
    assert oc.export(runs=[run, run], format="jsonl").runs == 1

"""Runs, cells and the doctor with an endpoint, as a user meets it."""

import json
import logging
import time

import jsonschema
import pytest
from fake_prometheus import gpu, steady
from IPython.core.interactiveshell import InteractiveShell

import ocarbon_magic as oc
from ocarbon_magic.meters.prometheus import meter as meter_module
from ocarbon_magic.run import run_schema
from ocarbon_magic.subcommands import doctor

SECRET = "s3cret-t0ken"


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    monkeypatch.setattr(meter_module, "LAST_WAIT_S", 20.0)
    monkeypatch.setattr("ocarbon_magic.recorder.ASKED_PATIENCE_S", 20.0)
    monkeypatch.setattr("ocarbon_magic.recorder.STOP_PATIENCE_S", 20.0)
    monkeypatch.setenv("OCARBON_PROMETHEUS_TOKEN", SECRET)


@pytest.fixture
def server(fake):
    now_s = time.time()
    fake.series = [
        gpu(node, index, samples=steady(300.0, now_s - 400, now_s + 600, 5.0))
        for node in ("gpu-07", "gpu-08")
        for index in (0, 1)
    ]
    return fake


def test_a_run_has_the_devices_and_the_hosts_of_an_endpoint(server):
    devices = f"prometheus:{server.url}?node=gpu-07,gpu-08"
    with oc.measure("remote", devices=devices, zone="FRA", quiet=True) as run:
        server.await_questions("[")
    record = run.to_dict()
    jsonschema.validate(record, run_schema())
    assert [(d["host"], d["kind"], d["method"]) for d in record["devices"]] == [
        (host, "gpu", "dcgm-energy-counter") for host in ("gpu-07", "gpu-07", "gpu-08", "gpu-08")
    ]
    assert [(h["name"], h["workers"]) for h in record["hosts"]] == [("gpu-07", 0), ("gpu-08", 0)]
    assert all(d["energy_j"] > 299.0 * run.duration_s for d in record["devices"])
    assert sum(h["energy_j"] for h in record["hosts"]) / 3.6e6 == pytest.approx(run.energy_kwh)


def test_a_token_is_sent_and_shown_nowhere(server, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    devices = f"prometheus:{server.url}?node=*"
    with oc.measure("remote", devices=devices) as run:
        server.await_questions("[")
    assert {sent["authorization"] for sent in server.sent} == {f"Bearer {SECRET}"}
    shown = [
        json.dumps(run.to_dict()),
        repr(run),
        str(run),
        str(run._repr_mimebundle_()),
        *run.warnings,
    ]
    table = doctor.answer(["--devices", devices])
    shown += [repr(table), table._repr_html_()]
    for status in (401, 403, 400, 503):
        server.answer = lambda _, status=status: (status, SECRET.encode())
        try:
            with oc.measure("refused", devices=devices, quiet=True) as failed:
                pass
        except ValueError as error:
            shown += [str(error), repr(error), repr(error.__context__), repr(error.__cause__)]
        else:
            shown += [json.dumps(failed.to_dict())]
    out, err = capsys.readouterr()
    assert not any(SECRET in text for text in [*shown, caplog.text, out, err])


def test_an_endpoint_that_refuses_stops_the_cell_before_it_starts(server):
    server.answer = lambda _: (401, b"")
    with (
        pytest.raises(ValueError, match=r"401 .Unauthorized.. Put a bearer token that it takes"),
        oc.measure(devices=f"prometheus:{server.url}?node=gpu-07", quiet=True),
    ):
        pytest.fail("the block was run")


def test_a_cell_is_refused_in_one_line_and_not_run(server, capsys):
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "ocarbon_magic")
    line = f'%%carbon --quiet --devices "prometheus:{server.url}?node=gpu-7&gpu=0,1"'
    result = shell.run_cell(f"{line}\nran = True")
    assert "ran" not in shell.user_ns
    message = str(result.error_in_exec or result.error_before_exec)
    assert "has no energy of the node gpu-7 just now; it knows gpu-07, gpu-08." in message
    assert "\n" not in message
    assert "Traceback" not in capsys.readouterr().out


def test_a_busy_endpoint_does_not_stop_a_run_that_is_then_told(server):
    server.answer = lambda _: (503, b"")
    with oc.measure(devices=f"prometheus:{server.url}?node=gpu-07", quiet=True) as run:
        server.await_questions("time()")
    assert run.status == "finished"
    assert run.energy_kwh is None
    assert any("answered 503 (Service Unavailable)" in line for line in run.warnings)
    assert any("its energy is not in the total" in line for line in run.warnings)


def test_the_doctor_looks_at_an_endpoint(server):
    table = doctor.answer(["--devices", f"prometheus:{server.url}?node=*"])
    assert [row[2:] for row in table.rows[:4]] == [
        (f"NVIDIA A100-SXM4-80GB on {node}", "measured, dcgm-energy-counter")
        for node in ("gpu-07", "gpu-07", "gpu-08", "gpu-08")
    ]
    assert max(len(line) for line in repr(table).splitlines()) <= 80


def test_the_doctor_tells_of_many_devices_in_few_rows(server):
    server.series = [gpu(f"n{n}", g, uuid=f"GPU-{n}-{g}") for n in range(200) for g in range(8)]
    table = doctor.answer(["--devices", f"prometheus:{server.url}?node=*"])
    assert [row[2] for row in table.rows if row[0] == "\u2713" and "machines" in row[1]] == [
        "1,600 \u00d7 NVIDIA A100-SXM4-80GB"
    ]


def test_the_doctor_tells_what_is_wrong_with_a_configured_endpoint(server, monkeypatch):
    monkeypatch.setenv("OCARBON_DEVICES", f"cpu,prometheus:{server.url}")
    text = " ".join(repr(doctor.answer([])).split())
    assert "knows 2 nodes" in text
    assert "cpu" in text

"""No key, and nothing that says who and where, is in what a run leaves behind."""

from __future__ import annotations

import getpass
import json
import os
import platform
import re
import subprocess
import sys

import pytest

import ocarbon_magic as oc
from ocarbon_magic.magics import CarbonMagics
from ocarbon_magic.meters.prometheus.endpoint import endpoint_of

SECRET = "s3cr3t-of-the-user"
PLACE = "a-private-folder"
DEAD = "127.0.0.1:9"

SECRETS = {
    "OCARBON_ELECTRICITYMAPS_KEY": SECRET,
    "ELECTRICITYMAPS_API_KEY": SECRET,
    "OCARBON_ENTSOE_KEY": SECRET,
    "ENTSOE_API_KEY": SECRET,
    "OCARBON_WATTTIME_USER": SECRET,
    "OCARBON_WATTTIME_PASSWORD": SECRET,
    "OCARBON_PROMETHEUS_TOKEN": SECRET,
    "OTEL_EXPORTER_OTLP_HEADERS": f"authorization={SECRET}",
    "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://user:{SECRET}@{DEAD}",
    "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
    "OTEL_RESOURCE_ATTRIBUTES": f"key={SECRET}",
    "HTTPS_PROXY": f"http://user:{SECRET}@{DEAD}",
    "HTTP_PROXY": f"http://user:{SECRET}@{DEAD}",
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "HF_TOKEN": SECRET,
    "OCARBON_OTEL": "1",
}

SCRIPT = """
import json, logging, os, sys, time
logging.basicConfig(level=logging.DEBUG)
import ocarbon_magic as oc

folder, source, devices = sys.argv[1:]
key = os.environ["OCARBON_ENTSOE_KEY"]
with oc.measure(
    "a run",
    zone="FRA",
    live_intensity=source or None,
    devices=devices,
    metrics_file=None if source else f"{folder}/metrics",
) as run:
    time.sleep(0.2)
shown = run._repr_mimebundle_()
with open(f"{folder}/left.json", "w") as file:
    json.dump({"record": run.to_dict(), "shown": shown, "repr": repr(run),
               "report": oc.report(run).text,
               "exports": [oc.export(runs=run, format=f).text for f in ("csv", "openmetrics")],
               "listed": str(oc.runs()), "home": oc.runs().notes}, file)
"""

CASES = {
    "electricitymaps": ("electricitymaps", "cpu"),
    "entsoe": ("entsoe", "cpu"),
    "watttime": ("watttime", "cpu"),
    "a server of Prometheus": ("", f"prometheus:http://{DEAD}?node=a"),
    "a trace": ("", "trace"),
}


def left_by(folder, source, devices, **environ):
    """Measure in a process that has secrets; return all that it wrote, by where it stands."""
    trace = folder / "trace.csv"
    trace.write_text("t_s,power_w\n0,100\n0.01,100\n")
    (folder / "metrics").mkdir(exist_ok=True)
    devices = f"trace:{trace}" if devices == "trace" else devices
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), source, devices],
        env={**os.environ, **SECRETS, "OCARBON_HOME": str(folder / "home"), **environ},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0 or "refuses connections" in done.stderr, done.stderr[-2000:]
    files = [file for file in folder.rglob("*") if file.is_file() and file != trace]
    written = {str(file): file.read_bytes().decode("latin-1") for file in files}
    return {**written, "output": done.stdout, "log": done.stderr}


@pytest.fixture
def private(tmp_path):
    folder = tmp_path / PLACE
    folder.mkdir()
    return folder


@pytest.mark.parametrize(("source", "devices"), CASES.values(), ids=CASES)
def test_no_secret_is_in_anything_that_is_written(private, source, devices):
    written = left_by(private, source, devices)
    assert "refuses connections" in written["log"] or len(written) > 3
    assert [where for where, text in written.items() if SECRET in text] == []


def record_of(written):
    (text,) = (text for where, text in written.items() if where.endswith("left.json"))
    return json.loads(text)["record"]


BROKEN = {
    "all is well": {},
    "no journal can be": {"OCARBON_HOME": f"/dev/null/{PLACE}"},
    "no file of metrics can be": {"OCARBON_METRICS_FILE": f"/dev/null/{PLACE}/x.prom"},
}


@pytest.mark.parametrize("environ", BROKEN.values(), ids=BROKEN)
def test_a_record_says_neither_who_nor_where(private, environ):
    record = record_of(left_by(private, "electricitymaps", "trace", **environ))
    said = json.dumps({key: value for key, value in record.items() if key != "devices"})
    assert len(record["warnings"]) >= 1
    assert PLACE not in said
    assert str(private.parent) not in said
    assert sys.prefix not in said
    assert platform.node() not in said
    assert not re.search(r"\b\d+\.\d+\.\d+\.\d+\b", said)
    words = {*re.findall(r"[\w.-]+", said)}
    assert getpass.getuser() not in words


def test_the_keys_of_a_record_about_its_machine_are_these():
    with oc.measure("run", devices="none", quiet=True) as run:
        pass
    assert {*run.host} <= {"system", "release", "machine", "logical_cpus", "memory_gb", "container"}
    assert all(re.fullmatch(r"[\w.]+", name) for name in run.versions)


ADDRESSES = [
    f"https://user:{SECRET}@prom.example.org?node=a",
    f"https://{SECRET}@prom.example.org?node=a",
    f"https://user:{SECRET}@[bad?node=a",
    f"https://prom.example.org:{SECRET}?node=a",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_with_a_password_is_refused_without_being_repeated(address):
    with pytest.raises(ValueError, match="prometheus") as caught:
        endpoint_of(address)
    told, error = "", caught.value
    while error is not None:
        told += f"{error} {error!r}"
        error = None if error.__suppress_context__ else error.__context__
    assert SECRET not in told


def test_the_magic_has_no_default_that_is_a_secret():
    assert not [
        name for name in CarbonMagics.class_trait_names() if re.search("key|token|pass", name)
    ]

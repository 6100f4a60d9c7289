"""Runs measured by processes of a measured block: no total has the same energy twice."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from nvml_standin import environment, gpu
from scripts import measured, python

import ocarbon_magic as oc
from ocarbon_magic.meters.cpu import CpuEstimateMeter
from ocarbon_magic.ranks.around import run_around
from ocarbon_magic.ranks.environment import RANKS
from ocarbon_magic.simultaneous import INSIDE, OUTLIVED

INSIDE_RUN = """
import json, sys
import ocarbon_magic as oc
with oc.measure("inside", quiet=True, devices={devices!r}) as run:
    sum(range(10**5))
    {wait}
print(json.dumps(dict(id=run.id, within=run.within, warnings=run.warnings, status=run.status)))
"""


def inside(devices="cpu", wait="pass"):
    return INSIDE_RUN.format(devices=devices, wait=wait)


def test_a_run_of_a_script_is_within_that_of_the_block():
    with oc.measure("around", devices="cpu", quiet=True) as around:
        told = json.loads(python(inside()).stdout)
    assert told["within"] == around.id
    assert INSIDE in told["warnings"]
    assert around.within is None
    listed = oc.runs()
    assert {run.name for run in listed} == {"around", "inside"}
    # Both are in the journal; their sum is that of the run around.
    totals = listed.totals()
    assert totals.whole.energy_kwh == pytest.approx(around.energy_kwh)
    assert totals.parts == 1
    assert json.loads(python(inside()).stdout)["within"] is None


def test_a_run_of_a_script_of_a_script_is_within_the_outermost():
    block = f"""
with oc.measure("middle", devices="cpu", quiet=True) as middle:
    print("INNER", subprocess.run([sys.executable, "-c", {inside()!r}],
                                  capture_output=True, text=True, check=True).stdout)
"""
    record, shown = measured(block, devices="cpu")
    inner = next(line for line in shown.stdout.splitlines() if line.startswith("INNER "))
    assert json.loads(inner.removeprefix("INNER "))["within"] == record["id"]


def test_a_run_on_other_devices_is_within_none():
    with oc.measure("around", devices="none", quiet=True):
        told = json.loads(python(inside()).stdout)
    assert told["within"] is None
    with oc.measure("around", devices="cpu", quiet=True):
        told = json.loads(python(inside("none")).stdout)
    assert told["within"] is None


@pytest.mark.parametrize(
    ("around", "here", "is_within"),
    [(None, "0,1", True), ("0,1", "1", True), ("0", "1", False), ("0", None, False)],
)
def test_fewer_visible_devices_are_within(tmp_path, around, here, is_within):
    runs = [{"id": "r", "devices": "visible", "visible": around}]
    (tmp_path / "runs.json").write_text(json.dumps(runs))
    environ = {RANKS: str(tmp_path)}
    if here is not None:
        environ["CUDA_VISIBLE_DEVICES"] = here
    assert run_around("visible", environ) == ("r" if is_within else None)


@pytest.mark.parametrize("text", ["", "[", "7", "[7]", '[{"id": 7}]', "[" * 9000, '[{"id": "r"}]'])
def test_a_damaged_list_of_runs_is_none(tmp_path, text):
    (tmp_path / "runs.json").write_text(text)
    assert run_around("cpu", {RANKS: str(tmp_path)}) is None


def test_a_run_that_outlives_the_one_around_is_within_none():
    wait = "print('up', flush=True); sys.stdin.readline()"
    with oc.measure("around", devices="cpu", quiet=True):
        process = subprocess.Popen(
            [sys.executable, "-c", inside(wait=wait)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout.readline() == "up\n"
    told = json.loads(process.communicate("\n", timeout=60)[0])
    assert told["within"] is None
    assert OUTLIVED in told["warnings"]


def test_in_a_launch_the_machine_is_measured_once():
    env = {"LOCAL_WORLD_SIZE": "3", "RANK": "0", "WORLD_SIZE": "3"}
    for rank, expected in enumerate(["finished", "finished"]):
        shown = python(inside(), env={**env, "LOCAL_RANK": str(rank), "RANK": str(rank)})
        told = json.loads(shown.stdout)
        assert told["status"] == expected
        line = (
            "Nothing is measured in local rank 1 of 3: local rank 0 measures this machine for "
            "the whole launch."
        )
        assert (line in told["warnings"]) is (rank == 1)
    assert [run.name for run in oc.runs()] == ["inside"]


def test_what_is_not_measured_ends_as_its_block_does(monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    with oc.measure("x") as run:
        assert run.status == "running"
        oc.update(5)
    assert (run.status, run.energy_kwh, run.work.done) == ("finished", None, None)
    assert run.ended_at is not None
    with pytest.raises(ArithmeticError), oc.measure("x") as run:
        raise ArithmeticError
    assert run.status == "failed"
    with pytest.raises(ValueError, match="no-such-place"), oc.measure("x", zone="no-such-place"):
        pass
    assert oc.last_run() is None


def test_the_cpu_of_all_local_ranks_is_measured_by_the_first():
    # Rank 1 burns CPU time until the first has seen a second of it; the first does next to nothing.
    rank_0 = """
import ocarbon_magic as oc, sys, time
from ocarbon_magic.meters.cpu import CpuEstimateMeter
meter = CpuEstimateMeter(cpus=1e9)
meter.start()
while (reading := meter.stop(time.monotonic())[0]).busy_s * meter._package_cpus < 1.0: pass
print(meter._tree._this, time.process_time())
"""
    launcher = f"""
import os, subprocess, sys
env = {{**os.environ, "LOCAL_WORLD_SIZE": "2"}}
burning = subprocess.Popen([sys.executable, "-c", "while True: pass"])
first = subprocess.run([sys.executable, "-c", {rank_0!r}], env={{**env, "LOCAL_RANK": "0"}})
burning.kill()
burning.wait()
sys.exit(first.returncode)
"""
    python(launcher)


BURNING = """
import subprocess, sys, time
def burn(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until: pass
burn(0.05)
if int(sys.argv[1]):
    for _ in range(3):
        subprocess.run([sys.executable, sys.argv[0], str(int(sys.argv[1]) - 1)], check=True)
"""


def test_the_cpu_of_short_lived_grandchildren_is_measured(tmp_path):
    script = tmp_path / "burning.py"
    script.write_text(BURNING)
    record, shown = measured(
        f"""
import resource
subprocess.run([sys.executable, {str(script)!r}, "2"], check=True)
children = resource.getrusage(resource.RUSAGE_CHILDREN)
print("CPU", children.ru_utime + children.ru_stime)
""",
        before="import time",
        devices="cpu",
    )
    cpu_s = float(next(s for s in shown.stdout.splitlines() if s.startswith("CPU"))[4:])
    assert cpu_s > 13 * 0.05  # 1 + 3 + 9 processes
    (device,) = record["devices"]
    # The meter's own cost is in it, too.
    assert device["energy_j"] >= 0.95 * cpu_s * CpuEstimateMeter()._cpu_w


def test_a_gpu_is_measured_once_though_its_processes_measure_it_too(standin_library, tmp_path):
    scenario = tmp_path / "scenario"
    scenario.write_text(gpu(0, lines="  power const 250\n"))
    rank = inside("visible", "import time; time.sleep(0.6)")
    block = f"""
import os
ranks = [
    subprocess.Popen(
        [sys.executable, "-c", {rank!r}], stdout=subprocess.PIPE, text=True,
        env={{**os.environ, "LOCAL_RANK": str(n), "LOCAL_WORLD_SIZE": "2"}},
    )
    for n in range(2)
]
for rank in ranks: print("RANK", rank.communicate()[0])
"""
    env = environment(standin_library, scenario)
    record, shown = measured(block, devices="visible", env=env)
    gpus = [device for device in record["devices"] if device["kind"] == "gpu"]
    assert len(gpus) == 1
    assert gpus[0]["energy_j"] == pytest.approx(250 * record["duration_s"], rel=0.05)
    ranks = [json.loads(s[5:]) for s in shown.stdout.splitlines() if s.startswith("RANK ")]
    assert [rank["within"] for rank in ranks] == [record["id"], None]
    assert len(oc.runs()) == 2
    assert oc.runs().totals().whole.energy_kwh == pytest.approx(record["energy_kwh"])

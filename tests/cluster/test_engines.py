"""%%carbon --cluster over real engines, in a real kernel with GPUs of the stand-in library."""

from __future__ import annotations

import pytest
from cluster_kernels import LOOP, WATTS, ClusterKernel, cpu_j, gpus, schema
from jsonschema import Draft202012Validator

PX = "%%px\n"
BAR = """
import io, time
from tqdm import tqdm
class Training:
    def fit(self):
        for step in tqdm(range(10), file=io.StringIO()):
            time.sleep(0.1)
Training().fit()
"""
BLOCK = """
import importlib.util as util
find = util.find_spec
util.find_spec = lambda name, *rest: None if name == 'ocarbon_magic' else find(name, *rest)
"""
NO_WORK = "No engine was given work"


@pytest.fixture(scope="module")
def cluster(standin_library, tmp_path_factory):
    made = ClusterKernel(4, tmp_path_factory.mktemp("cluster"), standin_library)
    yield made
    made.close()


@pytest.fixture(scope="module")
def first(cluster):
    """The record of 4 engines that are busy for 3 s, with what the system says they used."""
    cluster.run(
        "import psutil\n"
        "pids = client[:].apply_sync(os.getpid)\n"
        "used = lambda: sum(sum(psutil.Process(p).cpu_times()[:2]) for p in [*pids, os.getpid()])"
    )
    cluster.run("before = used()")
    seen, record = cluster.measured(PX + LOOP.format(steps=30, step_s=0.1))
    assert seen.status == "ok"
    assert seen.streams == {}
    return record, cluster.ask("used() - before")


def test_the_loops_of_all_engines_are_one_work(first):
    record, _ = first
    assert (record["work"]["done"], record["work"]["total"]) == (120.0, 120.0)
    assert record["work"]["unit"] == "step"
    assert record["series"]["work"][-1] == 120.0
    assert record["projection"] is None or record["projection"]["at_fraction"] <= 1.0


def test_each_gpu_is_measured_once_whatever_the_number_of_engines(first):
    record, _ = first
    measured = gpus(record)
    assert [*sorted(measured)] == [f"GPU-0000000{i}" for i in range(3)]
    for device, watts in zip((measured[name] for name in sorted(measured)), WATTS, strict=True):
        assert device["energy_j"] == pytest.approx(watts * record["duration_s"], rel=0.03)
        assert device["method"] == "nvml-energy-counter"


def test_the_cpu_time_of_engines_that_the_kernel_started_is_in_it_once(first, cluster):
    record, used_s = first
    watts = cluster.ask(
        "(lambda m: m._cpu_w)(__import__('ocarbon_magic.meters.cpu', fromlist=['x'])"
        ".CpuEstimateMeter())"
    )
    # What the system counts around the cell includes the begin and the end of the measurement.
    assert cpu_j(record) == pytest.approx(used_s * watts, rel=0.15)


def test_the_record_is_valid_and_of_one_machine(first):
    record, _ = first
    assert Draft202012Validator(schema()).is_valid(record)
    (host,) = record["hosts"]
    assert (host["members"], host["workers"], host["lost"]) == ("engines 0-3", 4, 0)
    assert host["energy_j"] == pytest.approx(record["energy_kwh"] * 3.6e6)
    assert host["work_done"] == record["work"]["done"]
    assert [d["host"] for d in record["devices"]] == [None] * 4
    assert not any("engine" in line for line in record["warnings"] if "unseen" not in line)


def test_nothing_of_ours_stays_with_the_client_or_the_engines(first, cluster):
    cluster.run("known = client.metadata.keys() - {'submitted'}")
    users = 4 * 2  # pids, and the loop
    left = "[len(client.history), len(client.outstanding), len(known)]"
    assert cluster.ask(left) == [users, 0, 0]
    cluster.run(
        PX + "import os, tempfile, threading\n"
        "left = len(get_ipython().ast_transformers)\n"
        "left += sum(one.name.startswith('ocarbon') for one in threading.enumerate())\n"
        "left += sum(f.startswith('ocarbon-') for f in os.listdir(tempfile.gettempdir()))"
    )
    assert cluster.ask("client[:].pull('left', block=True)") == [0] * 4


def test_an_engine_with_one_gpu_each_and_a_bar(cluster):
    cluster.run(
        PX + "import os\n"
        "os.environ['CUDA_VISIBLE_DEVICES'] = str(get_ipython().kernel.engine_id % 3)"
    )
    _, record = cluster.measured(PX + BAR)
    assert len(gpus(record)) == 3
    assert sum(d["energy_j"] for d in gpus(record).values()) == pytest.approx(
        sum(WATTS) * record["duration_s"], rel=0.05
    )
    assert (record["work"]["done"], record["work"]["source"]) == (40.0, "tqdm")
    cluster.run(PX + "del os.environ['CUDA_VISIBLE_DEVICES']")


def test_work_told_by_hand_on_engines(cluster):
    cell = "import ocarbon_magic as oc\nfor i in range(5):\n    oc.update(100)"
    _, record = cluster.measured(PX + cell, "--cluster --zone FRA --unit token --total 4000")
    work = record["work"]
    assert (work["done"], work["total"], work["unit"]) == (2000.0, 4000.0, "token")


def test_the_cell_does_what_it_does_without_the_first_line(cluster):
    bare = cluster.run("kept = 40\nkept + 2")
    seen, record = cluster.measured("kept = 40\nkept + 2")
    assert (seen.status, seen.outputs) == (bare.status, bare.outputs) or (
        seen.outputs[-1]["data"] == bare.outputs[-1]["data"]
    )
    assert any(line.startswith(NO_WORK) for line in record["warnings"])


def test_views_in_the_cell_are_work_of_the_engines(cluster):
    _, record = cluster.measured(
        "client[:].apply_sync(time.sleep, 0.2)", "--cluster client --zone FRA"
    )
    assert not any(line.startswith(NO_WORK) for line in record["warnings"])


def test_in_python_a_client_is_given_as_it_is(cluster):
    cluster.run(
        "import ocarbon_magic as oc\n"
        "with oc.measure('mine', zone='FRA', quiet=True, cluster=client) as mine:\n"
        "    client[:].execute('for i in range(3): time.sleep(0.05)', block=True)"
    )
    assert cluster.ask("[mine.status, mine.work.done, len(mine.devices)]") == ["finished", 12.0, 4]


def test_a_view_is_measured_for_its_engines_alone(cluster):
    cluster.run("two = client[:2]\ntwo.block = True")
    cell = "two.execute('for i in range(7): time.sleep(0.05)')"
    _, record = cluster.measured(cell, "--cluster two --zone FRA")
    assert record["work"]["done"] == 14.0


def test_what_engines_do_after_the_cell_is_told_and_not_waited_for(cluster):
    _, record = cluster.measured("later = client[:].apply_async(time.sleep, 1.5)")
    assert record["duration_s"] < 1.0
    assert any("Engines still work on tasks of this cell" in line for line in record["warnings"])
    cluster.run("later.get()")


def test_an_engine_that_was_busy_before_joins_when_it_is_free(cluster):
    cluster.run("busy = client[0].apply_async(time.sleep, 3.0)\ntime.sleep(0.2)")
    _, record = cluster.measured(
        "client[1:].execute('for i in range(5): time.sleep(0.05)', block=True)\nbusy.get()\n"
        "client[0].execute('for i in range(5): time.sleep(0.05)', block=True)"
    )
    assert record["work"]["done"] == 20.0
    (line,) = [line for line in record["warnings"] if "joined late" in line]
    assert line.startswith("Engine 0 joined late")


def test_an_engine_without_the_package_is_told_of_and_the_others_go_on(cluster):
    cluster.run(f"client[1].execute({BLOCK!r}, block=True)")
    seen, record = cluster.measured(PX + LOOP.format(steps=5, step_s=0.05))
    assert seen.status == "ok"
    assert record["work"]["done"] == 15.0
    (line,) = [line for line in record["warnings"] if "not measured" in line]
    assert line.startswith("Engine 1 is not measured, for ocarbon_magic is not installed there")
    cluster.run("client[1].execute('util.find_spec = find', block=True)")


def test_without_the_option_a_cell_of_engines_gets_a_hint(cluster):
    _, record = cluster.measured(PX + "1", "--zone FRA")
    assert any("add --cluster" in line for line in record["warnings"])
    _, record = cluster.measured("1", "--zone FRA")
    assert not any("add --cluster" in line for line in record["warnings"])


def test_hosts_are_told_apart_by_their_boot(cluster, tmp_path):
    cluster.run(
        PX + "import pathlib, tempfile, ocarbon_magic.cluster.place as place\n"
        "host = get_ipython().kernel.engine_id // 2\n"
        f"folder = pathlib.Path({str(tmp_path)!r}) / str(host)\n"
        "folder.mkdir(exist_ok=True)\n"
        "place._BOOT_ID = folder / 'boot'\n"
        "place._BOOT_ID.write_text(f'host {host}')\n"
        "tempfile.tempdir = str(folder)"
    )
    _, record = cluster.measured(PX + LOOP.format(steps=10, step_s=0.05))
    hosts = {row["name"]: row for row in record["hosts"]}
    assert [*hosts] == ["kernel's host", "host 1", "host 2"]
    assert [hosts[name]["members"] for name in hosts] == ["", "engines 0-1", "engines 2-3"]
    assert [hosts[name]["work_done"] for name in hosts] == [None, 20.0, 20.0]
    total_j = sum(row["energy_j"] for row in record["hosts"])
    assert total_j == pytest.approx(3.6e6 * record["energy_kwh"], rel=1e-3)
    for name in ("host 1", "host 2"):
        of_host = [d for d in record["devices"] if d["host"] == name]
        assert sorted(d["kind"] for d in of_host) == ["cpu", "gpu", "gpu", "gpu"]
    assert Draft202012Validator(schema()).is_valid(record)

"""An engine is killed while the run goes on."""

from __future__ import annotations

import pytest
from cluster_kernels import ClusterKernel, gpus, schema
from jsonschema import Draft202012Validator

CELL = """
running = client[:].execute('''
import time
for i in range(50):
    time.sleep(0.1)
''')
time.sleep(2.0)
os.kill(pids[0], 9)
try:
    running.get()
except Exception as error:
    told = type(error).__name__
"""


@pytest.fixture(scope="module")
def cluster(standin_library, tmp_path_factory):
    made = ClusterKernel(3, tmp_path_factory.mktemp("lost"), standin_library, watts=(400.0, 150.0))
    yield made
    made.close()


def test_the_others_go_on_and_take_its_gpus_over(cluster):
    # Engine 0 gets the locks of both GPUs, for the others wait until it has them.
    cluster.run("pids = client[:].apply_sync(os.getpid)")
    seen, record = cluster.measured(CELL)
    assert seen.status == "ok"
    assert cluster.ask("told") == "EngineError" or cluster.ask("told") == "CompositeError"
    assert 4.5 < record["duration_s"] < 20.0
    for name, watts in (("GPU-00000000", 400.0), ("GPU-00000001", 150.0)):
        known_j = watts * record["duration_s"]
        assert gpus(record)[name]["energy_j"] == pytest.approx(known_j, rel=0.04)
    (line,) = [line for line in record["warnings"] if "was lost" in line]
    assert line.startswith("Engine 0 was lost ")
    assert line.endswith("s into the run: its energy and work up to then are in the total.")
    assert Draft202012Validator(schema()).is_valid(record)
    # Two engines did 50 each; of the third, what it had done stands as its whole.
    done = record["work"]["done"]
    assert 100.0 < done < 150.0
    assert record["work"]["total"] == done


def test_the_next_run_is_of_those_that_are_left(cluster):
    cell = "client[:].execute('for i in range(5): time.sleep(0.05)', block=True)"
    seen, record = cluster.measured(cell)
    assert seen.status == "ok", seen
    assert record["work"]["done"] == 10.0
    assert not any("lost" in line for line in record["warnings"])


def test_an_interrupt_ends_the_run_with_all_that_was_measured(cluster):
    sent = []

    def interrupt():
        if not sent:
            sent.append(cluster.manager.interrupt_kernel())

    seen = cluster.run(
        "%%carbon --cluster --zone FRA\n"
        "client[:].apply_sync(time.sleep, 0.5)\nprint('go')\ntime.sleep(30)",
        on_output=interrupt,
    )
    record = seen.record
    assert record["status"] == "interrupted"
    assert len(gpus(record)) == 2
    assert record["duration_s"] < 10.0


def test_a_client_that_is_closed_in_the_cell_is_no_end_of_the_run(cluster):
    cluster.run(
        "other = ipp.Client(client._config['url_file']) if 0 else made.connect_client_sync()"
    )
    cluster.run("other.wait_for_engines(2, timeout=10, interactive=False)")
    seen, record = cluster.measured("other.close()\n6 * 7", "--cluster other --zone FRA")
    assert seen.outputs[-1]["data"]["text/plain"] == "42"
    assert record["status"] == "finished"
    refused = cluster.run("%%carbon --cluster other\nstarted = True")
    assert refused.streams["stderr"].count("\n") == 1
    assert "the client is closed" in refused.streams["stderr"]

"""One process of a run measures a device: the one that has its lock."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import uuid

import pytest

from ocarbon_magic.cluster import locks
from ocarbon_magic.cluster.locks import DeviceLocks

HOLDER = """
import sys
from ocarbon_magic.cluster.locks import DeviceLocks
locks = DeviceLocks(sys.argv[1])
print(*(locks.take(name) for name in sys.argv[2:]), flush=True)
sys.stdin.readline()
locks.free()
print("freed", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.fixture
def run_id():
    return str(uuid.uuid4())


@pytest.fixture
def holder(folder, run_id):
    """Another process of the run, which tries to take devices and holds them until told."""
    processes = []

    def start(*devices):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, run_id, *devices],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process, process.stdout.readline().split()

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_a_device_is_for_the_first_that_takes_it(holder, run_id):
    _, took = holder("GPU-a", "rapl")
    assert took == ["True", "True"]
    own = DeviceLocks(run_id)
    assert own.take("GPU-b")
    assert own.take("GPU-b")  # it is ours already
    assert not own.take("GPU-a")
    assert not own.take("rapl")
    assert DeviceLocks("another-run").take("GPU-a")


def test_a_lock_is_free_when_its_holder_was_killed(holder, run_id):
    process, _ = holder("GPU-a")
    own = DeviceLocks(run_id)
    assert not own.take("GPU-a")
    process.kill()
    process.wait()
    assert own.take("GPU-a")


def test_nothing_is_left_behind_not_even_by_one_that_was_killed(holder, run_id, folder):
    killed, _ = holder("GPU-a")
    other, _ = holder("GPU-b")
    own = DeviceLocks(run_id)
    own.take("GPU-c")
    killed.kill()
    killed.wait()
    own.free()
    assert [*folder.rglob("*")] != []  # the other still holds its own
    other.stdin.write("\n")
    other.stdin.flush()
    assert other.stdout.readline() == "freed\n"
    assert [*folder.iterdir()] == []


def test_a_folder_of_somebody_else_is_not_used(folder, run_id, monkeypatch):
    (folder / f"ocarbon-{locks.os.getuid()}-{run_id}").symlink_to("/")
    own = DeviceLocks(run_id)
    assert own.take("GPU-a")  # measured all the same: the coordinator takes it from one of them
    own.free()


def test_without_locks_everyone_measures(folder, run_id, monkeypatch):
    monkeypatch.setattr(locks, "fcntl", None)
    assert DeviceLocks(run_id).take("GPU-a")
    assert DeviceLocks(run_id).take("GPU-a")
    assert [*folder.iterdir()] == []


def test_processes_that_end_at_one_time_leave_nothing_behind(holder, run_id, folder):
    others = [holder(f"GPU-{number}")[0] for number in range(4)]
    for process in others:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in others:
        process.stdout.readline()
    assert [*folder.iterdir()] == []

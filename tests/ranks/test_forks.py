"""Forks of a process that is measured: what they count, and that the others cost nothing."""

from __future__ import annotations

import os

import pytest
from scripts import measured

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks")


def test_forks_tell_what_they_count():
    record, shown = measured(
        """
import os, multiprocessing
def work(n):
    for _ in range(n): oc.update()
    print("threads", __import__("threading").active_count(), flush=True)
fork = multiprocessing.get_context("fork")
for n in (5, 6):
    process = fork.Process(target=work, args=(n,))
    process.start()
    process.join()
"""
    )
    assert (record["work"]["done"], record["work"]["source"]) == (
        11,
        "oc.update in another process",
    )
    assert shown.stdout.count("threads 2\n") == 2


def test_what_was_counted_before_a_fork_is_counted_once():
    record, _ = measured(
        """
import multiprocessing
def work():
    for _ in oc.track([0] * 5): pass
for _ in oc.track([0] * 3): pass
process = multiprocessing.get_context("fork").Process(target=work)
process.start()
process.join()
"""
    )
    # The process's own 3 go before; told by the fork are 5, and not 8.
    assert (record["work"]["done"], record["work"]["total"]) == (3, 3)


def test_a_fork_that_counts_nothing_starts_no_thread_and_writes_nothing():
    _, shown = measured(
        """
import os, threading
for _ in oc.track([0] * 3): pass
child = os.fork()
if child == 0:
    for _ in [0] * 3: pass
    os.write(1, f"threads {threading.active_count()}\\n".encode())
    os._exit(0)
os.waitpid(child, 0)
print("files", [name for name in os.listdir(os.environ["OCARBON_RANKS"])])
"""
    )
    assert "threads 1\n" in shown.stdout
    assert "files ['runs.json']\n" in shown.stdout


def test_a_fork_that_leaves_the_block_leaves_the_run_alone():
    record, shown = measured(
        """
import os
child = os.fork()
if child == 0:
    os.environ["CHILD"] = "1"
else:
    os.waitpid(child, 0)
    print("folder", os.path.isdir(os.environ["OCARBON_RANKS"]))
"""
    )
    assert "folder True\n" in shown.stdout
    assert record["status"] == "finished"


def test_a_fork_may_fork_and_measure():
    record, shown = measured(
        """
import os
child = os.fork()
if child == 0:
    with oc.measure("inside", devices="cpu", quiet=True) as inside:
        grandchild = os.fork()
        if grandchild == 0:
            from multiprocessing import util
            oc.update(2)
            util._exit_function()
            os._exit(0)
        os.waitpid(grandchild, 0)
    print("INSIDE", inside.within, inside.work.done, flush=True)
    os._exit(0)
os.waitpid(child, 0)
""",
        devices="cpu",
    )
    assert f"INSIDE {record['id']} 2" in shown.stdout
    assert record["work"]["done"] == 2

"""What is left of a run whose process was killed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

import pytest
from journals import fill, is_intact, journal, sheet
from sample_runs import sample

import ocarbon_magic as oc
from ocarbon_magic.journal import process as process_module
from ocarbon_magic.journal.process import is_gone, this_process

KILLS, AT_ONCE = 50, 10
LOST_AT_MOST_S = 5.0
TRAINS = """
import sys, time, ocarbon_magic as oc
name, interval = sys.argv[1:]
with oc.measure(name, zone="FRA", devices="cpu", interval=interval, quiet=True):
    print("begun", flush=True)
    while True:
        sum(range(10_000))
        time.sleep(0.02)
"""


def killed(round_number, dice):
    """Start some trainings, kill each at a moment after its first figures are kept."""
    running = {}
    for number in range(AT_ONCE):
        name = f"{round_number}-{number}"
        interval = "60" if name == "0-0" else "0.1"  # which is as good for what is kept
        command = [sys.executable, "-c", TRAINS, name, interval]
        running[name] = subprocess.Popen(command, stdout=subprocess.PIPE)
    begun = {}
    for name, process in running.items():
        assert process.stdout.readline() == b"begun\n"
        begun[name] = time.monotonic()
    waiting = set(running)
    lived_s = {}
    deadline = time.monotonic() + 90
    while waiting and time.monotonic() < deadline:
        kept = {e.name for e in oc.runs(status="running").entries() if (e.energy_kwh or 0) > 0}
        for name in sorted(waiting & kept):
            if dice.random() < 0.3:
                running[name].send_signal(signal.SIGKILL)
                running[name].wait(30)
                lived_s[name] = time.monotonic() - begun[name]
                waiting.discard(name)
    for process in running.values():
        process.kill()
        process.wait(30)
        process.stdout.close()
    assert not waiting
    return lived_s


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_killed_process_leaves_its_run_as_lost_with_its_energy():
    dice = random.Random(7)
    lived_s = {}
    for round_number in range(KILLS // AT_ONCE):
        lived_s |= killed(round_number, dice)
        assert is_intact(journal())
    lost = {run.name: run for run in oc.runs(status="lost")}
    assert lost.keys() == lived_s.keys()
    assert len(lost) == KILLS
    for name, run in lost.items():
        assert run.status == "lost"
        assert run.energy_kwh > 0
        assert run.emissions_g > 0
        assert run.series.t_s[-1] == pytest.approx(run.duration_s, rel=0.2, abs=0.5)
        assert run.host
        assert lived_s[name] - run.duration_s <= LOST_AT_MOST_S
    assert len(oc.runs(status="running")) == 0


def running(**changes):
    run = sample(id="a", status="running", ended_at=None)
    fill(journal(), [sheet(run, **changes)])


def test_a_run_elsewhere_is_lost_when_it_was_silent_for_long():
    for age_s, status in (
        (10.0, "running"),
        (119.0, "running"),
        (121.0, "lost"),
        (-600.0, "running"),
    ):
        journal().unlink(missing_ok=True)
        running(process="other machine/17/4711", heartbeat_s=time.time() - age_s)
        assert [run.status for run in oc.runs(status=status)] == [status], age_s


def test_a_run_of_this_machine_goes_on_as_long_as_its_process(monkeypatch):
    running(heartbeat_s=0.0)
    assert len(oc.runs(status="running")) == 1
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(30)
    machine = this_process().rsplit("/", 2)[0]
    assert is_gone(f"{machine}/{ended.pid}/17", time.time())
    assert is_gone(this_process() + "0", time.time()), "another process has the number now"
    assert not is_gone(this_process(), None)


def test_a_killed_process_that_nobody_has_asked_after_is_gone():
    zombie = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    machine = this_process().rsplit("/", 2)[0]
    name = f"{machine}/{zombie.pid}/{process_module._mark(zombie.pid)}"
    assert not is_gone(name, 0.0)
    zombie.kill()
    while process_module._mark(zombie.pid) is not None:
        pass
    assert is_gone(name, time.time())
    zombie.wait(30)
    zombie.stdin.close()


def test_a_row_that_names_no_process_is_judged_by_its_last_sign_of_life():
    for named in (None, "", "nonsense", "a/b/c", "//"):
        assert is_gone(named, None)
        assert is_gone(named, time.time() - 1000)
        assert not is_gone(named, time.time())


def test_listing_a_lost_run_does_not_change_it_and_its_writer_goes_on():
    run = sample(id="slept", status="running", ended_at=None)
    fill(journal(), [sheet(run, process="other/1/1", heartbeat_s=0.0)])
    assert oc.runs()[0].status == "lost"
    woken = sample(id="slept", duration_s=500.0)
    fill(journal(), [sheet(woken, revision=2, process="other/1/1", heartbeat_s=1.0)])
    assert [(run.status, run.duration_s) for run in oc.runs()] == [("finished", 500.0)]


def test_a_clock_that_goes_backwards_loses_nothing():
    later, earlier = 2_000_000_000.0, 1_000_000_000.0
    fill(journal(), [sheet(sample(id="a", duration_s=1.0), revision=1, heartbeat_s=later)])
    fill(journal(), [sheet(sample(id="a", duration_s=2.0), revision=2, heartbeat_s=earlier)])
    assert oc.runs()[0].duration_s == 2.0


def test_what_is_older_does_not_take_the_place_of_what_is_newer():
    fill(journal(), [sheet(sample(id="a", duration_s=2.0), revision=2)])
    fill(journal(), [sheet(sample(id="a", duration_s=1.0), revision=1)])
    assert oc.runs()[0].duration_s == 2.0

"""Processor energy from CPU time: of real processes, and of made ones where order matters."""

import multiprocessing
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from ocarbon_magic.hardware import LocalProcessor
from ocarbon_magic.meters import processes
from ocarbon_magic.meters.cpu import LOOK_S, MODEL_PCT, CpuEstimateMeter
from ocarbon_magic.meters.processes import CpuTime, ProcessTree, SystemProcesses

XEON = LocalProcessor("Intel(R) Xeon(R) Platinum 8480+", package_cpus=112)
XEON_CPU_W = 350 / 112
THIS = 1


class Clock:
    now = 10.0

    def __call__(self):
        return self.now


class MadeProcesses:
    """A process table whose truth is known."""

    def __init__(self):
        self.own_s = {THIS: 0.0}
        self.waited_s = {THIS: 0.0}
        self.parent = {}
        self.burnt_s = 0.0
        self.looks = 0
        self.last_pid = THIS

    def burn(self, pid, cpu_s):
        self.own_s[pid] += cpu_s
        self.burnt_s += cpu_s

    def start(self, parent=THIS):
        self.last_pid += 1
        pid = self.last_pid
        self.own_s[pid], self.waited_s[pid], self.parent[pid] = 0.0, 0.0, parent
        return pid

    def end(self, pid, *, waited):
        own_s, waited_s = self.own_s.pop(pid), self.waited_s.pop(pid)
        parent = self.parent.pop(pid)
        if waited and parent is not None:
            self.waited_s[parent] += own_s + waited_s
        for child, of in self.parent.items():
            if of == pid:
                self.parent[child] = None  # an orphan belongs to init

    def this(self):
        return CpuTime(self.own_s[THIS], self.waited_s[THIS])

    def descendants(self):
        self.looks += 1
        return self.ours()[1:]

    def ours(self):
        found = [THIS]
        for pid in found:
            found += [child for child, parent in self.parent.items() if parent == pid]
        return found

    def cpu_time(self, pid):
        return CpuTime(self.own_s[pid], self.waited_s[pid]) if pid in self.own_s else None


def meter_of(table, clock, *, local=XEON, cpus=64.0):
    meter = CpuEstimateMeter(clock=clock, processes=table, local=local, cpus=cpus)
    meter.start()
    return meter


def spin(cpu_s):
    end_s = time.process_time() + cpu_s
    while time.process_time() < end_s:
        pass


TICK_S = 0.02  # user and system time, each to a tick of 10 ms
SPIN = "import time\nwhile time.process_time() < {}: pass\n"


# What the estimate says


def test_energy_is_cpu_time_at_the_share_of_the_tdp():
    table, clock = MadeProcesses(), Clock()
    meter = meter_of(table, clock)
    table.burn(THIS, 8)
    clock.now += 4
    (reading,) = meter.read()
    assert reading.energy_j == pytest.approx(8 * XEON_CPU_W)
    assert reading.power_w == reading.max_power_w == pytest.approx(2 * XEON_CPU_W)
    assert reading.busy_s == pytest.approx(8 / 112)
    assert reading.uncertainty_pct == MODEL_PCT
    assert reading.device.name == "Intel Xeon Platinum 8480+"
    assert (reading.device.kind, reading.device.method, reading.device.uuid) == (
        "cpu",
        "cpu-estimate",
        None,
    )
    assert not reading.device.measured
    assert reading.device.tdp_w == 350


def test_what_ran_before_the_start_is_not_counted():
    table, clock = MadeProcesses(), Clock()
    table.burn(THIS, 100)
    table.burn(table.start(), 50)
    meter = meter_of(table, clock)
    assert meter.read()[0].energy_j == 0


@pytest.mark.parametrize(
    ("local", "cpu_w", "uncertainty_pct"),
    [
        (LocalProcessor("Intel(R) Xeon(R) Platinum 8480+", 112), 350 / 112, 50),
        (LocalProcessor("Intel(R) Xeon(R) Platinum 8480+", None), 350 / 112, 50),
        (LocalProcessor("AMD EPYC 9R14", None), 320 / 102, 64),
        (LocalProcessor("AMD EPYC", None), 135 / 32, 90),
        (LocalProcessor("Neoverse-V1", None, threads_per_core=1), 230 / 75, 71),
        (LocalProcessor("12th Gen Intel(R) Core(TM) i7-12700K", None), 4.15, 90),
        (LocalProcessor("12th Gen Intel(R) Core(TM) i7-12700K", 20), 190 / 20, 50),
    ],
    ids=[
        "bare metal",
        "cores of the model",
        "cores of the family",
        "typical",
        "one thread a core",
        "cores untold",
        "cores untold, bare metal",
    ],
)
def test_watts_per_cpu_and_their_uncertainty_follow_from_what_is_known(
    local, cpu_w, uncertainty_pct
):
    table, clock = MadeProcesses(), Clock()
    meter = meter_of(table, clock, local=local)
    table.burn(THIS, 10)
    clock.now += 10
    (reading,) = meter.read()
    assert reading.power_w == pytest.approx(cpu_w, rel=1e-3)
    assert reading.uncertainty_pct == pytest.approx(uncertainty_pct, abs=1)


def test_a_hidden_model_is_told():
    hidden = meter_of(MadeProcesses(), Clock(), local=LocalProcessor("AMD EPYC", None))
    (note,) = hidden.notes.lines
    assert note.startswith("The processor (AMD EPYC) does not tell its model")
    assert "4.2 W per busy CPU" in note
    assert hidden.describe()[0].tdp_w is None
    assert meter_of(MadeProcesses(), Clock()).notes.lines == []


@pytest.mark.parametrize("cpus", [1.0, 1.5, 64.0])
def test_no_reading_claims_more_than_the_cpus_that_may_be_used(cpus):
    table, clock = MadeProcesses(), Clock()
    meter = meter_of(table, clock, cpus=cpus)
    for _ in range(3):
        table.burn(THIS, 1000)
        clock.now += 2
        (reading,) = meter.read()
        assert reading.power_w == pytest.approx(cpus * XEON_CPU_W)
        assert reading.energy_j == pytest.approx(
            cpus * XEON_CPU_W * (clock.now - Clock.now), rel=1e-9
        )


def test_the_end_of_the_cell_is_between_the_last_reading_and_now():
    table, clock = MadeProcesses(), Clock()
    meter = meter_of(table, clock)
    clock.now += 1
    meter.read()
    table.burn(THIS, 4)
    clock.now += 4
    (reading,) = meter.stop(clock.now - 3)
    assert reading.energy_j == pytest.approx(1 * XEON_CPU_W)


def test_a_cell_of_no_length_draws_nothing():
    clock = Clock()
    meter = meter_of(MadeProcesses(), clock)
    (reading,) = meter.stop(clock.now)
    assert reading.energy_j == 0
    assert reading.power_w is None


def test_a_child_found_late_is_no_burst_of_power():
    table, clock = MadeProcesses(), Clock()
    meter = meter_of(table, clock)
    child = table.start()
    for _ in range(8):
        table.burn(child, 0.5)
        clock.now += LOOK_S / 4
        (reading,) = meter.read()
    assert reading.energy_j == pytest.approx(4 * XEON_CPU_W)
    assert reading.max_power_w == pytest.approx(XEON_CPU_W)


def test_a_child_that_came_and_went_is_no_burst_of_power():
    table, clock = MadeProcesses(), Clock()
    meter = meter_of(table, clock)
    clock.now += LOOK_S / 4
    meter.read()
    child = table.start()
    table.burn(child, 1)
    table.end(child, waited=True)
    for _ in range(3):
        clock.now += LOOK_S / 4
        (reading,) = meter.read()
    assert reading.energy_j == pytest.approx(XEON_CPU_W)
    assert reading.max_power_w == pytest.approx(XEON_CPU_W / LOOK_S)


def test_a_clock_tick_just_before_the_end_is_no_burst_of_power():
    table, clock = MadeProcesses(), Clock()
    meter = meter_of(table, clock)
    clock.now += LOOK_S
    meter.read()
    table.burn(THIS, 0.01)
    clock.now += 0.002
    (reading,) = meter.stop(clock.now)
    assert reading.energy_j > 0
    assert reading.max_power_w == 0


def test_looking_for_processes_is_rare():
    table, clock = MadeProcesses(), Clock()
    meter = meter_of(table, clock)
    for _ in range(100):
        clock.now += 0.1
        meter.read()
    assert 2 <= table.looks <= 1 + 10 / LOOK_S


# Processes that come and go


def test_a_child_waited_for_counts_once():
    table = MadeProcesses()
    tree = ProcessTree(table)
    child = table.start()
    table.burn(child, 3)
    assert tree.cpu_s(look=True) == 3
    table.end(child, waited=True)
    assert tree.cpu_s() == 3
    assert tree.cpu_s(look=True) == 3


def test_a_child_nobody_waited_for_keeps_what_was_seen():
    table = MadeProcesses()
    tree = ProcessTree(table)
    child = table.start()
    grandchild = table.start(child)
    table.burn(child, 3)
    table.burn(grandchild, 5)
    tree.cpu_s(look=True)
    table.end(child, waited=True)
    table.burn(grandchild, 1)
    assert tree.cpu_s(look=True) == 9
    table.end(grandchild, waited=False)
    assert [tree.cpu_s(), tree.cpu_s(), tree.cpu_s(look=True)] == [9, 9, 9]


def test_a_child_that_came_and_went_between_looks_counts_when_waited_for():
    table = MadeProcesses()
    tree = ProcessTree(table)
    child = table.start()
    table.burn(child, 2)
    table.end(child, waited=True)
    assert tree.cpu_s() == 2


def test_a_wait_that_shows_after_its_child_is_gone_counts_once():
    table = MadeProcesses()
    tree = ProcessTree(table)
    child = table.start()
    table.burn(child, 2)
    tree.cpu_s(look=True)
    before = table.this()
    table.end(child, waited=True)
    after = table.this
    table.this = lambda: before  # this process was read just before it waited
    assert tree.cpu_s() == 2
    table.this = after
    assert tree.cpu_s() == 2
    assert tree.cpu_s() == 2


def test_an_id_given_to_another_process_takes_nothing_away():
    table = MadeProcesses()
    tree = ProcessTree(table)
    child = table.start()
    table.burn(child, 5)
    tree.cpu_s(look=True)
    table.own_s[child] = 1.0
    assert tree.cpu_s(look=True) == 6


def one_of(pids, number):
    return pids[number % len(pids)]


class ComingAndGoing(RuleBasedStateMachine):
    """However processes come and go, the total never falls and never passes the truth."""

    def __init__(self):
        super().__init__()
        self.table = MadeProcesses()
        self.tree = ProcessTree(self.table)
        self.total_s = 0.0

    @rule(number=st.integers(0, 99), cpu_s=st.integers(1, 50))
    def burn(self, number, cpu_s):
        self.table.burn(one_of(sorted(self.table.own_s), number), cpu_s)

    @rule(number=st.integers(0, 99))
    def start(self, number):
        self.table.start(one_of(self.table.ours(), number))

    @precondition(lambda self: self.table.parent)
    @rule(number=st.integers(0, 99), waited=st.booleans())
    def end(self, number, waited):
        self.table.end(one_of(sorted(self.table.parent), number), waited=waited)

    @rule(look=st.booleans())
    def read(self, look):
        now_s = self.tree.cpu_s(look=look)
        assert self.total_s <= now_s <= self.table.burnt_s
        self.total_s = now_s


class AlwaysLookedAt(ComingAndGoing):
    """Looked at before each end, the total is the truth, waited for or not."""

    @precondition(lambda self: self.table.parent)
    @rule(number=st.integers(0, 99), waited=st.booleans())
    def end(self, number, waited):
        self.tree.cpu_s(look=True)
        self.table.end(one_of(sorted(self.table.parent), number), waited=waited)
        self.total_s = self.tree.cpu_s(look=True)
        assert self.total_s == self.table.burnt_s


TestComingAndGoing = ComingAndGoing.TestCase
TestAlwaysLookedAt = AlwaysLookedAt.TestCase


@given(spans=st.lists(st.tuples(st.floats(0, 5), st.floats(0, 500)), min_size=1, max_size=30))
def test_readings_never_fall_and_keep_within_the_bound(spans):
    table, clock = MadeProcesses(), Clock()
    meter = meter_of(table, clock, cpus=2.0)
    last_j = 0.0
    for span_s, cpu_s in spans:
        table.burn(THIS, cpu_s)
        clock.now += span_s
        (reading,) = meter.read()
        assert last_j <= reading.energy_j
        assert reading.energy_j <= 2 * XEON_CPU_W * (clock.now - Clock.now) + 1e-9
        assert reading.power_w is None or reading.power_w <= 2 * XEON_CPU_W
        last_j = reading.energy_j
    assert meter.stop(clock.now)[0].energy_j >= last_j


# Real processes; the clock runs fast, so that the bound on CPUs does not show


@pytest.fixture
def clock():
    return Clock()


class NewProcesses(SystemProcesses):
    """This process and the children of one test; a browser of another test is left aside."""

    def __init__(self):
        super().__init__()
        self._others = set(super().descendants())

    def descendants(self):
        return [pid for pid in super().descendants() if pid not in self._others]


@pytest.fixture
def new_processes():
    return NewProcesses()


@pytest.fixture
def meter(clock, new_processes):
    return meter_of(new_processes, clock)


def true_cpu_s():
    return sum(SystemProcesses().this())


def cpu_s_of(readings):
    return readings[0].energy_j / XEON_CPU_W


def test_the_cpu_time_of_this_process_is_counted(meter, clock):
    spin(0.2)
    clock.now += 10
    assert cpu_s_of(meter.read()) >= 0.2
    assert cpu_s_of(meter.stop(clock.now)) <= time.process_time()


def test_a_real_child_waited_for_is_counted_to_the_millisecond(clock, new_processes):
    before_s = true_cpu_s()
    meter = meter_of(new_processes, clock)
    subprocess.run([sys.executable, "-c", SPIN.format(0.3)], check=True)
    clock.now += 10
    counted_s = cpu_s_of(meter.stop(clock.now))
    assert 0.3 <= counted_s <= true_cpu_s() - before_s


@pytest.fixture
def burner(new_processes):
    """A child that, told to, burns 0.3 s of CPU time and says so, and told again ends."""
    script = "input()\n" + SPIN.format(0.3) + "print('burnt', flush=True)\ninput()\n"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        yield child
        child.kill()


def burn(child):
    child.stdin.write("burn\n")
    child.stdin.flush()
    assert child.stdout.readline() == "burnt\n"


def test_a_real_child_is_counted_while_it_lives_and_once_when_it_ends(clock, new_processes, burner):
    before_s = true_cpu_s()
    meter = meter_of(new_processes, clock)
    burn(burner)
    clock.now += 10
    alive_s = cpu_s_of(meter.read())
    assert alive_s >= 0.2  # less what it took to start, which may lie before
    burner.communicate("end\n")
    clock.now += 10
    ended_s = cpu_s_of(meter.read())
    assert alive_s <= ended_s <= true_cpu_s() - before_s + TICK_S


@pytest.mark.skipif(not hasattr(signal, "SIGCHLD"), reason="only POSIX reaps children unasked")
def test_a_real_child_that_nobody_waits_for_is_kept(clock, new_processes, burner):
    previous = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        meter = meter_of(new_processes, clock)
        burn(burner)
        clock.now += 10
        alive_s = cpu_s_of(meter.read())
        burner.communicate("end\n")
    finally:
        signal.signal(signal.SIGCHLD, previous)
    clock.now += 10
    assert alive_s >= 0.2
    assert alive_s <= cpu_s_of(meter.stop(clock.now)) <= alive_s + time.process_time()


@pytest.mark.skipif(not hasattr(signal, "SIGCHLD"), reason="Windows cannot fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_the_workers_of_a_pool_are_counted(meter, clock):
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(spin, [0.1, 0.1, 0.1], chunksize=1)
        clock.now += 1000  # however long it takes to look for children among many
        assert cpu_s_of(meter.read()) >= 0.3 - 2 * TICK_S


def test_psutil_and_the_lists_by_thread_find_the_same_descendants(burner, monkeypatch):
    inner = "print(1, flush=True); input()"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    grandparent = subprocess.Popen(
        [sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with grandparent:
        grandparent.stdout.readline()
        table = SystemProcesses()
        by_thread = table.descendants()
        monkeypatch.setattr(processes, "_descendants_by_thread", lambda pid: None)
        assert set(table.descendants()) == set(by_thread)
        assert {burner.pid, grandparent.pid} <= set(by_thread)
        assert len(by_thread) >= 3
        grandparent.communicate(b"\n")


@pytest.mark.skipif(not hasattr(signal, "SIGCHLD"), reason="Windows does not add children up")
def test_what_a_child_waited_for_is_seen():
    script = (
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {SPIN.format(0.2)!r}])\n"
        "print(1, flush=True)\ninput()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        assert SystemProcesses().cpu_time(child.pid).waited_s >= 0.2 - TICK_S
        child.communicate(b"\n")


def test_a_process_that_is_gone_has_no_cpu_time(burner):
    table = SystemProcesses()
    assert table.cpu_time(burner.pid) is not None
    burner.kill()
    burner.wait()
    assert table.cpu_time(burner.pid) is None

"""RAPL counters, read from files laid out as Linux shows them in sysfs."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocarbon_magic.hardware import LocalProcessor
from ocarbon_magic.meters.base import MeterUnavailableError
from ocarbon_magic.meters.rapl import DRIVER_REMEDY, HIGHEST_W, READ_REMEDY, RaplMeter

XEON = LocalProcessor("Intel(R) Xeon(R) Platinum 8480+", package_cpus=112)
RANGE_J = 262_143.0


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


class Powercap:
    """Folders under devices/, flat links to them under class/, as the kernel has it."""

    def __init__(self, top):
        self.devices = Path(top) / "devices/virtual/powercap"
        self.root = Path(top) / "class/powercap"
        self.root.mkdir(parents=True)
        self.clock = Clock()

    def folder(self, entry):
        control, *numbers = entry.split(":")
        folder = self.devices / control
        for depth in range(len(numbers)):
            folder /= ":".join([control, *numbers[: depth + 1]])
        return folder

    def add(self, entry, name, energy_j, range_j=RANGE_J):
        folder = self.folder(entry)
        folder.mkdir(parents=True)
        for parent in (folder.parent, folder):
            link = self.root / parent.name
            if not link.exists() and parent != self.devices:
                link.symlink_to(parent)
        (folder / "name").write_text(f"{name}\n")
        (folder / "max_energy_range_uj").write_text(f"{round(range_j * 1e6)}\n")
        self.set(entry, energy_j)

    def set(self, entry, energy_j):
        (self.folder(entry) / "energy_uj").write_text(f"{round(energy_j * 1e6)}\n")

    def lock(self, entry):
        """Make the counter unreadable for root too: a folder cannot be read."""
        counter = self.folder(entry) / "energy_uj"
        counter.unlink()
        counter.mkdir()

    def meter(self, local=XEON):
        return RaplMeter(self.root, clock=self.clock, local=local)

    def started(self):
        meter = self.meter()
        meter.start()
        return meter


@pytest.fixture
def powercap(tmp_path):
    return Powercap(tmp_path)


def energies(readings):
    return [reading.energy_j for reading in readings]


def test_a_package_is_read_at_both_ends(powercap):
    powercap.add("intel-rapl:0", "package-0", 5000)
    meter = powercap.started()
    powercap.set("intel-rapl:0", 5600)
    powercap.clock.now += 4
    (reading,) = meter.stop(powercap.clock.now)
    assert reading.energy_j == pytest.approx(600)
    assert reading.power_w == reading.max_power_w == pytest.approx(150)
    assert (reading.device.kind, reading.device.method) == ("cpu", "rapl")
    assert reading.device.measured
    assert reading.device.name == "Intel Xeon Platinum 8480+"
    assert reading.device.tdp_w == 350
    assert reading.busy_s is None


def test_the_board_the_cores_and_the_graphics_are_never_added(powercap):
    powercap.add("intel-rapl:0", "package-0", 10)
    powercap.add("intel-rapl:0:0", "core", 20)
    powercap.add("intel-rapl:0:1", "uncore", 30)
    powercap.add("intel-rapl:1", "psys", 40)
    meter = powercap.started()
    powercap.set("intel-rapl:0", 11)
    powercap.set("intel-rapl:0:0", 120)
    powercap.set("intel-rapl:0:1", 130)
    powercap.set("intel-rapl:1", 140)
    powercap.clock.now += 1
    assert energies(meter.read()) == pytest.approx([1])


def test_memory_is_a_device_of_its_own_beside_each_package(powercap):
    powercap.add("intel-rapl:0", "package-0", 100)
    powercap.add("intel-rapl:0:0", "dram", 200)
    powercap.add("intel-rapl:1", "package-1", 300)
    powercap.add("intel-rapl:1:0", "dram", 400)
    meter = powercap.started()
    assert [(d.kind, d.name) for d in meter.describe()] == [
        ("cpu", "Intel Xeon Platinum 8480+ (package 0)"),
        ("dram", "DRAM (package 0)"),
        ("cpu", "Intel Xeon Platinum 8480+ (package 1)"),
        ("dram", "DRAM (package 1)"),
    ]
    powercap.set("intel-rapl:0", 101)
    powercap.set("intel-rapl:0:0", 202)
    powercap.set("intel-rapl:1", 303)
    powercap.set("intel-rapl:1:0", 404)
    powercap.clock.now += 1
    cpu_0, dram_0, cpu_1, dram_1 = meter.read()
    assert energies([cpu_0, dram_0, cpu_1, dram_1]) == pytest.approx([1, 2, 3, 4])
    assert dram_0.uncertainty_pct > cpu_0.uncertainty_pct


@pytest.mark.parametrize("packages", [1, 2, 4])
def test_many_packages_draw_their_sum_and_not_their_mean(powercap, packages):
    for package in range(packages):
        powercap.add(f"intel-rapl:{package}", f"package-{package}", 1000 * package)
    meter = powercap.started()
    for package in range(packages):
        powercap.set(f"intel-rapl:{package}", 1000 * package + 100)
    powercap.clock.now += 1
    assert sum(energies(meter.read())) == pytest.approx(100 * packages)


def test_the_twin_of_a_package_in_memory_is_not_added(powercap):
    powercap.add("intel-rapl:0", "package-0", 1000)
    powercap.add("intel-rapl-mmio:0", "package-0", 7000)
    meter = powercap.started()
    powercap.set("intel-rapl:0", 1010)
    powercap.set("intel-rapl-mmio:0", 7012)
    powercap.clock.now += 1
    assert energies(meter.read()) == pytest.approx([10])


def test_the_twin_stands_in_where_the_package_itself_cannot_be_read(powercap):
    powercap.add("intel-rapl:0", "package-0", 1000)
    powercap.lock("intel-rapl:0")
    powercap.add("intel-rapl-mmio:0", "package-0", 7000)
    meter = powercap.started()
    powercap.set("intel-rapl-mmio:0", 7012)
    powercap.clock.now += 1
    assert energies(meter.read()) == pytest.approx([12])
    assert not any("cannot be read" in line for line in meter.notes.lines)


def test_dies_that_mirror_one_counter_count_once(powercap):
    powercap.add("intel-rapl:0", "package-0-die-0", 68_000)
    powercap.add("intel-rapl:1", "package-0-die-1", 68_000)
    powercap.add("intel-rapl:2", "package-1-die-0", 68_000)
    meter = powercap.started()
    for entry in ("intel-rapl:0", "intel-rapl:1", "intel-rapl:2"):
        powercap.set(entry, 68_068)
    powercap.clock.now += 1
    assert energies(meter.read()) == pytest.approx([68, 68])


def test_dies_with_counters_of_their_own_are_one_device(powercap):
    powercap.add("intel-rapl:0", "package-0-die-0", 1000)
    powercap.add("intel-rapl:1", "package-0-die-1", 2000)
    meter = powercap.started()
    powercap.set("intel-rapl:0", 1040)
    powercap.set("intel-rapl:1", 2060)
    powercap.clock.now += 2
    (reading,) = meter.read()
    assert reading.energy_j == pytest.approx(100)
    assert reading.power_w == pytest.approx(50)


@settings(deadline=None, max_examples=40)
@given(
    range_j=st.sampled_from([65_532.0, 65_712.999, RANGE_J]),
    first=st.floats(0, 1),
    steps=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20),
)
def test_no_energy_is_lost_when_a_counter_runs_over(range_j, first, steps):
    with tempfile.TemporaryDirectory() as top:
        powercap = Powercap(top)
        counter_j = first * range_j
        powercap.add("intel-rapl:0", "package-0", counter_j, range_j)
        meter = powercap.started()
        drawn_j = 0.0
        for wait, load in steps:
            span_s = wait * (meter.due_s() - powercap.clock.now)
            powercap.clock.now += span_s
            drawn_j += load * HIGHEST_W * span_s
            powercap.set("intel-rapl:0", (counter_j + drawn_j) % range_j)
            (reading,) = meter.read()
            if drawn_j > 1e-3:
                assert reading.energy_j == pytest.approx(drawn_j, abs=1e-4, rel=1e-9)
        assert not any("lower bound" in line for line in meter.notes.lines)


def test_the_next_reading_is_due_before_the_counter_can_run_over_twice(powercap):
    powercap.add("intel-rapl:0", "package-0", 0, range_j=65_532)
    powercap.add("intel-rapl:1", "package-1", 0, range_j=RANGE_J)
    meter = powercap.started()
    assert powercap.clock.now < meter.due_s() < powercap.clock.now + 65_532 / 1000


def test_readings_too_far_apart_give_a_lower_bound_that_says_so(powercap):
    powercap.add("intel-rapl:0", "package-0", 0)
    meter = powercap.started()
    powercap.clock.now += 3600
    powercap.set("intel-rapl:0", 1000)
    assert energies(meter.read()) == pytest.approx([1000])
    assert any("3600 s" in line and "lower bound" in line for line in meter.notes.lines)


def test_a_counter_that_starts_again_is_not_taken_for_one_that_ran_over(powercap):
    powercap.add("intel-rapl:0", "package-0", 200_000)
    meter = powercap.started()
    powercap.clock.now += 1
    powercap.set("intel-rapl:0", 200_100)
    meter.read()
    powercap.clock.now += 1
    powercap.set("intel-rapl:0", 30)
    assert energies(meter.read()) == pytest.approx([130])
    assert any("started again" in line for line in meter.notes.lines)


def test_an_unknown_range_makes_no_energy_up(powercap):
    powercap.add("intel-rapl:0", "package-0", 5000)
    (powercap.folder("intel-rapl:0") / "max_energy_range_uj").write_text("")
    meter = powercap.started()
    assert meter.due_s() is None
    powercap.clock.now += 1
    powercap.set("intel-rapl:0", 20)
    assert energies(meter.read()) == pytest.approx([20])


def test_the_end_of_the_cell_is_between_the_last_reading_and_now(powercap):
    powercap.add("intel-rapl:0", "package-0", 0)
    meter = powercap.started()
    powercap.clock.now += 2
    powercap.set("intel-rapl:0", 200)
    meter.read()
    powercap.clock.now += 2
    powercap.set("intel-rapl:0", 400)
    (reading,) = meter.stop(powercap.clock.now - 0.5)
    assert reading.energy_j == pytest.approx(350)


def test_a_counter_that_vanishes_leaves_a_lower_bound_that_says_so(powercap):
    powercap.add("intel-rapl:0", "package-0", 0)
    powercap.add("intel-rapl:1", "package-1", 500)
    meter = powercap.started()
    powercap.clock.now += 1
    powercap.set("intel-rapl:0", 100)
    powercap.set("intel-rapl:1", 600)
    meter.read()
    (powercap.folder("intel-rapl:1") / "energy_uj").unlink()
    powercap.clock.now += 1
    powercap.set("intel-rapl:0", 250)
    kept, lost = meter.stop(powercap.clock.now)
    assert energies([kept, lost]) == pytest.approx([250, 100])
    assert lost.power_w is None
    assert "RAPL package-1 stopped answering during the run: its energy is a lower bound." in (
        meter.notes.lines
    )
    assert meter.due_s() > powercap.clock.now


def test_a_counter_that_was_silent_for_a_while_brings_all_it_counted(powercap):
    powercap.add("intel-rapl:0", "package-0", 0)
    meter = powercap.started()
    counter = powercap.folder("intel-rapl:0") / "energy_uj"
    counter.unlink()
    powercap.clock.now += 150
    assert energies(meter.read()) == [None]
    assert meter.due_s() > powercap.clock.now  # a silent counter is no reason to hurry
    powercap.set("intel-rapl:0", 20_000)
    powercap.clock.now += 50
    (reading,) = meter.stop(powercap.clock.now)
    assert reading.energy_j == pytest.approx(20_000)
    assert reading.max_power_w == pytest.approx(100)
    assert not any("lower bound" in line for line in meter.notes.lines)


def test_a_counter_that_does_not_move_is_unknown_and_not_zero(powercap):
    powercap.add("intel-rapl:0", "package-0", 123)
    meter = powercap.started()
    powercap.clock.now += 30
    (reading,) = meter.stop(powercap.clock.now)
    assert reading.energy_j is None
    assert any("does not move" in line for line in meter.notes.lines)


def test_a_short_window_is_less_certain(powercap):
    powercap.add("intel-rapl:0", "package-0", 0)
    meter = powercap.started()
    powercap.clock.now += 0.01
    powercap.set("intel-rapl:0", 1)
    (short,) = meter.read()
    powercap.clock.now += 10
    powercap.set("intel-rapl:0", 1001)
    (long,) = meter.read()
    assert short.uncertainty_pct == pytest.approx(10 + 10)
    assert long.uncertainty_pct == pytest.approx(10, abs=0.1)


def test_counters_that_only_root_may_read_come_with_the_command_to_run(powercap):
    powercap.add("intel-rapl:0", "package-0", 0)
    powercap.lock("intel-rapl:0")
    with pytest.raises(MeterUnavailableError, match="Only root may read") as refused:
        powercap.meter()
    assert refused.value.remedy == READ_REMEDY
    assert "sudo chmod -R a+r /sys/class/powercap/intel-rapl" in READ_REMEDY
    assert "\n" not in READ_REMEDY


def test_what_can_be_read_is_measured_and_the_rest_named(powercap):
    powercap.add("intel-rapl:0", "package-0", 0)
    powercap.add("intel-rapl:0:0", "dram", 0)
    powercap.lock("intel-rapl:0:0")
    meter = powercap.started()
    assert [device.kind for device in meter.describe()] == ["cpu"]
    assert any("dram of package-0 cannot be read" in line for line in meter.notes.lines)


def test_counters_that_go_before_the_start_are_unavailable(powercap):
    powercap.add("intel-rapl:0", "package-0", 0)
    meter = powercap.meter()
    powercap.lock("intel-rapl:0")
    with pytest.raises(MeterUnavailableError, match="stopped answering"):
        meter.start()


def test_a_machine_without_counters_says_so(powercap, tmp_path):
    hidden = LocalProcessor("AMD EPYC", package_cpus=None)
    for root in (powercap.root, tmp_path / "nowhere"):
        with pytest.raises(MeterUnavailableError, match="no energy counters") as refused:
            RaplMeter(root, local=hidden)
        assert refused.value.remedy is None


def test_a_bare_machine_without_counters_is_told_of_the_driver(powercap):
    with pytest.raises(MeterUnavailableError) as refused:
        powercap.meter(local=XEON)
    assert refused.value.remedy == DRIVER_REMEDY


def test_the_reader_is_told_that_other_programs_are_in_it(powercap):
    powercap.add("intel-rapl:0", "package-0", 0)
    assert any("other programs" in line for line in powercap.meter().notes.lines)

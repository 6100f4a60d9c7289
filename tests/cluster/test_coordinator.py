"""What the coordinator makes of what engines say, on a clock that is moved by hand."""

from __future__ import annotations

import sys

import pytest
from engine_messages import KERNEL, Cluster, estimate, gpu, rapl, steps

from ocarbon_magic.cluster.coordinator import MOST_PARTS
from ocarbon_magic.cluster.messages import PROTOCOL
from ocarbon_magic.cluster.telling import closing_lines, host_rows, lost_lines
from ocarbon_magic.meters.base import Device


@pytest.fixture
def cluster():
    return Cluster()


def test_the_devices_of_all_hosts_add_up(cluster):
    cluster.says(0, gpu("GPU-a", 100.0, 0.0, 1.0), host="A")
    cluster.says(1, gpu("GPU-b", 50.0, 0.0, 1.0), host="B")
    cluster.says(0, gpu("GPU-a", 250.0, 0.0, 2.0), host="A")
    assert cluster.energies() == {
        ("host 1", "NVIDIA A100"): 250.0,
        ("host 2", "NVIDIA A100"): 50.0,
    }


def test_hosts_are_called_in_the_order_of_their_lowest_engine(cluster):
    for engine, host in ((5, "A"), (2, "B"), (7, "A"), (1, "C")):
        cluster.says(engine, gpu(f"GPU-{host}", 10.0, 0.0, 1.0), host=host)
    rows = host_rows(cluster.known, None, 1.0)
    assert [(row.name, row.members) for row in rows[1:]] == [
        ("host 1", "engine 1"),
        ("host 2", "engine 2"),
        ("host 3", "engines 5, 7"),
    ]
    assert rows[0].name == "kernel's host"


def test_a_message_that_comes_twice_or_late_changes_nothing(cluster):
    cluster.says(0, gpu("GPU-a", 100.0, 0.0, 1.0))
    old = {"n": 1, "devices": [gpu("GPU-a", 1.0, 0.0, 0.1)]}
    cluster.says(0, gpu("GPU-a", 200.0, 0.0, 2.0))
    cluster.says(0, **old)
    assert cluster.total_j == 200.0


def test_a_device_that_two_engines_see_counts_once(cluster):
    for second in (1, 2, 3):
        cluster.says(0, gpu("GPU-a", 100.0 * second, 0.0, float(second)))
        cluster.says(1, gpu("GPU-a", 101.0 * second, 0.0, float(second)))
    assert cluster.total_j == 300.0


def test_what_the_kernel_measures_counts_no_second_time(cluster):
    own = Device("gpu", "NVIDIA A100", "GPU-a", "nvml-energy-counter", measured=True)
    cluster.known.measured_here([own])
    cluster.says(0, gpu("GPU-a", 100.0, 0.0, 1.0), gpu("GPU-b", 7.0, 0.0, 1.0), host=KERNEL.host)
    (reading,) = cluster.known.readings()
    assert (reading.device.uuid, reading.energy_j, reading.device.host) == ("GPU-b", 7.0, None)


def test_an_engine_that_the_kernel_started_is_in_its_own_estimate(cluster):
    below = {"host": KERNEL.host, "namespace": KERNEL.namespace, "pids": [1000, 100, 1]}
    beside = {"host": KERNEL.host, "namespace": KERNEL.namespace, "pids": [1001, 1]}
    elsewhere = {"host": KERNEL.host, "namespace": "pid:[2]", "pids": [1002, 100, 1]}
    cluster.says(0, estimate(10.0, 0.0, 1.0), **below)
    assert cluster.known.readings() == []
    cluster.says(1, estimate(20.0, 0.0, 1.0), **beside)
    cluster.says(2, estimate(40.0, 0.0, 1.0), **elsewhere)
    (reading,) = cluster.known.readings()
    assert (reading.energy_j, reading.device.count, reading.busy_s) == (60.0, 1, 2.0)
    (row,) = host_rows(cluster.known, 100.0, 1.0)  # the kernel's machine alone
    assert (row.members, row.energy_j) == ("engines 0-2", 160.0)


def test_the_processes_of_a_host_are_parts_of_one_processor(cluster):
    cluster.says(0, estimate(10.0, 0.0, 1.0), host="A")
    cluster.says(1, estimate(20.0, 0.0, 1.0), host="A")
    cluster.says(2, estimate(40.0, 0.0, 1.0), host="B")
    rows = [(r.device.host, r.device.count, r.energy_j) for r in cluster.known.readings()]
    assert rows == [("host 1", 1, 30.0), ("host 2", 1, 40.0)]


def test_counters_of_the_processor_take_the_place_of_all_estimates(cluster):
    cluster.says(0, estimate(10.0, 0.0, 1.0))
    cluster.says(1, rapl(500.0, 0.0, 1.0))
    cluster.says(0, estimate(20.0, 0.0, 2.0))
    cluster.says(2, estimate(5.0, 0.0, 2.0))
    assert cluster.total_j == 500.0


def test_another_engine_takes_over_and_the_time_between_is_filled(cluster):
    # 100 W for 4 s, 0.5 s that nobody measured, 100 W for 3 s: 400 + 50 + 300 J.
    cluster.now_s = 4.0
    cluster.says(0, gpu("GPU-a", 400.0, 0.0, 4.0))
    cluster.says(1)
    cluster.now_s = 4.6
    cluster.says(1, gpu("GPU-a", 10.0, 4.5, 4.6))
    assert cluster.total_j == 400.0  # engine 0 may still speak
    cluster.known.lost(0)
    assert cluster.total_j == pytest.approx(460.0)
    cluster.now_s = 7.5
    cluster.says(1, gpu("GPU-a", 300.0, 4.5, 7.5))
    cluster.known.close(7.5)
    (reading,) = cluster.known.readings()
    assert reading.energy_j == pytest.approx(750.0)
    # 5 % of what is known of, and all of the 50 J that nobody saw.
    assert reading.uncertainty_pct == pytest.approx(5.0 + 100 * 50 / 750)
    (line,) = closing_lines(cluster.known, 7.5)[-1:]
    assert "was lost" not in line
    assert "0.50 s of the run went unseen" in line
    (lost,) = lost_lines(cluster.known, [cluster.known.engines[0]], 0)
    assert lost.startswith("Engine 0 (host 1) was lost 4 s into the run: its energy and work up to")


def test_an_engine_that_measured_all_along_goes_on_where_the_other_ended(cluster):
    # Containers that share a GPU but no folder: both measure it, and one of them is lost at 4 s.
    for second in (1.0, 2.0, 3.0, 4.0):
        cluster.now_s = second
        cluster.says(0, gpu("GPU-a", 100.0 * second, 0.0, second))
        cluster.says(1, gpu("GPU-a", 100.0 * second, 0.0, second))
    cluster.known.lost(0)
    cluster.now_s = 10.0
    cluster.says(1, gpu("GPU-a", 1000.0, 0.0, 10.0))
    assert cluster.total_j == pytest.approx(1000.0)


def test_an_engine_that_is_silent_while_others_speak_is_away_until_it_speaks_again(cluster):
    cluster.says(0, gpu("GPU-a", 1.0, 0.0, 0.1), host="A", work=steps(10))
    cluster.says(1, gpu("GPU-b", 1.0, 0.0, 0.1), host="B", work=steps(10))
    cluster.now_s = 60.0
    cluster.known.look()
    assert not cluster.known.engines[
        1
    ].is_away  # nobody speaks: it is the kernel that hears nothing
    cluster.says(0, gpu("GPU-a", 600.0, 0.0, 60.0), host="A", work=steps(60))
    cluster.known.look()
    assert cluster.known.engines[1].is_away
    assert [row.lost for row in host_rows(cluster.known, None, 60.0)] == [0, 0, 1]
    assert [(part.done, part.total) for part in cluster.known.parts()] == [(60, 100.0), (10, 10)]
    cluster.says(1, gpu("GPU-b", 900.0, 0.0, 60.0), host="B", work=steps(90))
    assert not cluster.known.engines[1].is_away
    assert cluster.total_j == pytest.approx(1500.0)
    assert closing_lines(cluster.known, 60.0) == []


def test_a_lost_engine_keeps_what_it_did_and_nothing_is_added_for_the_rest(cluster):
    cluster.now_s = 10.0
    cluster.says(0, gpu("GPU-a", 1000.0, 0.0, 10.0), work=steps(30))
    cluster.says(1, host="B", work=steps(50))
    cluster.known.lost(0)
    cluster.now_s = 20.0
    cluster.says(0, gpu("GPU-a", 9999.0, 0.0, 20.0))  # a late word changes nothing
    cluster.known.close(20.0)
    assert cluster.total_j == 1000.0
    assert [(part.done, part.total) for part in cluster.known.parts()] == [(30, 30), (50, 100.0)]


def test_the_run_ends_when_the_cell_does_whatever_the_engines_say_later(cluster):
    # 100 W; told up to 9 s and then up to 10.4 s, of a run of 10 s: 900 + 1/1.4 of 140 J.
    cluster.says(0, gpu("GPU-a", 900.0, 0.0, 9.0))
    cluster.says(0, gpu("GPU-a", 1040.0, 0.0, 10.4), final=True)
    # ... and one that is busy still, and was heard 1 s before the end.
    cluster.says(1, gpu("GPU-b", 450.0, 0.0, 9.0), host="B")
    cluster.known.close(10.0)
    assert [r.energy_j for r in cluster.known.readings()] == pytest.approx([1000.0, 500.0])
    assert "went unseen" in closing_lines(cluster.known, 10.0)[0]


def test_an_engine_that_joins_late_counts_from_then(cluster):
    cluster.says(0, gpu("GPU-a", 0.0, 0.1, 0.1), host="A")
    cluster.now_s = 34.0
    cluster.says(1, host="B")
    cluster.now_s = 44.0
    cluster.says(0, gpu("GPU-a", 4390.0, 0.1, 44.0), host="A", final=True)
    cluster.says(1, gpu("GPU-b", 950.0, 34.5, 44.0), host="B", final=True)
    cluster.known.close(44.0)
    # GPU a from 0 s, where it was not seen for 0.1 s; GPU b from 34 s, unseen for 0.5 s.
    assert [r.energy_j for r in cluster.known.readings()] == pytest.approx([4400.0, 1000.0])
    assert closing_lines(cluster.known, 44.0)[0].startswith(
        "Engine 1 (host 2) joined late, 34 s into the run"
    )


def test_the_clock_of_another_host_is_another_clock(cluster):
    cluster.now_s = 5.0
    cluster.known.started_s = 5.0
    cluster.says(0, host="B", at_s=900_000.0)
    cluster.now_s = 15.0
    cluster.says(0, gpu("GPU-a", 950.0, 900_000.5, 900_010.0), host="B", at_s=900_010.0)
    cluster.known.close(15.0)
    assert cluster.total_j == pytest.approx(1000.0)
    assert not cluster.known.is_late(cluster.known.engines[0])


def test_an_engine_of_another_version_is_told_of_and_changes_nothing(cluster):
    cluster.known.received(3, {"v": PROTOCOL + 1})
    assert list(cluster.known.unfit) == [3]
    assert cluster.known.readings() == []


def test_a_counter_that_gives_nothing_is_not_zero(cluster):
    cluster.says(0, gpu("GPU-a", None, 0.0, 1.0))
    (reading,) = cluster.known.readings()
    assert reading.energy_j is None
    cluster.known.close(2.0)
    assert cluster.known.readings()[0].energy_j is None


def test_many_devices_are_told_by_host_and_more_by_name(cluster):
    def let_speak(hosts):
        for number in range(hosts):
            gpus = [gpu(f"GPU-{number}-{i}", 10.0, 0.0, 1.0, watts=5.0) for i in range(8)]
            cluster.says(number, *gpus, estimate(1.0, 0.0, 1.0), host=f"H{number}")

    let_speak(3)
    rows = cluster.known.readings()
    assert [(r.device.host, r.device.count) for r in rows if r.device.kind == "gpu"] == [
        ("host 1", 8),
        ("host 2", 8),
        ("host 3", 8),
    ]
    assert all(r.energy_j == 80.0 and r.power_w == 40.0 for r in rows if r.device.kind == "gpu")
    let_speak(100)
    gpus, processors = cluster.known.readings()
    assert (gpus.device.count, gpus.energy_j, gpus.device.host) == (800, 8000.0, None)
    assert (processors.device.count, processors.energy_j) == (100, 100.0)
    assert processors.busy_s == 100.0


def test_hosts_are_at_most_sixteen_rows_lost_ones_first(cluster):
    for number in range(1000):
        work = steps(1)
        cluster.says(number, gpu(f"GPU-{number}", float(number), 0, 1), host=f"{number}", work=work)
    cluster.known.lost(3)
    rows = host_rows(cluster.known, 5.0, 10.0)
    assert len(rows) == 16
    assert (rows[0].name, rows[0].energy_j) == ("kernel's host", 5.0)
    assert (rows[1].name, rows[1].lost) == ("host 4", 1)
    assert rows[2].name == "host 1000"
    assert rows[-1].count == 1001 - 15
    # Sum of 0 ... 999, and the 5 J that the kernel measured itself.
    assert sum(row.energy_j for row in rows) == pytest.approx(499_500.0 + 5.0)
    assert sum(row.work_done or 0 for row in rows) == 1000
    assert sum(row.workers for row in rows) == 1000


def test_the_work_of_many_engines_is_told_as_one(cluster):
    for number in range(MOST_PARTS + 1):
        cluster.says(number, host=f"{number % 4}", work=steps(2.0, 10.0))
    (part,) = cluster.known.parts()
    assert (part.done, part.total) == (2.0 * (MOST_PARTS + 1), 10.0 * (MOST_PARTS + 1))
    assert part.rate_per_s == MOST_PARTS + 1


def test_many_lost_engines_are_few_lines(cluster):
    for number in range(50):
        cluster.says(number, host=f"{number}")
    for number in range(40):
        cluster.known.lost(number)
    engines = [cluster.known.engines[number] for number in range(40)]
    assert len(lost_lines(cluster.known, engines, 0)) == 5
    assert closing_lines(cluster.known, 1.0)[0].startswith("40 engines were lost in all")


def test_a_note_says_on_which_hosts_it_is_so(cluster):
    for number, host in enumerate(("A", "B", "C")):
        notes = ["GPU 0 stands still."] if host != "B" else []
        cluster.says(number, host=host, notes=notes)
    assert closing_lines(cluster.known, 1.0) == ["On hosts 1, 3: GPU 0 stands still."]


def test_a_message_costs_the_same_whatever_the_number_of_hosts():
    """Steps of the interpreter are counted, and not time: they do not depend on the machine."""

    def cost(hosts):
        cluster = Cluster()
        for number in range(hosts):
            cluster.says(number, gpu(f"GPU-{number}", 1.0, 0.0, 1.0), host=f"{number}")
        return calls_in(lambda: cluster.says(0, gpu("GPU-0", 2.0, 0.0, 2.0), host="0"))

    assert cost(500) == cost(20)


def calls_in(action):
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(None)
    return calls

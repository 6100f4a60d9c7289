"""What a recorded run says of its end while it goes on, and what it keeps of that."""

from __future__ import annotations

import threading

import pytest
from recorded import Constant, trains

import ocarbon_magic as oc
from ocarbon_magic import projector


def test_a_run_carries_the_projections_it_made_and_how_far_off_they_were(record, clock):
    meter = Constant(clock)
    run = record(meter, during=trains(meter, clock, 1000, total=1000))
    assert [made.at_fraction for made in run.projections] == pytest.approx(
        [0.01, 0.02, 0.05, 0.1, 0.25, 0.5], abs=0.003
    )
    for made in run.projections:
        assert abs(made.duration_error_pct) < 2.0
        assert abs(made.energy_error_pct) < 2.0
        assert made.emissions_g.low <= run.emissions_g <= made.emissions_g.high
    assert run.throughput.scale == pytest.approx(1.0, rel=0.01)
    assert run.throughput.onset_s == pytest.approx(11.0, abs=0.1)  # a tick sees the step before
    assert run.throughput.law.misleads is not None or run.throughput.law.log10_alpha is not None


def test_part_of_a_planned_training_is_projected_to_its_end(record, clock):
    meter = Constant(clock)
    run = record(meter, during=trains(meter, clock, 100, total=100), total=5000)
    assert run.projection.at_fraction == pytest.approx(0.02)
    assert run.projection.duration_s.value == pytest.approx(5010.0, rel=0.05)
    assert run.projection.duration_error_pct is None


def test_a_loop_left_early_has_nothing_more_to_come(record, clock):
    meter = Constant(clock)
    run = record(meter, during=trains(meter, clock, 100, total=1000, left=100))
    assert run.projection is None
    assert run.projections[-1].duration_error_pct is None


def test_a_projection_that_fails_is_one_warning(record, clock, monkeypatch):
    def fail(*_):
        raise OverflowError("too far")

    monkeypatch.setattr("ocarbon_magic.outlook.project", fail)
    meter = Constant(clock)
    run = record(meter, during=trains(meter, clock, 100, total=100))
    assert [line for line in run.warnings if "project" in line] == [
        "The run could not be projected: OverflowError: too far"
    ]
    assert run.energy_kwh is not None


def test_the_preparation_before_a_loop_is_no_pace(record, clock):
    meter = Constant(clock)
    run = record(meter, during=trains(meter, clock, 100, total=100), duration_s=350.0)
    assert run.projections[0].at_fraction == 0.01
    for made in run.projections:
        assert abs(made.duration_error_pct) < 1.0


@pytest.mark.parametrize("ticks", [700, 701, 702, 703])
def test_work_that_begins_at_a_tick_that_is_not_kept_is_projected(record, clock, ticks):
    meter = Constant(clock)

    def during(made):
        for _ in range(ticks):  # so many that only every second one is kept
            clock.now += 0.5
            made._tick(clock(), meter.read())
        for _ in range(20):
            oc.update(5)
            clock.now += 0.5
            made._tick(clock(), meter.read())

    run = record(meter, during=during, total=100)
    assert [line for line in run.warnings if "project" in line] == []
    assert run.projections[-1].at_fraction == pytest.approx(0.5)


def test_what_follows_the_loop_is_no_pace_of_a_planned_training(record, clock):
    meter = Constant(clock)
    loop = trains(meter, clock, 200, total=200)

    def during(made):
        loop(made)
        for _ in range(100):
            clock.now += 2.0
            made._tick(clock(), meter.read())

    run = record(meter, during=during, total=10_000)
    # 10 s, 200 steps of a second, 200 s of something else, and 9,800 steps ahead.
    assert run.projection.duration_s.value == pytest.approx(10_210, rel=0.02)
    assert run.projection.duration_s.low > 9_000


def test_all_gpus_share_the_flop_of_a_unit_while_the_run_goes_on(record, clock, monkeypatch):
    seen = []
    monkeypatch.setattr("ocarbon_magic.outlook.project", lambda so_far, _: seen.append(so_far))
    meters = [Constant(clock, name=f"GPU {i}") for i in range(8)]

    def during(made):
        for _ in oc.track(range(100)):
            clock.now += 1.0
            made._tick(clock(), [reading for meter in meters for reading in meter.read()])

    record(*meters, during=during, flop_per_unit=1e15)
    assert {so_far.device_count for so_far in seen} == {8}


def test_a_total_that_is_no_longer_known_leaves_no_projection(record, clock):
    meter = Constant(clock)
    seen = []

    def during(made):
        for epoch in oc.track(range(3)):  # of 10, 20, and 30 steps
            for _ in oc.track(range(10 * (epoch + 1))):
                clock.now += 1.0
                made._tick(clock(), meter.read())
                seen.append(made.run.projection)

    run = record(meter, during=during)
    assert seen[9] is not None
    assert run.work.total is None
    assert seen[-1] is None
    assert run.projection is None


def test_more_work_than_planned_says_so_and_blames_no_forecast(record, clock):
    meter = Constant(clock)
    run = record(meter, during=trains(meter, clock, 100, total=100), total=30)
    assert run.projections != []
    assert [made.duration_error_pct for made in run.projections] == [None] * len(run.projections)
    assert run.work.hint == (
        "oc.track went on past the total of 30: give --total the steps of the whole training, "
        "for a projection."
    )


def test_a_slow_import_holds_up_neither_the_sampling_nor_the_end(record, clock, monkeypatch):
    gate, importing = threading.Event(), threading.Event()

    def slow():
        importing.set()
        gate.wait(30)

    monkeypatch.setattr(projector, "is_prepared", lambda: False)
    monkeypatch.setattr(projector, "prepare", slow)
    meter = Constant(clock)
    run = record(meter, during=trains(meter, clock, 100, total=100))
    assert importing.wait(30)
    assert not gate.is_set()
    assert len(run.series.t_s) > 100
    assert run.energy_kwh == pytest.approx(110 * 100 / 3.6e6)
    assert run.projections == []
    gate.set()


def test_an_import_that_fails_is_one_warning(record, clock, monkeypatch):
    def fail():
        raise ModuleNotFoundError("No module named 'numpy'")

    monkeypatch.setattr(projector, "is_prepared", lambda: False)
    monkeypatch.setattr(projector, "prepare", fail)
    meter = Constant(clock)
    run = record(meter, during=trains(meter, clock, 100, total=100))
    for thread in threading.enumerate():
        if thread.name == "ocarbon-import":
            thread.join(30)
    assert [line for line in run.warnings if "project" in line] == [
        "The run could not be projected: ModuleNotFoundError: No module named 'numpy'"
    ]

"""What a run will come to: time, energy and grams ahead, kept at set shares and judged."""

from __future__ import annotations

import math
import types
from dataclasses import replace

import pytest
from sample_runs import around, projection, sample

from ocarbon_magic import outlook
from ocarbon_magic.outlook import MARKS, Outlook, SoFar, describe, judge, project
from ocarbon_magic.run import Throughput, Work

G_PER_KWH = 360.0  # 1e-4 g per joule


def so_far(seconds, total, *, power_w=100.0, rate=2.0, idle_s=0, idle_w=20.0, **changes):
    """A run of one point a second: idle at first, then at a constant rate and power."""
    t_s = [float(t) for t in range(seconds + 1)]
    worked = [max(t - idle_s, 0.0) for t in t_s]
    made = SoFar(
        t_s=t_s,
        work=[rate * w for w in worked],
        energy_j=[idle_w * min(t, idle_s) + power_w * w for t, w in zip(t_s, worked, strict=True)],
        total=total,
        g_per_kwh=G_PER_KWH,
        embodied_g=0.0,
    )
    return made._replace(**changes)


def test_a_steady_run_is_projected_exactly():
    made = project(so_far(20, 400.0))
    assert made.duration_s.value == pytest.approx(200.0)
    assert made.energy_kwh.value == pytest.approx(20_000 / 3.6e6, rel=1e-4)
    assert made.emissions_g.value == pytest.approx(2.0, rel=1e-4)
    assert (made.at_fraction, made.method) == (0.1, "pace")


def test_the_start_up_is_counted_once_in_time_and_in_energy():
    made = project(so_far(100, 4000.0, idle_s=10))
    assert made.duration_s.value == pytest.approx(10 + 2000, rel=1e-3)
    assert made.energy_kwh.value == pytest.approx((200 + 200_000) / 3.6e6, rel=1e-3)


def test_embodied_carbon_grows_with_the_time():
    without, charged = (project(so_far(20, 400.0, embodied_g=g)) for g in (0.0, 0.5))
    assert charged.emissions_g.value - without.emissions_g.value == pytest.approx(5.0, rel=1e-3)
    assert charged.energy_kwh == without.energy_kwh


def test_the_intervals_hold_their_values_and_that_of_energy_is_the_wider():
    made = project(so_far(60, 1000.0, idle_s=5))
    for part in (made.duration_s, made.energy_kwh, made.emissions_g):
        assert part.low <= part.value <= part.high
        assert part.level == 0.8
    time_ahead = made.duration_s.high - 60
    energy_ahead = made.energy_kwh.high * 3.6e6 - so_far(60, 1000.0, idle_s=5).energy_j[-1]
    assert energy_ahead / 100.0 > time_ahead


def test_power_that_changed_makes_the_energy_less_sure():
    steady, rising = (so_far(60, 1000.0) for _ in range(2))
    rising = rising._replace(energy_j=[t * t for t in rising.t_s])
    relative = [
        (made.energy_kwh.high / made.energy_kwh.value)
        / (made.duration_s.high / made.duration_s.value)
        for made in (project(steady), project(rising))
    ]
    assert relative[1] > relative[0]


@pytest.mark.parametrize(
    "seen",
    [
        so_far(1, 400.0),
        so_far(20, 400.0, work=[0.0] * 21),
        so_far(20, 400.0, energy_j=[None] * 21),
    ],
    ids=["too short", "no work", "no energy"],
)
def test_what_was_hardly_seen_is_not_projected(seen):
    assert project(seen) is None


def test_more_than_a_number_holds_is_not_projected():
    assert project(so_far(20, 1e308)) is None


def test_the_wait_before_the_work_is_no_pace():
    # 60 s at 20 W before the first step of half a second; 99 are ahead.
    seen = SoFar(
        t_s=[0.0, 30.0, 60.0, 60.5],
        work=[0.0, 0.0, 0.0, 1.0],
        energy_j=[0.0, 600.0, 1200.0, 1250.0],
        total=100.0,
        g_per_kwh=G_PER_KWH,
        embodied_g=0.0,
        counted_s=0.5,
    )
    assert project(seen).duration_s.value == pytest.approx(60 + 50)


def test_the_start_up_of_the_first_step_is_not_taken_for_a_wait():
    seen = so_far(61, 100.0, rate=1.0, idle_s=60)._replace(counted_s=61.0)
    assert (
        project(seen).duration_s.value
        == project(so_far(61, 100.0, rate=1.0, idle_s=60)).duration_s.value
    )


def test_unread_energy_in_the_middle_does_no_harm():
    seen = so_far(20, 400.0)
    holes = [None if 5 <= i < 15 else joules for i, joules in enumerate(seen.energy_j)]
    made = project(seen._replace(energy_j=holes))
    assert made.energy_kwh.value == pytest.approx(20_000 / 3.6e6, rel=1e-3)


def test_a_device_that_draws_nothing_will_draw_nothing():
    made = project(so_far(20, 400.0, energy_j=[0.0] * 21))
    assert made.energy_kwh.value == made.energy_kwh.high == 0.0


def test_the_papers_law_projects_where_it_is_asked_to():
    seen = so_far(20, 4000.0, tflop_per_unit=1.0)
    by_pace, by_law = project(seen), project(seen, "opencarboneval")
    assert by_law.method == "opencarboneval"
    assert by_law.duration_s.value < by_pace.duration_s.value
    assert by_law.duration_s.low <= by_law.duration_s.value
    assert by_law.duration_s.high == by_pace.duration_s.high


def test_projections_are_kept_once_at_each_share():
    looked, total = Outlook(), 2000.0
    for seconds in range(3, 1000):
        seen = so_far(seconds, total)
        if looked.is_due(seconds, seen.work[-1], total):
            looked.look(seen)
    kept = [made.at_fraction for made in looked.kept]
    assert kept == pytest.approx(MARKS, abs=0.001)
    assert looked.latest.at_fraction > 0.9


def test_shares_that_passed_unseen_are_not_made_up():
    looked = Outlook()
    looked.look(so_far(60, 400.0))
    looked.look(so_far(70, 400.0))
    assert [made.at_fraction for made in looked.kept] == [0.3]


@pytest.mark.parametrize(("now_s", "later_s"), [(10, 2.0), (100, 5.0), (5000, 30.0)])
def test_the_longer_a_run_the_rarer_it_is_projected_anew(now_s, later_s):
    looked, total = Outlook(), 1e9
    looked.look(so_far(now_s, total))
    assert not looked.is_due(now_s + later_s - 0.1, 10.0, total)
    assert looked.is_due(now_s + later_s, 10.0, total)


def test_a_projection_is_made_anew_every_two_seconds_at_first_and_at_each_share():
    looked = Outlook()
    assert looked.is_due(3.0, 1.0, 1000.0)
    looked.look(so_far(3, 10_000.0))
    assert not looked.is_due(4.0, 8.0, 10_000.0)
    assert looked.is_due(5.0, 10.0, 10_000.0)
    assert looked.is_due(3.5, 100.0, 10_000.0)


@pytest.mark.parametrize(
    ("done", "total"), [(0.0, 100.0), (100.0, 100.0), (120.0, 100.0), (5.0, None)]
)
def test_nothing_is_projected_without_a_total_ahead(done, total):
    assert not Outlook().is_due(60.0, done, total)


def test_numpy_is_not_fetched_for_a_short_run(monkeypatch):
    monkeypatch.delitem(outlook.sys.modules, "numpy")
    assert not outlook.is_worth_it(1.0)
    assert outlook.is_worth_it(outlook.NUMPY_AFTER_S)


def test_what_projects_is_imported_before_the_end_of_the_cell(monkeypatch):
    monkeypatch.delitem(outlook.sys.modules, "ocarbon_magic.throughput")
    assert not outlook.is_prepared()
    outlook.prepare()
    assert outlook.is_prepared()


def test_what_another_thread_is_importing_is_not_waited_for(monkeypatch):
    begun = types.ModuleType("ocarbon_magic.throughput")
    monkeypatch.setitem(outlook.sys.modules, "ocarbon_magic.throughput", begun)
    assert not outlook.is_prepared()


def test_the_fitted_pace_and_the_papers_law_stand_in_the_record():
    fitted = Throughput()
    describe(so_far(100, 4000.0, idle_s=10, tflop_per_unit=30.0), fitted)
    assert fitted.log10_alpha is None
    assert (fitted.scale, fitted.onset_s) == pytest.approx((2.0, 10.0), abs=0.3)
    # 180 units of 30 TFLOP in 100 s are 54 TFLOP/s on average, one device: m = ln(u) - 1.
    log_u = 55.0
    assert fitted.law.log10_alpha == pytest.approx((log_u - math.log(100)) / math.log(10), rel=1e-3)
    assert fitted.law.scale == pytest.approx(1 / 30)
    assert fitted.law.duration_s < 2222
    assert fitted.law.misleads is None


def test_the_law_says_where_it_misleads():
    slow, start = Throughput(), Throughput()
    describe(so_far(100, 4000.0, tflop_per_unit=1.0), slow)
    assert "2 TFLOP/s a device" in slow.law.misleads
    describe(so_far(100, 4000.0, idle_s=10), start)
    assert "first steps were slow" in start.law.misleads


def test_a_pace_above_the_peak_of_the_devices_is_rejected():
    # 2 units of 30 TFLOP a second, on a device that does 50 TFLOP/s at most.
    seen = so_far(100, 4000.0, tflop_per_unit=30.0)
    with pytest.raises(ValueError, match=r"above the peak.*FLOP of one unit"):
        describe(seen, Throughput(tflops_per_device=60.0, utilisation=1.2))
    possible = Throughput(tflops_per_device=60.0, utilisation=0.6)
    describe(seen, possible)
    assert possible.scale == pytest.approx(2.0)


def test_without_a_total_the_law_has_no_end():
    fitted = Throughput()
    describe(so_far(100, math.inf), fitted)
    assert fitted.scale == pytest.approx(2.0)
    assert fitted.law.duration_s is None


def test_errors_are_known_when_all_the_work_is_done():
    run = sample(work=Work(10.0, 10.0, "step"), duration_s=100.0)
    run.projections = [replace(projection(0.1), duration_s=around(110.0))]
    run.projection = replace(projection(0.9), duration_s=around(95.0))
    judge(run)
    assert [made.duration_error_pct for made in run.projections] == [10.0]
    assert run.projection.duration_error_pct == -5.0
    expected = 100 * (34.2 / run.emissions_g - 1)
    assert run.projection.emissions_error_pct == pytest.approx(expected, abs=0.01)
    assert run.projection.energy_error_pct == pytest.approx(
        100 * (0.198 / run.energy_kwh - 1), abs=0.01
    )


@pytest.mark.parametrize(
    ("status", "work"),
    [
        ("interrupted", Work(10.0, 10.0)),
        ("finished", Work(9.0, 10.0)),
        ("finished", Work(30.0, 10.0)),
        ("finished", Work()),
    ],
)
def test_errors_are_not_known_unless_all_that_was_planned_is_done(status, work):
    run = sample(status=status, work=work, projections=[projection(0.1)])
    judge(run)
    assert run.projections[0].duration_error_pct is None

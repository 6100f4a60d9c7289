import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocarbon_magic.meters.signal.power import Area, PowerTrace, unblinded
from ocarbon_magic.meters.signal.rhythm import Rhythm


def trace_of(samples, start_s=0.0):
    trace = PowerTrace(start_s=start_s)
    for time_s, power_w in samples:
        trace.add(time_s, power_w)
    return trace


steps = st.lists(st.tuples(st.floats(1e-3, 2.0), st.floats(1.0, 700.0)), min_size=2, max_size=50)


@given(steps)
def test_the_energy_is_the_sum_of_trapezoids(steps):
    times = [sum(step for step, _ in steps[: i + 1]) for i in range(len(steps))]
    powers = [power for _, power in steps]
    trace = trace_of(zip(times, powers, strict=True), start_s=times[0])

    expected = sum(
        (powers[i] + powers[i + 1]) / 2 * (times[i + 1] - times[i]) for i in range(len(steps) - 1)
    )
    assert trace.area.energy_j == pytest.approx(expected)
    assert trace.until(times[-1]) == pytest.approx(expected)
    assert trace.least_w == min(powers)
    assert trace.most_w == max(powers)


@given(st.floats(0.0, 1.0), st.floats(10.0, 700.0), st.floats(10.0, 700.0))
def test_energy_counts_from_the_start_even_between_two_samples(start_s, first_w, second_w):
    trace = trace_of([(0.0, first_w), (1.0, second_w)], start_s=start_s)

    at_start_w = first_w + (second_w - first_w) * start_s
    assert trace.area.energy_j == pytest.approx((at_start_w + second_w) / 2 * (1.0 - start_s))


def test_the_energy_ends_where_it_is_told_to():
    trace = trace_of([(0.0, 100.0), (1.0, 100.0)])

    assert trace.until(1.5) == pytest.approx(150.0)
    assert trace.until(0.9) == pytest.approx(90.0)
    assert PowerTrace().until(1.0) == 0.0


def test_a_sample_that_is_not_newer_is_left_aside():
    trace = trace_of([(0.0, 100.0), (1.0, 100.0), (1.0, 900.0), (0.5, 900.0)])

    assert trace.area.energy_j == pytest.approx(100.0)
    assert trace.most_w == 100.0


def test_a_gap_is_bridged_and_its_uncertainty_told():
    steady = trace_of([(0.0, 100.0), (0.1, 200.0), (0.2, 200.0)])
    gap = trace_of([(0.0, 100.0), (0.1, 200.0), (1.6, 200.0)])

    assert gap.area.energy_j == pytest.approx(steady.area.energy_j + 200.0 * 1.4)
    assert gap.error_j() > 100.0 > steady.error_j()


def test_the_band_remembers_the_last_seconds_only():
    trace = trace_of([(0.0, 400.0), (8.0, 100.0), (9.0, 200.0), (10.0, 200.0)])

    band = trace.recent()

    assert (band.low_w, band.high_w) == (100.0, 200.0)
    assert band.likely_w == pytest.approx((200.0 + 150.0) / 2)
    assert band.swing_w == pytest.approx(75.0)


def test_a_steady_power_has_no_band():
    band = trace_of([(0.0, 250.0), (1.0, 250.0)]).recent()

    assert band == (250.0, 250.0, 250.0)


def test_without_samples_nothing_is_known():
    trace = PowerTrace()

    assert trace.recent() is None
    assert trace.at_start() is None
    assert trace.error_j() == 0.0


def test_the_power_at_the_start_is_the_last_before_it():
    trace = trace_of([(0.0, 60.0), (0.9, 80.0), (1.5, 400.0)], start_s=1.0)

    assert trace.at_start() == (60.0, 80.0, 400.0)


def test_the_lowest_power_lately_begins_anew_at_a_mark():
    trace = trace_of([(0.0, 50.0), (10.0, 300.0), (11.0, 280.0)])
    assert trace.lately_w == 50.0

    trace.mark()
    assert trace.lately_w == 280.0
    trace.add(12.0, 90.0)
    assert trace.lately_w == 90.0


def test_the_lowest_power_lately_is_not_known_at_first():
    assert trace_of([(0.0, 300.0), (1.0, 300.0)]).lately_w == 0.0


def test_areas_subtract():
    later = Area(100.0, 9.0).since(Area(40.0, 5.0))

    assert later == Area(60.0, 4.0)
    assert later.error_j == pytest.approx(4.0)


@given(st.floats(0.0, 1.0), st.floats(20.0, 400.0), st.floats(20.0, 400.0))
def test_a_change_seen_by_half_of_a_period_is_put_where_it_was(share, before_w, after_w):
    # The sensor looks for the middle half of the period, and the power changes in it.
    reading_w = before_w * share + after_w * (1 - share)
    true_w = (before_w / 4 + after_w / 4) + reading_w / 2

    if min(before_w, after_w) < reading_w < max(before_w, after_w):
        assert unblinded(before_w, reading_w, after_w) == pytest.approx(true_w)


@given(st.floats(0.0, 100.0), st.floats(0.0, 10.0))
def test_a_smooth_power_is_left_as_it_is(power_w, slope_w):
    assert unblinded(power_w - slope_w, power_w, power_w + slope_w) == pytest.approx(power_w)


def test_a_peak_is_left_as_it_is():
    assert unblinded(100.0, 400.0, 100.0) == 400.0


def test_beats_keep_their_mean_and_their_share():
    beat = Rhythm(1.0, 0.3)
    beat.begin(10.0)
    dues = []
    for _ in range(500):
        dues.append(beat.due_s)
        beat.passed(beat.due_s)
    spacings = [later - earlier for earlier, later in pairwise(dues)]

    assert min(spacings) >= 0.7 - 1e-9
    assert max(spacings) <= 1.3 + 1e-9
    assert math.isclose(sum(spacings) / len(spacings), 1.0, abs_tol=0.01)


def test_missed_beats_are_not_made_up_for():
    beat = Rhythm(1.0, 0.3)
    beat.begin(0.0)
    beat.passed(100.0)

    assert 100.7 <= beat.due_s <= 101.3


def test_rhythms_that_begin_together_stay_together():
    first, second = Rhythm(1.0, 0.3), Rhythm(1.0, 0.3)
    first.begin(5.0)
    second.begin(5.0)
    for _ in range(20):
        now_s = first.due_s
        assert second.due_s == now_s
        first.passed(now_s)
        second.passed(now_s)

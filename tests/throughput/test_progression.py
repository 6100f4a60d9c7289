"""Intervals of progress, and the pace of stretches of a run."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocarbon_magic.throughput.points import while_counted
from ocarbon_magic.throughput.progression import Progression


def progression(points):
    t_s, work = np.array(points, dtype=float).T
    return Progression.of(t_s, work)


def of_steps(*parts):
    """Return the progression of (count, seconds of each) steps, one after the other."""
    steps_s = [seconds for count, seconds in parts for _ in range(count)]
    return Progression(np.append(0.0, np.cumsum(steps_s)), np.arange(len(steps_s) + 1.0))


# Intervals


@pytest.mark.parametrize(
    ("points", "ends"),
    [
        pytest.param([(0, 0), (2, 1), (5, 3)], [(2, 1), (5, 3)], id="rows of progress"),
        pytest.param([(7, 40), (9, 41), (12, 43)], [(2, 1), (5, 3)], id="from anywhere"),
        pytest.param(
            [(0, 0), (2, 1), (9, 1), (10, 2)], [(9, 1), (10, 2)], id="a pause ends an interval"
        ),
        pytest.param([(0, 0), (2, 1), (9, 1)], [(9, 1)], id="a pause until now, too"),
        pytest.param(
            [(0, 0), (5, 0), (6, 1), (7, 2)], [(6, 1), (7, 2)], id="the first wait is in the first"
        ),
        pytest.param(
            [(0, 0), (1, 1), (1, 2), (2, 3)], [(1, 2), (2, 3)], id="at one time, together"
        ),
        pytest.param([(0, 0), (0, 4), (1, 5)], [(1, 5)], id="what is there at the beginning"),
        pytest.param(
            [(i, i // 4) for i in range(10)], [(4, 1), (8, 2)], id="by the clock, until the count"
        ),
        pytest.param([(0, 3), (1, 3), (2, 3)], [], id="no work"),
        pytest.param([(1, 0), (1, 1), (1, 2)], [], id="no time"),
    ],
)
def test_intervals_end_where_progress_does(points, ends):
    seen = progression(points)
    assert len(seen) == len(ends)
    assert [*zip(seen.t_s, seen.work, strict=True)] == [(0, 0), *ends]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=50))
def test_intervals_rise_and_leave_out_neither_time_nor_work(steps):
    t_s, work = (np.append(0.0, np.cumsum(column)) for column in zip(*steps, strict=True))
    seen = Progression.of(t_s, work)
    assert (np.diff(seen.t_s) > 0).all()
    assert (np.diff(seen.work) > 0).all()
    assert set(zip(seen.t_s, seen.work, strict=True)) <= {*zip(t_s, work, strict=True)} | {(0, 0)}
    if len(seen):
        assert seen.work[-1] == work[-1]
        assert t_s[np.argmax(work == work[-1])] <= seen.t_s[-1] <= t_s[-1]


@given(st.integers(2, 9), st.floats(0.01, 100.0), st.floats(0.01, 100.0))
def test_the_pace_of_an_interval_is_time_over_work(count, step_s, unit):
    seen = Progression(step_s * np.arange(count + 1.0), unit * np.arange(count + 1.0))
    assert np.exp(seen.paces) == pytest.approx(np.full(count, step_s / unit))
    assert math.exp(seen.since(1)) == pytest.approx(step_s / unit)


# The start-up, and the last change of pace


@pytest.mark.parametrize("slow", [0, 1, 2, 5, 20])
@pytest.mark.parametrize("times", [1.5, 10.0, 1000.0])
def test_a_start_up_is_the_slow_intervals_at_the_beginning(slow, times):
    seen = of_steps((slow, times), (50, 1.0))
    assert seen.slow_start == seen.change == slow


def test_a_slower_first_interval_always_counts_as_start_up():
    seen = of_steps((1, 1.1), (1, 1.0))
    assert seen.slow_start == seen.change == 1
    assert of_steps((1, 1.0), (1, 1.1)).slow_start == 0
    assert of_steps((2, 1.0)).slow_start == 0
    assert of_steps((1, 1.0)).slow_start == 0


def test_rounding_makes_no_start_up():
    seen = Progression(np.array([0.0, 1.0 + 1e-15, 2.0]), np.array([0.0, 1.0, 2.0]))
    assert seen.paces[0] > seen.since(1)
    assert seen.slow_start == 0


def test_a_fast_beginning_is_a_change_and_no_start_up():
    seen = of_steps((15, 1.0), (50, 1.5))
    assert seen.slow_start == 0
    assert seen.change == 15


@pytest.mark.parametrize("seed", range(20))
def test_noise_is_neither_start_up_nor_change(seed):
    steps_s = np.random.default_rng(seed).gamma(100.0, 0.01, size=40)
    steps_s[0] = 0.95  # no slower than the rest
    seen = Progression(np.append(0.0, np.cumsum(steps_s)), np.arange(41.0))
    assert seen.slow_start == seen.change == 0


def test_one_long_pause_is_no_change_of_pace():
    seen = of_steps((20, 1.0), (1, 300.0), (40, 1.0))
    assert seen.slow_start == seen.change == 0


def test_a_start_up_may_take_most_of_the_intervals_if_little_was_done_in_it():
    t_s = np.arange(101.0)
    work = np.append(0.0, np.cumsum([0.01] * 70 + [1.0] * 30))
    assert Progression(t_s, work).slow_start == 70


def test_a_phase_is_told_from_the_first_half_of_the_work_only():
    seen = of_steps((40, 2.0), (30, 1.0))
    assert 1 <= seen.slow_start <= 35


def test_two_intervals_have_no_phases():
    assert of_steps((1, 1.0), (1, 9.0)).change == 0


# The pace of stretches


def test_the_last_part_is_taken_in_whole_intervals():
    seen = of_steps((5, 1.0), (4, 2.0), (1, 3.0))
    paces = {0.1: 3.0, 0.15: 2.5, 0.2: 2.5, 0.5: 11 / 5, 1.0: 1.6}
    for share, pace in paces.items():
        assert math.exp(seen.last(share)) == pytest.approx(pace)


def test_the_last_half_is_of_the_work_since_the_start_up():
    seen = of_steps((2, 100.0), (10, 1.0), (10, 1.2))
    assert seen.slow_start == 2
    assert math.exp(seen.last_half()) == pytest.approx(1.2)
    odd = of_steps((3, 1.0), (2, 1.0), (2, 2.0))
    assert math.exp(odd.last_half()) == pytest.approx((0.5 * 1.0 + 1.0 + 2 * 2.0) / 3.5)


def test_blocks_are_of_equal_work_and_leave_out_the_start_up():
    seen = of_steps((1, 50.0), (4, 1.0), (4, 1.25))
    assert np.exp(seen.blocks(2)) == pytest.approx([1.0, 1.25])
    assert np.exp(seen.blocks(4)) == pytest.approx([1.0, 1.0, 1.25, 1.25])
    halves = Progression(np.array([0.0, 3.0, 4.0]), np.array([0.0, 1.0, 4.0]))
    assert halves.slow_start == 1
    assert np.exp(halves.blocks(8)) == pytest.approx([1 / 3])


@given(
    st.lists(st.tuples(st.floats(0.01, 10.0), st.floats(0.01, 10.0)), min_size=1, max_size=30),
    st.integers(1, 8),
)
def test_blocks_together_take_what_the_run_took(steps, count):
    t_s, work = (np.append(0.0, np.cumsum(column)) for column in zip(*steps, strict=True))
    seen = Progression(t_s, work)
    paces = np.exp(seen.blocks(count))
    assert 1 <= len(paces) <= count
    assert paces.mean() == pytest.approx(math.exp(seen.since(seen.slow_start)))


def test_the_middle_leaves_out_the_slowest_and_the_fastest_quarters():
    seen = of_steps((4, 1.0), (4, 3.0), (4, 0.5), (4, 9.0))
    assert seen.slow_start == 0
    at_the_edge, within = 0.5, 4 * 1.0 + 4 * 3.0
    assert math.exp(seen.middle()) == pytest.approx((at_the_edge + within) / 9)
    with_a_pause = of_steps((20, 1.0), (1, 300.0), (19, 1.0))
    assert math.exp(with_a_pause.middle()) == pytest.approx(1.0)


def test_stretches_that_no_clock_can_tell_apart_still_have_a_pace():
    late = Progression(np.array([0.0, 1e16, 1e16 + 2, 1e16 + 4]), np.array([0.0, 1.0, 2.0, 1e6]))
    far = Progression(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 1e16, 1e16 + 2, 1e16 + 4]))
    stuck = Progression(np.array([0.0, 1.0, 1e16, 1e16 + 2]), np.array([0.0, 1e3, 1001.0, 1e6]))
    assert stuck.slow_start == 0
    for seen in (late, far, stuck):
        for pace in (*seen.blocks(8), seen.last_half(), seen.middle(), seen.last(0.1)):
            assert math.isfinite(pace)


# Before and after the loop


def between(points, counted_s):
    t_s, work = while_counted(*np.array(points, dtype=float).T, counted_s)
    return [*zip(t_s, work, strict=True)]


WAIT_LOOP_REST = [(0, 0), (9, 0), (10, 0), (11, 1), (12, 2), (13, 2), (20, 2)]


@pytest.mark.parametrize(
    ("counted_s", "left"),
    [
        pytest.param(2, [(10, 0), (11, 1), (12, 2), (13, 2)], id="as long as its steps"),
        pytest.param(1.5, [(10, 0), (11, 1), (12, 2), (12.5, 2)], id="begun between two points"),
        pytest.param(4, [(8, 0), (9, 0), (10, 0), (11, 1), (12, 2), (13, 2), (15, 2)], id="slower"),
        pytest.param(20, WAIT_LOOP_REST, id="the whole run"),
        pytest.param(0, [(10, 0), (11, 1), (12, 2)], id="by another clock"),
    ],
)
def test_what_lies_outside_of_the_loop_is_left_out(counted_s, left):
    assert between(WAIT_LOOP_REST, counted_s) == left


def test_points_without_work_stay_as_they_are():
    assert between([(0, 3), (5, 3)], 1) == [(0, 3), (5, 3)]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=50),
    st.floats(0, 200),
)
def test_no_work_and_no_time_between_works_is_left_out(steps, counted_s):
    t_s, work = (np.cumsum(column).astype(float) for column in zip(*steps, strict=True))
    left_s, left = while_counted(t_s, work, counted_s)
    assert (np.diff(left_s) >= 0).all()
    assert (np.diff(left) >= 0).all()
    assert (left[0], left[-1]) == (work[0], work[-1])
    assert t_s[0] <= left_s[0] <= left_s[-1] <= t_s[-1]
    before, after = Progression.of(t_s, work), Progression.of(left_s, left)
    assert bool(before) == bool(after)

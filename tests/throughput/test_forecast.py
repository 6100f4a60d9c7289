"""The forecast of a run's total time: against recorded runs, and against what it must do."""

import functools
import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from validation import scorer
from validation.baselines import BASELINES

from ocarbon_magic.throughput.forecast import forecast

ROUNDING = 0.0005
"""Half of the last digit of a percentage with one decimal, as errors are reported."""


# Recorded runs


@functools.cache
def figures():
    """Return the figures of the forecast and of every baseline at each share."""
    forecasters = {"ours": ours, **BASELINES}
    return scorer.by_forecaster_and_share(scorer.evaluate(scorer.load_traces(), forecasters))


def ours(seen):
    return forecast(seen.t_s, seen.work, seen.total_work)


def of_baselines(share, figure):
    return [getattr(figures()[name][share], figure) for name in BASELINES]


SHARES = pytest.mark.parametrize("share", scorer.SHARES)


@SHARES
def test_every_run_that_can_be_judged_is_forecast(share):
    judged = sum(trace.seen(share) is not None for trace in scorer.load_traces())
    assert judged >= 40
    assert figures()["ours"][share][:2] == (judged, 0)


@SHARES
@pytest.mark.parametrize("figure", ["median", "p90"])
def test_errors_are_at_or_below_those_of_the_best_baseline(share, figure):
    assert getattr(figures()["ours"][share], figure) <= min(of_baselines(share, figure)) + ROUNDING


@SHARES
def test_intervals_hold_the_truth_as_often_as_they_say(share):
    assert 0.72 <= figures()["ours"][share].coverage <= 0.88


@SHARES
def test_intervals_score_better_than_any_baselines(share):
    others = [score for score in of_baselines(share, "interval_score") if not math.isnan(score)]
    assert others
    assert figures()["ours"][share].interval_score < min(others)


def test_recorded_runs_looked_at_by_the_clock_are_forecast_as_well_in_the_median():
    by_clock = scorer.by_forecaster_and_share(
        scorer.evaluate(scorer.load_traces(), {"ours": ours}, view=scorer.Trace.seen_by_clock)
    )
    for share in scorer.SHARES:
        rows, clock = figures()["ours"][share], by_clock["ours"][share]
        assert clock.n == rows.n
        assert clock.median <= rows.median + 0.01
        assert 0.70 <= clock.coverage <= 0.90


# Runs made up

PACES = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)
STEADY = st.lists(st.floats(0.8, 1.25), min_size=2, max_size=60)


def run_of(steps_s, start_s=0.0):
    """Return times and work of a run of steps that take some seconds each."""
    return start_s + np.append(0.0, np.cumsum(steps_s)), np.arange(len(steps_s) + 1.0)


@given(st.integers(1, 200), st.integers(1, 200), PACES, PACES, st.integers(-100, 100))
def test_a_constant_pace_ends_when_it_must(seen, ahead, step_s, unit, start):
    t_s = step_s * (start + np.arange(seen + 1))
    total = forecast(t_s, unit * np.arange(seen + 1), unit * (seen + ahead))
    assert total.value == pytest.approx(
        step_s * (start + seen + ahead), rel=1e-9, abs=1e-9 * step_s
    )


@given(st.integers(10, 100), st.integers(1, 10_000), st.floats(1.01, 1e6))
def test_a_slow_first_step_is_counted_once(seen, ahead, slow_s):
    t_s, work = run_of([slow_s] + [1.0] * (seen - 1))
    total = forecast(t_s, work, seen + ahead)
    assert total.value == pytest.approx(slow_s + seen - 1 + ahead)


@given(st.integers(3, 8), st.integers(10, 100), st.floats(20.0, 1000.0))
def test_a_slow_start_up_of_several_steps_is_counted_once(slow, fast, slow_s):
    assume(fast > 2 * slow)
    t_s, work = run_of([slow_s] * slow + [1.0] * fast)
    ahead = 3 * (slow + fast)
    total = forecast(t_s, work, work[-1] + ahead)
    assert total.value == pytest.approx(t_s[-1] + ahead)


def test_a_pause_that_comes_regularly_is_expected_as_often():
    t_s, work = [0.0], [0.0]
    for step in range(1, 41):
        t_s.append(t_s[-1] + 1.0)
        work.append(step)
        if step % 10 == 0:
            t_s.append(t_s[-1] + 5.0)
            work.append(step)
    assert forecast(t_s, work, 200.0).value == pytest.approx(200 * 1.0 + 20 * 5.0)


def test_a_single_long_pause_is_not_expected_again():
    steps_s = [1.0] * 100
    steps_s[30] = 500.0
    t_s, work = run_of(steps_s)
    assert forecast(t_s, work, 1000.0).value == pytest.approx(t_s[-1] + 900.0, rel=1e-6)


def test_a_run_that_became_slower_for_good_goes_on_slower():
    t_s, work = run_of([1.0] * 30 + [2.0] * 70)
    assert forecast(t_s, work, 200.0).value == pytest.approx(t_s[-1] + 200.0)


@given(STEADY, st.floats(0.01, 100.0), st.integers(-30, 30), st.integers(-30, 30))
def test_units_of_time_and_work_do_not_matter(steps_s, ahead, time_exponent, work_exponent):
    t_s, work = run_of(steps_s)
    total = work[-1] * (1 + ahead)
    plain = forecast(t_s, work, total)
    time_unit, work_unit = 2.0**time_exponent, 2.0**work_exponent
    other_work = forecast(t_s, work * work_unit, total * work_unit)
    for end in ("value", "low", "high"):
        assert getattr(other_work, end) == pytest.approx(getattr(plain, end))
    assert forecast(t_s * time_unit, work, total).value == pytest.approx(plain.value * time_unit)


@given(STEADY, st.floats(0.01, 100.0), st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_where_clock_and_count_begin_does_not_matter(steps_s, ahead, start_s, done):
    t_s, work = run_of(steps_s)
    total = work[-1] * (1 + ahead)
    plain, other = forecast(t_s, work, total), forecast(t_s + start_s, work + done, total + done)
    for end in ("value", "low", "high"):
        assert getattr(other, end) == pytest.approx(getattr(plain, end) + start_s, abs=1e-6)


@given(STEADY, st.floats(0.01, 20.0), st.floats(1.01, 10.0))
def test_more_work_takes_longer(steps_s, ahead, times):
    t_s, work = run_of(steps_s)
    assume(ahead * times < 20.0)  # below a share of 4 % other stretches are looked at
    less, more = (forecast(t_s, work, work[-1] * (1 + a)) for a in (ahead, ahead * times))
    assert less.value < more.value


@given(STEADY, st.floats(1e-6, 1000.0), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_intervals_hold_the_forecast_and_grow_with_their_level(steps_s, ahead, level, other):
    t_s, work = run_of(steps_s)
    lower, higher = sorted((level, other))
    assume(higher - lower > 1e-3)
    narrow, wide = (forecast(t_s, work, work[-1] * (1 + ahead), x) for x in (lower, higher))
    assert narrow.value == wide.value
    assert t_s[-1] <= wide.low < narrow.low < narrow.value < narrow.high < wide.high
    assert (narrow.level, wide.level) == (lower, higher)


@given(STEADY)
def test_a_run_that_is_done_ends_now(steps_s):
    t_s, work = run_of(steps_s)
    done = forecast(t_s, work, work[-1])
    assert done.value == done.low == done.high == t_s[-1]


def test_work_that_misses_the_total_by_rounding_is_done():
    work = np.cumsum([0.0] + [0.1] * 10)
    assert work[-1] != 1.0
    above = np.nextafter(1.0, 2.0)
    for done in (work, [0.0, above]):
        t_s = np.arange(len(done))
        total = forecast(t_s, done, 1.0)
        assert total.value == pytest.approx(t_s[-1])
        assert total.low >= t_s[-1]


def test_two_points_are_enough():
    total = forecast([0.0, 10.0], [0.0, 1.0], 10.0)
    assert total.value == pytest.approx(100.0)
    assert 10.0 < total.low < 100.0 < total.high


def test_the_more_unsteady_a_run_the_wider_its_interval():
    def width(spread):
        steps_s = np.where(np.arange(64) % 16 < 8, 1.0, spread)
        total = forecast(*run_of(steps_s), 1000.0)
        return math.log(total.high - total.value)

    assert width(1.0) < width(1.2) < width(2.0)


# Runs looked at by the clock


def sampled(steps_s, every_s, until_s):
    """Return times every so often and the steps that were done by then."""
    t_s = np.arange(0.0, until_s, every_s)
    return t_s, np.searchsorted(np.cumsum(steps_s), t_s, "right").astype(float)


@pytest.mark.parametrize("step_s", [0.01, 0.3, 2.0, 20.0])
@pytest.mark.parametrize("start_up_s", [0.0, 25.0])
def test_a_run_looked_at_by_the_clock_is_forecast_as_by_its_steps(step_s, start_up_s):
    rng = np.random.default_rng(7)
    steps_s = step_s * rng.gamma(25.0, 0.04, size=20_000)
    steps_s[0] += start_up_s
    t_s, work = sampled(steps_s, 0.5, 20 * step_s + 60.0)
    total = 10 * work[-1]
    by_steps = forecast(*run_of(steps_s[: int(work[-1])]), total)
    by_clock = forecast(t_s, work, total)
    assert by_clock.value == pytest.approx(by_steps.value, rel=0.05)


def test_between_two_counts_the_end_comes_no_later_and_never_before_now():
    counts = [0.0] * 20 + [1.0] * 20 + [2.0]
    for more in range(60):
        t_s = 0.5 * np.arange(len(counts) + more)
        total = forecast(t_s, counts + [2.0] * more, 3.0)
        assert total.low >= t_s[-1]
        assert total.value == pytest.approx(max(30.0, t_s[-1]), abs=0.6)


def test_a_long_start_up_by_the_clock_is_counted_once():
    t_s, work = sampled([60.0, *[1.0] * 300], 0.5, 90.0)
    crept = np.where(t_s < 60.0, t_s / 60.0, work)  # a step that shows its progress
    assert forecast(t_s, crept, 200.0).value == pytest.approx(60.0 + 199.0, rel=0.02)


# Whatever else may come

SIZES = st.sampled_from([0.0, 0.0, 1e-150, 1e-12, 1e-3, 1.0, 7.0, 1e5, 1e18, 1e150])
STARTS = st.sampled_from([0.0, 0.0, -3.0, -1e9, 1e15, -1e150, 1e-100])


@given(
    st.lists(st.tuples(SIZES, SIZES), min_size=1, max_size=40),
    STARTS,
    STARTS,
    st.one_of(SIZES, st.floats(0.0, 1e6)),
    st.floats(0.0, 1.0, exclude_min=True, exclude_max=True),
)
@example([(1.0, 1e16), (1.0, 2.0)], 0.0, 0.0, 5.0, 0.8)
@example([(1e16, 1.0), (2.0, 1.0), (2.0, 1e6)], 0.0, 0.0, 5.0, 0.8)
@example([(1e150, 1e-150), (1e150, 1e-150)], 0.0, 0.0, 1e150, 1 - 1e-16)
@example([(1.0, 5.0)], 0.0, -5.0, 1.0, 0.8)
def test_any_run_is_forecast_or_cannot_be_and_says_so(steps, start_s, start, ahead, level):
    t_s, work = (
        start_s + np.cumsum([0.0] + [dt for dt, _ in steps]),
        start + np.cumsum([0.0] + [dw for _, dw in steps]),
    )
    try:
        total = forecast(t_s, work, work[-1] + ahead, level)
    except ValueError as error:
        assert work[-1] == work[0] or t_s[-1] == t_s[0] or work[t_s > t_s[0]].min() == work[-1]
        assert str(error).endswith("so there is nothing to forecast from.")  # noqa: PT017
        return
    assert t_s[-1] <= total.low <= total.value <= total.high


@pytest.mark.parametrize("points", [100_000, 1_000_000])
def test_a_run_of_very_many_points_is_forecast(points):
    month_s = 30 * 86400.0
    t_s = np.linspace(0.0, month_s, points)
    total = forecast(t_s, 3 * t_s, 6 * month_s)
    assert total.value == pytest.approx(2 * month_s)


# What cannot be used

BAD = {
    "t_s must never fall, and falls from 2 to 1": ([0, 2, 1], [0, 1, 2], 9),
    "work must never fall, and falls from 1000001 to 1000000": ([0, 1, 2], [0, 1000001, 1e6], 2e6),
    "t_s must be finite numbers throughout": ([0, math.nan, 2], [0, 1, 2], 9),
    "work must be finite numbers throughout": ([0, 1, 2], [0, 1, math.inf], 9),
    "t_s must be finite numbers": ([-1.7e308, 0, 1.7e308], [0, 1, 2], 9),
    "t_s must be two or more numbers in one dimension": ([0], [0], 9),
    "work must be two or more numbers in one dimension": ([0, 1], [[0, 1], [1, 2]], 9),
    "t_s must be two or more numbers": ([], [], 9),
    "t_s must be two or more": (["now", "then"], [0, 1], 9),
    "work must be finite numbers": ([0, 1], [0, None], 9),
    "work must be two": ([0, 1], [0, 10**400], 9),
    "t_s and work must be as long as each other, not 3 and 2": ([0, 1, 2], [0, 1], 9),
    "No work has been done yet": ([0, 1, 2], [5, 5, 5], 9),
    "All work so far was done at once": ([1, 1, 1], [0, 1, 2], 9),
    "total_work is 1, but 2 is done already": ([0, 1, 2], [0, 1, 2], 1),
    "total_work is 1000000, but 1000001 is done already": ([0, 1], [0, 1000001], 1000000),
    "total_work is nan": ([0, 1, 2], [0, 1, 2], math.nan),
    "total_work is inf": ([0, 1, 2], [0, 1, 2], math.inf),
    "total_work is -9": ([0, 1, 2], [0, 1, 2], -9),
}


@pytest.mark.parametrize("message", BAD)
def test_what_cannot_be_used_is_named_in_one_sentence(message):
    with pytest.raises(ValueError, match=rf"^{message}[^\n]*\.$"):
        forecast(*BAD[message])


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, 1.5, math.nan])
def test_a_level_is_a_part_of_the_cases(level):
    with pytest.raises(ValueError, match=r"^level must be between 0 and 1, not [^\n]*\.$"):
        forecast([0, 1, 2], [0, 1, 2], 9, level)

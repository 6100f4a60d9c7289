"""Advice on time without steps, at both sides of its thresholds."""

from __future__ import annotations

import pytest
from advised import looked_at, measures, run, stepping, the_measure
from hypothesis import given
from hypothesis import strategies as st
from sample_runs import around

from ocarbon_magic.planning.advice.timeline import timeline_of
from ocarbon_magic.run import RunProjection, Series, Work

START, EVALUATE, END = "Shorten the start", "Evaluate and save", "Let go of the GPU"


def late(start_s, steps=100, after_s=0.0, **power):
    """A step each second, after some seconds, and some seconds after the last."""
    rises = [start_s + i for i in range(1, steps + 1)]
    end_s = start_s + steps + after_s
    return run(series=stepping(rises, end_s, **power), duration_s=end_s)


def pausing(pause_s, times=3, steps=100):
    rises, now_s = [], 0.0
    for i in range(steps):
        now_s += 1.0 + (pause_s if i and i % (steps // (times + 1)) == 0 and i < steps - 1 else 0)
        rises.append(now_s)
    return run(series=stepping(rises, now_s), duration_s=now_s)


def test_the_start_is_what_passed_before_the_first_step_began():
    # 20 of 120 s, at the power of the rest: a sixth of 110 g at most.
    measure = the_measure(late(20), called=START)

    assert measure.saving_g == pytest.approx((110 / 12, 0.0, 110 / 6))
    assert measure.because == "20.0 s and 17 % of the energy went before the first step."


def test_a_start_at_half_the_power_costs_half_of_its_energy():
    # 20 s of 50 W beside 100 s of 100 W: 1/11 of the energy, 1/6 of the time.
    made = late(20, power_w=lambda t: 50.0 if t <= 20 else 100.0)
    measure = the_measure(made, called=START)

    assert measure.saving_g.high == pytest.approx(100 / 11 + 10 / 6)


@pytest.mark.parametrize(("start_s", "advised"), [(6, True), (5, False)])
def test_a_start_below_a_twentieth_is_not_told(start_s, advised):
    assert bool(measures(late(start_s), called=START)) == advised  # 6 of 106, 5 of 105 s


def test_what_comes_after_the_last_step_is_the_end():
    # 20 s less the one that a step takes, of 120 s.
    measure = the_measure(late(0, after_s=20), called=END)

    assert measure.saving_g.high == pytest.approx(110 * 19 / 120)
    assert "after the last step" in measure.because


@pytest.mark.parametrize(("after_s", "advised"), [(7, True), (6, False)])
def test_an_end_below_a_twentieth_is_not_told(after_s, advised):
    assert bool(measures(late(0, after_s=after_s), called=END)) == advised  # 6 of 107, 5 of 106 s


def test_a_run_that_goes_on_has_no_end_yet():
    made = late(0, after_s=20)
    made.status, made.ended_at = "running", None

    assert not measures(made, called=END)
    assert looked_at(made, began="End") == "End: the run goes on."


def test_pauses_between_steps_are_counted():
    # Three of 10 s, in 130 s in all.
    measure = the_measure(pausing(10.0), called=EVALUATE)

    assert measure.saving_g.high == pytest.approx(110 * 30 / 130)
    assert "in 3 pauses between steps" in measure.because


@pytest.mark.parametrize(("pause_s", "advised"), [(4.0, True), (3.0, False)])
def test_a_pause_is_of_more_than_four_steps(pause_s, advised):
    # A gap of 5 s, or of 4; 12 of 112 s, or 9 of 109, are both above a twentieth.
    assert bool(measures(pausing(pause_s), called=EVALUATE)) == advised


@pytest.mark.parametrize(("times", "advised"), [(2, True), (1, False)])
def test_pauses_below_a_twentieth_are_not_told(times, advised):
    # 8 of 108 s, or 4 of 104.
    assert bool(measures(pausing(4.0, times), called=EVALUATE)) == advised


def test_too_few_steps_have_no_rhythm():
    assert timeline_of(late(20, steps=10)) is not None
    assert timeline_of(late(20, steps=9)) is None
    assert "not known well enough" in looked_at(late(20, steps=9), began="Start")


def test_a_start_comes_once_however_long_the_run_goes_on():
    made = late(20)
    made.status, made.ended_at = "running", None
    made.work = Work(100.0, 1000.0, "step", 1.0, "tqdm")
    made.projection = RunProjection(around(1020.0), around(8.0), around(900.0), 0.1, "pace")

    assert the_measure(made, called=START).saving_g.high == pytest.approx(110 / 6)
    assert the_measure(made, called=START).saving_pct.high == pytest.approx(100 * 110 / 6 / 900)


@given(
    st.lists(st.floats(0.0, 50.0), min_size=12, max_size=120),
    st.lists(st.floats(0.0, 3.0), min_size=12, max_size=120),
    st.lists(st.one_of(st.none(), st.floats(0.0, 1e4)), min_size=12, max_size=120),
)
def test_the_parts_of_a_run_are_shares_of_it(spans, steps, power):
    length = min(map(len, (spans, steps, power)))
    times = [sum(spans[: i + 1]) for i in range(length)]
    work = [sum(steps[: i + 1]) for i in range(length)]
    made = run(series=Series(times, power[:length], work, [0.0] * length))
    timeline = timeline_of(made)
    if timeline is None:
        return
    parts = (timeline.before, timeline.pauses, timeline.after)
    assert all(0.0 <= part.time <= 1.0 and 0.0 <= part.energy <= 1.0 + 1e-9 for part in parts)
    assert sum(part.time for part in parts) + timeline.working == pytest.approx(1.0)
    assert sum(part.energy for part in parts) <= 1.0 + 1e-9

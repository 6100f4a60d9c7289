import math
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocarbon_magic.meters.signal.counter import CounterRead, SteppedCounter
from ocarbon_magic.meters.signal.power import Band
from ocarbon_magic.meters.signal.search import StepSearch
from ocarbon_magic.meters.signal.steps import DEFAULT_PERIOD_S, Interval, StepClock

SEGMENT_S = 0.037


@dataclass
class Load:
    """A power that changes every 37 ms, and the counter that adds it up in steps."""

    watts: list
    period_s: float
    phase_s: float

    def energy_j(self, time_s):
        whole = math.floor(time_s / SEGMENT_S)
        n = len(self.watts)
        full = sum(self.watts) * (whole // n) + sum(self.watts[: whole % n])
        return SEGMENT_S * full + self.watts[whole % n] * (time_s - whole * SEGMENT_S)

    def step_before(self, time_s):
        return math.floor((time_s - self.phase_s) / self.period_s) * self.period_s + self.phase_s

    def read(self, from_s, took_s, share):
        shown_j = self.energy_j(self.step_before(from_s + share * took_s))
        return CounterRead(Interval(from_s, from_s + took_s), shown_j)


loads = st.builds(
    Load,
    st.lists(st.floats(20.0, 700.0), min_size=1, max_size=40),
    st.floats(0.02, 0.1),
    st.floats(0.0, 0.1),
)


def play(load, start_s, duration_s, wakes):
    """Read a counter when the search asks for it, woken late and answered slowly."""
    now_s = start_s - 0.001
    counter = SteppedCounter(load.read(now_s, 0.0005, 0.5))
    search = StepSearch(counter.clock)
    search.begin(start_s)
    turn = 0
    while True:
        due_s = search.due_s(now_s, counter.last.called.low)
        if due_s is None or max(due_s, now_s) >= start_s + duration_s:
            break
        late_s, took_s, share = wakes[turn % len(wakes)]
        turn += 1
        now_s = max(due_s, counter.last.called.high) + late_s
        read = load.read(now_s, took_s, share)
        changed = read.energy_j != counter.last.energy_j
        counter.add(read)
        now_s = read.called.high
        search.took(now_s, changed=changed)
    end_s = max(start_s + duration_s, now_s)
    counter.add(load.read(end_s + 0.0002, 0.0005, 0.5))
    return counter, end_s


wakings = st.lists(
    st.tuples(st.floats(0.0, 0.002), st.floats(1e-5, 0.003), st.floats(0.0, 1.0)),
    min_size=1,
    max_size=9,
)
starvings = st.lists(
    st.tuples(st.sampled_from([0.0, 0.03, 1.4]), st.just(1e-4), st.just(0.5)),
    min_size=1,
    max_size=9,
)


@settings(max_examples=300, deadline=None)
@given(loads, st.floats(1.0, 2.0), st.floats(0.05, 30.0), st.one_of(wakings, starvings), st.data())
def test_the_true_energy_is_within_the_stated_error(load, start_s, duration_s, wakes, data):
    counter, end_s = play(load, start_s, duration_s, wakes)
    low_w, high_w = min(load.watts), max(load.watts)
    guess = st.floats(low_w, high_w)
    bands = [Band(low_w, data.draw(guess), high_w) for _ in range(2)]

    estimate = counter.energy(start_s, end_s, *bands)

    truth_j = load.energy_j(end_s) - load.energy_j(start_s)
    assert abs(estimate.energy_j - truth_j) <= estimate.error_j + 1e-6


@settings(max_examples=200, deadline=None)
@given(loads, st.floats(1.0, 2.0), st.floats(0.5, 60.0), wakings)
def test_the_true_last_step_is_where_the_clock_says(load, start_s, duration_s, wakes):
    counter, _ = play(load, start_s, duration_s, wakes)
    clock, called = counter.clock, counter.last.called

    assert clock.steady
    last = clock.last_step(called)
    if last is not None:
        assert last.low - 1e-9 <= load.step_before(called.middle) <= last.high + 1e-9
    if clock.period is not None:
        assert clock.period.low - 1e-9 <= load.period_s <= clock.period.high + 1e-9


@pytest.mark.parametrize("duration_s", [20.0, 300.0])
def test_the_steps_of_a_long_run_stay_known_with_few_readings(duration_s):
    load = Load([250.0], 0.1, 0.033)
    counted = []

    class Counting(Load):
        def read(self, *args):
            counted.append(args)
            return super().read(*args)

    counter, end_s = play(
        Counting(load.watts, load.period_s, load.phase_s), 1.0, duration_s, [(5e-4, 5e-4, 0.5)]
    )
    step = counter.clock.last_step(Interval(end_s + 0.02, end_s + 0.02))

    assert step is not None
    assert step.width < 0.02
    assert len(counted) < 50 + 6 * math.log2(duration_s / 0.1)


def test_a_steady_load_is_exact_to_a_few_milliseconds_of_it():
    counter, end_s = play(Load([250.0], 0.1, 0.033), 1.0, 20.047, [(5e-4, 5e-4, 0.5)])
    band = Band(250.0, 250.0, 250.0)

    estimate = counter.energy(1.0, end_s, band, band)

    assert estimate.energy_j == pytest.approx(250.0 * (end_s - 1.0), abs=2.0)
    assert estimate.error_j < 250.0 * 0.02


def test_a_counter_of_unknown_steps_is_half_a_step_ahead_on_average():
    first = CounterRead(Interval(0.0, 0.0), 0.0)
    counter = SteppedCounter(first)
    counter.add(CounterRead(Interval(10.0, 10.0), 1000.0))
    band = Band(100.0, 100.0, 100.0)

    estimate = counter.energy(0.0, 10.0, band, band)

    assert estimate.energy_j == pytest.approx(1000.0)
    assert estimate.error_j == pytest.approx(100.0 * DEFAULT_PERIOD_S)


def test_a_look_that_contradicts_the_prediction_ends_all_predictions():
    clock = StepClock()
    clock.stepped(Interval(0.10, 0.104), consecutive=False)
    clock.stepped(Interval(0.20, 0.204), consecutive=True)
    assert clock.last_step(Interval(0.25, 0.25)) is not None

    clock.stepped(Interval(0.35, 0.352), consecutive=False)

    assert not clock.steady
    assert clock.last_step(Interval(0.45, 0.45)) is None
    assert clock.next_look(0.5) is None


def test_a_step_that_does_not_come_ends_all_predictions():
    clock = StepClock()
    clock.stepped(Interval(0.10, 0.104), consecutive=False)
    clock.stepped(Interval(0.20, 0.204), consecutive=True)

    clock.resting(Interval(0.22, 0.42))

    assert not clock.steady


def test_a_reading_beside_a_step_says_when_it_will_be_clear():
    clock = StepClock()
    clock.stepped(Interval(0.10, 0.104), consecutive=False)
    clock.stepped(Interval(0.20, 0.204), consecutive=True)
    beside = Interval(0.301, 0.302)

    assert clock.last_step(beside) is None
    settled_s = clock.settled_at(beside)
    assert settled_s is not None
    assert clock.last_step(Interval(settled_s, settled_s)) is not None
    assert clock.settled_at(Interval(0.25, 0.251)) is None


def test_steps_that_are_not_consecutive_do_not_make_a_period():
    clock = StepClock()
    clock.stepped(Interval(0.10, 0.104), consecutive=False)
    clock.stepped(Interval(0.40, 0.404), consecutive=False)

    assert clock.period is None


def test_a_search_that_finds_nothing_gives_up():
    counter = SteppedCounter(CounterRead(Interval(0.0, 0.0), 1.0))
    search = StepSearch(counter.clock)
    search.begin(0.0)
    reads = 0
    now_s = 0.0
    while (due_s := search.due_s(now_s, now_s)) is not None:
        now_s = due_s
        counter.add(CounterRead(Interval(now_s, now_s), 1.0))
        search.took(now_s, changed=False)
        reads += 1

    assert reads <= 100
    assert not search.probing(now_s)

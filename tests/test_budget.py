"""What is told of a budget: one line at a time, true of what is known, and steady."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded import Clock, Constant, trains

from ocarbon_magic.budget import UNMEASURED_AFTER_S, Budget, grams
from ocarbon_magic.run import Projection, RunProjection

OTHER = ["CPU power is an estimate.", "The configured zone was left aside."]
PASSED = "The emissions passed the budget of 30 g."
UNMEASURED = "No energy was measured, so the budget of 30 g could not be watched."


def projected(value, low=None, high=None):
    made = Projection(value, value * 0.9 if low is None else low, high or value * 1.1, 0.8)
    return RunProjection(made, made, made, 0.1, "pace")


def watched(*, limit_g=30.0, stop=False, clock=lambda: 0.0):
    warnings = [*OTHER]
    return Budget(limit_g, stop=stop, warnings=warnings, clock=clock), warnings


def told(warnings):
    """The lines about the budget; those of others stand as they stood."""
    assert [line for line in warnings if line in OTHER] == OTHER
    return [line for line in warnings if line not in OTHER]


def test_without_a_budget_nothing_is_told():
    budget, warnings = watched(limit_g=None)
    budget.check(1e9, projected(1e9))
    budget.conclude(1e9, projected(1e9), "finished", None)
    assert told(warnings) == []


def test_a_projection_that_passes_the_budget_is_told_with_its_interval():
    budget, warnings = watched()
    budget.check(1.0, projected(29.0, high=40.0))
    assert told(warnings) == []
    budget.check(1.0, projected(34.21, 31.04, 38.9))
    assert told(warnings) == [
        "The projection, 34.2 g (31 to 38.9 g), passes the budget of 30 g.",
    ]


def test_the_line_stands_while_the_projection_wavers_within_the_interval_told():
    budget, warnings = watched()
    budget.check(1.0, projected(31.0, 28.0, 35.0))
    (line,) = told(warnings)
    for value in (29.0, 33.0, 28.5, 34.0):
        budget.check(1.0, projected(value, high=36.0))
        assert told(warnings) == [line]


def test_the_line_follows_a_projection_that_leaves_the_interval_told():
    budget, warnings = watched()
    budget.check(1.0, projected(31.0, 30.5, 32.0))
    budget.check(1.0, projected(50.0, 45.0, 55.0))
    assert told(warnings) == ["The projection, 50 g (45 to 55 g), passes the budget of 30 g."]
    budget.check(1.0, projected(29.0, 27.0, 31.0))
    assert told(warnings) == [
        "The projection, 29 g (27 to 31 g), may still pass the budget of 30 g."
    ]


@pytest.mark.parametrize("back", [projected(25.0, 23.0, 30.0), None])
def test_the_line_is_taken_back_when_all_of_the_interval_is_within_the_budget(back):
    budget, warnings = watched()
    budget.check(1.0, projected(31.0))
    budget.check(1.0, back)
    assert told(warnings) == []
    budget.check(1.0, projected(26.0, high=33.0))
    assert told(warnings) == [], "what may pass is told only of what did"


def test_emissions_that_pass_the_budget_are_told_in_place_of_the_projection():
    budget, warnings = watched()
    budget.check(29.0, projected(31.0))
    budget.check(30.5, projected(31.0))
    assert told(warnings) == [PASSED]
    budget.check(31.0, projected(33.0))
    assert told(warnings) == [PASSED]


def test_an_interrupt_is_asked_for_until_it_was_made_and_then_told():
    asked = []
    budget, warnings = watched(stop=True)
    budget.interrupt = lambda line: asked.append(line) or (asked[0] if len(asked) > 2 else None)
    budget.check(29.9, None)
    assert asked == []
    for emitted_g in (30.0, 30.1, 30.2):
        budget.check(emitted_g, None)
    assert asked == [
        f"Stopped at the budget: {done} g of 30 g CO2e emitted (--stop-at-budget)."
        for done in ("30", "30.1", "30.2")
    ]
    assert told(warnings) == [asked[0]]
    budget.check(35.0, None)
    assert len(asked) == 3
    assert told(warnings) == [asked[0]]


def test_without_the_flag_nothing_is_interrupted():
    budget, warnings = watched(stop=False)
    budget.interrupt = lambda _: pytest.fail("interrupted")
    budget.check(31.0, None)
    assert told(warnings) == [PASSED]


def test_a_budget_that_nothing_can_stop_at_is_told():
    budget, warnings = watched(stop=True)
    budget.check(31.0, None)
    assert told(warnings) == [PASSED]


def test_energy_that_is_not_measured_is_told_once_meters_had_time_to_start(clock):
    budget, warnings = watched(clock=clock)
    budget.check(None, None)
    assert told(warnings) == []
    clock.now += UNMEASURED_AFTER_S
    budget.check(None, None)
    budget.check(None, None)
    assert told(warnings) == [UNMEASURED]
    budget.check(0.5, None)
    assert told(warnings) == []


def test_the_projection_is_told_again_after_energy_was_not_known_for_a_while(clock):
    budget, warnings = watched(clock=clock)
    budget.check(1.0, projected(31.0))
    (line,) = told(warnings)
    clock.now += UNMEASURED_AFTER_S
    budget.check(None, projected(31.0))
    assert told(warnings) == [UNMEASURED]
    budget.check(1.0, projected(31.0))
    assert told(warnings) == [line]


STOPPED = "Stopped at the budget: 31 g of 30 g CO2e emitted (--stop-at-budget)."


@pytest.mark.parametrize(
    ("emitted_g", "projection", "status", "stopped", "lines"),
    [
        (28.0, None, "finished", None, []),
        (28.0, projected(34.0), "finished", None, ["passes the budget of 30 g."]),
        (28.0, projected(34.0), "interrupted", None, ["passes the budget of 30 g."]),
        (31.0, None, "finished", None, [PASSED]),
        (31.0, None, "failed", None, [PASSED]),
        (31.0, None, "interrupted", STOPPED, [STOPPED]),
        (31.0, None, "failed", STOPPED, [STOPPED]),
        (31.0, None, "finished", STOPPED, [f"{STOPPED} The code caught this and ended by itself."]),
        (None, None, "finished", None, [UNMEASURED]),
    ],
)
def test_a_record_tells_what_is_true_of_the_ended_run(
    emitted_g, projection, status, stopped, lines
):
    budget, warnings = watched(stop=True)
    budget.check(1.0, projected(45.0))
    budget.conclude(emitted_g, projection, status, stopped)
    assert len(told(warnings)) == len(lines)
    assert all(line.endswith(end) for line, end in zip(told(warnings), lines, strict=True))
    budget.check(99.0, projected(99.0))
    assert len(told(warnings)) == len(lines), "a tick that comes too late says nothing"


amounts = st.floats(0.0, 60.0)
projections = st.none() | st.tuples(amounts, amounts, amounts).map(
    lambda three: projected(sorted(three)[1], min(three), max(three))
)


@settings(deadline=None)
@given(st.lists(st.tuples(st.none() | amounts, projections), max_size=30))
def test_there_is_never_more_than_one_line_and_it_is_never_wrong(ticks):
    clock = Clock()
    budget, warnings = watched(clock=clock)
    passed = False
    for emitted_g, projection in ticks:
        clock.now += UNMEASURED_AFTER_S / 3
        budget.check(emitted_g, projection)
        passed = passed or (emitted_g is not None and emitted_g >= 30.0)
        lines = told(warnings)
        assert lines == [PASSED] if passed else len(lines) <= 1
        if lines and not passed and emitted_g is not None:
            assert lines != [UNMEASURED]
            assert projection.emissions_g.high > 30.0
        if not lines and projection is not None and emitted_g is not None:
            assert projection.emissions_g.value <= 30.0


@settings(deadline=None)
@given(st.lists(st.floats(28.5, 34.5), min_size=1))
def test_a_wavering_projection_never_changes_the_line(values):
    budget, warnings = watched()
    budget.check(1.0, projected(31.0, 28.0, 35.0))
    (line,) = told(warnings)
    for value in values:
        budget.check(1.0, projected(value, value - 3.0, value + 3.0))
        assert told(warnings) == [line]


@pytest.mark.parametrize(
    ("value_g", "text"),
    [
        (0.0, "0 g"),
        (1e-9, "0.001 µg"),
        (0.0123, "12.3 mg"),
        (0.99951, "1 g"),
        (34.21, "34.2 g"),
        (999.6, "1 kg"),
        (50_123.0, "50.1 kg"),
        (4.2e9, "4,200 t"),
    ],
)
def test_grams_read_as_a_person_writes_them(value_g, text):
    assert grams(value_g) == text


@pytest.mark.parametrize(
    ("limit_g", "text"), [(1234.5, "1.2345 kg"), (50, "50 g"), (5e-5, "50 µg")]
)
def test_a_budget_reads_as_it_was_given(limit_g, text):
    budget, warnings = watched(limit_g=limit_g)
    budget.check(limit_g, None)
    assert told(warnings) == [f"The emissions passed the budget of {text}."]


def test_a_recorded_run_tells_of_its_budget_while_it_goes_on(record, clock):
    meter, seen = Constant(clock), []
    train = trains(meter, clock, 1000, total=1000)

    def during(made):
        check = made.budget.check

        def watch(*figures):
            check(*figures)
            seen.append([line for line in made.run.warnings if "budget" in line])

        made.budget.check = watch
        train(made)

    # 100 W for 1010 s at 360 g/kWh, and what the GPU's manufacture adds.
    run = record(meter, during=during, budget=8.0)
    assert run.budget_g == 8.0
    assert run.emissions_g > 10.0
    lines = [line for line, _ in itertools.groupby(lines[0] if lines else "" for lines in seen)]
    assert lines[0] == ""
    assert lines[-1] == "The emissions passed the budget of 8 g."
    assert len(lines) >= 3
    assert all(line.endswith("passes the budget of 8 g.") for line in lines[1:-1])

"""The intensity at any time, and the energy of a run by its time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocarbon_magic.carbon.live.curve import HELD_S, Curve
from ocarbon_magic.carbon.live.points import Point
from ocarbon_magic.carbon.live.priced import Part, Priced
from ocarbon_magic.carbon.live.slots import SLOT_S, Slots

HOURS = Curve([Point(3600.0 * h, 3600.0 * (h + 1), 10.0 * h, estimated=h == 2) for h in (0, 1, 2)])
LAST_S = 3 * 3600.0


def test_a_time_has_the_value_of_the_span_it_lies_in():
    assert HOURS.at(0.0)[:2] == (0.0, "told")
    assert HOURS.at(3599.9)[:2] == (0.0, "told")
    assert HOURS.at(3600.0)[:2] == (10.0, "told")
    assert HOURS.at(7200.0)[:2] == (20.0, "estimated")


def test_the_nearest_value_is_held_for_some_hours():
    assert HOURS.at(LAST_S) == (20.0, "held", 0.0)
    assert HOURS.at(LAST_S + HELD_S) == (20.0, "held", HELD_S)
    assert HOURS.at(LAST_S + HELD_S + 1) is None
    assert HOURS.at(-HELD_S) == (0.0, "held", HELD_S)
    assert HOURS.at(-HELD_S - 1) is None
    assert Curve([]).at(0.0) is None


def test_a_gap_is_filled_with_the_value_before_it():
    gap = Curve(
        [Point(0.0, 900.0, 5.0, estimated=False), Point(1800.0, 2700.0, 9.0, estimated=False)]
    )
    assert gap.at(900.0) == (5.0, "held", 0.0)
    assert gap.at(1799.0)[:2] == (5.0, "held")
    assert gap.at(1800.0)[:2] == (9.0, "told")


def test_what_was_told_later_of_a_time_counts():
    curve = Curve([Point(0.0, 900.0, 5.0, estimated=True), Point(0.0, 900.0, 7.0, estimated=False)])
    assert curve.at(10.0)[:2] == (7.0, "told")


def test_the_mean_of_a_span_is_that_of_what_is_told_of_it():
    assert HOURS.mean(1800.0, 5400.0) == pytest.approx(5.0)
    # a quarter of an hour of 10, then an hour of 20: (900 x 10 + 3600 x 20) / 4500 = 18
    assert HOURS.mean(6300.0, 99_999.0) == pytest.approx(18.0)
    assert HOURS.mean(LAST_S, 99_999.0) is None
    assert HOURS.mean(-10.0, 0.0) is None
    assert Curve([]).mean(0.0, 1.0) is None


@given(
    st.floats(0.0, 1e10),
    st.lists(st.tuples(st.floats(0.0, 4000.0), st.floats(-5.0, 1e6)), max_size=30),
)
def test_energy_goes_to_the_slots_of_its_time_and_none_is_lost(began_s, steps):
    slots = Slots(began_s)
    run_s = energy_j = most_j = 0.0
    for span_s, joules in steps:
        run_s, energy_j = run_s + span_s, energy_j + joules
        most_j = max(most_j, energy_j)
        slots.drew(run_s, energy_j)
    assert sum(slot.joules for slot in slots.slots) == pytest.approx(most_j, abs=1e-3)
    assert slots.slots[0].start_s == 0.0
    assert slots.slots[-1].end_s == run_s
    for one, following in zip(slots.slots, slots.slots[1:], strict=False):
        assert one.end_s == following.start_s
        assert (began_s + following.start_s) % SLOT_S == pytest.approx(0.0, abs=1e-4) or (
            began_s + following.start_s
        ) % SLOT_S == pytest.approx(SLOT_S, abs=1e-4)
    assert len(slots.slots) <= run_s / SLOT_S + 2


def test_energy_is_spread_over_a_long_silence():
    slots = Slots(SLOT_S - 100.0)  # 100 s before the slot ends
    slots.drew(400.0, 4000.0)  # 10 W over 400 s: 100 s in the first slot, 300 s in the second
    assert [(s.start_s, s.end_s, s.joules) for s in slots.slots] == [
        (0.0, 100.0, pytest.approx(1000.0)),
        (100.0, 400.0, pytest.approx(3000.0)),
    ]


def priced(*rows):
    """Return what 300 s slots drew, given joules and intensities."""
    slots = Slots(0.0)
    for number, (joules, _) in enumerate(rows, 1):
        before = sum(j for j, _ in rows[: number - 1])
        slots.drew(number * SLOT_S, before + joules)
    return Priced([Part(slot, g, None) for slot, (_, g) in zip(slots.slots, rows, strict=True)])


def test_the_mean_is_weighed_by_energy():
    run = priced((100.0, 50.0), (300.0, 10.0))
    # (100 x 50 + 300 x 10) / 400 = 20
    assert run.mean() == pytest.approx(20.0)
    assert run.mean_by(SLOT_S, 100.0) == pytest.approx(50.0)
    # 150 J of the second slot: (100 x 50 + 150 x 10) / 250 = 26, whenever they were drawn
    assert run.mean_by(1.1 * SLOT_S, 250.0) == pytest.approx(26.0)
    assert run.mean_by(1.9 * SLOT_S, 250.0) == pytest.approx(26.0)
    assert run.mean_by(1.9 * SLOT_S, 100.0) == pytest.approx(50.0)
    assert run.mean_by(0.0, 0.0) == 50.0
    assert run.mean_by(1e9, 1e9) == pytest.approx(20.0)


@given(st.lists(st.tuples(st.floats(0.0, 1e6), st.floats(0.0, 2000.0)), min_size=1, max_size=40))
def test_what_was_emitted_never_falls(rows):
    run = priced(*rows)
    joules = grams = 0.0
    for number, (drawn, _) in enumerate(rows):
        for share in (0.0, 0.1, 0.1, 0.7, 1.0):  # idle for a while, then at work
            energy_j = joules + share * drawn
            emitted = energy_j * run.mean_by((number + share * 0.99) * SLOT_S, energy_j)
            assert emitted >= grams - 1e-6 * (1.0 + grams)
            grams = max(emitted, grams)
        joules += drawn


def test_the_mean_is_weighed_by_time_where_nothing_was_drawn():
    run = priced((0.0, 50.0), (0.0, 10.0))
    assert run.mean() == pytest.approx(30.0)
    assert run.share(lambda part: part.g_per_kwh > 20) == pytest.approx(0.5)


def test_steps_of_one_value_are_one():
    run = priced((1.0, 50.0), (1.0, 50.0), (2.0, 10.0))
    assert list(run.steps(26)) == [(0.0, 50.0), (2 * SLOT_S, 10.0)]


@given(st.lists(st.tuples(st.floats(0.1, 1e6), st.floats(0.0, 2000.0)), min_size=1, max_size=900))
def test_steps_are_few_and_have_the_mean_of_the_run(rows):
    run = priced(*rows)
    steps = list(run.steps(26))
    assert len(steps) <= 26
    assert steps[0][0] == 0.0
    bounds = [*(t for t, _ in steps), len(rows) * SLOT_S]
    grams = 0.0
    for (start_s, g_per_kwh), end_s in zip(steps, bounds[1:], strict=True):
        first, last = round(start_s / SLOT_S), round(end_s / SLOT_S)
        grams += g_per_kwh * sum(joules for joules, _ in rows[first:last])
    assert grams == pytest.approx(run.mean() * sum(joules for joules, _ in rows))

"""What holds for every run and every choice."""

from __future__ import annotations

import itertools
import math

import pytest
import sample_runs
from hypothesis import assume, given
from hypothesis import strategies as st
from whatif_runs import CPU, run, under_way

from ocarbon_magic.planning.spread import Range, Spread, spread_of
from ocarbon_magic.planning.whatif.arithmetic import Pace, mean_over_run
from ocarbon_magic.planning.whatif.choice import Choice, WhatIfError
from ocarbon_magic.planning.whatif.cost import cost_of_run
from ocarbon_magic.planning.whatif.outcome import what_if
from ocarbon_magic.run import Run, Series

amounts = st.floats(1e-3, 1e6)
shares = st.one_of(st.none(), st.floats(0, 1))
CARDS = ("NVIDIA H100 80GB HBM3", "Tesla T4", "Tesla P100-PCIE-16GB", "AMD Instinct MI300X")


@st.composite
def runs(draw):
    """A run whose sums agree, on some cards, finished or under way."""
    name, count = draw(st.sampled_from(CARDS)), draw(st.integers(1, 16))
    busy, energy_kwh, pue = draw(shares), draw(amounts), draw(st.floats(1, 3))
    energy_j = energy_kwh * 3.6e6 / count
    devices = [
        sample_runs.gpu(i, name=name, energy_j=energy_j, busy_share=busy) for i in range(count)
    ]
    if draw(st.booleans()):
        devices.append(sample_runs.cpu(energy_j=draw(amounts)))
    embodied_g = draw(st.floats(0, 1e5))
    operational_g = energy_kwh * pue * 100.0
    make = under_way if draw(st.booleans()) else run
    return make(
        devices=devices,
        energy_kwh=energy_kwh,
        pue=pue,
        duration_s=draw(st.floats(1, 1e7)),
        operational_g=operational_g,
        embodied_g=embodied_g,
        emissions_g=operational_g + embodied_g,
    )


choices = st.builds(
    Choice,
    zone=st.sampled_from([None, "SE", "GB", "aws:us-east-1", "gcp:europe-west9"]),
    device=st.sampled_from([None, "A100", "T4", "GTX 1080 Ti", "B200"]),
    count=st.one_of(st.none(), st.integers(1, 100)),
    hour=st.one_of(st.none(), st.integers(0, 23)),
    pue=st.one_of(st.none(), st.floats(1, 3)),
)


@given(runs())
def test_no_choice_changes_nothing(record):
    made = what_if(record, Choice())
    assert made.emissions_g.value == pytest.approx(made.basis_g)
    assert made.change_pct == made.time_change_pct == 0
    assert made.label == "as it was"
    assert made.notes == ()


def check(made):
    numbers = [made.operational_g, made.embodied_g or 0.0, made.basis_g]
    assert all(number >= 0 and math.isfinite(number) for number in numbers)
    assert made.emissions_g.value == pytest.approx(sum(numbers[:2]))
    costs = [cost.amount for cost in (made.cost, made.electricity) if cost is not None]
    for spread in (made.emissions_g, made.energy_kwh, made.duration_s, *costs):
        if spread is not None and spread.low is not None:
            assert 0 <= spread.low <= spread.value * (1 + 1e-12)
            assert spread.value <= spread.high * (1 + 1e-12)
            assert math.isfinite(spread.high)
    assert all(note.endswith(".") and "nan" not in note.lower().split() for note in made.notes)
    assert not any("None" in note for note in made.notes)


@given(runs(), choices)
def test_whatever_is_chosen_an_outcome_holds_together(record, choice):
    check(what_if(record, choice))


@given(runs(), choices, st.floats(1, 3), st.floats(1, 3))
def test_a_larger_pue_never_emits_less(record, choice, one, other):
    low, high = sorted((one, other))
    made = [what_if(record, Choice(choice.zone, choice.device, choice.count, pue=pue))
            for pue in (low, high)]  # fmt: skip
    assert made[0].emissions_g.value <= made[1].emissions_g.value * (1 + 1e-12)


@given(runs(), st.sampled_from([("SE", "FR"), ("FR", "DE"), ("DE", "PL")]))
def test_a_place_with_a_larger_intensity_never_emits_less(record, places):
    cleaner, other = (what_if(record, Choice(zone=place, pue=1.2)) for place in places)
    assert cleaner.emissions_g.value <= other.emissions_g.value * (1 + 1e-12) or (
        "FR" in places  # the run's own place has the figure of its record
    )


@given(runs(), choices)
def test_place_and_card_change_the_operational_grams_independently(record, choice):
    none = what_if(record, Choice()).operational_g
    place = Choice(zone=choice.zone, pue=choice.pue)
    cards = Choice(device=choice.device, count=choice.count)
    both = Choice(choice.zone, choice.device, choice.count, pue=choice.pue)
    one, other, together = (what_if(record, each).operational_g for each in (place, cards, both))
    assume(none > 0)
    assert together * none == pytest.approx(one * other)


@given(runs(), st.integers(1, 64), st.integers(1, 64))
def test_more_cards_never_take_longer_nor_less_energy_of_their_own(record, one, other):
    few, many = sorted((one, other))
    assume(few != many)
    fewer, more = (what_if(record, Choice(count=count)) for count in (few, many))
    assert more.duration_s.value <= fewer.duration_s.value * (1 + 1e-12)
    energies = [Pace(cards=count).cards_energy for count in (few, many)]
    assert energies == sorted(energies)


@given(st.floats(0, 1), st.floats(0.01, 100), st.floats(0.5, 1), st.floats(1 / 64, 64))
def test_a_pace_is_one_for_nothing_and_never_below_zero(busy, pace, cap, cards):
    assert Pace(busy=busy).time == pytest.approx(1.0)
    assert Pace(busy=busy).cards_energy == pytest.approx(1.0)
    made = Pace(busy=busy, pace=pace, cap=cap, cards=cards)
    assert made.time >= 1 - busy
    assert made.cards_energy >= 0


@given(st.lists(st.floats(0.1, 2.0), min_size=24, max_size=24), st.floats(0, 24), st.floats(0, 1e6))
def test_the_mean_over_a_run_lies_between_the_hours_and_that_of_days_is_the_days(
    shape, start_h, duration_s
):
    mean = mean_over_run(shape, start_h, duration_s)
    assert min(shape) * (1 - 1e-9) <= mean <= max(shape) * (1 + 1e-9)
    assert mean_over_run(shape, start_h, 86_400.0) == pytest.approx(sum(shape) / 24)
    assert mean_over_run(shape, start_h, duration_s) == pytest.approx(
        mean_over_run(shape, start_h - 24, duration_s), rel=1e-6
    )


def test_independent_ranges_add_in_quadrature_and_a_low_of_zero_stays():
    two = spread_of(10.0, [Range(1.0, 0.5, 2.0), Range(3.0, 1.0, 9.0)])
    assert two.low == pytest.approx(10.0 * math.exp(-math.hypot(math.log(2), math.log(3))))
    assert two.high == pytest.approx(10.0 * math.exp(math.hypot(math.log(2), math.log(3))))
    assert spread_of(10.0, [Range(1.0, 0.0, 1.0)]) == Spread(10.0, 0.0, 10.0)
    assert spread_of(10.0, []) == Spread(10.0, None, None)


def test_spreads_overlap_where_both_could_be_the_same():
    assert Spread(1.0, 0.5, 2.0).overlaps(Spread(3.0, 2.0, 4.0))
    assert not Spread(1.0, 0.5, 1.9).overlaps(Spread(3.0, 2.0, 4.0))
    assert Spread(2.5, None, None).overlaps(Spread(3.0, 2.0, 4.0))
    assert not Spread(1.0, None, None).overlaps(Spread(3.0, None, None))


WRONG = [None, -1, 0, 1e308, math.nan, math.inf, "text", [], {}, True]
CHOSEN = [
    Choice(),
    Choice(zone="SE", device="L4", hour=3),
    Choice(zone="GB", hour=3, pue=1.1),
    Choice(count=4, power_cap_w=100.0),
]


def damaged():
    """A record with each of its values replaced by each that it cannot be."""
    whole = under_way(series=Series(), devices=[sample_runs.gpu(energy_j=7.2e6), CPU]).to_dict()
    for key, wrong in itertools.product(whole.keys() - {"schema"}, WRONG):
        yield whole | {key: wrong}
    for key in ("intensity", "zone", "projection", "work"):
        for inner, wrong in itertools.product(whole[key], WRONG):
            yield whole | {key: whole[key] | {inner: wrong}}
    for key, wrong in itertools.product(whole["devices"][0], WRONG):
        yield whole | {"devices": [whole["devices"][0] | {key: wrong}]}
    for key, inner, wrong in itertools.product(
        ("duration_s", "energy_kwh", "emissions_g"), ("value", "low", "high"), WRONG
    ):
        bent = whole["projection"][key] | {inner: wrong}
        yield whole | {"projection": whole["projection"] | {key: bent}}


def test_a_damaged_record_has_no_outcome_or_a_sound_one():
    refused = answered = 0
    for record in damaged():
        try:
            damaged_run = Run.from_dict(record)
        except ValueError:
            refused += 1  # a value of the wrong kind is no record
            continue
        for choice in CHOSEN:
            try:
                check(what_if(damaged_run, choice))
            except WhatIfError as error:
                assert str(error)[-1] in ".?"  # noqa: PT017 - the sentence of either end
            else:
                answered += 1
        cost_of_run(damaged_run)
    assert refused > 200
    assert answered > 500

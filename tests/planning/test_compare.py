"""Runs side by side: figures by hand, what is not comparable, normalisation, SCI, verdicts."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_runs import gpu, sample

import ocarbon_magic as oc
from ocarbon_magic import history
from ocarbon_magic.charge import EmbodiedCharge
from ocarbon_magic.collection import Runs
from ocarbon_magic.planning import bounds
from ocarbon_magic.planning.comparison.choice import MOST, like_the_newest
from ocarbon_magic.planning.comparison.error import ComparisonError
from ocarbon_magic.planning.spread import Spread
from ocarbon_magic.run import Intensity, Metric, Series, Work
from ocarbon_magic.subcommands import answer

LIFECYCLE = Intensity(50.0, 2024, "lifecycle", "Ember")
DIRECT = Intensity(50.0, 2024, "direct", "UNFCCC")
BY_HAND = Intensity(50.0, None, None, "given")


def run(name, joules=36_000.0, *, pct=5.0, device="NVIDIA H100 80GB HBM3", score=None, **changes):
    """10 Wh in 100 s on a GPU: 0.5 g operational and 0.1 g embodied, 100 steps."""
    about = {
        "id": f"{name}-id",
        "name": name,
        "devices": [gpu(energy_j=joules, uncertainty_pct=pct, name=device)],
        "duration_s": 100.0,
        "intensity": LIFECYCLE,
        "embodied_g": 0.1,
        "work": Work(100.0, 100.0, "step", 1.0, "tqdm"),
        "metric": None if score is None else Metric("accuracy", score),
        "series": Series(),
    }
    return sample(**{**about, **changes})


def charge(product, grams, low=None, high=None):
    return EmbodiedCharge(
        product, 1, 100.0, product, 1.0, low, high, "card", 4.0, "a source", grams, low, high
    )


def change(one, other, name, **asked):
    return oc.compare([one, other], **asked).changes[1].get(name)


# Bounds


def test_bounds_of_devices_are_added_and_an_unread_device_leaves_none():
    # 36 kJ ± 5 % and 4 kJ ± 50 %: (1.8 + 2) kJ of 40 kJ is 9.5 %.
    two = [gpu(energy_j=36_000.0, uncertainty_pct=5.0), gpu(energy_j=4_000.0, uncertainty_pct=50)]
    assert bounds.energy_share(run("a", devices=two)) == pytest.approx(0.095)
    assert bounds.energy_share(run("a", devices=[*two, gpu(energy_j=None)])) is None
    assert bounds.energy_share(run("a", pct=None)) is None
    assert bounds.energy(run("a", pct=None)) == Spread(0.01)


def test_embodied_ends_are_the_published_range_else_half_to_twice():
    assert bounds.embodied(run("a")) == Spread(0.1, 0.05, 0.2)
    # One product states 0.04 to 0.11 g of its 0.06 g; of the other 0.04 g nothing is published.
    told = [charge("x", 0.06, 0.04, 0.11), charge("y", 0.03), charge("y", 0.01)]
    found = bounds.embodied(run("a", embodied=told))
    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.04 + 0.02, 0.11 + 0.08))


def test_emissions_have_the_ends_of_all_their_parts():
    # 0.5 g ± 5 % and 0.1 g, 0.05 to 0.2 g: 0.475 + 0.05 to 0.525 + 0.2.
    found = bounds.emissions(run("a"))
    assert (found.value, found.low, found.high) == pytest.approx((0.6, 0.525, 0.725))
    left_out = run("a", embodied_g=None)
    assert bounds.embodied(left_out) is None
    assert bounds.emissions(left_out).high == pytest.approx(0.525)


# Differences and their certainty


@pytest.mark.parametrize(
    ("pct", "is_within"),
    # The energies are 2.5 Wh apart, and each per cent of them is 0.175 Wh: 14.29 % would do.
    [(14.0, False), (14.5, True), (None, None)],
)
def test_a_difference_is_within_where_the_intervals_meet(pct, is_within):
    one, other = run("one", pct=pct), run("other", 27_000.0, pct=pct)
    energy = change(one, other, "energy_kwh")
    assert (energy.pct, energy.is_within) == (pytest.approx(-25.0), is_within)
    # 0.5 + 0.1 g and 0.375 + 0.1 g: -0.125 of 0.6; the embodied parts are equal, and cancel.
    emissions = change(one, other, "emissions_g")
    assert (emissions.pct, emissions.is_within) == (pytest.approx(-125 / 6), is_within)


def test_of_one_product_the_error_is_common_and_of_two_it_is_not():
    # Operational 0.5 and 0.375 g, bounds 0.025 + 0.01875 g. On one product the embodied parts
    # take nothing from the 0.125 g between them; on two they may add 0.15 g to the lower one.
    one = run("one")
    assert change(one, run("other", 27_000.0), "emissions_g").is_within is False
    assert change(one, run("other", 27_000.0, device="T4"), "emissions_g").is_within is True
    # With published ranges of ± 0.01 g the second pair is told apart: 0.125 > 0.04375 + 0.02.
    a = run("a", embodied=[charge("x", 0.1, 0.09, 0.11)])
    b = run("b", 27_000.0, embodied=[charge("y", 0.1, 0.09, 0.11)])
    assert change(a, b, "emissions_g").is_within is False


def test_embodied_parts_alone_do_not_make_a_difference_that_is_beyond():
    # Energies alike. Twice the embodied grams of another product: 0.05 to 0.2 against 0.1 to 0.4.
    other = run("other", device="T4", embodied_g=0.2)
    assert change(run("one"), other, "energy_kwh").is_within
    assert change(run("one"), other, "emissions_g").is_within
    # Of the same product for twice the time it is 0.05 to 0.2 g more, and 0.05 g are unsure.
    assert change(run("one", 35_000.0), run("o", embodied_g=0.25), "emissions_g").is_within is False


@st.composite
def runs(draw, name):
    grams = draw(st.floats(1e-2, 1e2))
    kept = st.sampled_from([[], [charge("x", grams, grams / 3, grams * 2)], [charge("y", grams)]])
    return run(
        name,
        draw(st.floats(1e3, 1e6)),
        pct=draw(st.one_of(st.none(), st.floats(0.0, 60.0))),
        device=draw(st.sampled_from(["T4", "A100"])),
        duration_s=draw(st.floats(1.0, 1e3)),
        embodied_g=grams,
        embodied=draw(kept),
        work=Work(draw(st.floats(1.0, 1e3)), None, "step", 1.0, "tqdm"),
        score=draw(st.floats(0.01, 1.0)),
    )


@given(one=runs("one"), other=runs("other"))
@settings(deadline=None, max_examples=150)
def test_a_comparison_turned_round_says_the_same(one, other):
    there = oc.compare([one, other], per="step").changes[1]
    back = oc.compare([other, one], per="step").changes[1]
    assert there.keys() == back.keys()
    for name, change in there.items():
        assert change.is_within == back[name].is_within
        product = (1 + change.pct / 100) * (1 + back[name].pct / 100)
        assert product == pytest.approx(1.0, rel=1e-6)


@given(one=runs("one"))
@settings(deadline=None, max_examples=50)
def test_a_run_does_not_differ_from_its_like(one):
    like = type(one)(**{field: getattr(one, field) for field in one.__slots__} | {"id": "like"})
    for change in oc.compare([one, like]).changes[1].values():
        assert change.is_none
        assert change.is_within in (True, None)


# What is not comparable


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"intensity": DIRECT}, "their scopes differ or are not known (lifecycle and direct)."),
        ({"intensity": BY_HAND}, "not known (lifecycle and intensity by hand)."),
        ({"embodied_g": None}, "embodied carbon is not in both."),
    ],
)
def test_what_is_not_comparable_is_said_and_energies_are_compared(changes, why):
    found = oc.compare([run("one"), run("other", 27_000.0, **changes)])
    assert found.obstacle.startswith("Emissions are not comparable: ")
    assert found.obstacle.endswith(why)
    assert found.notes[0] == found.obstacle
    assert found.verdict == "other used 25 % less energy than one, in the same time."
    told = {"emissions_g", "operational_g", "emissions_g_per_unit"}
    assert not told & found.changes[1].keys()
    assert all(figures.standing is None for figures in found.figures)


def test_several_metrics_are_said_and_one_can_be_chosen():
    other = run("other", metric=Metric("loss", 0.3))
    found = oc.compare([run("one", score=0.8), other])
    assert found.metric is None
    assert "The runs have different metrics (accuracy, loss): choose one" in " ".join(found.notes)
    chosen = oc.compare([run("one", score=0.8), other], metric="loss")
    assert (chosen.metric.expression, chosen.metric.better) == ("loss", "lower")
    assert [figures.metric for figures in chosen.figures] == [None, 0.3]


def test_work_in_other_units_is_not_compared():
    other = run("other", work=Work(3.0, 3.0, "epoch", 0.03, "keras"))
    told = {"work_done", "rate_per_s", "emissions_g_per_unit"}
    assert not told & oc.compare([run("one"), other]).changes[1].keys()


# For each of something


def test_per_step_per_sample_and_per_epoch_are_emissions_over_the_work():
    # 0.6 g over 100 steps is 6 mg; 0.475 g over 200 is 2.375 mg.
    two = [run("one"), run("two", 27_000.0, work=Work(200.0, 200.0, "batch", 2.0, "tqdm"))]
    found = oc.compare(two, per="steps")
    assert found.per == "step"
    assert [f.emissions_g_per.value for f in found.figures] == pytest.approx([0.006, 0.002375])
    # (0.525 to 0.725 g) / 100
    assert found.figures[0].emissions_g_per.low == pytest.approx(0.00525)
    assert found.changes[1]["emissions_g_per"].pct == pytest.approx(100 * (0.002375 / 0.006 - 1))
    assert found.changes[1]["emissions_g_per"].is_within is False
    for unit, per in (("image", "sample"), ("epoch", "epoch"), ("tokens", "token")):
        counted = oc.compare([run("one", work=Work(50.0, 50.0, unit, 1.0, "x"))], per=per)
        assert counted.figures[0].emissions_g_per.value == pytest.approx(0.012)


def test_a_unit_that_only_some_counted_is_told_of_the_others():
    images = run("two", work=Work(50.0, 50.0, "image", 1.0, "torch"))
    found = oc.compare([run("one"), images], per="sample")
    assert [f.emissions_g_per is None for f in found.figures] == [True, False]
    assert any(
        note == "Per sample: not known of one, which counted steps; measure with --unit sample."
        for note in found.notes
    )


def test_a_point_is_a_hundredth_of_a_share_or_one_per_cent():
    # 0.6 g over 80 points is 7.5 mg.
    shares = oc.compare([run("one", score=0.8), run("two", score=0.4)], per="point")
    assert shares.per == "percentage point of accuracy"
    assert [f.emissions_g_per.value for f in shares.figures] == pytest.approx([0.0075, 0.015])
    in_pct = oc.compare([run("one", score=80.0), run("two", score=40)], per="point")
    assert [f.emissions_g_per.value for f in in_pct.figures] == pytest.approx([0.0075, 0.015])
    assert any("counted from 0" in note for note in shares.notes)


# Software Carbon Intensity


def test_the_score_is_energy_with_pue_times_intensity_plus_embodied_over_units():
    # E = 0.01 kWh * 1.2, I = 50 g/kWh, M = 0.1 g: 0.7 g for 100 steps, 7 g for 1,000.
    one = run("one", pue=1.2, operational_g=0.6, emissions_g=0.7)
    found = oc.compare([one], functional_unit="1,000 steps")
    assert found.functional_unit == "1,000 steps"
    assert found.figures[0].sci_g.value == pytest.approx((0.01 * 1.2 * 50 + 0.1) / 0.1)
    assert "7.00 gCO2e per 1,000 steps" in str(found)
    model = oc.compare([one], functional_unit="trained model", units=2)
    assert model.figures[0].sci_g.value == pytest.approx(0.35)
    assert "350 mgCO2e per trained model" in str(model)


def test_without_a_functional_unit_there_is_no_score_and_it_says_what_to_name():
    found = oc.compare([run("one"), run("two")])
    assert [figures.sci_g for figures in found.figures] == [None, None]
    assert found.notes[-1] == (
        "No SCI score without a functional unit: name one, as in --functional-unit '1,000 steps'."
    )


def test_without_the_embodied_part_there_is_no_score():
    found = oc.compare([run("one", embodied_g=None)], functional_unit="1k steps")
    assert found.figures[0].sci_g is None
    assert any(note.endswith("No score of one: M is not known.") for note in found.notes)


# Verdicts


def test_the_verdict_on_several_names_the_least_and_the_best():
    # 0.225, 0.6 and 1.35 g: the last is 6 times the first.
    few = [run("b", 9_000.0, score=0.7), run("a", score=0.8), run("c", 90_000.0, score=0.91)]
    assert oc.compare(few).verdict == (
        "b emitted least (225 mg); c has the best accuracy (0.91) for 6 times as much."
    )
    assert oc.compare([*few[1:], run("d", 9_000.0, score=0.95)]).verdict == (
        "d emitted least (225 mg) and has the best accuracy (0.95)."
    )


def test_the_verdict_names_who_may_have_emitted_least_too():
    few = [run("a"), run("b", 35_000.0), run("c", 90_000.0)]
    assert oc.compare(few).verdict == ("b emitted least (586 mg; a is within the uncertainty).")
    many = [*few, run("d"), run("e")]
    assert "(586 mg; 3 others are within the uncertainty)" in oc.compare(many).verdict


def test_the_verdict_falls_back_on_energy_and_says_when_nothing_is_known():
    few = [run("a"), run("b", 35_000.0, intensity=DIRECT), run("c", 90_000.0)]
    assert oc.compare(few).verdict.startswith("b used the least energy (9.72 Wh; a is within")
    nothing = [run(name, None) for name in "abc"]
    assert oc.compare(nothing).verdict == (
        "Not enough is known of the runs to say which one emitted least."
    )
    assert oc.compare(nothing[:2]).verdict == (
        "Not enough is known of the two to say which one emitted less."
    )
    assert oc.compare([run("a")]).verdict == "a emitted 600 mg."


# Which runs


def test_without_runs_the_newest_are_compared_with_their_like_oldest_first():
    found = like_the_newest([run("new"), run("direct", intensity=DIRECT), run("old")])
    assert [each.name for each in found] == ["old", "new"]
    assert len(like_the_newest([run(str(i)) for i in range(20)])) == MOST
    assert len(like_the_newest([])) == 0


def test_runs_of_one_name_are_told_apart_and_one_run_counts_once():
    later = run("net", id="later", started_at="2026-03-02T09:30:00Z")
    names = [f.name for f in oc.compare([run("net"), later, later]).figures]
    assert names == ["net (2026-03-01 14:02)", "net (2026-03-02 09:30)"]
    same = [run("net", id=f"{i}abcdefgh") for i in range(2)]
    assert oc.compare(same).figures[1].name == "net (2026-03-01 14:02) (1abcdefg)"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"runs": []}, "there is no run to compare: measure"),
        ({"runs": ["net"]}, "runs must be runs"),
        ({"per": "sample"}, "no run counted samples (steps): measure with --unit sample"),
        ({"per": "point", "metric": "loss"}, "no run has the metric loss"),
        ({"per": "point", "better": "lower"}, "accuracy is better the lower it is"),
        ({"functional_unit": "trained model"}, "no run says how many of 'trained model'"),
        ({"functional_unit": "12"}, "a functional unit is a thing that is counted"),
        ({"functional_unit": "0 steps"}, "a functional unit needs a number above 0"),
        ({"units": 3}, "--units says how many functional units there are: name one"),
        ({"better": "up"}, "better must be 'higher' or 'lower'"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(asked, sentence):
    with pytest.raises(ComparisonError) as caught:
        oc.compare(**{"runs": [run("one", score=0.8), run("two", score=0.9)], **asked})
    assert str(caught.value).startswith(sentence)
    assert caught.value._render_traceback_() == [f"ComparisonError: {caught.value}"]


@pytest.mark.parametrize("scores", [(0.8, 91.0), (0.8, 140.0), (0.8, -1.0)])
def test_points_on_two_scales_are_refused(scores):
    with pytest.raises(ComparisonError, match="points need all values of accuracy from 0 to 1"):
        oc.compare([run(str(score), score=score) for score in scores], per="point")
    with pytest.raises(ComparisonError, match="points are those of a metric"):
        oc.compare([run("one")], per="point")


def test_the_line_asks_what_the_function_asks(monkeypatch):
    made = [run("small", score=0.8), run("large", 90_000.0, score=0.9)]
    monkeypatch.setattr(history, "runs", lambda **_: Runs(made))
    monkeypatch.setattr("ocarbon_magic.subcommands.compare.runs_called", lambda words: Runs(made))
    found = answer("compare --per step --functional-unit '1,000 steps' --better higher")
    assert [each.name for each in found.runs] == ["large", "small"]
    assert (found.per, found.functional_unit) == ("step", "1,000 steps")
    named = answer("compare small large --functional-unit model --units 1 --metric accuracy")
    assert [figures.sci_g.value for figures in named.figures] == pytest.approx([0.6, 1.35])
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    assert answer("compare --plot").figures[0].name == "large"
    assert shown[0].description.startswith("accuracy against emissions")


def test_a_comparison_is_plain_json_and_keeps_its_words():
    found = oc.compare([run("one", score=0.8), run("two", 27_000.0, score=0.7)], per="step")
    told = json.loads(json.dumps(found.to_dict()))
    assert told["verdict"] == found.verdict
    assert told["runs"][1]["changes"]["energy_kwh"] == {
        "pct": pytest.approx(-25.0),
        "is_within": False,
    }
    assert told["metric"] == {"expression": "accuracy", "better": "higher"}
    assert isinstance(told["runs"][0]["emissions_g"]["low"], float)


def test_a_cost_that_is_not_known_has_no_column(monkeypatch):
    where = "ocarbon_magic.planning.comparison.compare.cost_of_run"
    monkeypatch.setattr(where, lambda _: None)
    assert "cost" not in str(oc.compare([run("one"), run("two")]))
    price = SimpleNamespace(value=0.123)
    cost = SimpleNamespace(amount=price, currency="USD", basis="A price of 2025.")
    monkeypatch.setattr(where, lambda _: cost)
    shown = str(oc.compare([run("one"), run("two")]))
    assert "0.12 USD" in shown
    assert "Cost, indicative: A price of 2025." in shown

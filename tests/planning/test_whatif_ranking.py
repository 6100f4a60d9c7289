"""Several choices beside each other: the order, the constraints, the answer in one line."""

from __future__ import annotations

import json

import pytest
import sample_runs
from whatif_runs import BY_HAND, CPU, DIRECT, run, under_way

import ocarbon_magic as oc
from ocarbon_magic.planning.whatif.choice import Choice, WhatIfError
from ocarbon_magic.planning.whatif.outcome import Outcome, what_if
from ocarbon_magic.planning.whatif.ranking import rank
from ocarbon_magic.planning.whatif.several import MOST_CHOICES
from ocarbon_magic.run import Zone

T4 = sample_runs.gpu(name="Tesla T4", energy_j=3.6e5)


def on_a_t4(**changes):
    """An hour on a T4 that draws 100 W beside a processor that draws as much."""
    devices = [T4, sample_runs.cpu(energy_j=3.6e5)]
    grams = {"energy_kwh": 0.2, "operational_g": 30.0, "embodied_g": 5.0, "emissions_g": 35.0}
    return run(devices=devices, **{**grams, **changes})


def labels(ranking):
    return [outcome.label for outcome in ranking]


def test_the_fewest_grams_come_first():
    ranking = rank(run(), zones=["DEU", "SE", "FR", "POL"])
    grams = [outcome.emissions_g.value for outcome in ranking]
    assert labels(ranking) == ["Sweden", "France (as it was)", "Germany", "Poland"]
    assert grams == sorted(grams)
    assert ranking.best.label == "Sweden"
    assert len(ranking) == 4
    assert not ranking.excluded
    assert not ranking.unanswered


def test_every_combination_is_worked_out_once():
    ranking = rank(
        run(), zones=["SE", "SE", "FR"], devices=["A100", "H100"], counts=[1, 2], pues=[1.1]
    )
    assert len(ranking) == 2 * 2 * 2
    assert len({outcome.choice for outcome in ranking}) == 8
    for outcome in ranking:
        assert outcome == what_if(run(), outcome.choice)


def test_t4_or_a100_is_answered_in_one_line():
    ranking = rank(on_a_t4(), devices=["T4", "A100"])
    best, other = ranking
    # Half precision 65 to 312 TFLOP/s and 320 to 1555 GB/s: 0.2071 of the time, a fifth. The T4's
    # 70 W go to 400 W: half of the energy times 5.71, half as it was. That is 0.2071 x 3.357 =
    # 0.6952 of 30 g: 20.9 g. Embodied: 0.2071 of 5 g, the cards' part by their products.
    time = (65 / 312 * 320 / 1555) ** 0.5
    operational_g = 30.0 * time * (0.5 * 400 / 70 + 0.5)
    assert best.operational_g == pytest.approx(operational_g)
    less_pct = 100 * (1 - best.emissions_g.value / 35.0)
    assert other.emissions_g.value == 35.0
    # 0.72 against 0.526 USD an hour, for 0.2071 of it: 28 % of the money.
    assert ranking.verdict == (
        f"A100 SXM4 40GB: {less_pct:.0f} % less CO2e than the T4 (as it was), in a fifth of the "
        "time, for 28 % of the money; the intervals overlap, so it may be the other way round."
    )
    assert 0.72 / 0.526 * time == pytest.approx(0.2835, abs=1e-3)


def test_where_the_intervals_are_apart_the_answer_is_sure():
    ranking = rank(run(), zones=["SE", "POL"])
    best, other = (outcome.emissions_g.value for outcome in ranking)
    assert ranking.verdict == (
        f"Sweden: {100 * (1 - best / other):.0f} % less CO2e than Poland, for the same money."
    )
    old = rank(run(devices=[sample_runs.gpu(name="Tesla K80", energy_j=7.2e6)]), devices=["H100"])
    assert old.best.emissions_g.high < 310.0
    assert "overlap" not in old.verdict


def test_places_of_one_run_under_way_are_unsure_of_the_same():
    one, other = rank(under_way(), zones=["FR", "NZL"], pues=[1.2])
    assert one.emissions_g.overlaps(other.emissions_g)
    verdict = rank(under_way(), zones=["FR", "NZL"], pues=[1.2]).verdict
    assert "overlap" not in verdict
    cards = rank(under_way(), devices=["H100", "H200"]).verdict
    assert cards.endswith("the intervals overlap, so it may be the other way round.")


def test_within_the_time_keeps_what_takes_no_longer():
    ranking = rank(on_a_t4(), devices=["A100", "K80", "L4"], within_time_pct=10)
    assert "K80" not in " ".join(labels(ranking))
    (excluded,) = ranking.excluded
    assert excluded.outcome.label.startswith("K80")
    assert excluded.broken == ("takes longer",)
    assert ranking.constraints == ("within 10 % of the time",)
    # Another place takes no longer.
    assert len(rank(run(), zones=["SE"], within_time_pct=0)) == 1


def test_within_a_budget_and_for_an_amount_of_money():
    ranking = rank(run(), zones=["SE", "POL"], devices=["H100", "B200"], budget_g=116.0)
    assert all(outcome.emissions_g.value <= 116.0 for outcome in ranking)
    assert {each.broken for each in ranking.excluded} == {("above the budget",)}
    assert ranking.constraints == ("within 116 gCO2e",)
    dear = rank(run(), zones=["FR", "aws:eu-north-1", "azure:norwayeast"], max_cost_usd=2)
    assert labels(dear) == ["France (as it was)"]
    assert {each.outcome.label: each.broken for each in dear.excluded} == {
        "aws:eu-north-1": ("costs more",),
        "azure:norwayeast": ("cost in USD not known",),
    }
    none = rank(run(), zones=["POL", "DEU"], budget_g=1, within_time_pct=5)
    assert none.best is None
    assert none.verdict == ("Nothing that was asked for keeps to that; the fewest grams: Germany.")


def test_a_limit_on_a_figure_that_is_not_known_is_not_kept():
    timeless = rank(run(duration_s=None), zones=["SE"], within_time_pct=10)
    assert timeless.excluded[0].broken == ("time not known",)
    processor = rank(run(devices=[CPU]), zones=["FR"], max_cost_usd=10)  # EUR alone
    assert processor.excluded[0].broken == ("cost in USD not known",)


def test_what_says_nothing_of_the_run_is_told_beside_what_does():
    ranking = rank(run(), zones=["SE", "US-CA", "FR"], hours=[1, 2])
    assert {outcome.choice.zone for outcome in ranking} == {"FR"}
    whys = {each.why: len(each.choices) for each in ranking.unanswered}
    assert whys["no hourly figures are known for Sweden."] == 2
    assert len(whys) == 2
    with pytest.raises(WhatIfError, match="no hourly figures are known for Sweden"):
        rank(run(), zones=["SE"], hours=[1, 2])


def test_all_places_are_those_of_one_scope_with_a_figure_of_their_own():
    lifecycle = rank(run(), zones=["all"])
    assert len(lifecycle) > 300
    assert all("US-" not in (outcome.choice.zone or "") for outcome in lifecycle)
    assert not [label for label in labels(lifecycle) if label == "Liechtenstein"]
    direct = rank(run(zone=Zone("US-CA", "California", "given"), intensity=DIRECT), zones=["all"])
    assert "California (as it was)" in labels(direct)
    assert "Sweden" not in labels(direct)
    regions = labels(rank(run(), zones=["AWS"]))
    assert len(regions) == 38
    assert all(label.startswith("aws:") for label in regions)


def test_more_combinations_than_are_worked_out_are_refused():
    with pytest.raises(WhatIfError, match=f"at most {MOST_CHOICES:,} are worked out: name fewer"):
        rank(run(), zones=["all"], devices=["all"])


def test_with_nothing_named_a_few_places_hours_and_cards_that_do_better_are_offered():
    ranking = oc.whatif(run())
    chosen = [outcome.choice for outcome in ranking]
    assert sum(choice.zone is not None for choice in chosen) == 4
    assert sum(choice.hour is not None for choice in chosen) == 2
    assert 1 <= sum(choice.device is not None for choice in chosen) <= 4
    assert all(outcome.change_pct < 0 for outcome in ranking)
    countries = [note for o in ranking for note in o.notes if "figure of" in note]
    assert len(set(countries)) == len(countries)


def test_where_nothing_does_better_the_run_as_it_was_is_the_answer():
    cleanest = run(zone=Zone("FRA", "France", "given"), intensity=BY_HAND, devices=[CPU])
    cleanest.intensity.gco2e_per_kwh = 1.0
    cleanest.operational_g, cleanest.emissions_g = 3.0, 13.0
    ranking = rank(cleanest)
    assert ranking.verdict == "Nothing that was looked at emits less than the run as it was."
    assert ranking.best.choice == Choice()


def test_one_value_of_each_gives_an_outcome_and_several_or_a_limit_a_ranking():
    assert isinstance(oc.whatif(run(), zone="SE", device="A100", hour=None), Outcome)
    for several in (
        {"zone": ["SE"], "device": ("A100", "T4")},
        {"zone": "aws"},
        {"device": "all"},
        {"zone": "FR", "hour": "all"},
        {"zone": "SE", "budget_g": 100},
        {},
    ):
        assert not isinstance(oc.whatif(run(), **several), Outcome), several
    assert oc.whatif(run(), zone="Sweden") == what_if(run(), Choice(zone="Sweden"))


def test_wrong_limits_and_runs_are_answered_in_one_sentence():
    with pytest.raises(ValueError, match="budget_g must be a number of 0 or more, not 'ten'"):
        oc.whatif(run(), zone="SE", budget_g="ten")
    with pytest.raises(ValueError, match="run must be a measured run"):
        oc.whatif("last", zone="SE")


def test_answers_are_plain_json_too():
    ranking = rank(under_way(), zones=["SE", "US-CA"], devices=["A100"], budget_g=1)
    told = json.loads(json.dumps(ranking.to_dict(), allow_nan=False))
    assert told["verdict"] == ranking.verdict
    (excluded,) = told["excluded"]
    assert excluded["outcome"]["choice"]["zone"] == "SE"
    assert set(excluded["outcome"]["emissions_g"]) == {"value", "low", "high"}
    assert set(excluded["outcome"]["cost"]["amount"]) == {"value", "low", "high"}
    assert told["unanswered"][0]["choices"][0]["zone"] == "US-CA"
    assert told["as_it_was"]["change_pct"] == 0.0

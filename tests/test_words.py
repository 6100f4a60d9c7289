"""What text, HTML and the view say of a run's pace and of its projections."""

from __future__ import annotations

import math

import pytest
from sample_runs import projection, sample

from ocarbon_magic.run import Law, Throughput, Work
from ocarbon_magic.views import words


def test_how_the_forecasts_fared_is_told_once_it_is_known():
    assert words.track_record(sample(projections=[projection(0.1)])) is None
    judged = [projection(0.01, error_pct=12.34), projection(0.5, error_pct=-0.42)]
    told = words.track_record(sample(projections=judged))
    assert told == (
        "projected emissions were off by +12 % at 1 %, \N{MINUS SIGN}0.42 % at 50 % of the work"
    )


@pytest.mark.parametrize(
    ("status", "budget_g", "verdict"),
    [
        ("running", 0.6, "passed"),
        ("running", 34.0, "will be passed"),
        ("running", 35.0, "may be passed"),
        ("running", 40.0, "not passed"),
        ("failed", 34.0, "would be passed"),
        ("failed", 35.0, "might be passed"),
        ("finished", 34.0, "would be passed"),
    ],
)
def test_a_budget_is_held_against_what_was_emitted_then_against_the_projection(
    status, budget_g, verdict
):
    run = sample(status=status, projection=projection(), budget_g=budget_g)
    assert words.budget_verdict(run) == verdict


def test_a_budget_at_which_the_run_ended_is_passed():
    run = sample()
    run.budget_g = run.emissions_g
    assert words.budget_verdict(run) == "passed"


@pytest.mark.parametrize("budget_g", [None, math.nan, math.inf, 0.0, -1.0])
def test_what_is_no_budget_is_not_told(budget_g):
    assert words.budget(sample(budget_g=budget_g)) is None


@pytest.mark.parametrize(
    ("budget_g", "said"),
    [(50.0, "50 gCO2e"), (0.5, "500 mgCO2e"), (1234.0, "1.23 kgCO2e"), (100.0, "100 gCO2e")],
)
def test_a_budget_is_told_as_it_was_given(budget_g, said):
    assert str(words.budget_amount(budget_g)) == said


def test_the_pace_is_told_as_the_model_that_was_fitted():
    work = Work(2000.0, 2000.0, "step", 14.9, "tqdm")
    assert words.model(sample()) is None
    constant = sample(work=work, throughput=Throughput(scale=14.9, onset_s=12.0))
    assert words.model(constant) == "constant, 14.9 step/s from 12.0 s on"
    from_the_start = sample(work=work, throughput=Throughput(scale=14.9, onset_s=0.0))
    assert words.model(from_the_start) == "constant, 14.9 step/s from the start on"
    rising = sample(work=work, throughput=Throughput(-2.0, 3.5, 0.0))
    assert words.model(rising) == "f(t) = 3.5 ln(1 + 10^\N{MINUS SIGN}2 t) step/s"


def test_the_papers_law_stands_beside_and_says_where_it_misleads():
    assert words.law(sample()) is None
    ended = Work(2000.0, 2000.0, "step", 14.9, "tqdm")
    paper = Throughput(law=Law(33.2, 0.1, 134.2, None))
    assert words.law(sample(work=ended, throughput=paper)) == (
        "log10 \N{GREEK SMALL LETTER ALPHA} = 33.2"
    )
    paper = Throughput(law=Law(None, 14.9, 600.0, "It bends."))
    half = Work(1000.0, 2000.0, "step", 14.9, "tqdm")
    said = words.law(sample(work=half, throughput=paper, projection=projection()))
    assert said == "constant pace, would end at 10:00. It bends."

"""The words that text and HTML share: of certainty, pace, a budget and projections."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_runs import gpu, projection, sample, series

from ocarbon_magic.derived import mean_power_w
from ocarbon_magic.run import Law, Throughput, Work
from ocarbon_magic.views import budget, words


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
    assert budget.verdict(run) == verdict


def test_a_budget_at_which_the_run_ended_is_passed():
    run = sample()
    run.budget_g = run.emissions_g
    assert budget.verdict(run) == "passed"


@pytest.mark.parametrize("budget_g", [None, math.nan, math.inf, 0.0, -1.0])
def test_what_is_no_budget_is_not_told(budget_g):
    assert budget.summary(sample(budget_g=budget_g)) is None


@pytest.mark.parametrize(
    ("budget_g", "said"),
    [(50.0, "50 gCO2e"), (0.5, "500 mgCO2e"), (1234.0, "1.23 kgCO2e"), (100.0, "100 gCO2e")],
)
def test_a_budget_is_told_as_it_was_given(budget_g, said):
    assert str(budget.amount(budget_g)) == said


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


@settings(deadline=None)
@given(
    energies=st.lists(st.floats(1, 1e6), min_size=1, max_size=8),
    bounds=st.lists(st.floats(0.1, 50), min_size=8, max_size=8),
)
def test_uncertainties_add_up_weighted_by_energy(energies, bounds):
    devices = [
        gpu(energy_j=energy, uncertainty_pct=bound)
        for energy, bound in zip(energies, bounds, strict=False)
    ]
    said = words.energy_certainty(sample(devices=devices, series=series(2)))
    expected = sum(d.energy_j * d.uncertainty_pct for d in devices) / sum(energies)
    assert float(re.fullmatch(r"±([\d.]+) %", said)[1]) == pytest.approx(expected, rel=0.051)


def test_an_unknown_uncertainty_is_not_averaged_away():
    devices = [gpu(), gpu(1, uncertainty_pct=None)]
    assert words.energy_certainty(sample(devices=devices)) == ""


@settings(deadline=None)
@given(energy_j=st.floats(0, 1e15), duration_s=st.floats(1e-6, 1e9))
def test_mean_power_is_energy_over_time(energy_j, duration_s):
    run = sample(devices=[gpu(energy_j=energy_j)], duration_s=duration_s)
    assert mean_power_w(run) == pytest.approx(energy_j / duration_s)


def test_a_run_of_no_duration_has_no_mean_power():
    assert mean_power_w(sample(duration_s=0.0)) is None


@pytest.mark.parametrize(
    ("stamp", "shown"),
    [
        ("2026-03-01T14:02:11Z", "2026-03-01 14:02 UTC"),
        ("2026-03-01T14:02:11.123+01:00", "2026-03-01 13:02 UTC"),
        ("some day", "some day"),
    ],
)
def test_a_moment_is_shown_in_utc(stamp, shown):
    assert words.moment(stamp) == shown

"""Advice from other runs: shorter ones, and smaller models."""

from __future__ import annotations

import pytest
from advised import cpu, gpu, looked_at, measures, stepping, the_measure, with_metric

from ocarbon_magic.run import Intensity

STOP, USE = "Stop after", "Use "


def shorter(value, done=1200.0, **changes):
    return with_metric(value, done, number=1, **changes)


def smaller(value, kwh=0.3, **changes):
    made = {"name": "distilled", "number": 2, "duration_s": 400.0, "embodied_g": 4.0}
    devices = [gpu(0, kwh), cpu()]
    return with_metric(value, **{**made, "devices": devices, **changes})


def test_the_share_of_the_work_beyond_what_was_enough_is_saved():
    # 800 of 2,000 steps are 40 % of 110 g.
    measure = the_measure(with_metric(0.912), shorter(0.910), called=STOP)

    assert measure.title == "Stop after 1,200 steps"
    assert measure.saving_g == (pytest.approx(44.0), None, None)
    assert measure.because == (
        "A run of this name reached 0.91 in 1,200 steps; the last 40 % of the 2,000 steps here "
        "changed val_accuracy from that to 0.912."
    )
    assert measure.costs.startswith("val_accuracy: 0.91 in place of 0.912")


def test_the_start_is_not_saved_by_stopping():
    # 200 of 1,000 s before the first step: 40 % of 0.8 of 110 g.
    series = stepping(range(205, 1001, 5), 1000.0, every_s=5.0)
    measure = the_measure(with_metric(0.912, series=series), shorter(0.910), called=STOP)

    assert measure.saving_g.value == pytest.approx(0.4 * 0.8 * 110)


def test_the_shortest_run_that_was_enough_is_named():
    others = (
        shorter(0.911),
        with_metric(0.910, 500.0, number=3),
        with_metric(0.5, 100.0, number=4),
    )

    assert the_measure(with_metric(0.912), *others, called=STOP).title == "Stop after 500 steps"


@pytest.mark.parametrize(("value", "advised"), [(0.8956, True), (0.8954, False), (0.95, True)])
def test_flat_is_within_half_a_hundredth_of_the_metric(value, advised):
    # 0.9 - 0.005 * 0.9 = 0.8955
    assert bool(measures(with_metric(0.9), shorter(value), called=STOP)) == advised


@pytest.mark.parametrize(("value", "advised"), [(0.2009, True), (0.2011, False), (0.1, True)])
def test_of_a_loss_the_lower_is_the_better(value, advised):
    own = with_metric(0.2, expression="val_loss")
    other = shorter(value, expression="val_loss")
    assert bool(measures(own, other, called=STOP)) == advised


@pytest.mark.parametrize(("done", "advised"), [(1600.0, True), (1601.0, False)])
def test_shorter_is_at_most_four_fifths_of_the_work(done, advised):
    assert bool(measures(with_metric(0.9), shorter(0.9, done), called=STOP)) == advised


@pytest.mark.parametrize("changes", [
    {"name": "another"}, {"status": "failed"}, {"expression": "f1"},
])  # fmt: skip
def test_runs_that_are_not_like_it_are_no_curve(changes):
    assert not measures(with_metric(0.9), shorter(0.9, **changes), called=STOP)


def test_a_shorter_run_that_was_worse_is_said():
    said = looked_at(with_metric(0.9), shorter(0.8), began="Early stopping")
    assert said == "Early stopping: shorter runs of this name have a worse metric."


def test_a_smaller_model_saves_the_difference():
    # 0.5 kWh in place of 1.0: 50 g less, and 4 g in place of 10 g embodied.
    measure = the_measure(with_metric(0.889), smaller(0.882), called=USE)

    assert measure.title == "Use distilled"
    assert measure.saving_g == pytest.approx((56.0, 56.0, 56.0))
    assert "distilled reached 0.882 of val_accuracy with 500 Wh" in measure.because
    assert measure.costs == (
        "val_accuracy: 0.882 in place of 0.889, as one run each had it; 06:40 in place of 16:40."
    )


def test_the_uncertainty_of_both_energies_is_told():
    # 1.0 kWh within 5 % and 0.5 kWh within 10 %: from 0.95 - 0.55 to 1.05 - 0.45 kWh less.
    own = with_metric(0.9, devices=[gpu(uncertainty_pct=5.0), cpu(uncertainty_pct=5.0)])
    other = smaller(0.9, devices=[gpu(0, 0.3, uncertainty_pct=10.0), cpu(uncertainty_pct=10.0)])

    assert the_measure(own, other, called=USE).saving_g == pytest.approx((56.0, 46.0, 66.0))


def test_where_the_other_one_ran_does_not_matter():
    own = with_metric(0.9)
    other = smaller(0.9, intensity=Intensity(900.0, None, None, "given"), pue=1.5)

    assert the_measure(own, other, called=USE).saving_g.value == pytest.approx(56.0)


@pytest.mark.parametrize(("value", "advised"), [(0.8911, True), (0.8909, False), (0.95, True)])
def test_about_the_same_is_within_a_hundredth_of_the_metric(value, advised):
    assert bool(measures(with_metric(0.9), smaller(value), called=USE)) == advised


@pytest.mark.parametrize(("kwh", "advised"), [(0.599, True), (0.601, False)])
def test_less_is_at_most_four_fifths_of_the_energy(kwh, advised):
    assert bool(measures(with_metric(0.9), smaller(0.9, kwh), called=USE)) == advised


@pytest.mark.parametrize(("uncertainty_pct", "advised"), [(33.0, True), (34.0, False)])
def test_energies_within_their_uncertainty_are_no_reason(uncertainty_pct, advised):
    # 1.0 and 0.5 kWh meet at a third: 1 - u = 0.5 (1 + u).
    bounds = {"uncertainty_pct": uncertainty_pct}
    own = with_metric(0.9, devices=[gpu(**bounds), cpu(**bounds)])
    other = smaller(0.9, devices=[gpu(0, 0.3, **bounds), cpu(**bounds)])
    assert bool(measures(own, other, called=USE)) == advised


@pytest.mark.parametrize("changes", [
    {"name": "train"}, {"status": "interrupted"}, {"expression": "f1"}, {"devices": [cpu(0.1)]},
])  # fmt: skip
def test_runs_that_do_not_compare_are_no_rivals(changes):
    assert not measures(with_metric(0.9), smaller(0.9, **changes), called=USE)


def test_of_several_the_one_with_the_least_energy_is_named():
    others = (
        smaller(0.9),
        smaller(0.899, 0.1, name="tiny", number=5),
        smaller(0.5, 0.01, number=6),
    )

    assert the_measure(with_metric(0.9), *others, called=USE).title == "Use tiny"


@pytest.mark.parametrize("value", [None, "high", float("nan")])
def test_a_metric_that_is_no_number_compares_with_none(value):
    own = with_metric(0.9)
    assert not measures(own, shorter(value), smaller(value), called=STOP)
    assert not measures(own, shorter(value), smaller(value), called=USE)
    assert not measures(with_metric(value), shorter(0.9), smaller(0.9), called=USE)

"""Advice to train elsewhere or on something else: what-ifs, at both sides of the thresholds."""

from __future__ import annotations

import pytest
from advised import BY_HAND, cpu, gpu, looked_at, measures, run, the_measure
from sample_runs import around

from ocarbon_magic.planning.whatif.choice import Choice
from ocarbon_magic.planning.whatif.outcome import what_if
from ocarbon_magic.run import Intensity, RunProjection, Work, Zone

PLACE, HOUR, CAP, FEWER, DEVICE = "Train in", "Start at", "Cap each GPU", "Use ", "Train on"
V100 = {"name": "Tesla V100-SXM2-16GB", "power_limit_w": 250.0, "mean_power_w": 250.0}


def at(g_per_kwh, code="FRA", name="France", **changes):
    intensity = Intensity(g_per_kwh, 2024, "lifecycle", "Ember")
    return run(intensity=intensity, zone=Zone(code, name, "given"), **changes)


def cleanest_g_per_kwh(provider):
    """Grams per kWh of the region advised, its overhead included, of a run without the making."""
    made = at(5000.0, f"{provider}:us-east-1" if provider else "FRA", embodied_g=0.0)
    measure = the_measure(made, called=PLACE)
    return made.emissions_g - measure.saving_g.value, measure


def test_a_cleaner_place_saves_what_its_grid_does():
    least_g, measure = cleanest_g_per_kwh(None)
    code = measure.how.split("--zone ")[1].split()[0]
    elsewhere = what_if(at(100.0), Choice(zone=code))

    assert the_measure(at(100.0), called=PLACE).saving_g.value == pytest.approx(
        110.0 - elsewhere.emissions_g.value
    )
    assert elsewhere.embodied_g == 10.0
    assert elsewhere.operational_g == pytest.approx(least_g)


@pytest.mark.parametrize(("share", "advised"), [(0.151, True), (0.149, False)])
def test_a_place_must_save_more_than_grids_move_in_a_year(share, advised):
    least_g, _ = cleanest_g_per_kwh(None)
    made = at(least_g / (1 - share), embodied_g=0.0)
    assert bool(measures(made, called=PLACE)) == advised


def test_in_a_cloud_it_is_another_region_of_the_same_provider():
    _, measure = cleanest_g_per_kwh("aws")

    assert measure.title.startswith("Train in AWS ")
    assert "--zone aws:" in measure.how
    assert "--zone aws lists" in measure.how


def test_a_guess_of_the_place_is_called_so():
    made = at(400.0)
    made.zone.how = "timezone"
    assert "France, a guess, is at 400 gCO2e/kWh" in the_measure(made, called=PLACE).because


def test_an_intensity_by_hand_compares_with_no_place_and_no_hour():
    made = run(intensity=BY_HAND)

    assert not measures(made, called=PLACE)
    assert not measures(made, called=HOUR)
    assert "given by hand" in looked_at(made, began="Place")
    assert "given by hand" in looked_at(made, began="Hour")


def test_the_best_hour_is_that_of_the_least_grams():
    made = at(100.0)
    grams = [what_if(made, Choice(hour=hour)).emissions_g.value for hour in range(24)]
    measure = the_measure(made, called=HOUR)

    assert measure.title == f"Start at {grams.index(min(grams)):02}:00"
    assert measure.saving_g.value == pytest.approx(110.0 - min(grams))
    assert "a past year, not a forecast" in measure.because


@pytest.mark.parametrize(("share", "advised"), [(0.051, True), (0.049, False)])
def test_an_hour_must_save_more_than_a_twentieth(share, advised):
    # The making stays as it is: with as much of it that the hour saves that share of all.
    saved_g = the_measure(at(100.0, embodied_g=0.0), called=HOUR).saving_g.value
    made = at(100.0, embodied_g=saved_g / share - 100.0)
    assert bool(measures(made, called=HOUR)) == advised


def test_a_place_without_hours_says_so():
    assert "no part in this" in looked_at(at(100.0, "NZL", "New Zealand"), began="Hour")


def capped(gpu_kwh, **changes):
    return run(gpu(0, gpu_kwh, **{**V100, **changes}), cpu(1 - gpu_kwh), embodied_g=0.0)


def test_a_cap_saves_energy_and_costs_time():
    # 250 kJ in 1,000 s are 250 W, of which the cap at 150 W leaves 0.6. As published, the time
    # grows by 0.6**-0.3 = 1.1656, so that 0.6**0.7 = 0.6994 of the energy is left.
    made = run(gpu(0, 250 / 3600, **V100), embodied_g=0.0)
    measure = the_measure(made, called=CAP)

    assert measure.title == "Cap each GPU at 150 W"
    assert measure.saving_pct.value == pytest.approx(100 * (1 - 0.6**0.7))
    assert measure.costs == "17 % more time, 19:26 in all."
    assert "nvidia-smi -pl 150" in measure.how


@pytest.mark.parametrize(("share", "advised"), [(0.051, True), (0.049, False)])
def test_a_cap_must_save_more_than_a_twentieth(share, advised):
    # Of a cards' share x, 0.3006 x is saved, and the rest grows by 0.1656 (1 - x).
    less, longer = 1 - 0.6**0.7, 0.6**-0.3 - 1
    x = (share + longer) / (less + longer)
    card = gpu(0, 250 / 3600, **V100)
    made = run(card, cpu(250 / 3600 * (1 - x) / x), embodied_g=0.0)
    assert bool(measures(made, called=CAP)) == advised


def test_a_gpu_that_draws_less_than_the_cap_needs_none():
    made = run(gpu(0, 140 / 3600, **{**V100, "mean_power_w": 140.0}), embodied_g=0.0)

    assert not measures(made, called=CAP)
    assert looked_at(made, began="Power cap").startswith("Power cap: nothing less at 150 W")


def several(count, gpu_kwh=0.8):
    return run(*(gpu(i, gpu_kwh / count) for i in range(count)), cpu(1 - gpu_kwh), embodied_g=0.0)


def test_half_as_many_gpus_wait_less_for_each_other():
    made = several(8, 1.0)
    half = what_if(made, Choice(count=4))
    measure = the_measure(made, called=FEWER)

    assert measure.title == "Use 4 of the 8 GPUs"
    assert measure.saving_g.value == pytest.approx(100.0 - half.emissions_g.value)
    assert measure.costs.startswith("74 % more time")  # 2**0.8


def test_fewer_gpus_must_save_more_than_a_twentieth():
    shares = [0.5 + 0.01 * i for i in range(51)]
    advised = [bool(measures(several(8, share), called=FEWER)) for share in shares]
    saved = [
        1 - what_if(several(8, share), Choice(count=4)).emissions_g.value / 100 for share in shares
    ]
    assert advised == [share > 0.05 for share in saved]
    assert {True, False} == set(advised)


def test_one_gpu_cannot_be_fewer():
    assert looked_at(run(), began="Fewer") == "Fewer GPUs: 1 was used."


def test_another_card_must_be_better_at_the_far_end_of_its_interval():
    old = run(gpu(name="Tesla K80", mean_power_w=140.0, power_limit_w=150.0), cpu())
    measure = the_measure(old, called=DEVICE)

    assert measure.saving_g.low > 0.0
    assert "times the time" in measure.because
    assert "less time" in measure.costs
    assert "USD of hire" in measure.costs
    assert not measures(run(), called=DEVICE)  # an H100


def test_a_card_with_less_memory_is_none():
    old = run(gpu(name="Tesla V100-SXM2-32GB", mean_power_w=290.0), cpu())
    for measure in measures(old, called=DEVICE):
        assert "T4" not in measure.title


def test_what_is_projected_is_not_unsure_for_being_elsewhere():
    made = at(100.0)
    made.status, made.ended_at = "running", None
    made.work = Work(100.0, 1000.0, "step", 1.0, "tqdm")
    made.projection = RunProjection(around(1e4), around(10.0), around(1100.0), 0.1, "pace")
    measure = the_measure(made, called=PLACE)

    assert measure.saving_g.low is None
    assert measure.saving_g.value > 110.0


def test_fewer_gpus_of_a_projected_run_keep_their_own_interval():
    made = several(8, 1.0)
    measured = the_measure(made, called=FEWER)
    made.status, made.ended_at = "running", None
    made.work = Work(100.0, 1000.0, "step", 1.0, "tqdm")
    made.projection = RunProjection(around(1e4), around(10.0), around(1000.0), 0.1, "pace")
    projected = the_measure(made, called=FEWER)

    assert projected.saving_pct == pytest.approx(measured.saving_pct, rel=1e-6, abs=1e-6)

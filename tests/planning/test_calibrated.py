"""The calibrated estimate: what a training sustains and draws, learnt from published runs."""

import csv
import math
import re
import statistics
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from validation import estimates

from ocarbon_magic.hardware import accelerators, find_accelerator
from ocarbon_magic.planning.calibrated import predict
from ocarbon_magic.planning.calibrated_pace import (
    default_precision,
    fitted_pace,
    peak_tflops,
)
from ocarbon_magic.planning.calibrated_power import PowerModel, fitted_power
from ocarbon_magic.planning.calibrated_regression import Regression, log_normal
from ocarbon_magic.planning.calibrated_runs import published_runs
from ocarbon_magic.throughput import DynamicThroughput

REPORTED = Path(__file__).parent / "data" / "reported_runs.csv"
A100 = find_accelerator("NVIDIA A100 SXM4 80GB")
H100 = find_accelerator("NVIDIA H100 SXM5 80GB")
P100 = find_accelerator("NVIDIA Tesla P100 PCIe 16GB")
GB10 = find_accelerator("NVIDIA GB10 (DGX Spark)")
M1 = find_accelerator("Apple M1")

usable = st.sampled_from([a for a in accelerators() if a.fp32_tflops or a.fp16_tflops])
work = st.floats(1e12, 1e27)


@pytest.fixture(scope="module")
def reported():
    with REPORTED.open(encoding="utf-8", newline="") as file:
        return {row["model"]: row for row in csv.DictReader(file)}


def spread(projection):
    return math.log(projection.high / projection.low)


# The evidence


def test_the_shipped_runs_are_as_reported(reported):
    for run in published_runs():
        if run.family == estimates.SUMMARY:
            continue
        row = reported[run.model]
        assert row["tier"] in {"M", "H", "E"}
        assert run.flop is None or run.flop == float(row["flop"])
        assert run.device_hours is None or run.device_hours == float(row["device_hours"])
        assert run.mean_power_w is None or run.mean_power_w == float(row["avg_power_w_per_device"])


def test_every_reported_run_with_work_and_hours_is_used_or_said_not_to_be(reported):
    usable_rows = {model for model, row in reported.items() if row["flop"] and row["device_hours"]}
    used = {run.model for run in estimates.runs_with_hours()}
    assert used == usable_rows - set(estimates.EXCLUDED)


def test_every_reported_power_is_used(reported):
    measured = {model for model, row in reported.items() if row["avg_power_w_per_device"]}
    assert {run.model for run in estimates.runs_with_power()} == measured


def test_rows_of_alphas_are_what_the_law_says_of_them():
    rows = [run for run in published_runs() if run.family == estimates.SUMMARY]
    assert rows
    for run in rows:
        alphas = run.accelerator.log10_alpha or run.accelerator.log10_alpha_family
        hours = [
            DynamicThroughput.from_log10_alpha(alpha).time_for(run.flop / 1e12) / 3600
            for alpha in alphas
        ]
        assert run.device_hours == pytest.approx(statistics.mean(hours), rel=1e-5)


def test_no_run_is_above_the_peak_of_its_device():
    for run in published_runs():
        if run.tflops_per_device:
            assert run.tflops_per_device < peak_tflops(run.accelerator, run.precision)


# The mathematics


@given(size=st.floats(0.01, 3.0), noise=st.floats(0.05, 2.0), seen=st.floats(-5.0, 5.0))
def test_one_observation_is_shared_out_between_effect_and_noise(size, noise, seen):
    regression = Regression.fit([{"level": size}], [seen], [noise])
    mean, sd = regression.predict({"level": size})
    reliability = size**2 / (size**2 + noise**2)
    assert mean == pytest.approx(reliability * seen)
    assert sd == pytest.approx(size * math.sqrt(1.0 - reliability))


@given(st.integers(0, 2**32 - 1))
def test_predictions_are_those_of_the_normal_distribution_given_the_observations(seed):
    draw = np.random.default_rng(seed)
    design = draw.normal(size=(6, 3))
    observed, noise, new = draw.normal(size=6), draw.uniform(0.2, 2.0, 6), draw.normal(size=3)
    names = ["a", "b", "c"]
    regression = Regression.fit(
        [dict(zip(names, row, strict=True)) for row in design], list(observed), list(noise)
    )
    together = design @ design.T + np.diag(noise**2)
    gain = np.linalg.solve(together, design @ new)
    mean, sd = regression.predict(dict(zip(names, new, strict=True)))
    assert mean == pytest.approx(gain @ observed, abs=1e-9)
    assert sd**2 == pytest.approx(new @ new - gain @ design @ new, abs=1e-9)


def test_an_effect_never_seen_adds_its_whole_size_to_the_spread():
    regression = Regression.fit([{"level": 3.0}], [1.0], [4.0])
    mean, sd = regression.predict({"level": 3.0})
    wider_mean, wider_sd = regression.predict({"level": 3.0, "elsewhere": 0.7})
    assert wider_mean == mean
    assert wider_sd**2 == pytest.approx(sd**2 + 0.7**2)


@pytest.mark.parametrize(("level", "quantile"), [(0.8, 1.2815515655), (0.95, 1.9599639845)])
def test_the_interval_has_the_quantiles_of_the_normal_distribution(level, quantile):
    projection = log_normal(math.log(100.0), 0.4, level, most=math.inf)
    assert projection.value == pytest.approx(100.0)
    assert projection.low == pytest.approx(100.0 * math.exp(-0.4 * quantile))
    assert projection.high == pytest.approx(100.0 * math.exp(0.4 * quantile))
    assert projection.level == level


# How well it does on families of runs that the fit has not seen


def median_error(guesses):
    return statistics.median(abs(guess.ratio - 1.0) for guess in guesses)


def test_hours_of_unseen_families_are_nearer_than_those_of_both_baselines():
    runs = [run for run in estimates.runs_with_hours() if estimates.open_carbon_eval(run)]
    assert len(runs) > 15
    ours = median_error([estimates.calibrated(run) for run in runs])
    assert ours < median_error([estimates.open_carbon_eval(run) for run in runs])
    assert ours < median_error([estimates.share_of_peak(run) for run in runs])


def test_hours_of_all_unseen_families_are_nearer_than_a_share_of_the_peak():
    runs = estimates.runs_with_hours()
    ours = [estimates.calibrated(run) for run in runs]
    share = [estimates.share_of_peak(run) for run in runs]
    assert median_error(ours) < median_error(share)
    assert statistics.mean(g.error for g in ours) < statistics.mean(g.error for g in share)


def test_four_of_five_intervals_hold_the_hours_of_unseen_families():
    guesses = [estimates.calibrated_told_precision(run) for run in estimates.runs_with_hours()]
    assert statistics.mean(guess.covers for guess in guesses) == pytest.approx(0.8, abs=0.08)


def test_four_of_five_intervals_hold_the_power_of_unseen_families():
    guesses = [estimates.calibrated_power(run) for run in estimates.runs_with_power()]
    assert statistics.mean(guess.covers for guess in guesses) == pytest.approx(0.8, abs=0.08)


def test_a_family_is_not_in_the_evidence_that_predicts_it():
    for run in estimates.runs_with_hours():
        assert run.family not in {other.family for other in estimates.others(run)}


def test_the_validation_prints_its_table():
    printed = subprocess.run(
        [sys.executable, estimates.__file__], capture_output=True, text=True, check=True
    ).stdout
    assert "OpenCarbonEval" in printed
    assert all(run.model[:43] in printed for run in estimates.runs_with_hours())


# Sense


@given(usable, work, st.floats(1.01, 1e3))
def test_more_work_takes_longer(accelerator, flop, factor):
    little = flop / fitted_pace().predict(flop, accelerator).value
    much = flop * factor / fitted_pace().predict(flop * factor, accelerator).value
    assert much > little


@given(usable, work)
def test_the_interval_holds_the_value_and_stays_below_every_peak(accelerator, flop):
    pace = fitted_pace().predict(flop, accelerator)
    peaks = [accelerator.fp32_tflops, accelerator.tf32_tflops]
    peaks += [accelerator.fp16_tflops, accelerator.fp8_tflops]
    assert 0.0 < pace.low <= pace.value <= pace.high <= max(peak for peak in peaks if peak)


@given(st.integers(1, 100_000))
def test_the_pace_of_a_device_is_the_same_beside_others(count):
    alone, together = predict(1e23, A100), predict(1e23, A100, count)
    assert together.tflops_per_device == alone.tflops_per_device
    assert together.power_w == alone.power_w


@pytest.mark.parametrize("accelerator", accelerators(), ids=lambda a: a.name)
def test_every_accelerator_has_a_finite_estimate_or_a_clear_error(accelerator):
    if (accelerator.fp32_tflops or accelerator.fp16_tflops) and accelerator.tdp_w:
        pace = predict(1e21, accelerator)
        for projection in (pace.tflops_per_device, pace.power_w):
            assert 0.0 < projection.low < projection.value <= projection.high < math.inf
    else:
        with pytest.raises(ValueError, match=f"{re.escape(accelerator.name)} is not known: "):
            predict(1e21, accelerator)


@pytest.mark.parametrize(
    "name",
    ["NVIDIA V100 SXM2 16GB", "NVIDIA A100 SXM4 80GB", "NVIDIA H100 SXM5 80GB", "Google TPU v3",
     "Google TPU v4"],
)  # fmt: skip
def test_large_trainings_use_as_much_of_the_peak_as_published_ones(name):
    accelerator = find_accelerator(name)
    share = fitted_pace().predict(1e24, accelerator).value / peak_tflops(accelerator)
    assert 0.22 <= share <= 0.51


def test_a_device_whose_generation_no_run_shows_is_less_certain():
    known = fitted_pace().predict(1e23, A100)
    unknown = fitted_pace().predict(1e23, replace(A100, arch="Unheard-of"))
    assert spread(unknown) > 1.1 * spread(known)


def test_a_small_training_uses_less_of_the_device_and_is_less_certain():
    large, small = fitted_pace().predict(1e23, A100), fitted_pace().predict(1e16, A100)
    assert small.value < large.value / 3.0
    assert spread(small) > 2.0 * spread(large)


def test_a_surer_interval_is_wider():
    likely, surer = fitted_pace().predict(1e23, A100), fitted_pace().predict(1e23, A100, level=0.9)
    assert surer.value == likely.value
    assert spread(surer) / spread(likely) == pytest.approx(1.6448536 / 1.2815516)
    assert spread(fitted_power().predict(A100, level=0.5)) < spread(fitted_power().predict(A100))


def test_a_faster_device_is_faster_by_less_than_its_peak():
    ratio = fitted_pace().predict(1e24, H100).value / fitted_pace().predict(1e24, A100).value
    assert 1.0 < ratio < 989.4 / 312.0


def test_the_fits_are_made_once():
    assert fitted_pace() is fitted_pace()
    assert fitted_power() is fitted_power()


# Peaks


def test_devices_without_matrix_units_are_assumed_to_train_in_single_precision():
    assert default_precision(P100) == "fp32"
    assert peak_tflops(P100) == 9.3
    for name in ("NVIDIA Tesla K80", "GeForce GTX 1080 Ti", "AMD Radeon Instinct MI50", "Apple M1"):
        assert default_precision(find_accelerator(name)) == "fp32"
    for name in ("Tesla T4", "RTX 3090", "RTX 4090", "NVIDIA A100 SXM4 80GB", "Google TPU v4"):
        assert default_precision(find_accelerator(name)) == "fp16"


def test_eight_bits_count_half_way_between_the_peaks():
    assert peak_tflops(H100, "fp8") == pytest.approx(math.sqrt(989.4 * 1978.9))
    eight, half = (fitted_pace().predict(1e24, H100, precision=p) for p in ("fp8", "fp16"))
    assert 1.2 < eight.value / half.value < 1.5


def test_a_precision_may_be_told():
    assert peak_tflops(A100, "tf32") == 156.0
    single = predict(1e23, A100, precision="fp32")
    assert single.tflops_per_device.high <= 19.5
    assert "(fp32)" in single.notes[0]


# Power


@given(st.sampled_from([a for a in accelerators() if a.tdp_w]), st.floats(0.01, 0.99))
def test_a_board_stays_within_its_limit(accelerator, level):
    power = fitted_power().predict(accelerator, level=level)
    assert 0.0 < power.low < power.value <= power.high <= accelerator.tdp_w


def test_a_limit_may_be_told():
    half = predict(1e22, A100, tdp_w=200.0).power_w
    assert half.value == pytest.approx(predict(1e22, A100).power_w.value / 2.0)
    assert predict(1e22, M1, tdp_w=20.0).power_w.high <= 20.0


def test_a_server_draws_what_boards_are_known_to_miss_of_it():
    boards_of_servers = 1.0 / fitted_power().server_over_board
    assert 0.71 <= boards_of_servers <= 0.82


def test_power_reckoned_from_the_limit_is_no_evidence(reported):
    for run in estimates.runs_with_power():
        assert "x 400 W" not in reported[run.model]["energy_basis"]


def test_without_any_evidence_power_is_three_quarters_of_the_limit():
    assert PowerModel.fit([]).predict(A100).value == pytest.approx(300.0)


# Words


def test_the_notes_say_what_was_assumed():
    how, scope, *doubts = predict(1e23, A100, 512).notes
    assert "312 TFLOP/s (fp16)" in how
    assert "boards" in scope
    assert doubts == []


def test_the_notes_say_what_is_doubtful():
    *_, generation, small = predict(1e16, find_accelerator("Tesla T4")).notes
    assert "Turing" in generation
    assert "measure" in small
    assert "several devices" in predict(1e16, A100, 8).notes[-1]
    custom = find_accelerator("NVIDIA A100 SXM 64GB")
    assert "half precision is not known" in predict(1e23, custom).notes[-1]
    assert "half precision" not in " ".join(predict(1e23, P100).notes)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: predict(math.nan, A100), "flop must be a finite number above zero, not nan."),
        (lambda: predict(0.0, A100), "flop must be a finite number above zero"),
        (lambda: predict(-1e21, A100), "flop must be a finite number above zero"),
        (lambda: predict(math.inf, A100), "flop must be a finite number above zero"),
        (lambda: predict(1e21, A100, 0), "device_count must be 1 or more, not 0."),
        (lambda: predict(1e21, A100, level=1.0), "level must be between 0 and 1, not 1.0."),
        (lambda: predict(1e21, A100, precision="fp4"), "precision must be one of fp32"),
        (lambda: predict(1e21, A100, precision="fp8"), "A100 SXM4 80GB in fp8 is not known"),
        (lambda: predict(1e21, A100, tdp_w=0.0), "tdp_w must be a finite number above zero"),
        (lambda: predict(1e21, GB10), "peak throughput of NVIDIA GB10"),
        (lambda: predict(1e21, M1), "power limit of Apple M1 is not known"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(ask, words):
    with pytest.raises(ValueError, match=re.escape(words)) as error:
        ask()
    assert str(error.value).endswith(".")

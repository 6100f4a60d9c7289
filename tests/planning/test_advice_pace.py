"""Advice on small kernels and on precision, at both sides of its thresholds."""

from __future__ import annotations

import pytest
from advised import cpu, gpu, looked_at, measures, run, the_measure

from ocarbon_magic.hardware import find_accelerator
from ocarbon_magic.planning.calibrated_pace import fitted_pace
from ocarbon_magic.run import Throughput

MORE, HALF = "Give the GPU more", "Train in half precision"
A100, T4 = find_accelerator("A100-SXM4-40GB"), find_accelerator("Tesla T4")
LONG_S = 1e6
# So long that the size of the job has no part in what is expected of it: 1e19 FLOP and more.


def computing(part, tflops, peak, **device):
    known = {"name": part.name, "mean_power_w": 0.5 * part.tdp_w, "power_limit_w": part.tdp_w}
    return run(
        gpu(**{**known, **device}),
        cpu(),
        duration_s=LONG_S,
        throughput=Throughput(tflops_per_device=tflops, utilisation=peak and tflops / peak),
    )


def expected():
    return fitted_pace().predict(1e21, A100, precision="fp16")


def test_the_saving_is_that_of_the_published_pace():
    # r times the pace: 0.4 (1 - 1/r) of the cards' 80 g, and 1 - 1/r of 20 g and of 10 g.
    slow = expected().low / 1.1
    measure = the_measure(computing(A100, slow, A100.fp16_tflops), called=MORE)

    def saved(pace):
        return (1 - 1 / pace) * (0.4 * 80 + 20 + 10)

    most = (1 / 0.5 - 0.4) / 0.6  # the limit lets power double: 0.4 + 0.6 r = 2
    value, high = (min(pace / slow, most) for pace in (expected().value, expected().high))
    assert measure.saving_g == pytest.approx((saved(value), saved(1.1), saved(high)))


@pytest.mark.parametrize(("of_low", "advised"), [(0.99, True), (1.01, False)])
def test_slow_is_below_the_interval_of_published_trainings(of_low, advised):
    made = computing(A100, of_low * expected().low, A100.fp16_tflops)
    assert bool(measures(made, called=MORE)) == advised


def test_power_at_its_limit_leaves_nothing_to_gain():
    made = computing(A100, 1.0, A100.fp16_tflops, mean_power_w=A100.tdp_w)

    assert not measures(made, called=MORE)
    assert "its power is at the limit" in looked_at(made, began="Pace")


def loaded(load, busy=0.8, **changes):
    return run(gpu(busy_share=busy, mean_power_w=load * 700, power_limit_w=700.0), cpu(), **changes)


def test_without_flop_the_power_limit_bounds_the_pace():
    # A quarter of the limit: 0.4 + 0.6 r = 4, r = 6; 5/6 of the time at most, and
    # 0.4 * 5/6 of the cards' energy: 80 / 3 + 20 * 5/6 + 10 * 5/6 = 51.667 g.
    measure = the_measure(loaded(0.25), called=MORE)

    assert measure.saving_g == pytest.approx((51.6667 / 2, 0.0, 51.6667), rel=1e-4)
    assert "25 % of its power limit, at work 80 % of the time" in measure.because


@pytest.mark.parametrize(("load", "busy", "advised"), [
    (0.379, 0.8, True), (0.381, 0.8, False), (0.3, 0.751, True), (0.3, 0.749, False),
])  # fmt: skip
def test_kernels_are_small_where_a_gpu_works_and_draws_little(load, busy, advised):
    assert bool(measures(loaded(load, busy), called=MORE)) == advised


def test_a_gpu_that_tells_no_limit_has_that_of_its_kind():
    made = run(gpu(busy_share=0.8, mean_power_w=0.3 * 700), cpu())  # an H100 SXM: 700 W
    assert measures(made, called=MORE)


def test_half_precision_is_bounded_by_the_peaks_while_the_gpu_works():
    # On a T4, 8.1 and 65 TFLOP/s: of 110 g at most 0.9 * (1 - 8.1 / 65) = 0.78785.
    measure = the_measure(computing(T4, 4.0, 8.1, busy_share=0.9), called=HALF)
    most_g = 110 * 0.9 * (1 - 8.1 / 65)

    assert measure.saving_g == pytest.approx((most_g / 2, 0.0, most_g))
    assert "Most FLOP are made in FP32" in measure.because
    assert "float16" in measure.how  # a T4 has no bfloat16
    assert "bfloat16" in the_measure(computing(A100, 9.0, 19.5), called=HALF).how


@pytest.mark.parametrize(("share", "advised"), [(0.221, True), (0.219, False)])
def test_arithmetic_must_hold_the_run_up(share, advised):
    made = computing(T4, share * 8.1, 8.1)
    assert bool(measures(made, called=HALF)) == advised


@pytest.mark.parametrize(("share", "busy", "advised"), [
    (0.99, 0.999, True), (1.01, 0.999, False),
    (0.5, 0.751, True), (0.5, 0.749, False), (0.5, None, False),
])  # fmt: skip
def test_a_precision_that_is_not_told_is_likely_below_the_peak(share, busy, advised):
    made = computing(T4, share * 8.1 * (busy or 1.0), None, busy_share=busy)
    assert bool(measures(made, called=HALF)) == advised


@pytest.mark.parametrize(("part", "peak"), [
    (A100, A100.fp16_tflops), (A100, A100.tf32_tflops), (T4, T4.fp16_tflops),
])  # fmt: skip
def test_matrix_units_that_are_used_need_no_advice(part, peak):
    made = computing(part, 0.3 * peak, peak)

    assert not measures(made, called=HALF)
    assert "on the matrix units" in looked_at(made, began="Precision")


def test_a_card_without_matrix_units_needs_none():
    p40 = find_accelerator("Tesla P40")
    made = computing(p40, 0.5 * p40.fp32_tflops, p40.fp32_tflops)

    assert "no matrix units" in looked_at(made, began="Precision")
    assert not measures(made, called=HALF)

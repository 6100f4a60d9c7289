"""Advice on GPUs that idle or wait, at both sides of its thresholds."""

from __future__ import annotations

import pytest
from advised import cpu, gpu, looked_at, measures, run, stepping, the_measure

from ocarbon_magic.charge import EmbodiedCharge

LEAVE, FEED = "Leave out", "Feed the GPU"
H100 = "NVIDIA H100 80GB HBM3"


def charge(count, grams):
    return EmbodiedCharge(
        H100, count, 1.0, "HGX H100", 164.0, None, None, "gate", 4.0, "NVIDIA", grams, None, None
    )


def beside(busy=0.01, other=0.9, **changes):
    """0.7 kWh of a GPU beside 0.1 kWh of another."""
    devices = [gpu(0, 0.7, busy_share=other), gpu(1, 0.1, busy_share=busy, **changes), cpu()]
    return run(*devices, embodied=[charge(2, 8.0)])


def by_power(idle_w, busiest_w, limit_w=700.0):
    first = gpu(0, 0.7, mean_power_w=busiest_w, power_limit_w=limit_w)
    return run(first, gpu(1, 0.1, mean_power_w=idle_w, power_limit_w=limit_w), cpu())


def test_an_idle_gpu_costs_what_it_drew_and_its_share_of_the_making():
    # 0.1 of 1.0 kWh is 10 of 100 g, and half of 8 g for two GPUs is 4 g.
    measure = the_measure(beside(), called=LEAVE)

    assert measure.saving_g == pytest.approx((14.0, 0.0, 14.0))
    assert measure.saving_pct == pytest.approx((100 * 14 / 110, 0.0, 100 * 14 / 110))
    assert "1 GPU of 2 worked for at most 1 %" in measure.because
    assert "10 % of the run's energy" in measure.because
    assert f"CUDA_VISIBLE_DEVICES={gpu(0).uuid}" in measure.how


def test_without_charges_of_the_making_only_the_energy_counts():
    made = beside()
    made.embodied = []

    assert the_measure(made, called=LEAVE).saving_g.value == pytest.approx(10.0)


@pytest.mark.parametrize(("busy", "other", "advised"), [
    (0.049, 0.9, True), (0.051, 0.9, False),
    (0.01, 0.251, True), (0.01, 0.249, False),
])  # fmt: skip
def test_a_gpu_idles_below_a_twentieth_of_the_time_beside_one_that_works(busy, other, advised):
    assert bool(measures(beside(busy, other), called=LEAVE)) == advised


@pytest.mark.parametrize(("idle_w", "busiest_w", "advised"), [
    (0.39 * 400, 400.0, True), (0.41 * 400, 400.0, False),
    (50.0, 0.51 * 700, True), (50.0, 0.49 * 700, False),
])  # fmt: skip
def test_where_the_time_is_not_told_power_tells(idle_w, busiest_w, advised):
    assert bool(measures(by_power(idle_w, busiest_w), called=LEAVE)) == advised


def test_power_does_not_tell_of_a_gpu_whose_time_is_told():
    assert not measures(beside(0.5, 0.9, mean_power_w=20.0), called=LEAVE)


def test_many_gpus_are_not_typed_by_name():
    working = [gpu(i, 0.1, busy_share=0.9) for i in range(7)]
    measure = the_measure(run(*working, gpu(7, 0.1, busy_share=0.0), cpu()), called=LEAVE)

    assert measure.how.startswith("Ask for 7 GPUs, or name those")


def test_one_gpu_has_none_beside_it():
    assert "none that could have been idle" in looked_at(run(), began="1 GPU")


def test_waiting_costs_the_power_of_waiting_and_that_of_all_else():
    # At work for half of the time, at full power; waiting draws 0.4 of that: of the cards'
    # energy 0.4 * 0.5 / (0.5 + 0.4 * 0.5) = 2/7 goes, and half of all else and of the making:
    # 80 * 2/7 + 20 / 2 + 10 / 2 = 37.857 g at most.
    measure = the_measure(run(gpu(busy_share=0.5), cpu()), called=FEED)
    most_g = 80 * 2 / 7 + 10 + 5

    assert measure.saving_g == pytest.approx((most_g / 2, 0.0, most_g))
    assert measure.because.startswith("The GPUs worked for 50 % of the time of the steps")


@pytest.mark.parametrize(("busy", "advised"), [(0.749, True), (0.751, False)])
def test_gpus_wait_below_three_quarters(busy, advised):
    assert bool(measures(run(gpu(busy_share=busy), cpu()), called=FEED)) == advised


@pytest.mark.parametrize(("duration_s", "advised"), [(61.0, True), (59.0, False)])
def test_a_short_run_is_not_judged(duration_s, advised):
    made = run(gpu(busy_share=0.5), cpu(), duration_s=duration_s)
    assert bool(measures(made, called=FEED)) == advised


def test_waiting_before_the_first_step_is_not_the_input_pipelines():
    # 500 s of 1,000 s pass before the steps: of the rest the GPU works 0.45 / 0.5 = 90 %.
    late = stepping(range(505, 1001, 5), 1000.0, every_s=5.0)
    made = run(gpu(busy_share=0.45), cpu(), series=late)

    assert not measures(made, called=FEED)
    assert "90 % of the time of the steps" in looked_at(made, began="Waiting")


def test_an_idle_gpu_does_not_count_among_those_that_wait():
    assert not measures(beside(0.01, 0.9), called=FEED)
    assert "90 %" in looked_at(beside(0.01, 0.9), began="Waiting")

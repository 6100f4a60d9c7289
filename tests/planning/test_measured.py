"""The measured estimate: some steps of a training, scaled to the whole."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_runs import cpu, gpu, sample

import ocarbon_magic as oc
from ocarbon_magic.planning.estimate import estimate
from ocarbon_magic.planning.probe import probe_of
from ocarbon_magic.planning.supply import Defaults
from ocarbon_magic.run import Intensity, Series, Throughput, Work, Zone

STARTUP_S, S_PER_STEP, POWER_W = 30.0, 0.5, 300.0


def probe(steps=200, *, gpus=1, unit="step", total=None, throughput=None, noise=0.0, **changes):
    """A run of some steps: a start-up at 60 W, then steps at a pace, at 300 W a GPU."""
    dice = random.Random(1)
    t_s, work, power_w = [0.0, STARTUP_S], [0.0, 0.0], [60.0, 60.0]
    for step in range(1, steps + 1):
        t_s.append(t_s[-1] + S_PER_STEP * (1 + noise * dice.uniform(-1, 1)))
        work.append(float(step))
        power_w.append(gpus * POWER_W)
    duration_s = t_s[-1]
    energy_j = (60.0 * STARTUP_S + POWER_W * gpus * (duration_s - STARTUP_S)) / gpus
    return sample(
        devices=[gpu(i, energy_j=energy_j, uncertainty_pct=0.0) for i in range(gpus)],
        duration_s=duration_s,
        work=Work(float(steps), total, unit, steps / duration_s, "oc.track"),
        throughput=throughput or Throughput(),
        series=Series(t_s, power_w, work, []),
        **changes,
    )


def test_two_hundred_steps_tell_the_whole_training():
    # 30 s once, then 50,000 steps of half a second: 25,030 s at 300 W.
    made = estimate(run=probe(), work=50_000)
    assert made.method == "measured"
    assert (made.work, made.unit, made.flop) == (50_000, "step", None)
    assert made.hours.value == pytest.approx(25_030 / 3600)
    assert made.device_hours.value == pytest.approx(25_030 / 3600)
    assert made.energy_kwh.value == pytest.approx(25_030 * 300 / 3.6e6)
    assert made.power_w.value == pytest.approx(300)


@given(work=st.floats(1, 1e9), count=st.integers(1, 64))
def test_more_work_takes_longer_and_more_devices_less_by_the_start_up(work, count):
    made = estimate(run=probe(), work=work, device_count=count)
    assert made.hours.value * 3600 == pytest.approx(STARTUP_S + work * S_PER_STEP / count)
    assert made.device_hours.value == pytest.approx(count * made.hours.value)
    assert made.hours.low < made.hours.value < made.hours.high
    assert made.power_w.value == pytest.approx(POWER_W)
    assert any("as fast" in warning for warning in made.warnings) == (count != 1)


def test_device_grid_and_pue_are_the_runs_unless_others_are_named():
    run = probe(
        zone=Zone("SWE", "Sweden", "given"), intensity=Intensity(20, 2024, None, "x"), pue=1.3
    )
    same = estimate(run=run, work=1000)
    assert (same.device, same.device_count) == ("NVIDIA H100 80GB HBM3", 1)
    assert (same.zone.code, same.intensity.gco2e_per_kwh, same.pue) == ("SWE", 20, 1.3)
    moved = estimate(run=run, work=1000, zone="POL")
    assert (moved.zone.code, moved.pue) == ("POL", 1.3)
    assert moved.energy_kwh == same.energy_kwh
    in_a_region = estimate(run=run, work=1000, zone="aws:us-east-1")
    assert in_a_region.pue == 1.15  # AWS, 2024
    assert estimate(run=run, work=1000, pue=2, zone="POL").pue == 2


def test_embodied_carbon_goes_by_the_runs_own_rate():
    run = probe(embodied_g=1.3)  # in 130 s
    made = estimate(run=run, work=50_000)
    assert made.embodied_g.value == pytest.approx(0.01 * 25_030)
    assert made.emissions_g.value == pytest.approx(made.operational_g.value + made.embodied_g.value)


def test_the_run_may_be_of_several_gpus():
    made = estimate(run=probe(gpus=4), work=50_000)
    assert made.device_count == 4
    assert made.hours.value == pytest.approx(25_030 / 3600)
    assert made.device_hours.value == pytest.approx(4 * 25_030 / 3600)
    assert made.energy_kwh.value == pytest.approx(4 * 300 * 25_030 / 3.6e6)
    with pytest.raises(ValueError, match="GPUs of 2 kinds"):
        estimate(run=sample(devices=[gpu(), gpu(name="NVIDIA L4")], work=Work(9.0)), work=90)


def test_the_total_of_the_run_stands_for_work_that_is_not_said():
    assert estimate(run=probe(total=50_000.0)).work == 50_000
    with pytest.raises(ValueError, match="say how much is planned: work, the steps of the whole"):
        estimate(run=probe())


def test_samples_and_tokens_are_work_where_the_run_counted_in_them():
    assert estimate(run=probe(unit="image"), samples=1e6).work == 1e6
    assert estimate(run=probe(unit="tokens"), tokens="2T").work == 2e12
    with pytest.raises(
        ValueError, match="counted in steps and knows no FLOP: give work, the steps"
    ):
        estimate(run=probe(), samples=1e6)
    with pytest.raises(ValueError, match="more than once, by samples and flop_per_sample and by w"):
        estimate(run=probe(), samples=1e6, work=5)


def test_operations_are_work_where_the_run_knows_its_flop():
    run = probe(throughput=Throughput(tflops_per_device=100.0))
    # 200 steps in 130 s at a mean of 100 TFLOP/s: 65 TFLOP a step.
    made = estimate(run=run, params=1e9, tokens=1e9)
    assert made.work == pytest.approx(6e18 / 65e12)
    assert made.flop == 6e18
    assert made.hours.value * 3600 == pytest.approx(STARTUP_S + 6e18 / 65e12 * S_PER_STEP)
    assert made.tflops_per_device.value == pytest.approx(6e18 / 1e12 / (made.hours.value * 3600))


def test_a_run_says_nothing_of_another_device():
    assert estimate(run=probe(), work=1000, device="H100").device == "NVIDIA H100 80GB HBM3"
    with pytest.raises(
        ValueError, match="measured on NVIDIA H100 80GB HBM3, which says nothing of"
    ):
        estimate(run=probe(), work=1000, device="A100")


def test_an_unsteady_probe_is_less_sure_than_a_steady_one_which_is_not_certain():
    steady, unsteady = (probe_of(probe(noise=n), 1e6).duration_s(1e6) for n in (0.0, 0.9))
    assert steady.low < steady.value < steady.high
    assert unsteady.high / unsteady.value > steady.high / steady.value
    assert unsteady.level == 0.8
    assert unsteady.low > 0


def test_a_longer_probe_is_surer():
    short, long = (probe_of(probe(steps), 1e6).duration_s(1e6) for steps in (10, 1000))
    assert long.high / long.value < short.high / short.value


def test_the_bound_of_the_meters_widens_the_energy():
    sure = estimate(run=probe(), work=1e6)
    run = probe()
    run.devices[0].uncertainty_pct = 20.0
    unsure = estimate(run=run, work=1e6)
    # Errors of time and power are independent: they add in quadrature.
    for end in ("low", "high"):
        of_time = getattr(sure.hours, end) / sure.hours.value - 1
        of_energy = getattr(unsure.energy_kwh, end) / unsure.energy_kwh.value - 1
        assert abs(of_energy) == pytest.approx((of_time**2 + 0.2**2) ** 0.5, abs=1e-3)
    assert sure.energy_kwh.high / sure.energy_kwh.value == pytest.approx(
        sure.hours.high / sure.hours.value
    )


def test_neither_preparation_nor_what_follows_the_loop_is_pace():
    # 60 s of loading, 100 steps of half a second, 40 s of evaluation.
    steps = range(1, 101)
    t_s = [0.0, 30.0, 60.0, *(60 + S_PER_STEP * step for step in steps), 130.0, 150.0]
    work = [0.0, 0.0, 0.0, *map(float, steps), 100.0, 100.0]
    run = sample(
        duration_s=150.0,
        work=Work(100.0, None, "step", 2.0, "oc.track"),
        series=Series(t_s, [POWER_W] * len(t_s), work, []),
    )
    made = estimate(run=run, work=10_000)
    assert made.hours.value * 3600 == pytest.approx(60 + 5000, rel=0.03)


def test_a_loop_that_was_over_at_the_first_tick_is_not_as_long_as_the_preparation():
    run = sample(
        duration_s=20.4,
        work=Work(200.0, None, "step", 500.0, "oc.track"),
        series=Series([0.0, 10.0, 20.0, 20.4], [POWER_W] * 4, [0.0, 0.0, 0.0, 200.0], []),
    )
    assert estimate(run=run, work=1e6).hours.value * 3600 == pytest.approx(20 + 2000, rel=1e-3)


def test_units_are_words_and_numbers_are_written_out():
    text = " ".join(estimate(run=probe(unit="batch"), work=1e6).notes)
    assert "2 batches per second on 1 device after 30 s of start-up, from 200 batches" in text
    with pytest.raises(ValueError, match="work, the tokens of the whole training"):
        estimate(run=probe(unit="tokens"))
    fast = sample(work=Work(1_234_567.0, None, "step", 12_345.6, "oc.track"), series=Series())
    notes = " ".join(estimate(run=fast, work=1e9).notes)
    assert "Pace: 12,350 steps per second" in notes
    assert "from 1,234,570 steps" in notes


def test_a_power_that_is_an_estimate_is_called_one():
    run = sample(devices=[cpu()], work=Work(50.0, None, "step", 2.0, "oc.track"))
    assert any("(cpu; estimated)" in note for note in estimate(run=run, work=7200).notes)
    mixed = sample(devices=[gpu(), cpu()], work=Work(50.0, None, "step", 2.0, "oc.track"))
    assert any("partly estimated" in note for note in estimate(run=mixed, work=7200).notes)


def test_a_run_too_short_for_a_series_gives_a_pace_and_a_warning():
    run = sample(work=Work(50.0, None, "step", 2.0, "oc.track"), series=Series())
    made = estimate(run=run, work=7200)
    assert made.hours.value == pytest.approx(1.0)
    assert any("too short to show how steady" in warning for warning in made.warnings)


def test_a_run_that_counted_nothing_says_how_to_count():
    with pytest.raises(ValueError, match=r"counted no work, so it has no pace: put oc\.track"):
        estimate(run=sample(), work=100)


def test_a_run_that_measured_no_energy_asks_for_a_power():
    run = sample(devices=[cpu(energy_j=None)], work=Work(50.0, None, "step", 2.0, "oc.track"))
    with pytest.raises(ValueError, match="measured no energy: give power_w"):
        estimate(run=run, work=7200)
    assert estimate(run=run, work=7200, power_w=100).energy_kwh.value == pytest.approx(0.1)


def test_work_or_the_method_alone_takes_the_last_run():
    last = Defaults(run=probe())
    assert estimate(work=50_000, defaults=last).hours.value == pytest.approx(25_030 / 3600)
    total = Defaults(run=probe(total=400.0))
    assert estimate(method="measured", defaults=total).work == 400


def test_the_public_name_knows_the_last_run_of_the_process():
    with oc.measure("probe", zone="FRA", quiet=True, devices="cpu") as run:
        for _ in oc.track(range(300)):
            sum(range(1000))
    made = oc.estimate(work=1e9)
    assert made.method == "measured"
    assert made.zone == run.zone
    assert made.hours.value * 3600 > run.duration_s

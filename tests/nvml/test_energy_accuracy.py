import math
import random

import pytest
from nvml_standin import HOPPER, PASCAL
from nvml_standin.simulation import CURVES, run, scene

RUNS = 200

POINT_SENSOR = "  usage now\n"
"""No counter and no sample buffer: a sensor that shows the present power."""

STEPS = "  usage window 0.1 1.0 {{sensor}}\n  instant window 0.1 0.025 {{sensor}}\n"
STEPS += "  counter {step} phase {{counter}} jitter {jitter} seed {seed}\n  limit 700\n"


def errors(standin, curve, kind, *, runs=RUNS, duration_s=20.0, delayed=False, **options):
    """Return the errors in % of many runs at random phases."""
    chance = random.Random(7)
    found = []
    for seed in range(runs):
        scenario = scene(CURVES[curve], kind.replace("{seed}", str(seed)), chance, **options)
        delay = starved(chance) if delayed else None
        # The steps of a counter cancel over whole multiples of them: avoid these.
        length_s = duration_s + 0.1 * chance.random()
        found.append(run(standin, scenario, length_s, chance=chance, delay=delay).error_pct)
    return found


def starved(chance):
    """Let the thread run for an instant, then not for 1.4 s, over and over."""
    held = [0.0]

    def delay(wake_s):
        if wake_s < held[0]:
            return held[0]
        if chance.random() < 0.5:
            held[0] = wake_s + 1.4
            return held[0]
        return wake_s

    return delay


def worst(found):
    return max(map(abs, found))


def rms(found):
    return math.sqrt(sum(error**2 for error in found) / len(found))


@pytest.mark.parametrize("curve", CURVES)
def test_a_counter_in_100_ms_steps_is_within_half_a_percent(standin, curve, record_property):
    found = errors(standin, curve, HOPPER)

    record_property("worst_pct", worst(found))
    record_property("rms_pct", rms(found))
    assert worst(found) < 0.5
    assert rms(found) < 0.15


@pytest.mark.parametrize("curve", CURVES)
def test_a_dear_counter_is_as_exact(standin, curve):
    latency = {"nvmlDeviceGetTotalEnergyConsumption": 2.4e-3}

    assert worst(errors(standin, curve, HOPPER, runs=60, latency=latency)) < 0.5


@pytest.mark.parametrize("curve", CURVES)
def test_20_ms_steps_are_within_a_fifth_of_a_percent(standin, curve):
    kind = STEPS.format(step=0.02, jitter=0.0, seed=0)

    assert worst(errors(standin, curve, kind, runs=60)) < 0.2


@pytest.mark.parametrize(("step", "bound"), [(0.02, 0.2), (0.1, 0.7)])
@pytest.mark.parametrize("curve", CURVES)
def test_a_counter_whose_period_jitters_is_no_worse_than_one_of_unknown_phase(
    standin, curve, step, bound
):
    kind = STEPS.format(step=step, jitter=0.05, seed="{seed}")

    assert worst(errors(standin, curve, kind, runs=60)) < bound


@pytest.mark.parametrize("curve", CURVES)
def test_the_sample_buffer_is_within_two_percent(standin, curve):
    assert worst(errors(standin, curve, PASCAL)) < 2.0


@pytest.mark.parametrize("curve", CURVES)
def test_polled_power_is_within_two_percent(standin, curve):
    assert worst(errors(standin, curve, POINT_SENSOR)) < 2.0


@pytest.mark.parametrize("curve", CURVES)
def test_a_starved_thread_loses_no_energy_of_a_counter(standin, curve):
    # Its steps cannot be learnt then: what is left is one step at either end.
    assert worst(errors(standin, curve, HOPPER, runs=60, delayed=True)) < 1.0


@pytest.mark.parametrize("curve", CURVES)
def test_a_starved_thread_loses_no_energy_of_the_sample_buffer(standin, curve):
    assert worst(errors(standin, curve, PASCAL, runs=60, delayed=True)) < 2.0


@pytest.mark.parametrize("duration_s", [0.5, 0.55])
def test_a_short_steady_cell_is_exact(standin, duration_s):
    found = errors(standin, "const", HOPPER, runs=60, duration_s=duration_s)

    assert worst(found) < 1.0


def test_a_short_cell_of_changing_power_is_within_what_it_states(standin):
    chance = random.Random(3)
    for _ in range(60):
        outcome = run(standin, scene(CURVES["square"], HOPPER, chance), 0.5, chance=chance)
        assert abs(outcome.error_pct) < outcome.last[0].uncertainty_pct


def test_eight_gpus_are_added_up_and_not_averaged(standin):
    chance = random.Random(5)
    outcome = run(standin, scene(CURVES["square"], HOPPER, chance, gpus=8), chance=chance)

    assert len({reading.device.uuid for reading in outcome.last}) == 8
    measured_j = sum(reading.energy_j for reading in outcome.last)
    assert measured_j == pytest.approx(sum(outcome.truth_j), rel=2e-3)
    assert worst(outcome.errors_pct()) < 0.5


def test_eight_dear_counters_take_turns_and_are_added_up(standin):
    chance = random.Random(5)
    latency = {"nvmlDeviceGetTotalEnergyConsumption": 2.4e-3}
    scenario = scene(CURVES["square"], HOPPER, chance, gpus=8, latency=latency)
    outcome = run(standin, scenario, chance=chance)

    measured_j = sum(reading.energy_j for reading in outcome.last)
    assert measured_j == pytest.approx(sum(outcome.truth_j), rel=4e-3)


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("kind", [HOPPER, PASCAL, POINT_SENSOR], ids=["hopper", "pascal", "point"])
def test_the_energy_so_far_only_grows_and_the_last_one_is_not_held_up_by_it(standin, curve, kind):
    chance = random.Random(11)
    for _ in range(10):
        outcome = run(standin, scene(CURVES[curve], kind, chance), 8.0, chance=chance)
        energies = [readings[0].energy_j for readings in (*outcome.live, outcome.last)]
        known = [energy for energy in energies if energy is not None]
        assert known == sorted(known)
        assert abs(outcome.error_pct) < 4.0


@pytest.mark.parametrize("rhythm_s", [0.5, 0.25, 0.1])
def test_a_load_in_step_with_the_sampling_does_not_fool_the_counter(standin, rhythm_s):
    chance = random.Random(2)
    square = f"power square 50 400 {rhythm_s} {{start}}"
    found = [run(standin, scene(square, HOPPER, chance), 10.03, chance=chance) for _ in range(20)]

    assert worst([outcome.error_pct for outcome in found]) < 1.0


def test_the_counter_is_read_often_at_first_and_rarely_then(standin):
    reads = []
    run(
        standin,
        scene(CURVES["const"], HOPPER, random.Random(1)),
        300.0,
        during=lambda since_s: reads.append((since_s, standin.counter_reads())),
    )
    by_5_s = max(count for since_s, count in reads if since_s < 5.0)
    by_60_s = max(count for since_s, count in reads if since_s < 60.0)
    by_300_s = reads[-1][1]

    assert by_5_s < 100
    assert (by_300_s - by_60_s) / 240.0 < 0.6  # for the energy so far, and a look now and then

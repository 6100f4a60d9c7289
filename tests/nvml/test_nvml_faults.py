import random
import threading
import time

import pytest
from nvml_standin import HOPPER, PASCAL, gpu
from nvml_standin.simulation import CURVES, run, scene

from ocarbon_magic.meters.nvml import NvmlMeter

COUNTER = "nvmlDeviceGetTotalEnergyConsumption"


def const(extra="", kind=HOPPER, **options):
    return scene(CURVES["const"], kind, random.Random(1), extra=extra, **options)


def counter(words):
    """Return a GPU with instant power and a counter that ``words`` describe."""
    return (
        "  usage now\n  instant now\n  counter 0.1 phase {counter} limit_w\n".replace(
            "limit_w", words
        )
        + "  limit 400\n"
    )


def the_only_note(outcome):
    (note,) = outcome.meter.notes.lines
    return note


@pytest.mark.parametrize("code", [15, 16])
@pytest.mark.parametrize("kind", [HOPPER, PASCAL], ids=["counter", "power"])
def test_a_gpu_lost_in_the_run_keeps_what_was_known_and_the_others_go_on(standin, code, kind):
    chance = random.Random(1)
    scenario = scene(CURVES["const"], kind, chance, gpus=2)
    lost = f"  error any {code} 11.0\n"  # 10 s into the run
    first, second = scenario.split("device GPU-00000001")
    outcome = run(standin, f"{first}{lost}device GPU-00000001{second}")
    broken, sound = outcome.last

    assert 0.85 * 2500.0 < broken.energy_j <= 2500.0 * 1.001
    assert broken.power_w is None
    assert broken.uncertainty_pct is None  # nothing tells how much is missing
    assert sound.energy_j == pytest.approx(outcome.truth_j[1], rel=5e-3)
    notes = [line for line in outcome.meter.notes.lines if "counter;" not in line]
    assert notes == ["GPU 0 stopped answering during the run; its energy is a lower bound."]


def test_a_gpu_that_answers_nothing_any_more_is_given_up(standin):
    outcome = run(standin, const("  error any 999 5.0\n"), 40.0)

    assert standin.calls("nvmlDeviceGetFieldValues") < 300
    assert "lower bound" in the_only_note(outcome)
    assert outcome.meter.due_s() is None


def test_a_counter_that_fails_for_good_leaves_its_time_to_power(standin):
    outcome = run(standin, const(f"  error {COUNTER} 3 9.0\n  error field83 3 9.0\n"))

    assert abs(outcome.error_pct) < 0.5
    assert "no last reading" in the_only_note(outcome)


def test_a_counter_that_fails_for_a_moment_is_forgiven(standin):
    outcome = run(standin, const(f"  error {COUNTER} 10 9.0 9.4\n"))

    assert abs(outcome.error_pct) < 0.5
    assert outcome.meter.notes.lines == []


def test_power_that_fails_for_a_moment_is_forgiven(standin):
    outcome = run(standin, const("  error any 10 9.0 9.6\n", kind=PASCAL))

    assert abs(outcome.error_pct) < 0.5


def test_a_counter_alone_is_enough(standin):
    alone = "  counter 0.1 phase {counter}\n"
    outcome = run(standin, const(kind=alone))

    assert abs(outcome.error_pct) < 1.0
    assert outcome.last[0].power_w is None
    assert outcome.last[0].uncertainty_pct < 6.0
    assert outcome.meter.notes.lines == []


@pytest.mark.parametrize("reset_s", [1.15, 3.3, 12.7, 20.9])
def test_a_driver_reload_is_bridged_by_power(standin, reset_s):
    outcome = run(standin, const(kind=counter(f"reset {reset_s}")))

    assert abs(outcome.error_pct) < 1.0
    assert "went backwards" in the_only_note(outcome)


@pytest.mark.parametrize("jump_j", [5000, 4e6])
def test_a_jump_of_the_counter_is_not_believed(standin, jump_j):
    outcome = run(standin, const(kind=counter(f"jump 9.0 {jump_j}")))

    assert abs(outcome.error_pct) < 1.0
    assert "jumped" in the_only_note(outcome)


@pytest.mark.parametrize("stop_s", [0.0, 9.0])
def test_a_counter_that_stops_is_replaced_by_power(standin, stop_s):
    outcome = run(standin, const(kind=counter(f"stop {stop_s}")))

    assert abs(outcome.error_pct) < 5.0
    assert "stands still" in outcome.meter.notes.lines[0]


@pytest.mark.parametrize("loss_s", [0.008, 0.015])
def test_a_counter_that_loses_energy_when_read_is_read_rarely(standin, loss_s):
    lossy = const(kind=HOPPER.replace("phase", f"loss {loss_s} phase"))
    outcome = run(standin, lossy, 60.0)

    assert abs(outcome.error_pct) < 0.5
    assert "loses energy when it is read often" in the_only_note(outcome)
    reads = []
    run(
        standin,
        lossy,
        60.0,
        during=lambda since_s: reads.append((since_s, standin.counter_reads())),
    )
    early = max(count for since_s, count in reads if since_s < 3.0)
    assert reads[-1][1] - early <= 7


def test_a_counter_and_a_power_that_disagree_are_told_of(standin):
    # The board draws 250 W; what the sensor sees of every 100 ms is something else.
    pulses = "power square 500 100 0.1"
    blind = "  usage window 0.1 0.025 0.025\n  instant window 0.1 0.025 0.025\n"
    blind += "  counter 0.1 phase {counter}\n  limit 700\n"
    outcome = run(standin, scene(pulses, blind, random.Random(1)))

    assert "counter and power readings differ by 6" in the_only_note(outcome)


def test_a_zero_watt_reading_is_no_reading(standin):
    quiet = "  usage now\n"
    scenario = scene("power points 0 200 5 200 5.2 0 5.3 0 5.5 200 30 200", quiet, random.Random(1))
    outcome = run(standin, scenario)

    assert outcome.meter.describe()[0].method == "nvml-power"
    assert all(readings[0].power_w != 0.0 for readings in outcome.live)


def test_an_unknown_energy_is_none_and_not_zero(standin):
    outcome = run(standin, const("  error any 15 0.5\n"), 3.0)

    assert outcome.last[0].energy_j is None
    assert outcome.last[0].uncertainty_pct is None


def test_samples_stamped_by_another_clock_are_not_used(standin):
    standin.configure("clock fake 1000\n" + gpu(kind=PASCAL, lines="  power const 250\n"))
    meter = NvmlMeter(
        "all",
        clock=standin.now,
        environ={},
        wall=lambda: standin.wall() + 3600,
        sleep=standin.sleep,
    )
    meter.start()
    start_s = standin.now()
    while standin.now() < start_s + 5.0:
        standin.set_clock(max(meter.due_s(), standin.now() + 1e-4))
        meter.read()
    (reading,) = meter.stop(standin.now())

    assert reading.energy_j == pytest.approx(250.0 * (standin.now() - start_s), rel=1e-3)


def test_the_samples_older_than_the_buffer_are_bridged(standin):
    def asleep(wake_s):
        return wake_s + 4.0 if 1008.0 < wake_s < 1008.7 else wake_s

    outcome = run(standin, const(kind=PASCAL), delay=asleep)

    assert abs(outcome.error_pct) < 0.1


def test_a_gpu_that_hangs_holds_up_nobody_else(standin):
    hung = gpu(0, lines=f"  power const 250\n  hang {COUNTER}\n")
    standin.configure(hung + gpu(1, lines="  power const 250\n"))
    threading.Thread(target=lambda: NvmlMeter("0", environ={}), daemon=True).start()
    while not standin.counter_reads():  # until the thread is in the call that never returns
        time.sleep(1e-3)

    meter = NvmlMeter("1", environ={})
    meter.start()
    meter.read()

    assert meter.stop(time.monotonic())[0].device.uuid.startswith("GPU-00000001")

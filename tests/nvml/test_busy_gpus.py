"""How a GPU's busy time is told: from NVML's utilisation, where there is one."""

import random
from types import SimpleNamespace

import pytest
from nvml_standin import HOPPER, PASCAL
from nvml_standin.simulation import CURVES, run, scene

from ocarbon_magic.meters.nvml import NvmlMeter, busy

CALL = "nvmlDeviceGetUtilizationRates"


def measured(standin, curve, seconds=60.0, *, kind=HOPPER, extra="", **options):
    lines = f"  busy {curve}\n" if curve else ""
    scenario = scene(CURVES["const"], kind, random.Random(1), extra=lines + extra, **options)
    return run(standin, scenario, seconds)


@pytest.mark.parametrize("kind", [HOPPER, PASCAL], ids=["counter", "power"])
@pytest.mark.parametrize("percent", [0, 37, 100])
def test_a_steady_load_is_told_as_it_is(standin, kind, percent):
    outcome = measured(standin, f"const {percent}", kind=kind)

    assert outcome.last[0].busy_share == pytest.approx(percent / 100)


@pytest.mark.parametrize("period_s", [0.5, 0.7, 1.0, 2.0, 40.0])
def test_half_idle_is_half_whatever_the_rhythm(standin, period_s):
    outcome = measured(standin, f"square 0 100 {period_s}", 240.0)

    assert outcome.last[0].busy_share == pytest.approx(0.5, abs=0.06)


def test_the_first_and_the_last_of_the_run_weigh_as_the_rest(standin):
    # 6 s idle, 18 s at work: three quarters. The run begins 1 s after the scenario.
    outcome = measured(standin, "points 0 0 7 0 7 100 60 100", 24.0)

    assert outcome.last[0].busy_share == pytest.approx(0.75, abs=1.5 / 24)


def test_it_is_told_while_the_run_goes_on(standin):
    outcome = measured(standin, "const 80")

    assert outcome.live[0][0].busy_share is None
    assert outcome.live[-1][0].busy_share == pytest.approx(0.8)


def test_a_run_shorter_than_the_sensors_period_is_not_told_of(standin):
    assert measured(standin, "const 80", 0.8).last[0].busy_share is None
    assert measured(standin, "const 80", 1.1).last[0].busy_share == pytest.approx(0.8)


@pytest.mark.parametrize("code", [3, 13])
def test_where_it_is_not_supported_it_is_asked_once_and_stays_unknown(standin, code):
    outcome = measured(standin, "const 80", extra=f"  error {CALL} {code}\n")

    assert outcome.last[0].busy_share is None
    assert outcome.last[0].energy_j is not None
    assert outcome.meter.notes.lines == []
    assert standin.calls(CALL) == 1


def test_a_reading_that_fails_now_and_then_is_left_out(standin):
    outcome = measured(standin, "const 80", extra=f"  error {CALL} 999 5.0 25.0\n")

    assert outcome.last[0].busy_share == pytest.approx(0.8)
    assert outcome.meter.notes.lines == []
    assert abs(outcome.error_pct) < 0.5


def test_a_split_gpu_is_never_asked(standin):
    outcome = measured(standin, "const 80", extra="  mig MIG-aaaa 3 0\n")

    assert outcome.last[0].busy_share is None
    assert standin.calls(CALL) == 0


def test_a_gpu_lost_in_the_run_keeps_what_was_told_of_it(standin):
    outcome = measured(standin, "const 80", extra="  error any 15 11.0\n")

    assert outcome.last[0].busy_share == pytest.approx(0.8)
    assert standin.calls(CALL) < 15


def test_each_gpu_has_its_own(standin):
    scenario = scene(CURVES["const"], HOPPER, random.Random(1), gpus=2, extra="  busy const 90\n")
    first, second = scenario.rsplit("busy const 90", 1)
    outcome = run(standin, f"{first}busy const 5{second}")

    assert [reading.busy_share for reading in outcome.last] == pytest.approx([0.9, 0.05])


def test_it_is_read_no_more_often_than_the_sensor_tells_anything_new(standin):
    measured(standin, "const 80", 120.0)

    assert 60 <= standin.calls(CALL) <= 80  # 30 s at one a second, 90 s at one in two


def test_one_waking_serves_all_gpus(standin):
    quiet = len(measured(standin, "", 120.0, gpus=8).live)
    asked = len(measured(standin, "const 80", 120.0, gpus=8).live)

    assert asked <= quiet + 80


def test_a_call_that_costs_much_work_is_made_rarely(standin, monkeypatch):
    worked = iter(range(10**6))
    monkeypatch.setattr(busy, "time", SimpleNamespace(thread_time=lambda: 5e-3 * next(worked)))
    measured(standin, "const 80", 400.0)  # 5 ms of work are 2e-4 of 25 s

    assert 14 <= standin.calls(CALL) <= 19


def test_a_slow_call_holds_up_neither_the_energy_nor_the_end(standin):
    # 40 ms each are a hundredth of 4 s; the end does not wait for one more.
    outcome = measured(standin, "const 80", 200.0, latency={CALL: 0.04})

    assert 45 <= standin.calls(CALL) <= 55
    assert outcome.last[0].busy_share == pytest.approx(0.8)
    assert abs(outcome.error_pct) < 0.5
    assert standin.now() - outcome.end_s < 0.03


def test_the_record_has_it_and_the_limit(standin, record):
    lines = "  busy const 80\n"
    standin.configure(scene(CURVES["const"], HOPPER, random.Random(1), extra=lines))
    clocks = {"clock": standin.now, "wall": standin.wall, "sleep": standin.sleep}
    meter = NvmlMeter("all", environ={}, **clocks)

    def during(_):
        for _ in range(10):
            standin.sleep(1.0)
            meter.read()

    (device,) = record(meter, during=during).to_dict()["devices"]
    assert (device["busy_share"], device["power_limit_w"]) == (0.8, 700.0)

"""LLMCarbon's validation (arXiv:2309.14393) as a test of the arithmetic from FLOP to grams."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocarbon_magic.planning.arithmetic import consumption
from ocarbon_magic.planning.estimate import estimate

# Parameters (of the base model, for mixtures of experts) and tokens; g/kWh and PUE; device;
# mean W of the system per device; peak TFLOP/s and the share of it that was achieved;
# devices; MWh and t of its published code, as printed.
RUNS = {
    "T5": (11e9, 600e9, 545, 1.12, "TPU v3", 310, 123, 0.37, 512, "83.9", "45.74"),
    "GPT-3": (175e9, 300e9, 429, 1.10, "V100", 330, 125, 0.197, 10_000, "1289.8", "553.34"),
    "GShard": (2.3e9, 1000e9, 177, 1.09, "TPU v3", 288, 123, 0.39, 1000, "25.1", "4.44"),
    "Switch": (7.41e9, 2000e9, 330, 1.10, "TPU v3", 245, 123, 0.28, 1000, "193.3", "63.78"),
    "XLM": (0.55e9, 7000e9, 413, 1.10, "V100", 342, 125, 0.212, 512, "91.1", "37.62"),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_validation_comes_out_to_its_printed_digits(run):
    params, tokens, intensity, pue, device, power_w, peak, share, count, mwh, tonnes = run
    made = estimate(
        params=params,
        tokens=tokens,
        device=device,
        device_count=count,
        tflops_per_device=peak * share,
        power_w=power_w,
        pue=pue,
        intensity_g_per_kwh=intensity,
        embodied=False,
    )
    assert made.method == "given"
    assert f"{made.energy_kwh.value * pue / 1e3:.1f}" == mwh
    assert f"{made.emissions_g.value / 1e6:.2f}" == tonnes
    assert made.hours.value == pytest.approx(made.device_hours.value / count)


def test_one_exaflop_on_two_devices_by_hand():
    # 3.6e18 FLOP at 2 x 50 TFLOP/s: 36,000 s, 10 h, 20 device-hours; at 300 W 6 kWh.
    takes = consumption(3.6e18, 50, power_w=300, device_count=2, pue=1.5, intensity_g_per_kwh=100)
    assert takes == pytest.approx((20.0, 10.0, 6.0, 900.0))


@given(
    flop=st.floats(1e12, 1e28),
    tflops=st.floats(1e-3, 1e4),
    power_w=st.floats(1, 1e4),
    count=st.integers(1, 100_000),
)
def test_energy_is_power_by_time_however_many_devices_share_it(flop, tflops, power_w, count):
    takes = consumption(flop, tflops, power_w=power_w, device_count=count)
    assert takes.hours * count == pytest.approx(takes.device_hours)
    assert takes.device_hours * 3600 * tflops * 1e12 == pytest.approx(flop)
    assert takes.energy_kwh * 3.6e6 == pytest.approx(power_w * takes.device_hours * 3600)


def test_a_known_throughput_claims_no_interval_and_takes_the_tdp_for_want_of_a_power():
    made = estimate(flop=1e20, device="RTX 4090", tflops_per_device=60, zone="FRA")
    assert made.power_w.value == 450  # NVIDIA's figure for the card
    assert made.energy_kwh.low == made.energy_kwh.value == made.energy_kwh.high
    assert made.energy_kwh.level == 0
    assert any("more than it draws" in note for note in made.notes)


def test_a_throughput_above_the_peak_is_rejected():
    with pytest.raises(ValueError, match=r"above the peak of A100, 312 TFLOP/s"):
        estimate(flop=1e20, device="A100", tflops_per_device=538)

"""`oc.estimate`: what it takes, what it refuses, and what its figures are made from."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ocarbon_magic as oc
from ocarbon_magic.hardware import accelerators, find_accelerator
from ocarbon_magic.options import OptionError
from ocarbon_magic.planning.arithmetic import multiplied
from ocarbon_magic.planning.calibrated import predict
from ocarbon_magic.planning.devices import _words, find_device, single_words
from ocarbon_magic.planning.estimate import estimate
from ocarbon_magic.planning.plan import plan_of, read_line
from ocarbon_magic.planning.supply import Defaults
from ocarbon_magic.run import Projection

WRONG = [
    ({"device": "A100"}, "say how much work it is: flop, or params and tokens, or samples and"),
    ({"flop": 1e20}, "name the device, such as A100"),
    ({"params": 7e9, "device": "A100"}, "params needs tokens beside it"),
    ({"tokens": 2e12, "device": "A100"}, "tokens needs params beside it"),
    ({"samples": 1e6, "device": "A100"}, "samples needs flop_per_sample beside it"),
    (
        {"flop": 1e20, "params": 7e9, "tokens": 1e9, "device": "A100"},
        "the work is given more than once, by flop and by params and tokens: keep one",
    ),
    ({"flop": 1e20, "samples": 5, "device": "A100"}, "by flop and by samples and flop_per_sample"),
    ({"flop": -1, "device": "A100"}, "flop must be a number above 0"),
    ({"flop": 0, "device": "A100"}, "flop must be a number above 0"),
    ({"flop": math.nan, "device": "A100"}, "flop must be a number above 0"),
    ({"flop": math.inf, "device": "A100"}, "flop must be a number above 0"),
    ({"flop": "much", "device": "A100"}, "flop must be a number above 0, such as 7e9, 7B or 300M"),
    ({"flop": True, "device": "A100"}, "flop must be a number above 0"),
    ({"flop": [1e20], "device": "A100"}, "flop must be a number above 0"),
    ({"flop": 3640, "device": "A100"}, "multiply TFLOP by 1e12, PetaFLOP/s-days by 8.64e19"),
    ({"flop": 6e33, "device": "A100"}, "thousands of times the largest training known"),
    ({"params": 7, "tokens": 2e12, "device": "A100"}, "parameters: 7e9 for a 7B model"),
    ({"params": 7e9, "tokens": 2, "device": "A100"}, "tokens: 2e12 for two trillion"),
    ({"samples": 1e6, "flop_per_sample": 12, "device": "T4"}, "12e9 for 12 GFLOP"),
    ({"flop": 1e20, "device": "A10000"}, "unknown device 'A10000': did you mean NVIDIA A100, "),
    ({"flop": 1e20, "device": "toaster"}, "unknown device 'toaster': name an accelerator, such"),
    ({"flop": 1e20, "device": "A100", "device_count": 0}, "device_count must be a whole number"),
    ({"flop": 1e20, "device": "A100", "device_count": 1.5}, "device_count must be a whole number"),
    ({"flop": 1e20, "device": "A100", "pue": 0.9}, "pue must be a number of at least 1, not 0.9"),
    ({"flop": 1e20, "device": "A100", "zone": "Farnce"}, "unknown zone 'Farnce': did you mean"),
    ({"flop": 1e20, "device": "A100", "intensity_g_per_kwh": -1}, "intensity_g_per_kwh must be"),
    ({"flop": 1e20, "device": "A100", "power_w": 0}, "power_w must be a number of watts above 0"),
    (
        {"flop": 1e20, "device": "A100", "log10_alpha": (1, 2, 3)},
        "log10_alpha must be a number, or",
    ),
    ({"flop": 1e20, "device": "A100", "method": "magic"}, "method must be calibrated, opencarbon"),
    ({"flop": 1e20, "device": "A100", "precision": "fp7"}, "precision must be fp32, tf32, fp16"),
    (
        {"flop": 1e20, "device": "A100", "tflops_per_device": 9, "method": "calibrated"},
        "tflops_per_device has no use in the method 'calibrated'",
    ),
    (
        {"flop": 1e20, "device": "A100", "work": 9, "method": "calibrated"},
        "work has no use in the method 'calibrated'",
    ),
    ({"flop": "7MB", "device": "A100"}, "flop must be a number above 0, such as 7e9, 7B or 300M"),
    ({"flop": 1e20, "device": "A100", "pue": 115}, "pue must be a ratio such as 1.15, not 115"),
    ({"flop": 1e20, "device": "A100", "power_w": 0.4}, "from 1 to 100,000, not 0.4"),  # kW
    ({"flop": 1e20, "device": "A100", "tdp_w": 4e5}, "from 1 to 100,000, not 400000.0"),  # mW
    (
        {"flop": 1e20, "device": "?", "tflops_per_device": 1e14, "power_w": 9},
        "to 100,000, not 1000",
    ),
    ({"flop": 1e20, "device": "A100", "intensity_g_per_kwh": 53e3}, "0 or more, up to 10,000, not"),
    ({"flop": 1e20, "device": "A100", "log10_alpha": -1e6}, "from -20 to 5000, not -1000000.0"),
    ({"flop": 1e20, "device": "cpu"}, "'cpu' is no accelerator: give tflops_per_device and power"),
    ({"run": "probe", "work": 9}, "run must be a measured Run, such as ocarbon_magic.last_run()"),
    ({"method": "measured"}, "nothing has been measured yet: run some steps of the training under"),
]


@pytest.mark.parametrize(("plan", "sentence"), WRONG)
def test_a_plan_that_cannot_be_gets_one_sentence_that_says_what_to_do(plan, sentence):
    with pytest.raises(ValueError, match=r"\A.+\Z") as caught:
        estimate(**plan)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "plan",
    [
        {"params": "7B", "tokens": "2T"},
        {"params": 7e9, "tokens": 2e12},
        {"flop": 8.4e22},
        {"samples": "1M", "flop_per_sample": 8.4e16},
    ],
)
def test_the_ways_to_say_the_work_agree(plan):
    made = estimate(**plan, device="A100", device_count=8, zone="FRA")
    assert made.flop == pytest.approx(6 * 7e9 * 2e12)
    assert made.method == "calibrated"


@given(flop=st.floats(1e16, 1e26), count=st.integers(1, 10_000))
def test_the_calibrated_estimate_is_the_predicted_pace_and_power_in_grams(flop, count):
    made = estimate(flop=flop, device="A100", device_count=count, intensity_g_per_kwh=200, pue=1.25)
    pace = predict(flop, find_accelerator("A100"), count)
    device_s = flop / (pace.tflops_per_device.value * 1e12)
    energy_kwh = device_s * pace.power_w.value / 3.6e6
    assert made.device_hours.value == pytest.approx(device_s / 3600)
    assert made.hours.value == pytest.approx(device_s / 3600 / count)
    assert made.energy_kwh.value == pytest.approx(energy_kwh)
    assert made.operational_g.value == pytest.approx(energy_kwh * 1.25 * 200)
    assert made.emissions_g.value == pytest.approx(made.operational_g.value + made.embodied_g.value)
    assert made.device_hours.low == pytest.approx(flop / pace.tflops_per_device.high / 3.6e15)
    for quantity in (made.hours, made.energy_kwh, made.operational_g, made.emissions_g):
        assert 0 < quantity.low < quantity.value < quantity.high
        assert quantity.level == 0.8


def test_independent_intervals_are_combined_in_the_logarithm():
    # Factors 2 and 3 on the one side: exp(sqrt(ln(2)^2 + ln(3)^2)) = 3.66563.
    product = multiplied(Projection(10, 5, 10, 0.8), Projection(6, 2, 12, 0.8))
    assert product.value == 60
    assert product.low == pytest.approx(60 / 3.66563, rel=1e-5)
    assert product.high == pytest.approx(120)
    assert product.level == 0.8


def test_a_power_given_takes_the_place_of_the_predicted_one():
    by_mean = estimate(flop=1e20, device="A100", power_w=250, tdp_w=300, zone="FRA")
    assert by_mean.power_w == Projection(250, 250, 250, 0.0)
    assert by_mean.energy_kwh.value == pytest.approx(0.25 * by_mean.device_hours.value)
    assert by_mean.energy_kwh.high / by_mean.energy_kwh.value == pytest.approx(
        by_mean.device_hours.high / by_mean.device_hours.value
    )
    assert estimate(flop=1e20, device="A100", tdp_w=300, zone="FRA").power_w.value == 300


def test_a_power_given_stands_in_for_a_limit_that_is_not_known():
    with pytest.raises(ValueError, match="power limit of Apple M2 is not known: give tdp_w or"):
        estimate(flop=1e16, device="Apple M2")
    made = estimate(flop=1e16, device="Apple M2", power_w=20, zone="FRA")
    assert made.energy_kwh.value == pytest.approx(0.02 * made.device_hours.value)


def test_what_was_not_asked_for_is_none_and_not_nought():
    made = estimate(flop=1e20, device="A100", zone="FRA", embodied=False)
    assert made.embodied_g is None
    assert made.emissions_g == made.operational_g


def test_the_precision_changes_the_pace():
    half = estimate(flop=1e20, device="A100", precision="bf16", zone="FRA")
    single = estimate(flop=1e20, device="A100", precision="fp32", zone="FRA")
    assert half == estimate(flop=1e20, device="A100", precision="fp16", zone="FRA")
    assert single.hours.value > half.hours.value


def test_every_device_of_the_table_is_estimated_or_refused_in_one_sentence():
    made = 0
    for part in accelerators():
        try:
            estimated = estimate(flop=1e20, device=part.name, zone="FRA")
        except ValueError as error:
            assert part.name in str(error)  # noqa: PT017 - most are estimated
        else:
            assert math.isfinite(estimated.emissions_g.high)
            made += 1
    assert made > 0.8 * len(accelerators())


class TestWhere:
    def test_the_zone_gives_intensity_and_a_cloud_region_its_pue(self):
        made = estimate(flop=1e20, device="A100", zone="aws:us-east-1")
        assert (made.zone.code, made.zone.how) == ("aws:us-east-1", "given")
        assert made.pue == 1.15  # AWS, 2024
        assert made.intensity.year is not None

    def test_an_intensity_by_hand_wins_over_the_zone(self):
        made = estimate(flop=1e20, device="A100", zone="FRA", intensity_g_per_kwh=500)
        assert made.intensity.gco2e_per_kwh == 500
        assert made.intensity.year is None
        assert estimate(flop=1e20, device="A100", intensity_g_per_kwh=500).zone is None

    def test_what_is_configured_stands_where_the_call_says_nothing(self):
        configured = Defaults(zone="SWE", intensity_g_per_kwh=7, pue=1.4)
        plain = estimate(flop=1e20, device="A100", defaults=configured)
        assert (plain.intensity.gco2e_per_kwh, plain.pue) == (7, 1.4)
        named = estimate(flop=1e20, device="A100", zone="FRA", defaults=configured)
        assert named.zone.code == "FRA"
        assert named.intensity.gco2e_per_kwh != 7
        by_zone = estimate(flop=1e20, device="A100", defaults=Defaults(zone="SWE"))
        assert (by_zone.zone.code, by_zone.zone.how) == ("SWE", "configured")

    def test_the_public_name_knows_the_environment(self, monkeypatch):
        monkeypatch.setenv("OCARBON_ZONE", "NOR")
        assert oc.estimate(flop=1e20, device="A100").zone.code == "NOR"


class TestDevices:
    @pytest.mark.parametrize(
        ("typed", "part"),
        [
            ("a100", "NVIDIA A100 SXM4 40GB"),
            ("A100-80GB", "NVIDIA A100 SXM4 80GB"),
            ("NVIDIA A100-SXM4-80GB", "NVIDIA A100 SXM4 80GB"),
            ("TPUv3", "Google TPU v3"),
            ("rtx4090", "NVIDIA GeForce RTX 4090"),
            ("MI300X", "AMD Instinct MI300X"),
            ("NVIDIA A800", "NVIDIA A800 SXM4 80GB"),
            ("K80", "NVIDIA Tesla K80 (one of two GPUs on the board)"),
            ("NVIDIA A100-40GB", "NVIDIA A100 SXM4 40GB"),
            ("A100-80GB SXM4", "NVIDIA A100 SXM4 80GB"),
            ("A100 80 GB SXM4", "NVIDIA A100 SXM4 80GB"),
            ("A100-40GB PCIe", "NVIDIA A100 PCIe 40GB"),
            ("A100-40G", "NVIDIA A100 SXM4 40GB"),
            ("V100 SXM2 32G", "NVIDIA V100 SXM2 32GB"),
            ("H100-80GB SXM", "NVIDIA H100 SXM5 80GB"),
            ("B200-180GB SXM", "NVIDIA B200"),
            ("AMD MI250X", "AMD Instinct MI250X"),
            ("NVIDIA P40", "NVIDIA Tesla P40"),
            ("A6000", "NVIDIA RTX A6000"),
            ("M2 Max", "Apple M2 Max"),
        ],
    )
    def test_people_need_not_spell_a_device_as_its_driver_does(self, typed, part):
        assert find_device(typed).name == part

    @pytest.mark.parametrize("typed", ["4090", "A100 MIG 1g.5gb", "RTX 4090 Laptop", "A10 0G", ""])
    def test_a_part_of_a_name_is_no_device(self, typed):
        assert find_device(typed) is None

    def test_every_part_is_found_by_its_own_name(self):
        assert [find_device(part.name) for part in accelerators()] == list(accelerators())

    def test_what_the_tab_key_offers_is_one_word_and_found(self):
        assert {"A100-80GB", "RTX-4090", "TPU-v4", "T4"} <= set(single_words())
        for word in single_words():
            assert find_device(word) is not None
            assert not set(word) & set(" '\"")

    def test_the_order_of_the_words_tells_no_two_parts_apart(self):
        known = {_words(part.name) for part in accelerators()}
        assert len(known) == len(accelerators())

    def test_the_matching_of_what_drivers_report_stays_strict(self):
        assert find_accelerator("A100-80GB SXM4") is None


class TestLine:
    def test_the_three_spellings_of_an_option_are_one(self):
        line = "--params 7B --tokens 2T --device A100 --count 8 --zone FRA"
        spaced = read_line(line.split())
        assert spaced == {
            "params": 7e9, "tokens": 2e12, "device": "A100", "device_count": 8, "zone": "FRA",
        }  # fmt: skip
        bare = ["params=7e9", "tokens=2T", "device=A100", "count=8", "zone=FRA"]
        assert read_line(bare) == spaced
        assert read_line([f"--{word}" for word in bare]) == spaced

    def test_two_alphas_may_be_negative(self):
        assert read_line(["--log10-alpha", "-6.7,-6.6"]) == {"log10_alpha": (-6.7, -6.6)}

    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            ("--parms 7B", "unknown option --parms: did you mean --params?"),
            ("parms=7B", "unknown option parms: did you mean --params?"),
            ("A100", "unknown word A100: known: --flop"),
            ("--params", "--params needs a value."),
            ("--params --tokens 2T", "--params needs a value."),
            ("--params 7B --params 70B", "--params is given twice: keep one of them."),
            ("--params many", "--params must be a number above 0, such as 7e9, 7B or 300M"),
            ("--count 0", "--count must be a whole number of at least 1, not '0'."),
        ],
    )
    def test_a_slip_is_answered_with_the_flag_that_was_meant(self, line, sentence):
        with pytest.raises(OptionError) as caught:
            read_line(line.split())
        assert str(caught.value).startswith(sentence)

    @given(st.lists(st.text(max_size=12), max_size=6))
    def test_any_words_are_understood_or_answered_with_a_sentence(self, words):
        try:
            read_line(words)
        except OptionError as error:
            assert str(error)  # noqa: PT017 - not raising is as right

    @given(st.floats(1e-3, 999), st.sampled_from(["", "k", "M", "B", "G", "T"]))
    def test_a_suffix_is_a_power_of_ten(self, number, suffix):
        factor = {"": 1, "k": 1e3, "M": 1e6, "B": 1e9, "G": 1e9, "T": 1e12}[suffix]
        assert plan_of({"flop": f"{number!r}{suffix}"}).flop == pytest.approx(number * factor)


class TestShown:
    def test_an_estimate_is_json(self):
        made = oc.estimate(flop=1e20, device="A100", zone="FRA")
        record = json.loads(json.dumps(made.to_dict(), allow_nan=False))
        assert record["emissions_g"] == {
            "value": made.emissions_g.value,
            "low": made.emissions_g.low,
            "high": made.emissions_g.high,
            "level": 0.8,
        }
        assert record["intensity"]["source"] == made.intensity.source
        assert record == made.to_dict()

    def test_the_text_says_the_quantities_their_interval_and_what_they_rest_on(self):
        made = oc.estimate(
            flop=3.6e20, device="A100", device_count=8, tflops_per_device=100, power_w=500,
            intensity_g_per_kwh=100, embodied=False,
        )  # fmt: skip
        # 3.6e20 FLOP at 100 TFLOP/s are 1000 device-hours, 500 kWh, 50 kg.
        text = str(made)
        assert text.startswith("50.0 kgCO2e estimated for 3.6e+20 FLOP on 8 ")
        for part in ("500 kWh", "1,000", "5 d 05:00", "100 TFLOP/s", "500 W", "(by hand)"):
            assert part in text
        assert "Embodied carbon is not in the total." in text

    def test_the_html_says_the_same_escaped_and_with_the_interval_named(self):
        made = oc.estimate(flop=1e14, device="<b>", tflops_per_device=50, power_w=9, zone="FRA")
        html = made._repr_mimebundle_()["text/html"]
        assert "<b>" not in html
        assert "&lt;b&gt;" in html
        assert "2 s of device time" in html
        assert (
            "80 % interval"
            in oc.estimate(flop=1e20, device="A100", zone="FRA")._repr_mimebundle_()["text/html"]
        )

    def test_large_figures_are_written_out(self):
        made = oc.estimate(
            flop=1e23, device="CS-2", device_count=10_000, tflops_per_device=3000, zone="FRA"
        )
        text = str(made)
        for part in (
            "10,000 \N{MULTIPLICATION SIGN}",
            "Throughput: 3,000 TFLOP/s",
            "Power: 23,000 W",
        ):
            assert part in text

    def test_an_intensity_that_must_be_in_kilograms_is_warned_of(self):
        made = oc.estimate(flop=1e20, device="A100", intensity_g_per_kwh=0.053)
        assert any("check that it is not in kg" in warning for warning in made.warnings)
        assert oc.estimate(flop=1e20, device="A100", intensity_g_per_kwh=0).warnings == ()

    def test_only_the_forms_asked_for_are_made(self):
        made = oc.estimate(flop=1e20, device="A100", zone="FRA")
        assert set(made._repr_mimebundle_(include={"text/plain"})) == {"text/plain"}

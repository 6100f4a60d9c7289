"""The same work elsewhere, worked by hand: places, cloud regions, cards, busy shares, hours."""

from __future__ import annotations

import math

import pytest
import sample_runs
from whatif_runs import BY_HAND, CPU, DIRECT, H100, run, under_way

from ocarbon_magic.carbon.embodied import Terms, charges
from ocarbon_magic.planning.spread import Spread
from ocarbon_magic.planning.whatif.choice import Choice, WhatIfError
from ocarbon_magic.planning.whatif.outcome import what_if
from ocarbon_magic.run import Zone
from ocarbon_magic.tables import rows


def asked(record, **chosen):
    return what_if(record, Choice(**chosen))


def test_another_country_changes_the_intensity_alone():
    # 2 kWh at PUE 1.5 and Sweden's 35.26 g/kWh are 105.78 g, with 10 g embodied.
    made = asked(run(), zone="SE")
    assert made.emissions_g == Spread(pytest.approx(115.78), None, None)
    assert made.operational_g == pytest.approx(105.78)
    assert made.embodied_g == 10.0
    assert made.basis_g == 310.0
    assert made.change_pct == pytest.approx(100 * (115.78 / 310.0 - 1))
    assert made.energy_kwh == Spread(2.0, None, None)
    assert made.duration_s == Spread(3600.0, None, None)
    assert made.time_change_pct == 0.0
    assert made.label == "Sweden"
    assert made.notes[0].startswith("Sweden: 35.3 gCO2e/kWh (2025, lifecycle; Ember")


def test_a_cloud_region_brings_its_pue_and_stands_for_its_country():
    # 2 kWh at the region's PUE of 1.15 and the United States' 384.4 g/kWh.
    made = asked(run(), zone="aws:us-east-1")
    assert made.operational_g == pytest.approx(2.0 * 1.15 * 384.4, rel=1e-4)
    assert "figure of United States (USA)" in made.notes[0]
    assert "PUE 1.15: region, published by the provider, 2024." in made.notes
    by_hand = asked(run(), zone="aws:us-east-1", pue=1.3)
    assert by_hand.operational_g == pytest.approx(2.0 * 1.3 * 384.4, rel=1e-4)
    assert by_hand.label == "aws:us-east-1, PUE 1.3"
    assert not [note for note in by_hand.notes if note.startswith("PUE")]


def test_places_are_compared_inside_one_scope():
    with pytest.raises(WhatIfError, match=r"California has no lifecycle figure.*country \(USA\)"):
        asked(run(), zone="US-CA")
    with pytest.raises(WhatIfError, match="Sweden has no direct figure"):
        asked(run(intensity=DIRECT), zone="SE")
    direct = run(zone=Zone("US-CA", "California", "given"), intensity=DIRECT)
    made = asked(direct, zone="gcp:us-west1")
    assert "direct" in made.notes[0]
    by_hand = asked(run(intensity=BY_HAND), zone="SE").notes
    assert (
        "The run's intensity was given by hand and has no known scope; that of Sweden is "
        "lifecycle." in by_hand
    )


def test_another_card_worked_by_hand():
    record = run(devices=[H100, CPU], pue=1.0, operational_g=200.0, emissions_g=210.0)
    made = asked(record, device="A100 80GB")
    # Half precision 989.4 to 312 TFLOP/s, memory 3352 to 2039 GB/s, limit 700 to 400 W.
    compute, memory, power = 3.17115, 1.64394, 0.571429
    time = math.sqrt(compute * memory)  # 2.28324
    assert made.duration_s.value == pytest.approx(3600.0 * time, rel=1e-5)
    assert made.duration_s.low == pytest.approx(3600.0 * memory / 1.8, rel=1e-5)
    assert made.duration_s.high == pytest.approx(3600.0 * compute * 1.8, rel=1e-5)
    assert made.time_change_pct == pytest.approx(128.3, abs=0.1)
    # Three quarters of the energy were the GPU's.
    energy = time * (0.75 * power + 0.25)  # 1.54936
    assert made.energy_kwh.value == pytest.approx(2.0 * energy, rel=1e-5)
    assert made.operational_g == pytest.approx(200.0 * energy, rel=1e-5)
    # An H100 hour of 164 kg over 4 years is 4.68037 g; of 10 g, the other 5.31963 g are not its.
    card_g = 164_000.0 / (4 * 8760)
    other = time * (card_g * 127.6 / 164.0 + 10.0 - card_g)
    assert made.embodied_g == pytest.approx(other, rel=1e-5)
    below = math.hypot(math.log(time / (memory / 1.8)), math.log(1.3))
    above = math.hypot(math.log(compute * 1.8 / time), math.log(1.3))
    value, low, high = made.emissions_g
    assert low == pytest.approx(value * math.exp(-below), rel=1e-4)
    assert high == pytest.approx(value * math.exp(above), rel=1e-4)
    assert made.notes[0].startswith(
        "NVIDIA A100 SXM4 80GB: 2.3 (0.91 \N{EN DASH} 5.7) times the time at 0.57 times the power"
    )
    assert "Embodied: the figure of NVIDIA A100 SXM4 80GB." in made.notes


def test_a_card_without_matrix_units_goes_by_fp32_with_a_wide_interval():
    made = asked(run(), device="Tesla P100-PCIE-16GB")
    # FP32 66.9 to 9.3 TFLOP/s, memory 3352 to 732 GB/s; at most as the peaks, 989.4 to 9.3.
    assert made.duration_s.value == pytest.approx(3600.0 * math.sqrt(66.9 / 9.3 * 3352 / 732))
    assert made.duration_s.high == pytest.approx(3600.0 * 989.4 / 9.3 * 1.8)
    assert "The peaks are those in FP32, as only one of the two has matrix units." in made.notes
    assert "It has 16 GB of memory, not 80: the work may not fit." in made.notes


def test_only_the_share_of_the_time_in_which_the_cards_worked_goes_with_another_card():
    half = run(devices=[sample_runs.gpu(energy_j=7.2e6, busy_share=0.5)])
    whole = asked(run(), device="A100 80GB").duration_s
    made = asked(half, device="A100 80GB")
    # Half of the hour stays, and half of it takes 2.28 (0.91 to 5.71) times as long.
    for end in ("value", "low", "high"):
        was = getattr(whole, end)
        assert getattr(made.duration_s, end) == pytest.approx(1800.0 + 0.5 * was)
    assert made.energy_kwh.value == pytest.approx(2.0 * made.duration_s.value / 3600.0 * 4 / 7)
    assert made.notes[0] == "The GPU worked for 50 % of the time: the rest stays."
    idle = run(devices=[sample_runs.gpu(energy_j=7.2e6, busy_share=0.0)])
    assert asked(idle, device="T4").duration_s == Spread(3600.0, 3600.0, 3600.0)


def test_a_busy_share_that_one_of_the_cards_does_not_tell_is_not_known():
    told = sample_runs.gpu(energy_j=3.6e6, busy_share=0.5)
    for untold in (None, 1.5, -1.0, math.nan):
        other = sample_runs.gpu(1, energy_j=3.6e6, busy_share=untold)
        made = asked(run(devices=[told, other]), device="T4")
        assert made.duration_s.value == asked(run(), device="T4").duration_s.value
        assert "if the GPU sets the pace" in made.notes[0]


def test_a_start_at_another_hour_goes_by_the_clocks_and_the_hours_there():
    record = run(started_at="2026-01-20T14:00:00Z")
    made = asked(record, hour=3)
    (january,) = (
        row
        for row in rows("hourly_profile")
        if (row["grid"], row["scope"], row["month"]) == ("France", "lifecycle", "1")
    )
    day = [float(january[f"of_annual_mean_{hour:02}_utc"]) for hour in range(24)]
    # 3:00 in France is 2:00 UTC in January.
    assert made.operational_g == pytest.approx(300.0 * day[2] / (sum(day) / 24))
    assert made.notes[:2] == (
        "From 03:00 in France the grid is at 90 % of its mean over a day in January, by the "
        "hours of 2020 (France): a past year, not a forecast.",
        "The run itself counts at the mean of a day.",
    )
    # An hour and a half from 23:00 there: the hour from 22:00 UTC, and half of the next.
    longer = asked(run(started_at="2026-01-20T14:00:00Z", duration_s=5400.0), hour=23)
    mean = (day[22] + 0.5 * day[23]) / 1.5
    assert longer.operational_g == pytest.approx(300.0 * mean / (sum(day) / 24))


def test_an_hour_without_figures_has_no_part_in_the_outcome_and_says_so():
    made = asked(run(), zone="SE", hour=3)
    assert made.operational_g == asked(run(), zone="SE").operational_g
    assert "The start has no part in this: no hourly figures are known for Sweden." in made.notes
    by_hand = asked(run(intensity=BY_HAND), hour=3)
    assert "given by hand" in by_hand.notes[0]


def test_a_run_under_way_is_compared_as_projected_with_the_interval_of_that():
    made = asked(under_way(), pue=1.2)
    # 8 kWh at PUE 1.2 and 100 g are 960 g, with 4 times 10 g embodied, beside 1240 g.
    assert made.basis == "projected"
    assert made.operational_g == pytest.approx(960.0)
    assert made.embodied_g == pytest.approx(40.0)
    assert made.change_pct == pytest.approx(-19.35, abs=0.01)
    assert made.emissions_g.low == pytest.approx(900.0)
    assert made.emissions_g.high == pytest.approx(1100.0)
    assert made.energy_kwh == Spread(8.0, pytest.approx(7.2), pytest.approx(8.8))
    assert made.duration_s == Spread(14_400.0, pytest.approx(12_960.0), pytest.approx(15_840.0))
    done = under_way()
    done.work.done = 100.0
    assert asked(done, pue=1.2).basis == "emitted"


def test_embodied_carbon_that_was_left_out_stays_out():
    record = run(embodied_g=None, emissions_g=300.0)
    made = asked(record, device="A100 80GB")
    assert made.embodied_g is None
    assert made.emissions_g.value == made.operational_g


def test_what_the_cards_were_charged_is_replaced_in_proportion_to_the_products():
    # 50 kg over 2 years by hand: an hour is 2.85388 g of the 10 g. An A100's 127.6 kg are 0.778
    # of an H100's 164 kg, which is what the charge by hand is taken to change by.
    terms = Terms(gpu_kgco2e=50.0, lifetime_years=2.0)
    record = run(embodied=charges([("gpu", H100.name, 3600.0)], terms))
    made = asked(record, device="A100 80GB")
    time = made.duration_s.value / 3600.0
    card_g = 50_000.0 / (2 * 8760)
    assert made.embodied_g == pytest.approx(time * (card_g * 127.6 / 164.0 + 10.0 - card_g))


@pytest.mark.parametrize(
    ("record", "chosen", "why"),
    [
        (run(devices=[CPU]), {"device": "T4"}, "used no GPU"),
        (run(devices=[H100, sample_runs.gpu(1, name="NVIDIA L4")]), {"device": "T4"}, "several"),
        (run(devices=[sample_runs.gpu(energy_j=None)]), {"device": "T4"}, "energy of a GPU"),
        (run(warnings=["GPU 0 is split into MIG instances."]), {"device": "T4"}, "MIG"),
        (run(devices=[sample_runs.gpu(name="NVIDIA X1")]), {"device": "T4"}, "NVIDIA X1"),
        (run(), {"device": "GH200"}, "GH200 96GB as a graphics processor of its own"),
        (run(), {"device": "T5"}, "unknown device 'T5': did you mean"),
        (run(), {"device": 5}, "device must be the name of a graphics processor, not 5"),
        (run(), {"zone": "nowhere"}, "unknown zone 'nowhere': did you mean .*[?]$"),
        (run(), {"zone": 5}, "zone must be the name of a place, not 5"),
        (run(), {"hour": 24}, "hour must be a whole number from 0 to 23, not 24"),
        (run(), {"hour": 3.5}, "hour must be"),
        (run(), {"hour": True}, "hour must be"),
        (run(), {"count": 0}, "count must be a whole number of at least 1"),
        (run(), {"pue": 0.9}, "pue must be a number of at least 1, not 0.9"),
        (run(), {"pue": "1.1"}, "pue must be"),
        (run(), {"power_cap_w": math.inf}, "power_cap_w must be a number of watts above 0"),
        (run(emissions_g=None), {"zone": "SE"}, "emissions of the run are not known"),
        (run(pue=0.5), {"zone": "SE"}, "emissions of the run are not known"),
        (run(duration_s=None), {"device": "T4"}, "how long the run takes is not known"),
    ],
)
def test_a_choice_that_says_nothing_of_the_run_is_answered_in_one_sentence(record, chosen, why):
    with pytest.raises(WhatIfError, match=why) as raised:
        asked(record, **chosen)
    assert "\n" not in str(raised.value)
    assert str(raised.value)[-1] in ".?"

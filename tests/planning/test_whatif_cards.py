"""Another number of cards, and a cap on their power, worked by hand beside what was published."""

from __future__ import annotations

import math

import pytest
import sample_runs
from whatif_runs import CPU, H100, run

from ocarbon_magic.planning.calibrated_runs import published_runs
from ocarbon_magic.planning.spread import Spread
from ocarbon_magic.planning.whatif.arithmetic import CAPPED, SCALING, WAITING, Pace, servers_ratio
from ocarbon_magic.planning.whatif.choice import Choice, WhatIfError
from ocarbon_magic.planning.whatif.outcome import what_if

CARD_G = 164_000.0 / (4 * 8760)  # an hour of an H100 of 164 kg over 4 years


def asked(record, **chosen):
    return what_if(record, Choice(**chosen))


def test_eight_cards_in_place_of_one_worked_by_hand():
    made = asked(run(), count=8)
    # 8 ** -0.8 = 0.189465 of the time; at worst 8 ** -0.5 = 0.353553, at best an eighth.
    assert made.duration_s.value == pytest.approx(3600.0 * 0.189465, rel=1e-5)
    assert made.duration_s.low == pytest.approx(450.0)
    assert made.duration_s.high == pytest.approx(3600.0 * 0.353553, rel=1e-5)
    # 8 ** 0.2 = 1.515717 card-seconds for one of work: what is more waits, at 0.4 of the power.
    energy = 1 + 0.4 * 0.515717
    assert made.operational_g == pytest.approx(300.0 * energy, rel=1e-5)
    assert made.embodied_g == pytest.approx(0.189465 * (8 * CARD_G + 10.0 - CARD_G), rel=1e-5)
    # At best 300 g and an eighth of the time; at worst 8 ** 0.5 card-seconds, 519.41 g.
    rest = 8 * CARD_G + 10.0 - CARD_G
    assert made.emissions_g.low == pytest.approx(300.0 + rest / 8)
    assert made.emissions_g.high == pytest.approx(519.41 + 0.353553 * rest, rel=1e-5)
    assert made.label == "8 GPUs"
    assert made.notes[0].startswith("8 GPUs in place of 1: 5.3 times the pace (2.8 \N{EN DASH} 8)")


def test_fewer_cards_take_longer_and_wait_less():
    two = [sample_runs.gpu(i, energy_j=3.6e6) for i in range(2)]
    made = asked(run(devices=two), count=1)
    # 2 ** 0.8 = 1.741101 times the time; 2 ** -0.2 = 0.870551 of the card-seconds.
    assert made.duration_s.value == pytest.approx(3600.0 * 1.741101, rel=1e-5)
    assert (made.duration_s.low, made.duration_s.high) == (
        pytest.approx(3600.0 * 2**0.5),
        pytest.approx(7200.0),
    )
    assert made.operational_g == pytest.approx(300.0 * (1 - 0.4 * 0.129449), rel=1e-5)
    assert made.label == "1 GPU"


def test_what_only_one_card_does_is_no_faster_with_several():
    half = run(devices=[sample_runs.gpu(energy_j=7.2e6, busy_share=0.5)])
    made = asked(half, count=4)
    # Half an hour stays, the other half takes 4 ** -0.8 = 0.329877 of its time.
    assert made.duration_s.value == pytest.approx(1800.0 + 1800.0 * 0.329877, rel=1e-5)
    # Three cards wait in the first half; in the other, 4 ** 0.2 - 1 = 0.319508 of one.
    energy = 0.5 * (1 + 0.4 * 3) + 0.5 * (1 + 0.4 * 0.319508)
    assert made.operational_g == pytest.approx(300.0 * energy, rel=1e-5)
    assert made.notes[0] == "The GPU worked for 50 % of the time: the rest stays."


def test_eight_cards_stand_in_a_server_and_each_server_has_a_rest():
    assert [servers_ratio(1, count) for count in (1, 8, 9, 17)] == [1.0, 1.0, 2.0, 3.0]
    assert servers_ratio(16, 8) == 0.5
    eight = [sample_runs.gpu(i, energy_j=0.675e6) for i in range(8)]
    record = run(devices=[*eight, CPU])  # a quarter of the energy is the processor's
    made = asked(record, count=16)
    time = 2**-0.8
    cards = 1 + 0.4 * (2**0.2 - 1)
    assert made.operational_g == pytest.approx(300.0 * (0.75 * cards + 0.25 * time * 2))


def test_another_card_and_another_count_go_together():
    both = asked(run(), device="A100 80GB", count=4)
    card, count = asked(run(), device="A100 80GB"), asked(run(), count=4)
    assert both.duration_s.value == pytest.approx(
        card.duration_s.value * count.duration_s.value / 3600.0
    )
    assert both.operational_g == pytest.approx(card.operational_g * count.operational_g / 300.0)
    assert both.label == "A100 SXM4 80GB, 4 GPUs"


def test_the_powers_of_the_count_are_those_of_published_runs():
    hours = {each.model: each for each in published_runs()}
    one, eight = (hours[f"MLPerf ResNet-50 ({nodes} H100)"] for nodes in ("1 node", "8 nodes"))
    efficiency = one.device_hours / eight.device_hours  # of 64 cards against 8
    assert 1 + math.log(efficiency) / math.log(8) == pytest.approx(SCALING[0], abs=0.005)
    # A fifth of a server's power is not the cards'.
    waiting = (eight.mean_power_w / one.mean_power_w - 0.2) / 0.8
    assert (waiting - efficiency) / (1 - efficiency) == pytest.approx(WAITING, abs=0.06)


def test_a_cap_worked_by_hand():
    # 2 kWh in an hour are 2 kW; 1.5 kW are 3/4, and 0.75 ** -0.3 = 1.090138 of the time.
    made = asked(run(), power_cap_w=1500)
    assert made.duration_s.value == pytest.approx(3600.0 * 1.090138, rel=1e-5)
    assert made.duration_s.low == pytest.approx(3600.0 * 0.75**-0.1)
    assert made.duration_s.high == pytest.approx(4800.0)
    assert made.operational_g == pytest.approx(300.0 * 0.75 * 1.090138, rel=1e-5)
    assert made.embodied_g == pytest.approx(10.9014, rel=1e-5)
    # At worst a third more time and no less energy.
    assert made.emissions_g.high == pytest.approx(300.0 + 10.0 * 4 / 3)
    assert made.emissions_g.low == pytest.approx((225.0 + 10.0) * 0.75**-0.1)
    assert made.label == "cap 1.5 kW"


def test_a_cap_above_the_power_drawn_changes_nothing_and_says_so():
    made = asked(run(), power_cap_w=2500.0)
    assert made.change_pct == made.time_change_pct == 0.0
    assert made.emissions_g == Spread(310.0, None, None)
    assert made.notes[0] == "A cap of 2.5 kW changes nothing: a GPU drew 2.00 kW on average."


def test_a_cap_far_below_what_was_drawn_is_refused():
    assert asked(run(), power_cap_w=1000.0).duration_s.value > 3600.0
    with pytest.raises(WhatIfError, match=r"a cap of 999 W is less than half of the 2\.00 kW"):
        asked(run(), power_cap_w=999.0)
    # An A100 would draw 4/7 of an H100: 1.14 kW.
    with pytest.raises(WhatIfError, match="less than half"):
        asked(run(), device="A100 80GB", power_cap_w=500.0)


def test_a_cap_holds_the_mean_of_several_cards_each():
    two = run(devices=[sample_runs.gpu(i, energy_j=3.6e6) for i in range(2)])
    assert asked(two, power_cap_w=750).change_pct == asked(run(), power_cap_w=1500).change_pct
    assert asked(run(devices=[H100, CPU]), power_cap_w=1500.0).change_pct == 0.0


def test_a_cap_of_published_runs_is_met():
    """13.7 % less energy in 6.8 % more time: McDonald et al. 2022, arXiv:2205.09646."""
    power = (1 - 0.137) / 1.068
    made = Pace(cap=power)
    assert made.time == pytest.approx(1.068, abs=0.005)
    assert made.cards_energy == pytest.approx(1 - 0.137, abs=0.005)
    assert Pace(cap=power, capped=CAPPED[1]).cards_energy == pytest.approx(1.0)

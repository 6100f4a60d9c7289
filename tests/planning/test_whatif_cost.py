"""What a run costs: prices as they are in the tables, in their own currency, never converted."""

from __future__ import annotations

import pytest
import sample_runs
from whatif_runs import BY_HAND, CPU, run, under_way

from ocarbon_magic.planning.spread import Spread
from ocarbon_magic.planning.whatif.choice import Choice
from ocarbon_magic.planning.whatif.cost import Cost, cost_of_run
from ocarbon_magic.planning.whatif.outcome import what_if
from ocarbon_magic.run import Zone
from ocarbon_magic.tables import rows


def asked(record, **chosen):
    return what_if(record, Choice(**chosen))


def cheapest(card, provider=None):
    return min(
        float(row["usd_per_gpu_hour"])
        for row in rows("cloud_price")
        if row["accelerator"] == card and provider in (None, row["provider"])
    )


def test_a_card_costs_its_cheapest_price_on_demand_by_the_hour():
    made = asked(run(), device="A100 40GB", count=2)
    hours = made.duration_s.value / 3600.0
    assert cheapest("NVIDIA A100 SXM4 40GB") == 0.72
    assert made.cost.amount.value == pytest.approx(2 * 0.72 * hours)
    assert made.cost.amount.low == pytest.approx(2 * 0.72 * made.duration_s.low / 3600.0)
    assert (made.cost.currency, made.cost.kind) == ("USD", "cloud")
    assert made.cost.basis == (
        "NVIDIA A100 SXM4 40GB for hire: 0.72 USD an hour on demand at Verda "
        "(1A100.40S.22V, Finland; 2025-2026; SkyPilot catalog v8 (Apache-2.0))."
    )
    assert f"Money: {made.cost.basis}" in made.notes


def test_in_a_providers_region_it_is_the_providers_own_price():
    made = asked(run(), zone="aws:eu-north-1", device="A100 40GB")
    assert made.cost.amount.value == pytest.approx(2.745 * made.duration_s.value / 3600.0)
    assert "at AWS (p4d.24xlarge, us-east-1; 2025-06, an estimate; AWS price" in made.cost.basis
    assert made.electricity is None
    without = asked(run(), zone="azure:norwayeast", device="A100 40GB")
    assert without.cost is None
    assert "No price of such a machine is known at Azure." in without.notes


def test_without_a_price_for_hire_it_is_the_electricity_at_the_place():
    record = run(devices=[sample_runs.gpu(name="NVIDIA GeForce RTX 4090", energy_j=7.2e6)])
    made = asked(record, pue=1.2)
    # 2 kWh at PUE 1.2 and 0.2926 EUR: not converted.
    assert made.cost == made.electricity
    assert made.cost.amount == Spread(pytest.approx(2.0 * 1.2 * 0.2926), None, None)
    assert (made.cost.currency, made.cost.kind) == ("EUR", "electricity")
    assert made.cost.basis.startswith("Electricity in France: 0.293 EUR a kWh for households")
    nowhere = asked(record, zone="SE")
    assert nowhere.cost is None
    assert nowhere.notes[-1] == (
        "No price is known, neither of such a machine for hire nor of electricity there."
    )


def test_what_a_run_itself_costs_is_told_too():
    assert cost_of_run(run()).amount == Spread(pytest.approx(1.99), None, None)
    ahead = cost_of_run(under_way())
    assert ahead.amount == Spread(
        pytest.approx(4 * 1.99), pytest.approx(7.164), pytest.approx(8.756)
    )
    processor = cost_of_run(run(devices=[CPU]))
    assert processor.amount.value == pytest.approx(2.0 * 1.5 * 0.2926)
    assert cost_of_run(run(devices=[CPU], emissions_g=None)) is None
    assert cost_of_run(run(devices=[CPU], zone=Zone("SWE", "Sweden", "given"))) is None


def test_where_nobody_said_the_place_and_the_intensity_is_by_hand_the_price_is_not_known():
    guessed = run(devices=[CPU], intensity=BY_HAND, zone=Zone("FRA", "France", "timezone"))
    assert cost_of_run(guessed) is None
    assert asked(guessed, pue=1.1).cost is None


def test_money_of_two_kinds_or_currencies_does_not_compare():
    amount = Spread(1.0, None, None)
    hire = Cost(amount, "USD", "cloud", "")
    assert hire.compares_with(Cost(amount, "USD", "cloud", "another"))
    assert not hire.compares_with(Cost(amount, "USD", "electricity", ""))
    assert not Cost(amount, "EUR", "electricity", "").compares_with(
        Cost(amount, "USD", "electricity", "")
    )

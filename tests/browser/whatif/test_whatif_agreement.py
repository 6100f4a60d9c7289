"""The what-if of Python and that of the page say the same of the same run and choice."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace

import pytest
import sample_runs
from asking import BY_HAND, CPU, DIRECT, H100, LIFECYCLE, asked, choice, run, under_way

from ocarbon_magic.carbon.embodied import Terms, charges
from ocarbon_magic.planning.whatif.cards import cards
from ocarbon_magic.planning.whatif.choice import Choice, WhatIfError
from ocarbon_magic.planning.whatif.outcome import what_if
from ocarbon_magic.planning.whatif.places import places_of
from ocarbon_magic.run import IntensitySeries, Zone

HALF_BUSY = sample_runs.gpu(busy_share=0.5, energy_j=7.2e6)
IDLE = sample_runs.gpu(1, busy_share=0.0, energy_j=1.8e6)
TWO_T4 = [sample_runs.gpu(i, name="Tesla T4", energy_j=1.8e6, busy_share=0.9) for i in range(2)]
BY_HAND_CHARGE = charges([("gpu", H100.name, 3600.0)], Terms(gpu_kgco2e=50.0, lifetime_years=2.0))
EIGHT = sample_runs.gpu(uuid=None, count=8, energy_j=5.4e6, busy_share=0.5)
CALIFORNIA = Zone("US-CA", "California", "given")
RECORDS = {
    "one card": run(),
    "with a processor": run(devices=[H100, CPU]),
    "half busy": run(devices=[HALF_BUSY]),
    "one of two idle": run(devices=[HALF_BUSY, IDLE, CPU]),
    "busy share of one": run(devices=[HALF_BUSY, sample_runs.gpu(1, energy_j=1.8e6)]),
    "two T4": run(devices=TWO_T4),
    "rows of several": run(devices=[EIGHT, sample_runs.gpu(energy_j=9e5, busy_share=0.9), CPU]),
    "rows of several hosts": sample_runs.cluster(),
    "no card": run(devices=[CPU]),
    "no matrix units": run(devices=[sample_runs.gpu(name="Tesla P100-PCIE-16GB", energy_j=7e6)]),
    "superchip": run(devices=[sample_runs.gpu(name="NVIDIA GH200 480GB", energy_j=7e6)]),
    "direct": run(zone=CALIFORNIA, intensity=DIRECT),
    "by hand": run(intensity=BY_HAND),
    "of its own hours": run(intensity=replace(LIFECYCLE, series=IntensitySeries([0.0], [53.0]))),
    "in a cloud": run(zone=Zone("gcp:us-west1", "Google Cloud Oregon", "given"), pue=1.1),
    "under way": under_way(),
    "under way, half busy": under_way(devices=[HALF_BUSY, CPU]),
    "in summer": run(started_at="2026-06-30T23:30:00Z", duration_s=100_000.0),
    "no time": run(duration_s=0.0),
    "embodied left out": run(embodied_g=None, emissions_g=300.0),
    "embodied by hand": run(embodied=BY_HAND_CHARGE),
    "a charge that cannot be": run(embodied=[replace(BY_HAND_CHARGE[0], lifetime_years=0.0)]),
    "nothing known": sample_runs.just_begun(),
    "nothing emitted": run(operational_g=0.0, embodied_g=0.0, emissions_g=0.0),
}
FIGURES = ("operationalG", "embodiedG", "durationS", "basisG", "changePct")
CHOICES = [
    dict(zip(("zone", "device", "hour", "pue"), chosen, strict=True))
    for chosen in itertools.product(
        (None, "FRA", "GBR", "US-CA", "aws:us-east-1", "gcp:us-west1", "nowhere"),
        (None, "NVIDIA H100 SXM5 80GB", "NVIDIA T4", "NVIDIA GeForce GTX 1080 Ti", "H999"),
        (None, 17),
        (None, 1.3),
    )
]


def in_python(record, chosen):
    """What `what_if` says, in the page's words; None where it says nothing."""
    try:
        made = what_if(record, Choice(**chosen))
    except WhatIfError:
        return None
    return {
        "emissionsG": made.emissions_g._asdict(),
        "operationalG": made.operational_g,
        "embodiedG": made.embodied_g,
        "durationS": None if made.duration_s is None else made.duration_s.value,
        "basis": made.basis,
        "basisG": made.basis_g,
        "changePct": made.change_pct,
    }


def in_the_page(modules, record, choices):
    """What the page says; the record goes there once."""
    given = json.dumps([record.to_dict(), [choice(**chosen) for chosen in choices]])
    said = modules.evaluate(
        """async (given) => {
            const { whatIf } = await import("/lib/whatif/whatif.js");
            const { readRecord } = await import("/lib/record/record.js");
            const [json, choices] = JSON.parse(given);
            const record = readRecord(json);
            return JSON.stringify(choices.map((each) => whatIf(record, each)));
        }""",
        given,
    )
    return json.loads(said)


def agree(here, there):
    if here is None or there is None:
        return here is there
    same = all(near(here[key], there[key]) for key in FIGURES)
    bounds = all(
        near(here["emissionsG"][key], there["emissionsG"][key]) for key in ("value", "low", "high")
    )
    return same and bounds and here["basis"] == there["basis"]


def near(one, other):
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def disagreements(modules, record, choices):
    """The choices of which both say different things, and how many have an outcome."""
    there = in_the_page(modules, record, choices)
    here = [in_python(record, chosen) for chosen in choices]
    both = zip(choices, here, there, strict=True)
    wrong = [(chosen, one, other) for chosen, one, other in both if not agree(one, other)]
    return wrong, sum(made is not None for made in here)


@pytest.mark.parametrize("name", RECORDS)
def test_both_say_the_same_of_every_combination(modules, name):
    wrong, answered = disagreements(modules, RECORDS[name], CHOICES)
    assert wrong == []
    assert (answered == 0) == (name == "nothing known")


@pytest.mark.parametrize("name", ["one card", "half busy", "no matrix units"])
def test_both_say_the_same_of_every_card(modules, name):
    choices = [{"device": card.name} for card in cards()]
    wrong, answered = disagreements(modules, RECORDS[name], choices)
    assert wrong == []
    assert answered == len(choices) > 130


@pytest.mark.parametrize(("name", "scope"), [("one card", "lifecycle"), ("direct", "direct")])
def test_both_say_the_same_of_every_place_and_offer_the_same_ones(modules, name, scope):
    record = RECORDS[name]
    choices = [{"zone": place.code, "hour": 5} for place in places_of(scope)]
    wrong, answered = disagreements(modules, record, choices)
    assert wrong == []
    assert answered == len(choices) > 100
    (offered,) = asked(modules, "zones", [(record, choice())])
    own = {place.code for place in places_of(scope)} - {record.zone.code}
    assert own <= {each["value"] for each in offered}


def test_both_say_the_same_of_every_hour(modules):
    hours = [{"hour": hour, "zone": zone} for hour in range(24) for zone in (None, "GBR")]
    for name in ("one card", "in summer", "under way"):
        assert disagreements(modules, RECORDS[name], hours) == ([], 48)


def test_only_the_share_of_the_time_in_which_the_cards_worked_goes_with_another_card(modules):
    busy, always = RECORDS["half busy"], RECORDS["one card"]
    device = choice(device="NVIDIA A100 SXM4 80GB")
    (half,), (whole,) = (asked(modules, "whatIf", [(each, device)]) for each in (busy, always))
    ratio = whole["durationS"] / 3600.0
    assert half["durationS"] == pytest.approx(3600.0 * (0.5 + 0.5 * ratio))
    assert half["notes"][0] == "The GPU worked for 50 % of the time: the rest stays."

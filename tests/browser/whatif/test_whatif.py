"""What another choice would come to: what it is compared with, and what it survives."""

from __future__ import annotations

import itertools
import json
import math
from importlib import resources
from pathlib import Path

import pytest
import sample_runs
from asking import BY_HAND, CPU, DIRECT, H100, asked, choice, run, under_way, values, what_if

from ocarbon_magic.run import Series, Zone

METERS = Path(str(resources.files("ocarbon_magic"))) / "meters"
SAMPLES = {
    **{status: sample_runs.of_status(status) for status in sample_runs.STATUSES},
    "fullest": sample_runs.fullest(),
    "cpu": sample_runs.sample(devices=[sample_runs.cpu()]),
    "by hand": sample_runs.sample(intensity=BY_HAND),
    "direct": sample_runs.sample(zone=Zone("US-CA", "California", "given"), intensity=DIRECT),
    "under way": under_way(),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_with_nothing_chosen_an_outcome_is_the_record_itself(modules, name):
    record = SAMPLES[name]
    made = what_if(modules, record)
    projected = record.projection
    shown = projected.emissions_g if projected else None
    assert made["basis"] == ("projected" if projected else "emitted")
    assert made["basisG"] == (shown.value if shown else record.emissions_g)
    assert made["emissionsG"]["value"] == pytest.approx(made["basisG"], rel=1e-12)
    assert made["changePct"] == 0
    assert made["notes"] == []
    if projected:
        bounds = made["emissionsG"]["low"], made["emissionsG"]["high"]
        assert bounds == pytest.approx((shown.low, shown.high))
        assert made["durationS"] == projected.duration_s.value
    else:
        assert made["operationalG"] == pytest.approx(record.operational_g)
        assert made["embodiedG"] == record.embodied_g
        assert made["emissionsG"]["low"] is made["emissionsG"]["high"] is None
        assert made["durationS"] == record.duration_s


def test_the_projected_total_is_compared_while_work_is_left_and_the_emitted_one_after(modules):
    ahead = what_if(modules, under_way(), pue=1.2)
    # 8 kWh at PUE 1.2 and 100 g are 960 g, with 4 times 10 g embodied, beside 1240 g.
    assert ahead["basis"] == "projected"
    assert ahead["operationalG"] == pytest.approx(960.0)
    assert ahead["embodiedG"] == pytest.approx(40.0)
    assert ahead["changePct"] == pytest.approx(-19.35, abs=0.01)
    # The total was 10 % unsure, below and above; so is the other.
    assert ahead["emissionsG"]["low"] == pytest.approx(900.0)
    assert ahead["emissionsG"]["high"] == pytest.approx(1100.0)
    done = under_way()
    done.work.done = 100.0
    over = what_if(modules, done, pue=1.2)
    assert over["basis"] == "emitted"
    assert over["basisG"] == 310.0
    assert over["operationalG"] == pytest.approx(240.0)


def test_choosing_the_runs_own_zone_or_device_changes_nothing(modules):
    made = what_if(modules, run(), zone="FRA", device="NVIDIA H100 SXM5 80GB")
    assert made["changePct"] == 0
    assert made["notes"] == []


def test_what_cannot_be_chosen_says_why(modules):
    several = [H100, sample_runs.gpu(1, name="NVIDIA L4", energy_j=1.8e6)]
    unread = [H100, sample_runs.gpu(1, energy_j=None)]
    odd = [sample_runs.gpu(name="NVIDIA A100-SXM4-40GB MIG 1g.5gb", energy_j=7.2e6)]
    told = "is split into MIG instances, which have no meter of their own: its "
    assert told in (METERS / "nvml" / "meter.py").read_text()
    cases = [
        (run(devices=[CPU]), {}, "device", "used no GPU"),
        (run(devices=several), {}, "device", "GPUs of several kinds"),
        (run(devices=unread), {}, "device", "energy of a GPU of the run is not known"),
        (run(devices=odd), {}, "device", "MIG 1g.5gb is not known"),
        (run(warnings=[f"GPU 0 {told}energy is the whole GPU's."]), {}, "device", "(MIG)"),
        (run(), {"zone": "SWE"}, "hour", "No hourly figures are known for Sweden."),
        (run(intensity=BY_HAND), {}, "hour", "given by hand: choose a zone"),
        (run(started_at="soon"), {}, "hour", "does not say when the run started"),
        (run(started_at="+275760-09-13T00:00:00Z"), {}, "hour", "No hourly figures are known"),
    ]
    for record, chosen, field, why in cases:
        (reasons,) = asked(modules, "whyNot", [(record, choice(**chosen))])
        assert list(reasons) == [field]
        assert why in reasons[field]
        function = {"device": "devices", "hour": "hours"}[field]
        assert values(modules, function, record, **chosen) == []
    assert asked(modules, "whyNot", [(run(), choice())]) == [{}]
    made = what_if(modules, run(), zone="SWE", hour=3)
    assert made["notes"][-1] == (
        "The start has no part in this. No hourly figures are known for Sweden."
    )
    assert made["operationalG"] == what_if(modules, run(), zone="SWE")["operationalG"]


def test_a_run_without_grams_is_compared_with_nothing(modules):
    for record in (
        sample_runs.just_begun(),
        run(emissions_g=None, embodied_g=None),
        run(devices=[]).to_dict() | {"energy_kwh": None, "emissions_g": None},
    ):
        assert what_if(modules, record) is None
        (reasons,) = asked(modules, "whyNot", [(record, choice())])
        assert set(reasons) == {"zone", "device", "hour", "pue"}
        for function in ("zones", "devices", "hours"):
            assert values(modules, function, record) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "nowhere"},
        {"device": "NVIDIA H999"},
        {"hour": 24},
        {"hour": -1},
        {"hour": 3.5},
        {"pue": 0.99},
        {"pue": -1},
    ],
    ids=json.dumps,
)
def test_a_choice_of_what_is_not_offered_has_no_outcome(modules, wrong):
    assert what_if(modules, run(), **wrong) is None


CHOICES = [
    choice(**dict(zip(("zone", "device", "hour", "pue"), chosen, strict=True)))
    for chosen in itertools.product(
        (None, "SWE", "GBR", "aws:us-east-1", "US-CA"),
        (None, "NVIDIA L4", "NVIDIA GeForce GTX 1080 Ti", "AMD Instinct MI300X"),
        (None, 0, 13),
        (None, 1.0, 2.5),
    )
]


def check(made):
    """An outcome is None, or made of finite grams that fit together."""
    if made is None:
        return
    value, low, high = (made["emissionsG"][key] for key in ("value", "low", "high"))
    embodied_g = made["embodiedG"] or 0.0  # null where it was left out of the total
    numbers = [value, made["operationalG"], embodied_g, made["basisG"]]
    assert all(number >= 0 and math.isfinite(number) for number in numbers)
    assert value == pytest.approx(made["operationalG"] + embodied_g)
    assert (low is None) is (high is None)
    if low is not None:
        assert 0 <= low <= value * (1 + 1e-12)
        assert value <= high * (1 + 1e-12)
        assert math.isfinite(high)
    if made["changePct"] is not None:
        assert value == pytest.approx(made["basisG"] * (1 + made["changePct"] / 100))
    assert made["durationS"] is None or made["durationS"] >= 0
    assert all(note.endswith(".") and "NaN" not in note for note in made["notes"])
    assert not any("undefined" in note or "null" in note for note in made["notes"])


@pytest.mark.parametrize("name", SAMPLES)
def test_whatever_is_chosen_an_outcome_holds_together(modules, name):
    answers = asked(modules, "whatIf", [(SAMPLES[name], chosen) for chosen in CHOICES])
    assert any(answers)
    for made in answers:
        check(made)


WRONG = [None, -1, 0, 1e308, "text", [], {}, True]


def damaged():
    whole = under_way(series=Series()).to_dict()
    for key in whole.keys() - {"schema"}:
        for wrong in WRONG:
            yield whole | {key: wrong}
    for key in ("intensity", "zone", "projection", "work"):
        for inner, wrong in itertools.product(whole[key], WRONG):
            yield whole | {key: whole[key] | {inner: wrong}}
    for key, wrong in itertools.product(whole["devices"][0], WRONG):
        yield whole | {"devices": [whole["devices"][0] | {key: wrong}]}
    for key, inner in itertools.product(
        ("duration_s", "energy_kwh", "emissions_g"), ("value", "low", "high")
    ):
        for wrong in WRONG:
            bent = whole["projection"][key] | {inner: wrong}
            yield whole | {"projection": whole["projection"] | {key: bent}}


def test_a_damaged_record_has_no_outcome_or_a_sound_one(modules):
    chosen = [
        choice(),
        choice(zone="SWE", device="NVIDIA L4", hour=3),
        choice(zone="GBR", hour=3, pue=1.1),
    ]
    questions = list(itertools.product(damaged(), chosen))
    answers = asked(modules, "whatIf", questions)
    for (record, _), made in zip(questions, answers, strict=True):
        check(made)
        if made is None:
            assert record != under_way(series=Series()).to_dict()
    for reasons in asked(modules, "whyNot", questions):
        assert all(why.endswith(".") for why in reasons.values())

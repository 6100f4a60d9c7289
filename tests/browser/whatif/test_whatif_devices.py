"""The same work on another device: worked by hand, and beside the package's own tables."""

from __future__ import annotations

import itertools
import math

import pytest
import sample_runs
from asking import CPU, H100, arithmetic, asked, choice, run, under_way, values, what_if

from ocarbon_magic.carbon import embodied
from ocarbon_magic.hardware import accelerators
from ocarbon_magic.planning.calibrated_pace import default_precision
from ocarbon_magic.planning.calibrated_runs import published_runs
from ocarbon_magic.tables import parts, rows


def test_another_device_worked_by_hand(modules):
    record = run(devices=[H100, CPU], pue=1.0, operational_g=200.0, emissions_g=210.0)
    made = what_if(modules, record, device="NVIDIA A100 SXM4 80GB")
    # Half precision 989.4 to 312 TFLOP/s, memory 3352 to 2039 GB/s, limit 700 to 400 W.
    compute, memory, power = 3.17115, 1.64394, 0.571429
    time = math.sqrt(compute * memory)  # 2.28324
    assert made["durationS"] == pytest.approx(3600.0 * time, rel=1e-5)
    # Three quarters of the energy were the GPU's.
    energy = time * (0.75 * power + 0.25)  # 1.54936
    assert made["operationalG"] == pytest.approx(200.0 * energy, rel=1e-5)
    # An H100 hour of 164 kg over 4 years is 4.68037 g; of 10 g, the other 5.31963 g are not its.
    card_g = 164_000.0 / (4 * 8760)
    other = time * (card_g * 127.6 / 164.0 + 10.0 - card_g)
    assert made["embodiedG"] == pytest.approx(other, rel=1e-5)
    # Down to memory's ratio and up to the peaks', 1.8 times either way, and power's 1.3.
    below = math.hypot(math.log(time / (memory / 1.8)), math.log(1.3))
    above = math.hypot(math.log(compute * 1.8 / time), math.log(1.3))
    value = made["emissionsG"]["value"]
    assert made["emissionsG"]["low"] == pytest.approx(value * math.exp(-below), rel=1e-4)
    assert made["emissionsG"]["high"] == pytest.approx(value * math.exp(above), rel=1e-4)
    said = (
        "NVIDIA A100 SXM4 80GB: 2.3 times the time (0.91 \N{EN DASH} 5.7) at 0.57 times the power"
    )
    assert made["notes"][0].startswith(said)
    assert made["notes"][-1] == "Embodied: the figure of NVIDIA A100 SXM4 80GB."


def test_the_spreads_of_projection_and_device_add_as_independent_ones(modules):
    alone = what_if(modules, run(), device="NVIDIA L4")["emissionsG"]
    both = what_if(modules, under_way(), device="NVIDIA L4")["emissionsG"]
    device = math.log(alone["high"] / alone["value"])
    expected = math.hypot(device, math.log(1.1))
    assert both["high"] == pytest.approx(both["value"] * math.exp(expected))
    expected = math.hypot(math.log(alone["value"] / alone["low"]), math.log(1 / 0.9))
    assert both["low"] == pytest.approx(both["value"] * math.exp(-expected))


def test_a_card_without_matrix_units_is_compared_in_fp32_with_a_wide_interval(modules):
    made = what_if(modules, run(), device="NVIDIA Tesla P100 PCIe 16GB")
    time = math.sqrt(66.9 / 9.3 * 3352 / 732)
    assert made["durationS"] == pytest.approx(3600.0 * time)
    assert made["emissionsG"]["high"] > made["emissionsG"]["value"] * (989.4 / 9.3) / time
    assert "The peaks are those in FP32, as only one of the two has matrix units." in made["notes"]
    assert "It has 16 GB of memory, not 80: the work may not fit." in made["notes"]


def test_the_embodied_grams_of_every_card_are_those_of_the_package(modules):
    def grams(name, seconds):
        return embodied.of_device("gpu", name, seconds).embodied_g

    own = grams("NVIDIA H100 80GB HBM3", 2 * 3600.0)
    two = [sample_runs.gpu(i, energy_j=3.6e6) for i in range(2)]
    record = run(devices=two, embodied_g=own, emissions_g=300.0 + own)
    names = values(modules, "devices", record)
    answers = asked(modules, "whatIf", [(record, choice(device=name)) for name in names])
    assert len(names) > 100
    for name, made in zip(names, answers, strict=True):
        assert made["embodiedG"] == pytest.approx(grams(name, 2 * made["durationS"])), name


def test_every_card_has_the_figures_of_the_package_and_answers_to_the_same_names(modules):
    named = [(row["name"], *parts(row["aliases"])) for row in rows("accelerators")]
    asked_for = [[name, name.upper(), f"  {name} "] for names in named for name in names]
    found = modules.evaluate(
        """async (groups) => {
            const { findCard } = await import("/lib/whatif/cards.js");
            return groups.map((names) => names.map((name) => findCard(name) ?? null));
        }""",
        asked_for,
    )
    parts_of = [part for names, part in zip(named, accelerators(), strict=True) for _ in names]
    bandwidths = {
        row["name"]: float(row["memory_bandwidth_gb_per_s"]) for row in rows("accelerators")
    }
    assert len({part.name for part, cards in zip(parts_of, found, strict=True) if cards[0]}) > 130
    for part, cards in zip(parts_of, found, strict=True):
        assert cards[0] == cards[1] == cards[2]
        if cards[0] is None:
            continue
        card = cards[0]
        assert card["name"] == part.name
        assert card["tdpW"] == part.tdp_w
        assert card["fp32Tflops"] == part.fp32_tflops
        has_units = default_precision(part) == "fp16"
        assert card["matrixTflops"] == (part.fp16_tflops if has_units else None)
        assert card["bandwidthGbPerS"] == bandwidths[part.name]
        assert part.device_class in ("datacenter", "workstation", "consumer")
        charge = embodied.of_device("gpu", part.name, 8760 * 3600.0)
        assert card["product"]["kgPerYear"] * 1000.0 == pytest.approx(charge.embodied_g)
        assert card["product"]["name"] == charge.product


def test_cards_whose_power_limit_is_a_processors_too_are_left_out(modules):
    names = values(modules, "devices", run())
    assert not [name for name in names if "GH200" in name or "MI300A" in name]
    superchip = sample_runs.gpu(name="NVIDIA GH200 480GB", energy_j=7.2e6)
    assert values(modules, "devices", run(devices=[superchip])) == []


def test_the_newest_cards_come_first_in_each_group(modules):
    (options,) = asked(modules, "devices", [(run(), choice())])
    groups = [each["group"] for each in options]
    assert groups == sorted(groups, key=groups.index)  # each in one piece
    first = {group: options[groups.index(group)]["value"] for group in groups}
    assert first["NVIDIA consumer"] == "NVIDIA GeForce RTX 5090"
    assert first["AMD data centre"] == "AMD Instinct MI355X"
    assert "NVIDIA H100 SXM5 80GB" not in [each["value"] for each in options]


def test_the_spread_of_the_pace_is_that_of_published_runs(modules):
    """Of pairs of one family's runs on two cards with matrix units, 80 % lie inside."""
    bandwidths = {
        row["name"]: float(row["memory_bandwidth_gb_per_s"]) for row in rows("accelerators")
    }
    usable = [
        published
        for published in published_runs()
        if published.tflops_per_device
        and published.accelerator.device_class == "datacenter"
        and default_precision(published.accelerator) == "fp16"
    ]
    pairs = [
        pair
        for pair in itertools.combinations(usable, 2)
        if pair[0].family == pair[1].family and pair[0].accelerator != pair[1].accelerator
    ]
    assert len(pairs) == 25

    def card(part):
        return {
            "tdpW": part.tdp_w,
            "fp32Tflops": part.fp32_tflops,
            "matrixTflops": part.fp16_tflops,
            "bandwidthGbPerS": bandwidths[part.name],
        }

    def inside(narrower):
        count = 0
        for one, other in pairs:
            ratio = arithmetic(modules, "timeRatio", card(one.accelerator), card(other.accelerator))
            time = one.tflops_per_device / other.tflops_per_device
            count += ratio["low"] * narrower <= time <= ratio["high"] / narrower
        return count / len(pairs)

    assert inside(1.0) >= 0.8
    assert inside(1.1) < 0.8

"""The what-if arithmetic in the browser: worked by hand, and beside the package's own tables."""

from __future__ import annotations

import csv
import itertools
import json
import math
from importlib import resources
from pathlib import Path

import pytest
import sample_runs

from ocarbon_magic.carbon import embodied
from ocarbon_magic.carbon.intensity import all_places, of_place
from ocarbon_magic.hardware import accelerators
from ocarbon_magic.planning.calibrated_pace import default_precision
from ocarbon_magic.planning.calibrated_runs import published_runs
from ocarbon_magic.run import Intensity, Projection, RunProjection, Series, Work, Zone
from ocarbon_magic.tables import parts, rows, table

METERS = Path(str(resources.files("ocarbon_magic"))) / "meters"
LIFECYCLE = Intensity(100.0, 2024, "lifecycle", "Ember")
DIRECT = Intensity(100.0, 2024, "direct", "EPA")
BY_HAND = Intensity(100.0, None, None, "given")


@pytest.fixture(scope="module")
def modules(browser, blank_page):
    """One page for all: the functions keep nothing."""
    page = browser.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a module raised: {error}"))
    page.goto(blank_page)
    yield page
    page.close()


def plain(record):
    return record if isinstance(record, dict) else record.to_dict()


def choice(**chosen):
    return {"zone": None, "device": None, "hour": None, "pue": None, **chosen}


def asked(modules, function, questions):
    """What ``function`` says to each pair of a record and a choice."""
    as_text = json.dumps([[plain(record), chosen] for record, chosen in questions])
    return modules.evaluate(
        """async ([name, questions]) => {
            const whatif = await import("/lib/whatif/whatif.js");
            const { readRecord } = await import("/lib/view/record.js");
            return JSON.parse(questions).map(([record, choice]) =>
                whatif[name](readRecord(record), choice));
        }""",
        [function, as_text],
    )


def what_if(modules, record, **chosen):
    return asked(modules, "whatIf", [(record, choice(**chosen))])[0]


def values(modules, function, record, **chosen):
    return [each["value"] for each in asked(modules, function, [(record, choice(**chosen))])[0]]


def arithmetic(modules, function, *arguments):
    return modules.evaluate(
        """async ([name, given]) => (await import("/lib/whatif/arithmetic.js"))[name](...given)""",
        [function, list(arguments)],
    )


def run(**changes):
    """A run of 2 kWh at 100 g/kWh and PUE 1.5, which are 300 g, with 10 g embodied."""
    devices = changes.pop("devices", [sample_runs.gpu(energy_j=7.2e6)])
    figures = {"energy_kwh": 2.0, "pue": 1.5, "intensity": LIFECYCLE, "duration_s": 3600.0}
    grams = {"operational_g": 300.0, "embodied_g": 10.0, "emissions_g": 310.0}
    return sample_runs.sample(devices=devices, **{**figures, **grams, **changes})


def under_way(**changes):
    """A quarter of such a run's work done, and the rest projected: 4 times of all, +- 10 %."""
    projected = RunProjection(
        duration_s=Projection(14_400.0, 12_960.0, 15_840.0, 0.8),
        energy_kwh=Projection(8.0, 7.2, 8.8, 0.8),
        emissions_g=Projection(1240.0, 1116.0, 1364.0, 0.8),
        at_fraction=0.25,
        method="pace",
    )
    work = Work(25.0, 100.0, "step", 0.5, "tqdm")
    return run(status="running", work=work, projection=projected, **changes)


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


def test_a_zone_and_a_pue_are_factors_of_the_operational_grams_alone(modules):
    sweden = float(table("carbon_intensity_country")["SWE"]["gco2e_per_kwh"])
    made = what_if(modules, run(), zone="SWE")
    assert made["operationalG"] == pytest.approx(2.0 * 1.5 * sweden)
    assert made["embodiedG"] == 10.0
    assert made["emissionsG"]["value"] == pytest.approx(3.0 * sweden + 10.0)
    assert made["changePct"] == pytest.approx(100 * ((3.0 * sweden + 10.0) / 310.0 - 1.0))
    assert made["notes"][0].startswith(f"Sweden: {sweden:.3g} gCO₂e/kWh (2025, lifecycle; Ember")
    made = what_if(modules, run(), zone="SWE", pue=1.0)
    assert made["operationalG"] == pytest.approx(2.0 * sweden)


def test_a_cloud_region_brings_its_pue_unless_another_is_chosen(modules):
    germany = float(table("carbon_intensity_country")["DEU"]["gco2e_per_kwh"])
    made = what_if(modules, run(), zone="aws:eu-central-1")
    assert made["operationalG"] == pytest.approx(2.0 * 1.35 * germany)
    assert "PUE 1.35, the region's of 2024." in made["notes"]
    fleet = what_if(modules, run(), zone="aws:eu-west-3")
    assert "PUE 1.15: AWS global average, 2024." in fleet["notes"]
    chosen = what_if(modules, run(), zone="aws:eu-central-1", pue=1.1)
    assert chosen["operationalG"] == pytest.approx(2.0 * 1.1 * germany)
    assert not any("PUE" in note for note in chosen["notes"])


def test_a_run_on_electricity_of_no_carbon_is_compared_by_its_energy(modules):
    clean = Intensity(0.0, None, None, "given")
    record = run(intensity=clean, operational_g=0.0, emissions_g=10.0)
    sweden = float(table("carbon_intensity_country")["SWE"]["gco2e_per_kwh"])
    assert what_if(modules, record, zone="SWE")["operationalG"] == pytest.approx(3.0 * sweden)
    nothing = run(intensity=clean, operational_g=0.0, embodied_g=0.0, emissions_g=0.0)
    assert what_if(modules, nothing, zone="SWE")["changePct"] is None


def test_all_lifecycle_places_have_the_figures_of_the_package(modules):
    grids = {place.code: of_place(place) for place in all_places()}
    wanted = {
        code: grid for code, grid in grids.items() if grid.place.kind in ("country", "aggregate")
    }
    wanted = {
        **{code: grid for code, grid in wanted.items() if grid.intensity.scope == "lifecycle"},
        **{code: grid for code, grid in grids.items() if grid.place.kind == "cloud"},
    }
    record = run(zone=Zone("unknown", "nowhere", "given"))
    assert set(values(modules, "zones", record)) == set(wanted)
    answers = asked(modules, "whatIf", [(record, choice(zone=code)) for code in wanted])
    for (code, grid), made in zip(wanted.items(), answers, strict=True):
        cloud = grid.place.kind == "cloud"
        pue = grid.pue.value if cloud else 1.5
        figure = grid.lifecycle
        assert made["operationalG"] == pytest.approx(2.0 * pue * figure.gco2e_per_kwh), code
        said = f"({figure.year}, lifecycle; {figure.source})."
        assert made["notes"][0].endswith(said), code
        assert made["notes"][0].startswith(f"{grid.place.name}: ")
        if not cloud:
            assert made["notes"][1:] == list(grid.notes), code


def test_all_direct_places_have_the_figures_of_the_package(modules):
    grids = {place.code: of_place(place) for place in all_places()}
    wanted = {code: grid for code, grid in grids.items() if grid.intensity.scope == "direct"}
    record = run(zone=Zone("unknown", "nowhere", "given"), intensity=DIRECT)
    assert set(values(modules, "zones", record)) == set(wanted)
    answers = asked(modules, "whatIf", [(record, choice(zone=code)) for code in wanted])
    for (code, grid), made in zip(wanted.items(), answers, strict=True):
        pue = grid.pue.value if grid.place.kind == "cloud" else 1.5
        figure = grid.intensity
        assert made["operationalG"] == pytest.approx(2.0 * pue * figure.gco2e_per_kwh), code
        assert made["notes"][0].startswith(f"{grid.place.name}: ")
        assert made["notes"][0].endswith(f"({figure.year}, direct; {figure.source}).")
        about = [note for note in made["notes"][1:] if not note.startswith("PUE")]
        assert about == list(grid.notes), code


def test_scopes_are_never_mixed(modules):
    lifecycle, direct = run(zone=Zone("FRA", "France", "given")), run(intensity=DIRECT)
    assert what_if(modules, lifecycle, zone="US-CA") is None
    assert what_if(modules, lifecycle, zone="eGRID-CAMX") is None
    assert what_if(modules, direct, zone="SWE") is None
    assert what_if(modules, direct, zone="aws:eu-north-1") is None
    by_hand = what_if(modules, run(intensity=BY_HAND), zone="SWE")
    assert "The run's intensity was given by hand and has no known scope" in by_hand["notes"][1]
    unknown = what_if(modules, run(intensity=Intensity(100.0, 2024, "x", "")), zone="SWE")
    assert unknown["notes"][1].startswith("The run's intensity has no known scope")


def test_places_stand_in_groups_by_name_and_the_runs_own_is_not_among_them(modules):
    (options,) = asked(modules, "zones", [(run(), choice())])
    assert list(dict.fromkeys(each["group"] for each in options)) == [
        *("Countries", "Averages", "AWS", "Google Cloud", "Azure"),
    ]
    labels = [each["label"] for each in options if each["group"] == "Countries"]
    assert labels == sorted(labels)
    assert "France" not in labels
    assert {"value": "SWE", "label": "Sweden", "group": "Countries"} in options
    assert {
        "value": "gcp:asia-east1",
        "label": "Changhua County, Taiwan (asia-east1)",
        "group": "Google Cloud",
    } in options
    (options,) = asked(modules, "zones", [(run(intensity=DIRECT), choice())])
    assert list(dict.fromkeys(each["group"] for each in options)) == [
        *("Averages", "States and provinces", "Grid regions", "AWS", "Google Cloud", "Azure"),
    ]
    assert "FRA" in values(modules, "zones", run(intensity=BY_HAND))


def test_choosing_the_runs_own_zone_or_device_changes_nothing(modules):
    made = what_if(modules, run(), zone="FRA", device="NVIDIA H100 SXM5 80GB")
    assert made["changePct"] == 0
    assert made["notes"] == []


H100 = sample_runs.gpu(energy_j=5.4e6)
CPU = sample_runs.cpu(energy_j=1.8e6)


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
        return embodied.of_device("gpu", name, seconds).grams

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
        assert card["kgPerYear"] * 1000.0 == pytest.approx(charge.grams)
        assert card["product"] == charge.product


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


def of_its_mean(day):
    return [hour / (sum(day) / 24) for hour in day]


HOURLY = {
    (row["grid"], row["scope"], int(row["month"])): of_its_mean(
        [float(row[f"of_annual_mean_{hour:02}_utc"]) for hour in range(24)]
    )
    for row in rows("hourly_profile")
}


def shifted(modules, record, **chosen):
    """The factor that an hour puts on the operational grams."""
    with_hour = what_if(modules, record, **chosen)
    without = what_if(modules, record, **{**chosen, "hour": None})
    return with_hour["operationalG"] / without["operationalG"]


@pytest.mark.parametrize(
    ("started_at", "month", "utc_hour"),
    [
        ("2026-01-20T14:00:00Z", 1, 2),  # an hour ahead of UTC in winter
        ("2026-07-20T14:00:00Z", 7, 1),  # two in summer
        ("2026-03-01T14:00:00Z", 3, 2),  # March by its 15th: still winter time
        ("2026-03-31T21:30:00Z", 3, 2),  # 23:30 there, by summer time
        ("2026-03-31T23:30:00Z", 4, 1),  # 1:30 in April there
        ("2025-12-31T23:30:00Z", 1, 2),  # 0:30 in January there
    ],
)
def test_three_oclock_in_france_is_by_the_clocks_and_the_calendar_there(
    modules, started_at, month, utc_hour
):
    record = run(started_at=started_at)
    factor = HOURLY["France", "lifecycle", month][utc_hour]
    assert shifted(modules, record, hour=3) == pytest.approx(factor)


@pytest.mark.parametrize(
    ("zone", "started_at", "shape", "utc_hour"),
    [
        ("US-CA", "2026-03-20T14:00:00Z", ("California ISO", 3), 10),  # summer time by the 15th
        ("US-CA", "2026-04-01T03:00:00Z", ("California ISO", 3), 10),  # 31 March there
        ("US-CA", "2026-12-20T14:00:00Z", ("California ISO", 12), 11),
        ("US-TX", "2026-12-20T14:00:00Z", ("ERCOT", 12), 9),
        ("gcp:europe-west2", "2026-07-20T14:00:00Z", ("Great Britain", 7), 2),
        ("aws:us-west-1", "2026-12-20T14:00:00Z", ("California ISO", 12), 11),  # by its grid
        ("gcp:us-south1", "2026-12-20T14:00:00Z", ("ERCOT", 12), 9),  # by its own place
    ],
)
def test_three_oclock_elsewhere_is_by_the_clocks_there(modules, zone, started_at, shape, utc_hour):
    record = run(started_at=started_at, intensity=DIRECT)
    grid, month = shape
    factor = HOURLY[grid, "direct", month][utc_hour]
    assert shifted(modules, record, zone=zone, hour=3) == pytest.approx(factor)


def test_the_hours_that_a_run_covers_count_by_how_much_of_them_it_covers(modules):
    day = HOURLY["France", "lifecycle", 1]  # 23:00 there is 22:00 UTC
    begin = {"started_at": "2026-01-20T14:00:00Z"}

    def factor(duration_s):
        return shifted(modules, run(duration_s=duration_s, **begin), hour=23)

    assert factor(5400.0) == pytest.approx((day[22] + 0.5 * day[23]) / 1.5)
    assert factor(3 * 3600.0) == pytest.approx((day[22] + day[23] + day[0]) / 3)
    assert factor(86_400.0) == pytest.approx(sum(day) / 24)
    assert factor(90_000.0) == pytest.approx((sum(day) + day[22]) / 25)
    assert factor(1e9) == pytest.approx(sum(day) / 24, rel=1e-4)
    assert factor(0.0) == pytest.approx(day[22])


def test_a_slower_device_covers_more_hours(modules):
    record = run(started_at="2026-01-20T14:00:00Z")
    made = what_if(modules, record, device="NVIDIA L4")
    day = HOURLY["France", "lifecycle", 1]
    hours = made["durationS"] / 3600.0
    assert 9 < hours < 10
    covered = (sum(day[2:11]) + (hours - 9) * day[11]) / hours
    assert shifted(modules, record, device="NVIDIA L4", hour=3) == pytest.approx(covered)


def test_hours_are_labelled_by_the_place_and_the_lowest_is_told(modules):
    record = run(started_at="2026-06-20T14:00:00Z", intensity=DIRECT)
    (options,) = asked(modules, "hours", [(record, choice(zone="US-CA"))])
    assert [each["value"] for each in options] == [str(hour) for hour in range(24)]
    assert options[3]["label"] == "03:00 in California"
    day = HOURLY["California ISO", "direct", 6]
    lowest = [hour for hour in range(24) if day[(hour + 7) % 24] == min(day)]
    told = [int(each["value"]) for each in options if each["label"].endswith(", the lowest")]
    assert told == lowest
    (options,) = asked(modules, "hours", [(run(duration_s=86_400.0), choice())])
    assert not [each for each in options if "lowest" in each["label"]]


def test_a_start_tells_what_its_hours_are_like_and_how_the_run_itself_counts(modules):
    record = run(started_at="2026-01-20T14:00:00Z")
    notes = what_if(modules, record, hour=3)["notes"]
    assert notes == [
        "From 03:00 in France the grid is at 90 % of its mean over a day in January, by the "
        "hours of 2020 (France): a past year, not a forecast.",
        "The run itself counts at the mean of a day.",
    ]


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
    numbers = [value, made["operationalG"], made["embodiedG"], made["basisG"]]
    assert all(number >= 0 and math.isfinite(number) for number in numbers)
    assert value == pytest.approx(made["operationalG"] + made["embodiedG"])
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


def test_the_tables_in_the_bundle_are_those_of_the_package_now(modules, front_end):
    """What is written has the rows of the package's files, whatever their quoting."""
    data = resources.files("ocarbon_magic") / "data"
    with (Path(str(data)) / "carbon_intensity_cloud_region.csv").open(newline="") as file:
        locations = [row["location"] for row in csv.DictReader(file)]
    read = modules.evaluate(
        """async () => {
            const { rows } = await import("/lib/whatif/tables.js");
            return rows("regions").map(({ location }) => location);
        }"""
    )
    assert read == locations

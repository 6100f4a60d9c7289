"""Two runs side by side: how they are chosen, and what is said of them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from playwright.sync_api import expect
from sidebars import draw, entry, live, of_energy, run

import ocarbon_magic as oc
from ocarbon_magic.charge import EmbodiedCharge
from ocarbon_magic.run import Intensity, Metric, Work

LIFECYCLE = Intensity(50.0, 2024, "lifecycle", "Ember")
DIRECT = Intensity(50.0, 2024, "direct", "UNFCCC")
BY_HAND = Intensity(50.0, None, None, "--intensity")


def first(uncertainty_pct=5.0, **changes):
    """10 Wh in 100 s: 360 W; 0.5 g operational and 0.1 g embodied; 100 steps."""
    about = {
        "duration_s": 100.0,
        "devices": [of_energy(36_000.0, uncertainty_pct)],
        "intensity": LIFECYCLE,
        "embodied_g": 0.1,
        "work": Work(100.0, 100.0, "step", 1.0, "tqdm"),
        "metric": Metric("accuracy", 0.8),
    }
    return run("first", **{**about, **changes})


def second(uncertainty_pct=5.0, **changes):
    """7.5 Wh in 125 s: 216 W; 0.375 g operational and 0.1 g embodied; 200 steps."""
    about = {
        "at": "2026-03-01 15:00:00",
        "duration_s": 125.0,
        "devices": [of_energy(27_000.0, uncertainty_pct)],
        "intensity": LIFECYCLE,
        "embodied_g": 0.1,
        "work": Work(200.0, 200.0, "step", 1.6, "tqdm"),
        "metric": Metric("accuracy", 0.82),
    }
    return run("second", **{**about, **changes})


def box(panel, name):
    return panel.get_by_label(f"Compare {name}", exact=True)


def compare(view, one, other, width=320):
    """Choose two runs for comparison, one after the other, and compare them."""
    panel = draw(view, [entry(one), entry(other)], width)
    names = [run["name"] if isinstance(run, dict) else run.name for run in (one, other)]
    boxes = [box(panel, name) for name in names] if len({*names}) == 2 else None
    for each in boxes or reversed(panel.get_by_label(f"Compare {names[0]}").all()):
        each.check()
    panel.get_by_role("button", name="Compare", exact=True).click()
    return panel


def cells(panel):
    """What is seen of the table: for each line, what stands in its columns."""
    lines = panel.get_by_role("row").all()
    return {
        line.locator("th, td").first.inner_text(): [
            cell.inner_text().replace("\n", " ")
            for cell in line.locator("th, td").all()[1:]
            if cell.is_visible()
        ]
        for line in lines
    }


# Choosing


def test_two_are_compared_and_a_third_takes_the_place_of_the_older(view):
    panel = draw(view, [entry(run(name)) for name in ("a", "b", "c")])
    button = panel.get_by_role("button", name="Compare", exact=True)
    box(panel, "b").check()
    expect(panel.locator(".ocarbon-foot")).to_contain_text("Choose one more")
    expect(button).to_have_count(0)
    box(panel, "a").check()
    expect(panel.locator(".ocarbon-foot")).to_contain_text("b and a")
    expect(button).to_be_visible()
    box(panel, "c").check()
    expect(panel.locator(".ocarbon-foot")).to_contain_text("a and c")
    for name, chosen in {"a": True, "b": False, "c": True}.items():
        expect(box(panel, name)).to_be_checked(checked=chosen)
    panel.get_by_role("button", name="Clear").click()
    expect(panel.locator("input:checked")).to_have_count(0)
    expect(panel.locator(".ocarbon-foot")).to_be_empty()


def test_the_keyboard_chooses_compares_and_comes_back(view):
    panel = draw(view, [entry(first()), entry(second())])
    box(panel, "second").focus()
    view.keyboard.press("Space")
    view.keyboard.press("Tab")
    view.keyboard.press("Tab")
    expect(box(panel, "first")).to_be_focused()
    view.keyboard.press("Space")
    view.keyboard.press("Tab")
    view.keyboard.press("Enter")
    expect(panel.get_by_role("heading", name="Comparison")).to_be_focused()
    view.keyboard.press("Shift+Tab")
    view.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="Compare", exact=True)).to_be_focused()


def test_a_choice_outlives_the_filter_but_not_the_run(view):
    panel = draw(view, [entry(first()), entry(second())])
    box(panel, "first").check()
    panel.get_by_label("Filter runs").fill("second")
    box(panel, "second").check()
    expect(panel.locator(".ocarbon-foot")).to_contain_text("first and second")
    draw(view, [entry(second())])
    expect(panel.locator(".ocarbon-foot")).to_contain_text("second is chosen")


# What is said


def test_every_figure_is_compared(view):
    assert cells(compare(view, first(), second(), width=600)) == {
        "": ["first", "second", "Difference"],
        "Emissions, CO₂e": ["600 mg", "475 mg", "\u221221 % beyond the uncertainty"],
        "of that operational": ["500 mg", "375 mg", "\u221225 %"],
        "of that embodied": ["100 mg", "100 mg", "0 %"],
        "Energy": ["10.0 Wh", "7.50 Wh", "\u221225 % beyond the uncertainty"],
        "Duration": ["01:40", "02:05", "+25 %"],
        "Mean power": ["360 W", "216 W", "\u221240 %"],
        "Work done": ["100 of 100 steps", "200 of 200 steps", "+100 %"],
        "Throughput": ["1.00 step/s", "1.60 step/s", "+60 %"],
        "Emissions per unit of work": [
            "6.00 mg per step",
            "2.38 mg per step",
            "\u221260 % beyond the uncertainty",
        ],
        "Metric": ["accuracy = 0.8", "accuracy = 0.82", "+2.5 %"],
        "Zone and intensity": [*["FRA (France): 50 gCO₂e/kWh (2024, lifecycle)"] * 2, ""],
        "PUE": ["1", "1", ""],
        "Devices": [*["NVIDIA H100 80GB HBM3"] * 2, ""],
        "Method": [*["measured, NVML energy counter"] * 2, ""],
        "Status": ["finished in 01:40", "finished in 02:05", ""],
    }


def test_in_little_room_the_difference_stands_below_the_second_value(view):
    table = cells(compare(view, first(), second(), width=300))
    assert table[""] == ["first", "second"]
    assert table["Energy"] == ["10.0 Wh", "7.50 Wh \u221225 % beyond the uncertainty"]


def test_the_outcome_is_said_in_a_sentence_and_turned_round(view):
    panel = compare(view, first(), second())
    said = panel.locator(".ocarbon-verdict")
    expect(said).to_have_text("second emitted 21 % less than first, in 25 % more time.")
    panel.get_by_role("button", name="Swap").click()
    expect(said).to_have_text("first emitted 26 % more than second, in 20 % less time.")
    assert cells(panel)[""] == ["second", "first"]
    expect(panel.get_by_role("button", name="Swap")).to_be_focused()


@pytest.mark.parametrize(
    ("uncertainty_pct", "certainty"),
    # The energies are 2.5 Wh apart, and each per cent of them is 0.175 Wh.
    [(14.0, "beyond"), (14.5, "within")],
)
def test_a_difference_is_within_the_uncertainty_where_the_intervals_meet(
    view, uncertainty_pct, certainty
):
    table = cells(compare(view, first(uncertainty_pct), second(uncertainty_pct)))
    for line in ("Energy", "Emissions, CO₂e"):
        assert table[line][1].endswith(f"{certainty} the uncertainty")


def test_an_uncertainty_that_is_not_known_is_not_spoken_of(view):
    unread = [of_energy(27_000.0), of_energy(None)]
    for other in (second(None), second(devices=unread)):
        panel = compare(view, first(), other)
        assert "uncertainty" not in panel.inner_text()
        assert "\u221225 %" in cells(panel)["Energy"][1]
        panel.get_by_role("button", name="Runs").click()
        panel.get_by_role("button", name="Clear").click()


@pytest.mark.parametrize(
    ("intensity", "why"),
    [
        (DIRECT, "their scopes differ or are not known (lifecycle and direct)"),
        (BY_HAND, "their scopes differ or are not known (lifecycle and intensity by hand)"),
    ],
    ids=["scopes", "by hand"],
)
def test_emissions_that_are_not_comparable_are_not_compared(view, intensity, why):
    panel = compare(view, first(), second(intensity=intensity), width=600)
    said = panel.locator(".ocarbon-verdict")
    expect(said).to_have_text("second used 25 % less energy than first, in 25 % more time.")
    expect(panel.locator(".ocarbon-remarks")).to_contain_text("Emissions are not comparable")
    expect(panel.locator(".ocarbon-remarks")).to_contain_text(why)
    table = cells(panel)
    for line in ("Emissions, CO₂e", "of that operational", "Emissions per unit of work"):
        assert table[line][2] == ""
    assert table["Energy"][2].startswith("\u221225 %")


def test_emissions_with_and_without_the_embodied_part_are_not_compared(view):
    panel = compare(view, first(), second(embodied_g=None), width=600)
    said = panel.locator(".ocarbon-verdict")
    expect(said).to_have_text("second used 25 % less energy than first, in 25 % more time.")
    expect(panel.locator(".ocarbon-remarks")).to_contain_text("embodied carbon is not in both")
    assert cells(panel)["Emissions, CO₂e"] == ["600 mg", "375 mg", ""]


def test_work_in_different_units_is_not_compared(view):
    epochs = Work(3.0, 3.0, "epoch", 0.01, "keras")
    scored = Metric("loss", 0.1)
    table = cells(compare(view, first(), second(work=epochs, metric=scored), width=600))
    for line in ("Work done", "Throughput", "Emissions per unit of work", "Metric"):
        assert table[line][2] == ""
    assert table["Emissions per unit of work"][1] == "158 mg per epoch"


def test_what_neither_run_counted_is_left_out(view):
    plain = {"work": Work(), "metric": None}
    table = cells(compare(view, first(**plain), second(**plain)))
    assert not {"Work done", "Throughput", "Emissions per unit of work", "Metric"} & {*table}


def test_runs_of_one_name_are_told_apart_by_their_start(view):
    same = {**second().to_dict(), "name": "same"}
    panel = compare(view, {**first().to_dict(), "name": "same"}, same)
    heads = cells(panel)[""]
    assert len({*heads}) == 2
    assert all(head.startswith("same (Mar 1, 2026, ") for head in heads)


def test_what_goes_on_is_compared_so_far(view):
    panel = compare(view, first(), live("going on", 0.5))
    expect(panel).to_contain_text("The figures of a run that goes on are those so far.")
    draw(view, [entry(first()), entry(live("going on", 0.75))])
    assert cells(panel)["Emissions, CO₂e"][1].startswith("25.5 g")


def test_a_compared_run_that_goes_is_missed(view):
    panel = compare(view, first(), second())
    draw(view, [entry(first())])
    expect(panel).to_contain_text("One of the two is no longer there.")
    panel.get_by_role("button", name="Runs").click()
    expect(panel.get_by_label("Filter runs")).to_be_focused()
    assert panel.locator(".ocarbon-row-name").all_inner_texts() == ["first"]


# The same in Python

LABELS = {
    "Emissions, CO₂e": "emissions_g",
    "of that operational": "operational_g",
    "of that embodied": "embodied_g",
    "Energy": "energy_kwh",
    "Duration": "duration_s",
    "Mean power": "mean_power_w",
    "Work done": "work_done",
    "Throughput": "rate_per_s",
    "Emissions per unit of work": "emissions_g_per_unit",
    "Metric": "metric",
}

SAID = """async (texts) => {
    const { runsOf } = await import("/lib/sidebar/run.js");
    const { linesOf } = await import("/lib/sidebar/comparison.js");
    const { verdict, whyNot } = await import("/lib/sidebar/verdict.js");
    const runs = texts.map((text) => runsOf([{ record: JSON.parse(text), notebook: "a" }])[0]);
    return runs.map((one) => runs.map((other) => ({
        verdict: verdict(one.record, other.record, [one.record.name, other.record.name]),
        whyNot: whyNot(one.record, other.record),
        lines: linesOf(one, other).map(({ label, difference }) => [label, difference]),
    })));
}"""


def product(grams, low=None, high=None, name="H100"):
    return EmbodiedCharge(
        name, 1, 100.0, name, 164.0, low, high, "card", 4.0, "a source", grams, low, high
    )


def several():
    """Runs that differ in whatever decides how they are compared."""
    ranged = [product(0.06, 0.03, 0.09, "A100"), product(0.04, None, 0.05, "CPU")]
    made = [
        first(),
        second(),
        first(devices=[of_energy(35_000.0, 3.0)], embodied=[product(0.1)]),
        first(devices=[of_energy(35_500.0, 0.4)], embodied=[product(0.1, 0.09, 0.12)]),
        first(embodied=ranged, devices=[of_energy(30_000.0, name="A100")]),
        second(embodied=ranged, embodied_g=0.1),
        second(devices=[of_energy(20_000.0, name="Tesla T4")], embodied_g=0.3),
        second(devices=[of_energy(36_001.0, 0.0)], duration_s=100.0),
        first(uncertainty_pct=None),
        first(devices=[of_energy(27_000.0), of_energy(None)]),
        first(devices=[]),
        second(devices=[], work=Work()),
        first(intensity=DIRECT),
        second(intensity=DIRECT, metric=Metric("loss", 0.3)),
        first(intensity=BY_HAND),
        second(intensity=BY_HAND),
        first(embodied_g=None),
        second(embodied_g=None, devices=[of_energy(9_000.0)]),
        second(work=Work(3.0, 3.0, "epoch", 0.01, "keras"), metric=None),
        first(work=Work(0.0, 100.0, "step", None, "tqdm"), metric=Metric("accuracy", "good")),
    ]
    return [replace(each, id=f"run {i}", name=f"run {i}") for i, each in enumerate(made)]


def test_python_says_the_same_of_the_same_two_runs(view):
    runs = several()
    said = view.evaluate(SAID, [json.dumps(each.to_dict()) for each in runs])
    for i, one in enumerate(runs):
        for j, other in enumerate(runs):
            if i == j:
                continue
            found, seen = oc.compare([one, other]), said[i][j]
            assert (found.verdict, found.obstacle) == (seen["verdict"], seen["whyNot"]), (i, j)
            lines = {LABELS[label]: d for label, d in seen["lines"] if label in LABELS and d}
            assert found.changes[1].keys() == lines.keys(), (i, j)
            for name, change in found.changes[1].items():
                assert change.pct == pytest.approx(lines[name]["pct"], rel=1e-9, abs=1e-9)
                assert change.is_within == lines[name]["isWithin"], (i, j, name)

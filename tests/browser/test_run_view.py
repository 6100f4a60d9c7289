"""The view alone, on a blank page: what it says, and what it survives."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import sample_runs
from drawing import draw, figure, overflowing, tile
from playwright.sync_api import expect

from ocarbon_magic import units
from ocarbon_magic.run import Metric, Work, Zone
from ocarbon_magic.views import embodied, words


def said_by_view(view, function, values):
    return view.evaluate(
        """async ([name, values]) => {
            const units = await import("/lib/record/units.js");
            const said = values.map((each) => units[name](each));
            return said.map((one) => typeof one === "string" ? one : units.written(one));
        }""",
        [function, values],
    )


SMALL = [None, 0, 0.0123, 0.9996, 1, 1.845, 34.21, 99.96]
AMOUNTS = [*SMALL, 999.4, 999.6, 53_060, 1.234e7, 5e9]
TIMES_S = [*SMALL, 0.0004, 59.94, 59.96, 134.2, 3599.7, 3734, 86_399.4, 86_400, 273_456, 8e6]


@pytest.mark.parametrize(
    ("function", "python", "values"),
    [
        ("mass", units.mass, AMOUNTS),
        ("energy", units.energy, AMOUNTS),
        ("energyOfJoules", units.energy_of_joules, AMOUNTS),
        ("power", units.power, AMOUNTS),
        ("intensity", units.intensity, [None, 53, 53.06, 412.7, 0.92]),
        ("count", units.count, [*SMALL, 7, 1234, 99_999, 100_000, 2_345_678, 1.5]),
        ("duration", units.duration, TIMES_S),
        ("percent", units.percent, [0.031, 0.47, 5, 5.14, 9.96, 31.2, 140.4]),
    ],
)
def test_numbers_read_as_they_do_in_the_summary(view, function, python, values):
    expected = [str(python(value)).replace("CO2e", "CO₂e") for value in values]
    assert said_by_view(view, function, values) == expected


@pytest.mark.parametrize(
    "source", ["cell loop", "torch optimizer in rank 0 of 2", "keras in another process", "me"]
)
def test_who_counted_the_work_and_where_reads_as_in_the_summary(view, source):
    run = sample_runs.sample(work=Work(1000.0, 2000.0, "step", 14.9, source))
    said = draw(view, run).locator(".ocarbon-details").text_content()
    assert f"counted by {words.counted_by(run)}" in said


def test_figures_of_a_run_are_the_ones_of_its_record(view):
    run = sample_runs.fullest()
    panel = draw(view, run)
    mass = str(units.mass(run.emissions_g)).replace("CO2e", "CO₂e")
    expect(figure(view, "Emitted")).to_have_text(mass)
    expect(figure(view, "Energy")).to_have_text(str(units.energy(run.energy_kwh)))
    expect(figure(view, "Throughput")).to_have_text("14.9 step/s")
    expect(figure(view, "Projected")).to_have_text("34.2 gCO₂e")
    expect(figure(view, "Metric")).to_have_text("0.9131")
    expect(panel).to_contain_text("FRA (France)")
    expect(panel).to_contain_text("53.1 gCO₂e/kWh")
    expect(panel.locator(".ocarbon-warnings")).to_contain_text(run.warnings[0])


@pytest.mark.parametrize("status", sample_runs.STATUSES)
def test_each_status_has_a_word_and_a_shape_of_its_own(view, status):
    run = sample_runs.of_status(status)
    panel = draw(view, run)
    expect(panel.locator(".ocarbon-status")).to_contain_text(
        "measuring" if status == "running" else status
    )
    shape = "(icon) => [...icon.children].map((path) => path.getAttribute('d')).join()"
    shapes = {
        each: draw(view, sample_runs.of_status(each))
        .locator(".ocarbon-status .ocarbon-icon")
        .evaluate(shape)
        for each in sample_runs.STATUSES
    }
    assert list(shapes.values()).count(shapes[status]) == 1


def test_what_is_not_known_reads_unknown_and_never_zero(view):
    run = sample_runs.sample(devices=[sample_runs.gpu(energy_j=None, uncertainty_pct=None)])
    panel = draw(view, run)
    for label in ("Emitted", "Energy", "Mean power"):
        expect(figure(view, label)).to_have_text("unknown")
    expect(panel.locator(".ocarbon-tiles")).not_to_contain_text("0")
    expect(panel.locator("tbody")).to_contain_text("not read")


def test_a_run_that_has_just_begun_has_no_figures_and_promises_none(view):
    panel = draw(view, sample_runs.just_begun())
    expect(panel).to_contain_text("measuring since 2026-03-01 14:02 UTC")
    expect(panel).to_contain_text("No reading yet.")
    expect(panel).not_to_contain_text("unknown")
    expect(panel.get_by_role("img")).to_have_count(0)
    expect(panel.get_by_role("group", name="Elsewhere")).to_have_count(0)


def test_a_run_without_devices_shows_its_pace_all_the_same(view):
    work = Work(200.0, 2000.0, "step", 4.0, "tqdm")
    draw(view, sample_runs.of_status("running", devices=[], work=work))
    expect(figure(view, "Throughput")).to_have_text("4.00 step/s")
    expect(tile(view, "Mean power")).to_contain_text("no device")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "measuring 06:42 of ~2:14:00, 5 % done"),
        ({"projection": None}, "measuring, 06:42 so far, 5 % done"),
        ({"projection": None, "work": Work(100.0, None, "step", 0.25)}, "measuring, 06:42 so far"),
        ({"duration_s": 9000.0}, "measuring, 2:30:00 so far, 5 % done"),
    ],
    ids=["projected", "total known", "no total", "longer than projected"],
)
def test_the_header_of_a_running_cell_tells_the_time_and_the_share_done(view, changes, words):
    panel = draw(view, sample_runs.live(0.05, **changes))
    expect(panel.locator(".ocarbon-status")).to_have_text(words)


def test_a_bar_shows_the_share_done_while_the_run_goes_on(view):
    panel = draw(view, sample_runs.live(0.25))
    bar = panel.get_by_role("progressbar", name="Work done")
    expect(bar).to_have_attribute("aria-valuenow", "25.0")
    expect(bar).to_have_attribute("aria-valuetext", "25 %, 500 of 2,000 steps")
    filled, whole = bar.locator("div").bounding_box(), bar.bounding_box()
    assert filled["width"] / whole["width"] == pytest.approx(0.25, abs=0.01)
    draw(view, sample_runs.live(0.25, work=Work(500.0, None, "step", 0.25)))
    expect(panel.get_by_role("progressbar")).to_have_count(0)
    draw(view, sample_runs.live(0.25, status="failed"))
    expect(panel.get_by_role("progressbar")).to_have_count(0)


def test_without_a_total_the_panel_says_what_to_add(view):
    work = Work(500.0, None, "step", 0.25, "tqdm", hint="add --total to see a projection.")
    panel = draw(view, sample_runs.live(0.25, projection=None, work=work))
    expect(panel.locator(".ocarbon-hint")).to_have_text(
        "Progress: add --total to see a projection."
    )
    expect(panel.locator("dt", has_text="Projected")).to_have_count(0)


def test_power_is_that_of_now_while_measuring_and_the_mean_afterwards(view):
    record = sample_runs.live(0.5, gpus=2)
    draw(view, record)
    expect(figure(view, "Power now")).to_have_text("598 W")
    expect(tile(view, "Power now")).to_contain_text("2 GPUs")
    record["devices"][1]["power_w"] = None
    draw(view, record)
    expect(figure(view, "Power now")).to_have_text("298 W")
    expect(tile(view, "Power now")).to_contain_text("without 1 of 2 devices")
    draw(view, {**record, "status": "finished"})
    expect(figure(view, "Mean power")).to_have_text("574 W")


def test_an_interval_over_two_prefixes_names_its_unit_once_each(view):
    draw(view, sample_runs.live(0.5, total_s=240.0))
    expect(tile(view, "Projected")).to_contain_text(
        "863\N{NO-BREAK SPACE}mg \N{EN DASH} 1.17\N{NO-BREAK SPACE}g"
    )


@pytest.mark.parametrize(
    ("budget_g", "changes", "label", "words"),
    [
        (50.0, {}, "Projected", "budget 50 g"),
        (36.5, {}, "Projected", "may pass the budget of 36.5 g"),
        (30.0, {}, "Projected", "passes the budget of 30 g"),
        (10.0, {}, "Emitted", "has passed the budget of 10 g"),
        (50.0, {"projection": None}, "Emitted", "budget 50 g"),
        (10.0, {"status": "finished", "projection": None}, "Emitted", "passed the budget"),
        (30.0, {"status": "failed"}, "Projected", "would pass the budget of 30 g"),
    ],
)
def test_the_budget_is_beside_the_figure_it_is_held_against(view, budget_g, changes, label, words):
    panel = draw(view, sample_runs.live(0.5, budget_g=budget_g, **changes))
    note = panel.locator(".ocarbon-tiles dd", has_text="budget")
    expect(note).to_have_count(1)
    expect(tile(view, label)).to_contain_text(words.replace(" g", "\N{NO-BREAK SPACE}g"))
    expect(note.locator(".ocarbon-icon-warning")).to_have_count(int("pass" in words))


def test_a_guessed_zone_says_so_and_an_intensity_by_hand_names_no_zone(view):
    panel = draw(view, sample_runs.sample(zone=Zone("FRA", "France", "timezone")))
    expect(panel.locator("header")).to_contain_text("guess from the time zone")
    by_hand = sample_runs.Intensity(412.0, None, None, "given by hand")
    panel = draw(view, sample_runs.sample(intensity=by_hand))
    expect(panel.locator("header")).to_contain_text("412 gCO₂e/kWh")
    expect(panel.locator("header")).to_contain_text("by hand")
    expect(panel.locator("header")).not_to_contain_text("FRA")


def test_the_details_tell_the_pace_the_law_and_how_the_forecasts_fared(view):
    facts = draw(view, sample_runs.fullest()).locator(".ocarbon-facts")
    expect(facts).to_contain_text("f(t) = 0.185 ln(1 + 10^33.2 (t")
    expect(facts).to_contain_text("1.17, would end at 03:10. OpenCarbonEval's law")
    expect(facts).to_contain_text("2 % at 1 %")
    for said in (words.model, words.law, words.track_record):
        assert said(sample_runs.fullest()) in facts.text_content()


L4 = sample_runs.gpu(name="NVIDIA L4")


def making(panel):
    """What the details say of the embodied part."""
    return panel.locator(".ocarbon-facts dt", has_text="Embodied").locator("+ dd")


@pytest.mark.parametrize(
    ("devices", "terms"),
    [
        ([sample_runs.gpu(), sample_runs.gpu(1), sample_runs.cpu()], {}),
        ([L4], {}),
        ([L4], {"gpu_kgco2e": 72.5, "lifetime_years": 0.5}),
    ],
    ids=["two cards and a processor", "a range", "by hand"],
)
def test_the_details_tell_on_whose_figures_the_embodied_part_rests(view, devices, terms):
    charged = sample_runs.charges_of(devices, **terms)
    run = sample_runs.sample(devices=devices, embodied=charged)
    expect(making(draw(view, run))).to_have_text(embodied.basis(run).replace("CO2e", "CO₂e"))


def test_a_record_of_an_earlier_version_tells_what_the_embodied_part_is(view):
    expect(making(draw(view, sample_runs.sample()))).to_have_text(
        "the devices' manufacturing, shared over their lifetime by the time used"
    )


def test_the_details_tell_product_range_lifetime_boundary_and_source_in_one_line(view):
    run = sample_runs.sample(devices=[L4], embodied=sample_runs.charges_of([L4]))
    expect(draw(view, run).locator(".ocarbon-facts")).to_contain_text(
        "NVIDIA L4: generic data-centre GPU, 150 kgCO₂e (60.0 \N{EN DASH} 285 kgCO₂e), "
        "lifetime 4 yr; generic assumption; without the host; "
        "source: Luccioni et al. 2022; Cloud Carbon Footprint (Apache-2.0)"
    )


def test_embodied_carbon_that_is_not_in_the_total_is_said_not_to_be(view):
    fact = making(draw(view, sample_runs.sample(embodied_g=None)))
    expect(fact).to_have_text("not in the total")
    draw(view, sample_runs.sample(devices=[]))
    expect(fact).to_have_text("not known, and not in the total")


def test_markup_in_a_record_stays_text(view):
    evil = "<img src=x onerror='document.title=\"owned\"'><b>bold</b>"
    (charge,) = sample_runs.charges_of([L4])
    run = sample_runs.sample(
        embodied=[replace(charge, device=evil, product=evil, boundary=evil, source=evil)],
        name=evil,
        zone=Zone(evil, evil, "given"),
        work=Work(1.0, 2.0, evil, 3.0, evil),
        metric=Metric(evil, evil),
        versions={evil: evil},
        warnings=[evil],
    )
    panel = draw(view, run)
    expect(panel.locator(".ocarbon-name")).to_have_text(evil)
    expect(panel.locator("img, b")).to_have_count(0)
    expect(view).to_have_title("view")


WRONG = [None, "text", -1, [], {}, [None], {"a": 1}, True]


@pytest.mark.parametrize("wrong", WRONG, ids=json.dumps)
def test_a_record_of_wrong_types_draws_all_the_same(view, wrong):
    broken = dict.fromkeys(sample_runs.fullest().to_dict(), wrong) | {"schema": "ocarbon.run/1"}
    expect(draw(view, broken)).to_contain_text("Emitted")


@pytest.mark.parametrize("other", [None, [], "text", {}, {"schema": "ocarbon.run/2"}], ids=str)
def test_what_is_no_run_record_is_named_in_one_sentence(view, other):
    expect(draw(view, other)).to_have_text("This is not a run record of schema ocarbon.run/1.")


@pytest.mark.parametrize("width", [360, 760, 1200])
def test_nothing_stands_out_of_the_panel(view, width):
    long = "a sentence for a name and_an_identifier_" + "that_never_breaks_" * 8
    devices = [sample_runs.gpu(energy_j=1e18, name=long), sample_runs.cpu()]
    view.set_viewport_size({"width": width, "height": 800})
    for run in (
        sample_runs.fullest(),
        sample_runs.live(0.05, gpus=8, budget_g=20.0),
        sample_runs.sample(name=long, devices=devices, warnings=[long], duration_s=1e9),
        *map(sample_runs.of_status, sample_runs.STATUSES),
    ):
        panel = draw(view, run).locator(".ocarbon-view")
        panel.locator("details").evaluate("(details) => details.open = true")
        assert overflowing(panel) == []
        assert view.evaluate("document.documentElement.scrollWidth <= innerWidth")

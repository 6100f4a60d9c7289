"""The view alone, on a blank page: what it says, and what it survives."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import sample_runs
from playwright.sync_api import expect

from ocarbon_magic.run import Metric, Series, Work, Zone
from ocarbon_magic.throughput import DynamicThroughput
from ocarbon_magic.views import units, words

HOME = "http://view.test/"
BLANK = "<!doctype html><title>view</title><link rel=stylesheet href=/style/view.css><main></main>"


@pytest.fixture
def view(page, front_end):
    """A blank page with the view's own modules, as the compiler left them."""

    def serve(route):
        path = route.request.url.removeprefix(HOME)
        if path:
            route.fulfill(path=front_end.sources / path)
        else:
            route.fulfill(body=BLANK, content_type="text/html")

    page.on("pageerror", lambda error: pytest.fail(f"the view raised: {error}"))
    page.route(f"{HOME}**", serve)
    page.goto(HOME)
    return page


def draw(view, record):
    """Draw ``record`` into the page's only place; return what is there now."""
    view.evaluate(
        """async (record) => {
            const { render } = await import("/lib/view/view.js");
            render(document.querySelector("main"), record);
        }""",
        record if isinstance(record, dict | list | str | None) else record.to_dict(),
    )
    return view.locator("main")


def tile(view, label):
    return view.locator(".ocarbon-tile", has=view.locator("dt", has_text=label)).locator("dd").first


def said_by_view(view, function, values):
    return view.evaluate(
        """async ([name, values]) => {
            const units = await import("/lib/view/units.js");
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


def test_figures_of_a_run_are_the_ones_of_its_record(view):
    run = sample_runs.fullest()
    panel = draw(view, run)
    mass = str(units.mass(run.emissions_g)).replace("CO2e", "CO₂e")
    expect(tile(view, "Emitted")).to_have_text(mass)
    expect(tile(view, "Energy")).to_have_text(str(units.energy(run.energy_kwh)))
    expect(tile(view, "Throughput")).to_have_text("14.9 step/s")
    expect(tile(view, "Projected")).to_have_text("34.2 gCO₂e")
    expect(tile(view, "Metric")).to_have_text("0.9131")
    expect(panel).to_contain_text("FRA (France)")
    expect(panel).to_contain_text("53.1 gCO₂e/kWh")
    expect(panel.get_by_role("list")).to_contain_text(run.warnings[0])


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
        expect(tile(view, label)).to_have_text("unknown")
    expect(panel.locator(".ocarbon-tiles")).not_to_contain_text("0")
    expect(panel.locator("tbody")).to_contain_text("not read")


def test_a_run_that_has_just_begun_draws_without_charts(view):
    panel = draw(view, sample_runs.just_begun())
    expect(panel).to_contain_text("measuring")
    expect(panel).to_contain_text("The figures appear here when the cell has ended.")
    expect(panel).not_to_contain_text("unknown")
    expect(panel.get_by_role("img")).to_have_count(0)


def test_a_guessed_zone_says_so_and_an_intensity_by_hand_names_no_zone(view):
    panel = draw(view, sample_runs.sample(zone=Zone("FRA", "France", "timezone")))
    expect(panel.locator("header")).to_contain_text("guess from the time zone")
    by_hand = sample_runs.Intensity(412.0, None, None, "given by hand")
    panel = draw(view, sample_runs.sample(intensity=by_hand))
    expect(panel.locator("header")).to_contain_text("412 gCO₂e/kWh")
    expect(panel.locator("header")).to_contain_text("by hand")
    expect(panel.locator("header")).not_to_contain_text("FRA")


def test_throughput_is_drawn_with_the_model_fitted_to_it_and_the_papers_law(view):
    panel = draw(view, sample_runs.fullest())
    chart = panel.get_by_role("img", name="Throughput over 02:14")
    expect(chart).to_have_accessible_name(re.compile("mean 14.9 step/s"))
    assert chart.locator(".ocarbon-points").count() == 1
    assert chart.locator(".ocarbon-line:not(.ocarbon-dashed)").count() == 1
    assert chart.locator(".ocarbon-line.ocarbon-dashed").count() == 1
    expect(panel).to_contain_text("dots measured, line fitted, dashes OpenCarbonEval")
    panel = draw(view, sample_runs.sample(work=Work(10.0, 20.0, "step", 2.0, "tqdm")))
    expect(panel).to_contain_text("dots measured")
    expect(panel).not_to_contain_text("OpenCarbonEval")


def test_the_details_tell_the_pace_the_law_and_how_the_forecasts_fared(view):
    facts = draw(view, sample_runs.fullest()).locator(".ocarbon-facts")
    expect(facts).to_contain_text("f(t) = 0.185 ln(1 + 10^33.2 (t")
    expect(facts).to_contain_text("1.17, would end at 03:10. OpenCarbonEval's law")
    expect(facts).to_contain_text("2 % at 1 %")
    for said in (words.model, words.law, words.track_record):
        assert said(sample_runs.fullest()) in facts.text_content()


@pytest.mark.parametrize("log10_alpha", [-8.0, -2.5, 0.0, 33.2, 868.0])
def test_the_model_is_drawn_as_it_was_fitted(view, log10_alpha):
    times_s = [0.0, 3.0, 3.0001, 4.0, 50.0, 1e6]
    fitted = DynamicThroughput.from_log10_alpha(log10_alpha, scale=2.5, onset=3.0)
    drawn = view.evaluate(
        """async ([times, log10Alpha]) => {
            const { model } = await import("/lib/view/throughput.js");
            return model(times, { log10Alpha, scale: 2.5, onsetS: 3 });
        }""",
        [times_s, log10_alpha],
    )
    assert drawn[:2] == [None, None]  # no line where no work is done yet
    assert drawn[2:] == pytest.approx(list(fitted.rate(np.array(times_s[2:]))), rel=1e-9)


def test_charts_have_a_text_alternative_ticks_and_gaps(view):
    power = [250.0, 260.0, None, None, 255.0, 240.0]
    run = sample_runs.sample(
        duration_s=50.0,
        series=Series([0, 10, 20, 30, 40, 50], power, [None] * 6, [0, 1, 2, 3, 4, 5]),
    )
    panel = draw(view, run)
    chart = panel.get_by_role("img", name="Power over 50.0 s")
    expect(chart).to_have_accessible_name("Power over 50.0 s: between 240 W and 260 W, with gaps.")
    assert chart.locator("text").all_text_contents() == [
        *("0", "100", "200", "300"),
        *("0", "10", "20", "30", "40", "50"),
    ]
    assert chart.locator(".ocarbon-line").count() == 2
    expect(panel.get_by_role("img")).to_have_count(2)


def test_markup_in_a_record_stays_text(view):
    evil = "<img src=x onerror='document.title=\"owned\"'><b>bold</b>"
    run = sample_runs.sample(
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


def test_a_redraw_keeps_focus_and_opened_details(view):
    panel = draw(view, sample_runs.of_status("running"))
    summary = panel.locator("summary")
    summary.press("Enter")
    expect(panel.locator("table")).to_be_visible()
    panel = draw(view, sample_runs.fullest())
    expect(panel.locator("table")).to_be_visible()
    expect(summary).to_be_focused()
    expect(panel.locator("tbody tr")).to_have_count(9)
    draw(view, sample_runs.sample())
    expect(panel.locator("tbody tr")).to_have_count(1)


def test_drawing_the_same_record_again_touches_nothing(view):
    record = sample_runs.fullest().to_dict()
    draw(view, record)
    view.evaluate(
        """() => {
            window.changes = [];
            const all = { subtree: true, childList: true, attributes: true, characterData: true };
            const watch = (changes) => window.changes.push(...changes);
            new MutationObserver(watch).observe(document.querySelector("main"), all);
        }"""
    )
    draw(view, record)
    assert view.evaluate("window.changes.length") == 0
    draw(view, sample_runs.sample())
    assert view.evaluate("window.changes.length") > 0


OVERFLOWING = """(root) => {
    const { left, right } = root.getBoundingClientRect();
    return [...root.querySelectorAll("*")].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 1 && (box.right > right + 0.5 || box.left < left - 0.5);
    }).map((element) => element.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize("width", [360, 760, 1200])
def test_nothing_stands_out_of_the_panel(view, width):
    long = "a sentence for a name and_an_identifier_" + "that_never_breaks_" * 8
    devices = [sample_runs.gpu(energy_j=1e18, name=long), sample_runs.cpu()]
    view.set_viewport_size({"width": width, "height": 800})
    for run in (
        sample_runs.fullest(),
        sample_runs.sample(name=long, devices=devices, warnings=[long], duration_s=1e9),
        *map(sample_runs.of_status, sample_runs.STATUSES),
    ):
        panel = draw(view, run).locator(".ocarbon-view")
        panel.locator("details").evaluate("(details) => details.open = true")
        assert panel.evaluate(OVERFLOWING) == []
        assert view.evaluate("document.documentElement.scrollWidth <= innerWidth")

"""A saved notebook in a real JupyterLab and a real Notebook 7, with no kernel behind it."""

from __future__ import annotations

import json
import re

import pytest
import sample_runs
from labs import show
from nbformat import v4
from playwright.sync_api import expect
from test_view_controls import choose, elsewhere

from ocarbon_magic import units
from ocarbon_magic.views import summary

RUN = sample_runs.fullest()
MASS = str(units.mass(RUN.emissions_g)).replace("CO2e", "CO₂e")
ENERGY = str(units.energy(RUN.energy_kwh))

THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")

# The WCAG contrast of each text with the colours under it, for those below 4.5 to 1.
LOW_CONTRAST = """(root) => {
    const rgba = (colour) => {
        const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
        return { rgb: [r, g, b], a };
    };
    const over = (top, under) => top.rgb.map((c, i) => c * top.a + under[i] * (1 - top.a));
    const background = (element) => {
        const layers = [];
        for (let at = element; at; at = at.parentElement) {
            layers.push(rgba(getComputedStyle(at).backgroundColor));
            if (layers.at(-1).a === 1) break;
        }
        return layers.reduceRight((under, layer) => over(layer, under), [255, 255, 255]);
    };
    const luminance = (rgb) => rgb
        .map((c) => c / 255)
        .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const contrast = (element, property) => {
        const under = background(element);
        const colour = over(rgba(getComputedStyle(element)[property]), under);
        const [dark, light] = [luminance(colour), luminance(under)].sort((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05);
    };
    const holdsText = (element) => [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const texts = [...root.querySelectorAll("*")].filter(holdsText);
    const lines = [...root.querySelectorAll(".ocarbon-line, .ocarbon-icon")];
    return [
        ...texts.map((el) => [el, contrast(el, el instanceof SVGElement ? "fill" : "color"), 4.5]),
        ...lines.map((el) => [el, contrast(el, "stroke"), 3]),
    ].filter(([, found, least]) => !(found >= least))
        .map(([el, found]) => `${found.toFixed(2)} ${el.outerHTML.slice(0, 120)}`);
}"""


def saved_cell():
    output = v4.new_output("display_data", data=summary.bundle(RUN))
    return v4.new_code_cell("%%carbon\ntrain()", outputs=[output], execution_count=1)


@pytest.fixture
def page(app_page):
    return app_page


@pytest.fixture(scope="module")
def notebooks(server):
    for trusted in (True, False):
        notebook = v4.new_notebook(cells=[saved_cell()])
        server.put(f"trusted-{trusted}.ipynb", notebook, trusted=trusted)
    (server.root / "run.ocarbon.json").write_text(json.dumps(RUN.to_dict()))
    return server


def open_notebook(page, server, app, *, trusted=True):
    show(page, server, app, f"trusted-{trusted}.ipynb")
    page.locator(".jp-Dialog .jp-mod-reject").click()  # no, no kernel
    return page.locator(".ocarbon-view")


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "untrusted"])
@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_a_saved_run_shows_in_our_view(page, notebooks, complaints, app, trusted):
    panel = open_notebook(page, notebooks, app, trusted=trusted)
    expect(panel).to_be_visible()
    expect(panel).to_contain_text(RUN.name)
    expect(panel).to_contain_text(MASS)
    expect(panel).to_contain_text(ENERGY)
    expect(panel.get_by_role("img", name=re.compile("^Power over"))).to_be_visible()
    expect(panel.get_by_role("img", name=re.compile("^Cumulative emissions"))).to_be_visible()
    expect(page.locator(".jp-OutputArea-output")).to_have_count(1)
    assert complaints() == []


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_what_if_answers_in_a_saved_notebook_with_no_kernel_at_all(page, notebooks, app):
    panel = open_notebook(page, notebooks, app)
    zone = panel.get_by_label("zone", exact=False)
    zone.focus()
    zone.select_option(label="Sweden")
    answer = panel.get_by_role("status").filter(has_text="%").first
    expect(answer).to_be_visible()
    said = answer.inner_text()
    zone.select_option(label="Poland")
    expect(answer).not_to_have_text(said)


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_without_our_labextension_a_saved_run_shows_its_static_summary(context, bare_server, app):
    page = context.new_page()
    notebook = v4.new_notebook(cells=[saved_cell()])
    bare_server.put("trusted-True.ipynb", notebook, trusted=True)
    open_notebook(page, bare_server, app)
    summary_shown = page.locator(".jp-RenderedHTML")
    expect(summary_shown).to_contain_text(RUN.name)
    expect(summary_shown).to_contain_text(str(units.mass(RUN.emissions_g)))
    expect(summary_shown.get_by_role("img").first).to_be_visible()
    expect(page.locator(".ocarbon-view")).to_have_count(0)


def test_the_style_of_the_notebook_does_not_break_the_panel(page, notebooks):
    panel = open_notebook(page, notebooks, "lab")
    label = panel.locator(".ocarbon-tile dt").first.bounding_box()
    figure = panel.locator(".ocarbon-tile .ocarbon-figure").first.bounding_box()
    assert label["x"] == figure["x"]
    assert label["y"] + label["height"] <= figure["y"]
    panel.locator("summary").press("Enter")
    name = panel.locator(".ocarbon-facts dt").first.bounding_box()
    value = panel.locator(".ocarbon-facts dd").first.bounding_box()
    assert name["y"] == value["y"]
    assert name["x"] + name["width"] <= value["x"]


def test_all_text_keeps_its_contrast_in_every_theme(page, notebooks):
    panel = open_notebook(page, notebooks, "lab")
    panel.locator("summary").press("Enter")
    for theme in THEMES:
        page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
        )
        expect(page.locator(f"body[data-jp-theme-name='{theme}']")).to_be_attached()
        assert panel.evaluate(LOW_CONTRAST) == []


def test_keys_typed_in_the_panel_are_not_the_notebooks(page, server):
    output = v4.new_output("display_data", data=summary.bundle(sample_runs.sample()))
    cell = v4.new_code_cell("%%carbon\ntrain()", outputs=[output], execution_count=1)
    server.put("keys.ipynb", v4.new_notebook(cells=[cell, v4.new_code_cell("2")]), trusted=True)
    show(page, server, "lab", "keys.ipynb")
    page.locator(".jp-Dialog .jp-mod-reject").click()
    panel = page.locator(".ocarbon-view")
    for control in (
        elsewhere(panel).get_by_label("Zone"),
        elsewhere(panel).get_by_label("PUE"),
        panel.locator("summary"),
    ):
        control.click()
        expect(control).to_be_focused()
        for key in ("x", "d", "d"):  # cut, delete
            page.keyboard.press(key)
        expect(page.locator(".jp-CodeCell")).to_have_count(2)
        expect(control).to_be_focused()
    choose(panel, "Zone", "Sweden")
    expect(panel.locator("output")).to_contain_text("less than the emitted")


def test_an_exported_run_opens_as_a_document(page, notebooks, complaints):
    page.goto(notebooks.address("lab", "run.ocarbon.json"))
    panel = page.locator(".ocarbon-view")
    expect(panel).to_be_visible()
    expect(panel).to_contain_text(MASS)
    assert complaints() == []

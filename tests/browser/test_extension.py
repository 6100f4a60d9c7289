"""Badges, commands, settings and the sidebar in notebooks that are open, with no kernel behind."""

from __future__ import annotations

import json
import re
import zlib

import pytest
import sample_runs
from labs import show
from live import PATIENT, RUN_MIME, notebook_of
from nbformat import v4
from playwright.sync_api import expect

from ocarbon_magic.run import Cell
from ocarbon_magic.views import summary

SOURCE = "%%carbon --zone FRA\ntrain()"
COMMANDS = (
    "Measure This Cell",
    "Estimate Before Running…",
    "Show Carbon Panel",
    "Copy Carbon Report",
)


def measured(source=SOURCE, cell_id="a", forms=None, **changes):
    """A code cell with the output of its run, in all forms or in those named."""
    run = sample_runs.sample(
        id=f"run-of-{cell_id}", cell=Cell(cell_id, zlib.crc32(source.encode())), **changes
    )
    output = v4.new_output("display_data", data=summary.bundle(run, forms))
    return v4.new_code_cell(source, id=cell_id, outputs=[output])


@pytest.fixture
def page(app_page):
    return app_page


@pytest.fixture
def opened(page, server):
    """Open a notebook with these cells, and wait until it is drawn."""

    def open_in(app, *cells, name="rest.ipynb"):
        made = notebook_of()
        made["cells"] = [v4.new_code_cell(c) if isinstance(c, str) else c for c in cells]
        server.put(name, made, trusted=True)
        show(page, server, app, name)
        page.wait_for_function(
            "(count) => window.jupyterapp?.shell.currentWidget?.content?.widgets?.length === count",
            arg=len(cells),
            **PATIENT,
        )
        page.locator(".jp-Dialog .jp-mod-reject").click()  # no, no kernel
        return page

    return open_in


@pytest.fixture
def settings(page, lab):
    """The test may change ours: they are as they were afterwards, once a page is loaded."""
    yield
    page.evaluate("() => jupyterapp.serviceManager.settings.save('ocarbon-magic:plugin', '{}')")
    lab.close()


def run(page, command):
    page.evaluate("(id) => jupyterapp.commands.execute(id)", command)


def sources(page):
    return page.evaluate(
        "() => [...jupyterapp.shell.currentWidget.content.model.cells]"
        ".map((cell) => cell.sharedModel.getSource())"
    )


def rewrite(page, index, source):
    page.evaluate(
        "([index, source]) => jupyterapp.shell.currentWidget.content.model.cells.get(index)"
        ".sharedModel.setSource(source)",
        [index, source],
    )


def select(page, *indices):
    page.evaluate(
        "(indices) => { const { content } = jupyterapp.shell.currentWidget;"
        " content.activeCellIndex = indices[0];"
        " content.deselectAll(); indices.forEach((i) => content.select(content.widgets[i])); }",
        list(indices),
    )


def badge(page, index):
    return page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".ocarbon-badge")


def sidebar(page):
    return page.locator("#ocarbon-sidebar")


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_a_measured_cell_bears_its_grams_and_says_when_its_code_has_changed(
    opened, complaints, app
):
    page = opened(app, "x = 1", measured(), "y = 2")
    expect(page.locator(".ocarbon-badge")).to_have_count(1, **PATIENT)
    expect(badge(page, 1)).to_have_text("609 mg")
    expect(badge(page, 1)).to_have_attribute("data-state", "finished")
    rewrite(page, 1, SOURCE + "\nmore()")
    expect(badge(page, 1)).to_have_attribute("data-state", "changed")
    expect(badge(page, 1)).to_have_accessible_name(re.compile("609 mg .* earlier version"))
    expect(badge(page, 1).locator("svg")).to_be_visible()
    rewrite(page, 1, SOURCE)
    expect(badge(page, 1)).to_have_attribute("data-state", "finished")
    assert complaints() == []


def test_a_cell_whose_output_was_cleared_bears_what_its_metadata_keep(opened):
    kept = {"run": "r", "status": "finished", "emissions_g": 3.2, "source_crc32": 1}
    cell = v4.new_code_cell(SOURCE, metadata={"ocarbon": kept})
    page = opened("lab", cell, v4.new_code_cell("1", metadata={"ocarbon": {"run": 5}}))
    expect(badge(page, 0)).to_have_text("3.20 g", **PATIENT)
    expect(badge(page, 0)).to_have_attribute("data-state", "changed")
    expect(page.locator(".ocarbon-badge")).to_have_count(1)


def test_a_badge_leads_to_its_run_and_the_run_back_to_its_cell(opened):
    page = opened("lab", *["x = 1"] * 30, measured(name="far below"))
    badge(page, 30).scroll_into_view_if_needed()
    badge(page, 30).click(**PATIENT)
    expect(sidebar(page)).to_contain_text("far below")
    select(page, 0)
    run(page, "notebook:move-cursor-up")
    sidebar(page).get_by_role("button", name="Go to cell").click()
    page.wait_for_function("() => jupyterapp.shell.currentWidget.content.activeCellIndex === 30")
    expect(badge(page, 30)).to_be_in_viewport()


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_all_commands_are_in_the_palette_and_in_the_menu_of_a_cell(opened, complaints, app):
    page = opened(app, measured())
    run(page, "apputils:activate-command-palette")
    palette = page.locator(".lm-CommandPalette")
    palette.get_by_role("searchbox").or_(palette.locator("input")).first.fill("carbon")
    for label in COMMANDS:
        expect(palette.get_by_text(label.removesuffix("…")).first).to_be_visible(**PATIENT)
    page.keyboard.press("Escape")
    badge(page, 0).wait_for()
    page.locator(".jp-InputArea-editor").first.click(button="right")
    menu = page.locator(".lm-Menu-content")
    for label in COMMANDS:
        expect(menu.get_by_text(label, exact=True)).to_be_visible()
    assert complaints() == []


def test_no_command_has_a_shortcut_until_somebody_gives_it_one(opened):
    page = opened("lab", "x = 1")
    bound = page.evaluate(
        "() => jupyterapp.commands.keyBindings.filter(({ command }) =>"
        " command.startsWith('ocarbon:')).flatMap(({ keys }) => [...keys])"
    )
    assert [key for key in bound if key] == []


def test_measuring_adds_the_line_and_takes_it_away(opened):
    page = opened("lab", "%load_ext ocarbon_magic", "a = 1\nb = 2", "%%time\nc = 3")
    select(page, 1, 2)
    run(page, "ocarbon:measure-cell")
    assert sources(page)[1:] == ["%%carbon\na = 1\nb = 2", "%%carbon\n%%time\nc = 3"]
    assert page.evaluate("() => jupyterapp.commands.isToggled('ocarbon:measure-cell')")
    run(page, "ocarbon:measure-cell")
    assert sources(page)[1:] == ["a = 1\nb = 2", "%%time\nc = 3"]


def test_of_several_cells_those_are_measured_that_were_not(opened):
    page = opened("lab", "%load_ext ocarbon_magic", "a = 1", "%%carbon --zone SWE\nb = 2")
    select(page, 1, 2)
    run(page, "ocarbon:measure-cell")
    assert sources(page)[1:] == ["%%carbon\na = 1", "%%carbon --zone SWE\nb = 2"]


def test_measuring_can_be_undone(opened):
    page = opened("lab", "%load_ext ocarbon_magic", "a = 1")
    select(page, 1)
    run(page, "ocarbon:measure-cell")
    run(page, "notebook:enter-edit-mode")
    page.keyboard.press("Control+Z")
    page.wait_for_function(
        "() => jupyterapp.shell.currentWidget.content.widgets[1]"
        ".model.sharedModel.getSource() === 'a = 1'"
    )


def test_a_notebook_that_does_not_load_us_gets_the_line_that_does(opened):
    page = opened("lab", "a = 1", "b = 2")
    select(page, 1)
    run(page, "ocarbon:measure-cell")
    assert sources(page) == ["a = 1", "%load_ext ocarbon_magic", "%%carbon\nb = 2"]


def test_text_and_other_languages_are_not_measured(opened, page):
    opened("lab", v4.new_markdown_cell("words"), "a = 1")
    select(page, 0)
    enabled = "() => jupyterapp.commands.isEnabled('ocarbon:measure-cell')"
    assert not page.evaluate(enabled)
    select(page, 1)
    assert page.evaluate(enabled)
    page.evaluate(
        "() => jupyterapp.shell.currentWidget.content.model"
        ".setMetadata('language_info', { name: 'R' })"
    )
    assert not page.evaluate(enabled)


def test_the_report_of_the_cells_run_is_copied(opened, page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened("lab", measured(name="one"), measured(cell_id="b", name="two"), "x = 1")
    badge(page, 1).wait_for(**PATIENT)
    select(page, 0)
    run(page, "ocarbon:copy-report")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("**one**: 609 mgCO₂e (operational ")
    for said in ("- Energy: ", "- Scope: ", "- Zone: FRA", "- Intensity: ", "Measured with"):
        assert said in copied
    expect(page.get_by_text("The report of one is in the clipboard.")).to_be_visible()


def test_an_empty_sidebar_teaches_the_line_to_type(opened):
    page = opened("lab", "x = 1")
    run(page, "ocarbon:show-panel")
    expect(sidebar(page)).to_contain_text("%%carbon", **PATIENT)
    expect(page.locator(".ocarbon-statusitem")).to_be_hidden()


def test_the_total_of_a_notebook_counts_what_it_keeps_and_what_it_has_not_kept_yet(opened, page):
    later = {"started_at": "2026-03-02T14:02:11Z", "ended_at": "2026-03-02T14:04:25Z"}
    opened("lab", measured(), measured(cell_id="b", **later))
    status = page.locator(".ocarbon-statusitem")
    expect(status).to_contain_text("1.22 g in 2 runs", **PATIENT)
    page.evaluate(
        "() => jupyterapp.shell.currentWidget.content.model.setMetadata('ocarbon',"
        " { runs: 10, emissions_g: 50, energy_kwh: 1, until: '2100-01-01T00:00:00Z' })"
    )
    rewrite(page, 0, SOURCE + " ")
    run(page, "notebook:insert-cell-below")
    expect(status).to_contain_text("50.0 g in 10 runs", **PATIENT)


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_what_is_strange_in_a_notebook_is_left_alone(opened, complaints, app):
    record = sample_runs.sample().to_dict() | {"cell": 5, "emissions_g": "much", "id": "odd"}
    odd = v4.new_output("display_data", data={RUN_MIME: record, "text/plain": "odd"})
    none = v4.new_output("display_data", data={RUN_MIME: {"id": []}, "text/plain": "none"})
    cell = v4.new_code_cell("1", outputs=[odd, none], metadata={"ocarbon": "text"})
    page = opened(app, cell)
    page.evaluate(
        "() => jupyterapp.shell.currentWidget.content.model.setMetadata('ocarbon', [1, 2])"
    )
    expect(badge(page, 0)).to_have_text("unknown", **PATIENT)
    assert complaints() == []


def test_an_estimate_is_asked_for_and_written_above_the_cell(opened, page):
    opened("lab", "%load_ext ocarbon_magic", "train()")
    select(page, 1)
    page.evaluate("() => { jupyterapp.commands.execute('ocarbon:estimate'); }")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Parameters").fill("7B")
    dialog.get_by_label("Tokens").fill("2T")
    dialog.get_by_label("Device").fill('RTX "4090')
    dialog.get_by_label("Zone").fill("FRA")
    dialog.get_by_role("button", name="Estimate").click()
    page.wait_for_function(
        "() => jupyterapp.shell.currentWidget.content.model.cells.length === 3", **PATIENT
    )
    line = sources(page)[1].splitlines()[-1]
    assert line == ('%carbon estimate --params 7B --tokens 2T --device "RTX 4090" --zone FRA')


WATCH = """() => {
    window.touched = new Set();
    const cells = [...document.querySelectorAll(".jp-Notebook .jp-Cell")];
    const note = (changes) => changes.forEach(({ target }) => {
        const badge = (target.nodeType === 1 ? target : target.parentElement)
            ?.closest(".ocarbon-badge");
        if (badge) window.touched.add(cells.indexOf(badge.closest(".jp-Cell")));
    });
    new MutationObserver(note).observe(document.querySelector(".jp-Notebook"),
        { subtree: true, childList: true, attributes: true, characterData: true });
}"""


def test_of_300_cells_only_that_one_is_drawn_anew_that_has_changed(opened, complaints):
    cells = [
        measured(cell_id=f"c{i}", forms={RUN_MIME}, emissions_g=float(i + 1))
        if i % 3 == 0
        else f"x = {i}"
        for i in range(300)
    ]
    page = opened("lab", *cells)
    expect(page.locator(".ocarbon-badge")).to_have_count(100, **PATIENT)
    expect(badge(page, 297)).to_have_text("298 g")
    page.evaluate(WATCH)
    rewrite(page, 30, SOURCE + "\nmore()")
    expect(badge(page, 30)).to_have_attribute("data-state", "changed")
    rewrite(page, 31, "x = 5")
    rewrite(page, 60, SOURCE + "\nmore()")
    expect(badge(page, 60)).to_have_attribute("data-state", "changed")
    assert page.evaluate("() => [...touched].sort()") == [30, 60]
    assert complaints() == []


def test_the_file_keeps_its_metadata_as_they_were_until_something_is_measured(opened, page, server):
    opened("lab", measured(), "x = 1")
    badge(page, 0).wait_for(**PATIENT)
    run(page, "docmanager:save")
    file = json.loads((server.root / "rest.ipynb").read_text())
    assert "ocarbon" not in file["metadata"]
    assert "ocarbon" not in file["cells"][0]["metadata"]


@pytest.mark.usefixtures("settings")
def test_the_settings_take_effect_at_once(opened, complaints):
    page = opened("lab", measured(), "x = 1")
    status = page.locator(".ocarbon-statusitem")
    expect(badge(page, 0)).to_have_text("609 mg", **PATIENT)
    expect(status).to_contain_text("609 mg in 1 run")
    page.evaluate("() => jupyterapp.commands.execute('settingeditor:open', { query: 'Carbon' })")

    def field(name):  # its label is a heading
        return page.locator(f'[id="jp-SettingsEditor-ocarbon-magic:plugin_{name}"]')

    field("massUnit").select_option("kg")
    expect(status).to_contain_text("0.000609 kg in 1 run", **PATIENT)
    field("statusBar").uncheck()
    expect(status).to_be_hidden(**PATIENT)
    field("statusBar").check()
    expect(status).to_be_visible(**PATIENT)
    field("zone").fill("aws:us-east-1")
    field("badge").uncheck()
    page.get_by_role("tab", name="rest.ipynb").click()
    expect(page.locator(".ocarbon-badge")).to_have_count(0, **PATIENT)
    expect(page.locator(".jp-Notebook .ocarbon-view")).to_contain_text("0.000609 kgCO₂e")
    select(page, 1)
    run(page, "ocarbon:measure-cell")
    assert "%%carbon --zone aws:us-east-1\nx = 1" in sources(page)
    assert complaints() == []

"""The status bar, the badges and the sidebar while cells are measured, and after it."""

from __future__ import annotations

import json
import os
import re
import signal

import pytest
from live import AT_LEISURE, LOAD, PATIENT, RUN_MIME, LiveNotebook, cell, notebook_of
from playwright.sync_api import expect

GRAMS = re.compile(r"^[\d.]+ [µm]?g$")


@pytest.fixture
def page(app_page):
    return app_page


def status_of(page):
    return page.locator(".ocarbon-statusitem")


def badges(page):
    return page.locator(".ocarbon-badge")


def sidebar(page):
    return page.locator("#ocarbon-sidebar")


def kept(live):
    """The file's own account: of the notebook, and of its second cell."""
    live.save()
    file = json.loads((live.server.root / live.name).read_text())
    cell = file["cells"][1]
    data = [output.get("data", {}) for output in cell["outputs"]]
    records = [shown[RUN_MIME] for shown in data if RUN_MIME in shown]
    return file["metadata"].get("ocarbon"), cell["metadata"].get("ocarbon"), records


def test_the_status_bar_tells_what_is_measured_then_the_total(notebook, complaints, page):
    live = notebook("extension", "lab", LOAD, cell(AT_LEISURE))
    expect(status_of(page)).to_be_hidden()
    live.run()
    expect(status_of(page)).to_contain_text(re.compile(r"W · .* so far · .* projected"), **PATIENT)
    live.let_finish()
    expect(status_of(page)).to_contain_text("in 1 run", **PATIENT)
    status_of(page).click()
    expect(sidebar(page)).to_be_visible()
    expect(sidebar(page)).to_contain_text("busy")
    assert complaints() == []


def test_a_run_measured_inside_another_one_is_not_added_to_it(notebook, page):
    live = notebook(
        "extension",
        "lab",
        LOAD,
        "%%carbon --devices cpu\nimport ocarbon_magic as oc\n"
        "with oc.measure('inner', devices='cpu'):\n    sum(range(10**6))",
    )
    live.run()
    expect(live.panel).to_have_count(2, **PATIENT)
    expect(status_of(page)).to_contain_text("in 1 run", **PATIENT)
    totals, mark, (outer, _) = kept(live)
    assert totals["emissions_g"] == outer["emissions_g"]
    assert mark["run"] == outer["id"]


def test_runs_add_up_however_often_a_cell_is_run(notebook, page):
    live = notebook("extension", "lab", LOAD, "%%carbon --devices cpu\nsum(range(10**6))")
    for count in ("in 1 run", "in 2 runs"):
        live.run()
        expect(status_of(page)).to_contain_text(count, **PATIENT)
    totals, mark, (record,) = kept(live)
    assert totals["runs"] == 2
    assert totals["emissions_g"] > record["emissions_g"] == mark["emissions_g"]
    live.page.reload()
    expect(status_of(page)).to_contain_text("in 2 runs", **PATIENT)
    assert kept(live)[0] == totals


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_the_badge_follows_the_run_and_stays_with_the_cell(notebook, complaints, page, app):
    live = notebook("extension", app, LOAD, cell(AT_LEISURE))
    live.run()
    expect(badges(page)).to_have_attribute("data-state", "running", **PATIENT)
    before = badges(page).inner_text()
    expect(badges(page)).not_to_have_text(before, **PATIENT)
    live.let_finish()
    expect(badges(page)).to_have_attribute("data-state", "finished", **PATIENT)
    expect(badges(page)).to_have_text(GRAMS)
    shown = badges(page).inner_text()
    live.save()
    page.reload()
    expect(badges(page)).to_have_text(shown, **PATIENT)
    badges(page).click()
    expect(sidebar(page).locator(".ocarbon-view")).to_contain_text("finished in")
    assert complaints() == []


def test_a_quiet_run_shows_in_the_badge_and_the_list_alone(notebook, page):
    quiet = "%%carbon --devices cpu --quiet --name unseen\nsum(range(10**6))"
    live = notebook("extension", "lab", LOAD, quiet)
    live.run()
    expect(badges(page)).to_have_text(GRAMS, **PATIENT)
    expect(live.panel).to_have_count(0)
    badges(page).click()
    expect(sidebar(page)).to_contain_text("unseen")
    live.save()
    page.reload()
    expect(badges(page)).to_have_text(GRAMS, **PATIENT)
    status_of(page).click()
    expect(sidebar(page)).to_contain_text("unseen", **PATIENT)  # the kernel knows it still


def test_a_page_loaded_again_in_mid_run_gets_all_back_that_was_not_saved(
    notebook, complaints, page
):
    live = notebook("extension", "lab", LOAD, cell(AT_LEISURE))
    live.run()
    expect(status_of(page)).to_contain_text("so far", **PATIENT)
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(status_of(page)).to_contain_text("so far", **PATIENT)
    expect(live.panel).to_contain_text("FRA (France)", **PATIENT)
    expect(badges(page)).to_have_attribute("data-state", "running")
    live.let_finish()
    expect(status_of(page)).to_contain_text("in 1 run", **PATIENT)
    expect(live.panel).to_contain_text("finished in", **PATIENT)
    expect(badges(page)).to_have_attribute("data-state", "finished")
    totals, mark, (record,) = kept(live)
    assert totals["runs"] == 1
    assert mark["run"] == record["id"]
    assert record["status"] == "finished"
    assert complaints() == []


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_a_page_that_was_closed_when_the_run_ended_learns_of_it(notebook, page, live_servers, app):
    live = notebook("extension", app, LOAD, cell(AT_LEISURE) + "pathlib.Path('over').touch()")
    live.run()
    live.moves()
    live.save()
    page.goto("about:blank")
    live.let_finish()
    over = live_servers["extension"].root / "over"
    while not over.exists():
        page.wait_for_timeout(100)
    over.unlink()
    page.goto(live.server.address(app, live.name))
    expect(live.panel).to_contain_text("finished in", **PATIENT)
    expect(badges(page)).to_have_attribute("data-state", "finished", **PATIENT)
    totals, mark, (record,) = kept(live)
    assert (totals["runs"], mark["status"], record["status"]) == (1, "finished", "finished")
    saved = live.saved_outputs()[0]["data"]
    assert "finished in" in "".join(saved["text/plain"])


def test_an_output_that_the_reader_cleared_in_mid_run_stays_away(notebook, page):
    live = notebook("extension", "lab", LOAD, cell(AT_LEISURE))
    live.run()
    live.moves()
    live.command("notebook:clear-all-cell-outputs")
    expect(live.panel).to_have_count(0)
    live.let_finish()
    expect(badges(page)).to_have_attribute("data-state", "finished", **PATIENT)
    expect(live.panel).to_have_count(0)


def test_two_notebooks_measure_at_once_and_the_status_bar_is_that_of_the_one_looked_at(
    notebook, complaints, page
):
    live = notebook("extension", "lab", LOAD, cell(AT_LEISURE, name="first"))
    other = notebook_of(LOAD, cell(AT_LEISURE, name="second"))
    live.server.put("other.ipynb", other, trusted=True)
    live.run()
    live.moves()
    page.evaluate("() => jupyterapp.commands.execute('docmanager:open', { path: 'other.ipynb' })")
    page.wait_for_function(
        "() => jupyterapp.shell.currentWidget?.context?.path === 'other.ipynb'", **PATIENT
    )
    expect(status_of(page)).to_be_hidden()
    live.run()
    expect(status_of(page)).to_contain_text("so far", **PATIENT)
    status_of(page).click()
    rows = sidebar(page).get_by_role("listitem")
    expect(rows.filter(has_text="second")).to_be_visible()
    expect(rows.filter(has_text="first")).to_contain_text("live.ipynb")
    for name in ("first", "second"):
        row = rows.filter(has_text=name)
        before = row.inner_text()
        expect(row).not_to_have_text(before, use_inner_text=True, **PATIENT)
    live.let_finish()
    expect(status_of(page)).to_contain_text("in 1 run", **PATIENT)
    expect(sidebar(page)).to_contain_text("2 runs", **PATIENT)
    assert complaints() == []


def test_a_cell_that_the_command_lets_measure_is_measured_at_once(notebook, complaints, page):
    live = notebook("extension", "lab", "x = 1", "for k in range(100): pass")
    live.has_kernel()
    page.evaluate("() => { jupyterapp.shell.currentWidget.content.activeCellIndex = 1; }")
    live.command("ocarbon:measure-cell")
    live.command("notebook:run-cell")  # the line above that loads us has not been run
    expect(badges(page)).to_have_attribute("data-state", "finished", **PATIENT)
    assert complaints() == []


def test_an_estimate_is_answered_by_the_kernel(notebook, page):
    live = notebook("extension", "lab", "x = 1", "y = 2")
    live.has_kernel()
    page.evaluate("() => { jupyterapp.commands.execute('ocarbon:estimate'); }")
    dialog = page.get_by_role("dialog")
    for label, value in (("Parameters", "7B"), ("Tokens", "2T"), ("Device", "A100")):
        dialog.get_by_label(label).fill(value)
    dialog.get_by_role("button", name="Estimate").click()
    expect(page.locator(".jp-Cell").first).to_contain_text("estimated for", **PATIENT)


ABSENT = """import sys
class Absent:  # as where the package is not installed
    def find_spec(self, name, path=None, target=None):
        if name == "ocarbon_magic":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())"""


def test_a_kernel_that_lacks_the_package_is_told_of(notebook, page):
    live = notebook("extension", "lab", "x = 1", ABSENT)
    live.run()
    expect(page.locator(".jp-Cell").nth(1)).to_contain_text("[2]:", **PATIENT)
    page.evaluate("() => { jupyterapp.shell.currentWidget.content.activeCellIndex = 0; }")
    live.command("ocarbon:measure-cell")
    expect(page.get_by_text("This kernel lacks ocarbon_magic").first).to_be_visible(**PATIENT)


def test_a_killed_kernel_leaves_its_run_in_the_totals_and_says_so_in_all_forms(notebook, page):
    tell = "if step == 0: import os; pathlib.Path('pid').write_text(str(os.getpid()))"
    live = notebook("extension", "lab", LOAD, cell(f"{tell}\n    {AT_LEISURE}"))
    live.run()
    live.moves()
    os.kill(int((live.server.root / "pid").read_text()), signal.SIGKILL)
    expect(badges(page)).to_have_attribute("data-state", "lost", **PATIENT)
    expect(status_of(page)).to_contain_text("in 1 run")
    totals, mark, (record,) = kept(live)
    assert (totals["runs"], mark["status"], record["status"]) == (1, "lost", "lost")
    data = live.saved_outputs()[0]["data"]
    assert set(data) == {RUN_MIME, "text/plain"}
    assert "lost after" in "".join(data["text/plain"])


def test_pages_tell_one_another_of_their_runs(notebook, page):
    live = notebook("extension", "notebooks", LOAD, cell(AT_LEISURE, name="near"))
    live.run()
    live.moves()
    far = notebook_of(LOAD, "%%carbon --devices cpu --name far\nsum(range(10**6))")
    live.server.put("far.ipynb", far, trusted=True)
    second = LiveNotebook(page.context.new_page(), live.server, "notebooks", "far.ipynb")
    second.run()
    expect(badges(second.page)).to_have_text(GRAMS, **PATIENT)
    for one, name in ((page, "far"), (second.page, "near")):
        one.evaluate("() => jupyterapp.commands.execute('ocarbon:show-panel')")
        back = sidebar(one).get_by_role("button", name="Runs")
        if back.count() > 0:
            back.first.click()
        expect(sidebar(one)).to_contain_text(name, **PATIENT)
    live.let_finish()
    expect(sidebar(second.page)).to_contain_text("2 runs", **PATIENT)
    second.page.close()

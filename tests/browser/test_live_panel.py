"""The panel under a cell that runs, in a real JupyterLab and Notebook 7 with real kernels.

With our labextension the output's record is drawn and brought up to date from the kernel's
messages; without it, a widget does the same.
"""

from __future__ import annotations

import re
import shutil

import pytest
from live import AT_LEISURE, LOAD, PATIENT, RUN_MIME, cell
from playwright.sync_api import expect

PYTHON = "sum(i * i for i in range(150_000))"
NUMPY = "[matrix @ matrix for _ in range(8)]"


@pytest.fixture
def page(app_page):
    return app_page


WAYS = [
    ("extension", "lab", PYTHON),
    ("extension", "notebooks", NUMPY),
    ("widget", "lab", NUMPY),
    ("widget", "notebooks", PYTHON),
]


@pytest.mark.parametrize(("kind", "app", "work"), WAYS, ids=[" ".join(w[:2]) for w in WAYS])
def test_the_panel_moves_while_the_kernel_is_busy_and_stays_as_a_record(
    notebook, complaints, kind, app, work
):
    live = notebook(kind, app, LOAD, cell(work, "--budget 1e-9"))
    live.run()
    live.moves()
    panel = live.panel
    expect(panel.get_by_text("Projected at the end")).to_be_visible(**PATIENT)
    expect(panel.get_by_role("progressbar")).to_be_visible()
    expect(panel.get_by_role("list").filter(has_text="budget").first).to_be_visible()
    zone = panel.get_by_label("zone", exact=False)
    zone.focus()
    zone.select_option(label="Sweden")
    expect(panel.get_by_role("status").filter(has_text="%").first).to_be_visible()
    live.moves()
    expect(zone).to_have_value(re.compile("SWE"))
    one_per_cent = re.compile(r"(?<![\d.])[1-9][\d.]* % done")  # and not 0.1 %
    expect(live.status.first).to_contain_text(one_per_cent, **PATIENT)
    live.let_finish()
    if kind == "extension":
        expect(panel).to_contain_text("finished in", **PATIENT)
        expect(zone).to_have_value(re.compile("SWE"))
    else:
        expect(panel).to_have_count(0, **PATIENT)
        expect(live.outputs.first).to_contain_text("finished in")
    live.save()
    (output,) = live.saved_outputs()
    assert set(output["data"]) == {"text/plain", "text/html", RUN_MIME}
    assert output["data"][RUN_MIME]["status"] == "finished"
    assert output["data"][RUN_MIME]["projections"]
    assert complaints() == []


@pytest.mark.parametrize("kind", ["extension", "widget"])
def test_the_stop_button_interrupts_the_cell(notebook, kind):
    live = notebook(kind, "lab", LOAD, cell(AT_LEISURE), "after = 1")
    live.run()
    live.moves()
    live.panel.get_by_role("button", name="Stop").click()
    expect(live.outputs.first).to_contain_text("interrupted after", **PATIENT)
    expect(live.outputs.last).to_contain_text("KeyboardInterrupt")


def test_a_kernel_that_is_restarted_leaves_the_run_as_lost(notebook):
    live = notebook("extension", "lab", LOAD, cell(AT_LEISURE))
    live.run()
    live.moves()
    live.page.evaluate(
        "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    expect(live.status).to_contain_text("lost", **PATIENT)
    expect(live.panel).to_contain_text("Emitted")
    live.save()
    record = live.saved_outputs()[0]["data"][RUN_MIME]
    assert record["status"] == "lost"
    assert record["energy_kwh"] > 0
    assert len(record["series"]["t_s"]) > 2


def test_an_error_leaves_the_record_above_the_traceback(notebook, complaints):
    live = notebook("extension", "lab", LOAD, "%%carbon\nprint('begun')\n1 / 0")
    live.run()
    expect(live.status).to_contain_text("failed", **PATIENT)
    live.save()
    kinds = [output["output_type"] for output in live.saved_outputs()]
    assert kinds == ["display_data", "stream", "error"]
    assert complaints() == []


@pytest.mark.parametrize("kind", ["extension", "widget"])
def test_several_panels_live_side_by_side(notebook, kind):
    inner = cell(AT_LEISURE, name="outer").replace(
        "for step", "import ocarbon_magic as oc\nwith oc.measure('inner'):\n  for step"
    )
    live = notebook(kind, "lab", LOAD, inner.replace("\n    ", "\n      "))
    live.run()
    expect(live.panel).to_have_count(2, **PATIENT)
    for name in ("outer", "inner"):
        status = live.panel.filter(has_text=name).locator(".ocarbon-status")
        before = status.inner_text()
        expect(status).not_to_have_text(before, **PATIENT)
    live.let_finish()
    for output in (live.outputs.first, live.outputs.nth(1)):
        expect(output).to_contain_text("finished in", **PATIENT)


def test_panels_of_two_notebooks_do_not_mix(notebook, page):
    live = notebook("extension", "lab", LOAD, cell(AT_LEISURE, name="first"))
    shutil.copy(live.server.root / "live.ipynb", live.server.root / "other.ipynb")
    live.run()
    live.moves()
    page.evaluate("() => jupyterapp.commands.execute('docmanager:open', { path: 'other.ipynb' })")
    page.wait_for_function(
        "() => jupyterapp.shell.currentWidget?.context?.path === 'other.ipynb'", **PATIENT
    )
    live.run()
    expect(live.panel).to_have_count(2, **PATIENT)
    ids = page.evaluate(
        "() => [...jupyterapp.shell.widgets('main')].map("
        "  (one) => one.content.widgets[1].model.outputs.get(0)?.data"
        f"    ['{RUN_MIME}'].id)"
    )
    assert len(set(ids)) == 2
    live.let_finish()
    expect(live.panel.filter(has_text="finished in")).to_have_count(2, **PATIENT)


def test_a_page_that_is_loaded_again_goes_on_with_the_run_and_keeps_its_end(notebook, complaints):
    live = notebook("extension", "lab", LOAD, cell(AT_LEISURE))
    live.run()
    expect(live.panel.get_by_text("Projected at the end")).to_be_visible(**PATIENT)
    live.save()
    live.page.reload()
    live.moves()
    expect(live.panel).to_contain_text("Projected at the end", **PATIENT)
    expect(live.panel).to_contain_text("1 CPU", **PATIENT)
    live.let_finish()
    expect(live.panel).to_contain_text("finished in", **PATIENT)
    live.save()
    assert live.saved_outputs()[0]["data"][RUN_MIME]["status"] == "finished"
    assert complaints() == []


@pytest.mark.parametrize("kind", ["widget"])
def test_a_widget_on_a_page_that_is_loaded_again_shows_how_the_run_ended(notebook, kind):
    live = notebook(kind, "lab", LOAD, cell(AT_LEISURE))
    live.run()
    live.moves()
    live.save()
    live.page.reload()
    live.let_finish()
    expect(live.panel).to_contain_text("finished in", **PATIENT)

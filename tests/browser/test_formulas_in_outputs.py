"""JupyterLab sets formulas in the HTML of outputs; the names in ours are none."""

from __future__ import annotations

import pytest
from labs import show
from nbformat import v4
from playwright.sync_api import expect
from sample_runs import sample

import ocarbon_magic as oc

FORMULA = "$x^2$ for $5"


def cell(html):
    output = v4.new_output("display_data", data={"text/html": html})
    return v4.new_code_cell("run", outputs=[output], execution_count=1)


@pytest.fixture
def page(app_page):
    return app_page


def test_a_name_with_dollars_is_shown_as_it_is(page, server):
    run = sample(name=FORMULA, metric=None)
    ours = [view._repr_mimebundle_()["text/html"] for view in (run, oc.Runs([run]), oc.advise(run))]
    # What JupyterLab does set tells that it has had the time to.
    cells = [*map(cell, ours), cell(f"<p>{FORMULA}</p>")]
    server.put("formulas.ipynb", v4.new_notebook(cells=cells), trusted=True)
    show(page, server, "lab", "formulas.ipynb")
    page.locator(".jp-Dialog .jp-mod-reject").click()
    outputs = page.locator(".jp-RenderedHTML")
    expect(outputs.last.locator("mjx-container").first).to_be_attached()
    expect(page.locator("mjx-container")).to_have_count(1)
    for output in outputs.all()[:-1]:
        expect(output).to_contain_text(FORMULA)

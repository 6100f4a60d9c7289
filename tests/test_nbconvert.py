"""A notebook turned into a page: each run is seen once, and what stands there fits."""

from __future__ import annotations

import re

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter, LatexExporter, MarkdownExporter

RUN_MIME = "application/vnd.ocarbon.run+json"
CELLS = (
    "%load_ext ocarbon_magic\nimport ocarbon_magic as oc\noc.last_run()",
    "%%carbon --zone FRA --name whole_run --metric total --budget 5\ntotal = sum(range(10**6))",
    "%%carbon --zone FRA --name broken_run\nfor step in range(100):\n"
    "    if step == 40:\n        raise ValueError('no more')",
    "%carbon",
    "%carbon runs",
    "%carbon doctor",
    "%carbon zone Sweden",
    "%carbon estimate --params 7B --tokens 2T --device A100 --count 64 --zone FRA",
    "oc.runs().plot()",
)

# What the typewriter face of LaTeX's own fonts has, beside Latin 1: looked up in Latin Modern.
PRINTABLE = {*map(chr, range(0x20, 0x7F)), *map(chr, range(0xA1, 0x100)), *"\n–…−"}  # noqa: RUF001
COLUMNS = 80


@pytest.fixture(scope="module")
def notebook():
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    return NotebookClient(made, allow_errors=True, timeout=120).execute()


def converted(exporter, notebook):
    return exporter.from_notebook_node(notebook)[0]


def ours(notebook):
    """The text forms of what we showed."""
    return [
        output.data["text/plain"]
        for cell in notebook.cells
        for output in cell.outputs
        if "data" in output and {"text/html", "image/png"} & set(output.data)
    ]


def test_the_notebook_has_what_is_to_be_converted(notebook):
    records = [
        output.data[RUN_MIME]
        for cell in notebook.cells
        for output in cell.outputs
        if RUN_MIME in output.get("data", {})
    ]
    assert [(record["name"], record["status"]) for record in records] == [
        ("whole_run", "finished"),
        ("broken_run", "failed"),
        ("broken_run", "failed"),
    ]
    assert len(ours(notebook)) == 8


def test_html_shows_each_run_once_by_its_summary(notebook):
    page = converted(HTMLExporter(), notebook)
    assert page.count(">whole_run</b>") == 1
    assert page.count(">broken_run</b>") == 2  # the cell, and %carbon
    assert "✓ finished in" in page
    assert "✕ failed after" in page
    assert RUN_MIME not in page
    assert page.count("2 runs, newest first") == 1


def test_a_figure_is_one_picture_with_words_where_the_template_has_a_place_for_them(notebook):
    page = converted(HTMLExporter(template_name="classic"), notebook)
    assert len(re.findall(r'alt="Emissions of 2 runs: [^"]+"', page)) == 1


def test_sanitised_html_keeps_the_words_and_the_pictures(notebook):
    page = converted(HTMLExporter(sanitize_html=True), notebook)
    assert page.count(">whole_run</b>") == 1
    assert page.count(">broken_run</b>") == 2
    assert "What can be measured on this machine" in page


def test_markdown_holds_the_summary_as_html_that_no_indent_makes_code(notebook):
    page = converted(MarkdownExporter(), notebook)
    summaries = [line for line in page.splitlines() if ">whole_run</b>" in line]
    assert len(summaries) == 1
    assert summaries[0].startswith("<div")
    assert RUN_MIME not in page


def test_latex_prints_the_text_of_each_run(notebook):
    page = converted(LatexExporter(), notebook)
    assert len(re.findall(r"whole\\_run {2}finished in", page)) == 1
    assert len(re.findall(r"broken\\_run {2}failed after", page)) == 2
    assert "<div" not in page


def test_text_fits_a_page_in_width_and_in_letters(notebook):
    for shown in ours(notebook):
        assert set(shown) <= PRINTABLE
        if "Emissions of 2 runs" not in shown:  # beside its picture, which is printed instead
            assert max(map(len, shown.splitlines())) <= COLUMNS

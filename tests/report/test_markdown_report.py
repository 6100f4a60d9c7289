"""Markdown that shows names as they are, and the report as a notebook shows it."""

from __future__ import annotations

from html.parser import HTMLParser

import mistune
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from reported import AWKWARD, an_hour, charged, in_california, of_each_status

import ocarbon_magic as oc
from ocarbon_magic.run import Zone
from ocarbon_magic.views.report.markdown import escape
from ocarbon_magic.views.words import clean

READERS = {
    "CommonMark with tables": MarkdownIt("commonmark", {"html": True}).enable("table").render,
    "mistune, as nbconvert has it": mistune.create_markdown(
        escape=False, plugins=["table", "strikethrough", "math"]
    ),
}
reader = pytest.mark.parametrize("render", READERS.values(), ids=READERS)


class Words(HTMLParser):
    """The words of a page, those of each element by its tag, and what tags there are."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.words, self.cells = [], "", []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag in ("td", "em"):
            self.cells.append("")

    def handle_data(self, data):
        self.words += data
        if self.cells:
            self.cells[-1] += data


@reader
@given(name=st.text(max_size=30) | st.sampled_from(AWKWARD))
def test_a_name_is_shown_as_it_is_in_a_sentence_and_in_a_table(render, name):
    name = clean(name)
    page = Words(
        render(f"Run *{escape(name)}x* ended.\n\n| a | b |\n|---|---|\n| {escape(name)} | 1 |")
    )
    assert {*page.tags} <= {"p", "em", "table", "thead", "tbody", "tr", "th", "td"}
    assert f"Run {name}x ended." in page.words
    assert page.tags.count("td") == 2
    assert page.cells[-2].strip() == name


@reader
def test_a_report_is_a_paragraph_a_table_and_a_list_of_references(render):
    page = Words(render(str(oc.report([*of_each_status(), in_california()]))))
    assert page.tags.count("table") == 1
    # Six runs, their sum, and a sum for each of two scopes, under a head.
    assert page.tags.count("tr") == 1 + 6 + 1 + 2
    assert page.tags.count("li") == 6
    assert page.tags.count("a") == 4
    assert "The 6 runs" in page.words


@pytest.mark.parametrize("name", AWKWARD)
def test_nothing_of_a_name_becomes_html(name):
    run = charged(an_hour(name=f"<img src=x onerror=alert(1)>{name}"))
    run.zone = Zone("<b>", "<script>alert(2)</script>", "given")
    run.embodied[0].product = "<i>card</i>"
    for form in ("markdown", "latex", "model-card"):
        shown = oc.report([run, in_california(name=name)][: 1 if form == "model-card" else 2])
        for source in shown._repr_mimebundle_()["text/markdown"], str(shown):
            page = Words(READERS["CommonMark with tables"](source))
            assert not {"img", "script", "i", "b"} & {*page.tags}


def test_a_notebook_shows_markdown_rendered_and_the_others_as_blocks_to_copy():
    run = an_hour(name="~~~ a `fence` ~~~~")
    plain = oc.report(run)._repr_mimebundle_()
    assert set(plain) == {"text/plain", "text/markdown"}
    assert plain["text/markdown"] == plain["text/plain"] == str(oc.report(run))

    latex = oc.report(run, format="latex")
    page = Words(READERS["CommonMark with tables"](latex._repr_mimebundle_()["text/markdown"]))
    assert page.tags == ["pre", "code", "p", "strong", "pre", "code"]
    assert latex.text.rstrip() in page.words
    assert latex.bibtex.rstrip() in page.words
    assert latex._repr_mimebundle_()["text/plain"] == str(latex)

    card = oc.report(run, format="model-card")
    page = Words(READERS["CommonMark with tables"](card._repr_mimebundle_()["text/markdown"]))
    assert page.tags == ["pre", "code"]
    assert page.words.strip() == str(card).strip()

    assert set(oc.report(run, format="text")._repr_mimebundle_()) == {"text/plain"}
    assert set(plain) > set(oc.report(run)._repr_mimebundle_(include=["text/plain"]))

"""Whatever a run, a device or a grid is called, a view shows it as text and as nothing else."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import mistune
import pytest
import yaml
from hostile import MARK, TEXTS, record, run
from markdown_it import MarkdownIt
from summaries import Page
from views import VIEWS, bundle, kinds_of_view

import ocarbon_magic as oc
from ocarbon_magic.planning.whatif.outcome import Outcome
from ocarbon_magic.run import MIME_TYPE
from ocarbon_magic.views.figures.page import Page as Figure

TAGS = {
    "b", "br", "details", "div", "img", "li", "ol", "span", "sub", "summary", "table", "tbody",
    "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"alt", "cellpadding", "class", "scope", "src", "style"}
OF_DATA = {"alt"}
"""Attributes that hold words."""

every_text = pytest.mark.parametrize("name", TEXTS)


@cache
def bundles(name):
    """Return what every view shows of a hostile text, with the kind of view."""
    return [
        (kind.__name__, bundle(view))
        for kind, make in VIEWS.items()
        if kind is not Figure
        for view in make(TEXTS[name])
    ]


def shown(name, mime):
    return [(kind, forms[mime]) for kind, forms in bundles(name) if mime in forms]


def test_the_list_of_views_is_whole():
    assert kinds_of_view() == {*VIEWS}


def test_every_view_shows_a_text_of_strangers():
    seen = {kind for kind, text in shown("long", "text/plain") if MARK in text}
    silent = {Figure, Outcome}  # one is drawn, below; the other tells of the grid and the cards
    assert seen >= {kind.__name__ for kind in {*VIEWS} - silent}
    assert {"text/plain", "text/html", "text/markdown", MIME_TYPE} >= {
        mime for kind, forms in bundles("element") if kind != "Panel" for mime in forms
    }


@every_text
def test_html_has_no_element_and_no_attribute_of_the_data(name):
    for kind, source in shown(name, "text/html"):
        page = Page(source)
        assert page.open == [], kind
        assert page.tags <= TAGS, kind
        assert {attribute for attribute, _ in page.attributes} <= ATTRIBUTES, kind
        assert all(uri.startswith("data:image/png;base64,") for uri in page.values("src")), kind
        words = [value for attribute, value in page.attributes if attribute not in OF_DATA]
        assert not any(MARK in value for value in words), kind


@every_text
def test_plain_text_has_nothing_that_a_terminal_obeys(name):
    for kind, text in shown(name, "text/plain"):
        assert all(sign.isprintable() or sign in "\n\N{NO-BREAK SPACE}" for sign in text), (
            kind,
            ascii(text),
        )


@every_text
def test_no_view_grows_with_a_text_of_strangers(name):
    for mime in ("text/plain", "text/html", "text/markdown"):
        for kind, text in shown(name, mime):
            if kind != "Panel":
                assert text.count("W") < 12_000, (kind, mime)


class Links(HTMLParser):
    """What rendered Markdown is made of."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.addresses, self.words = set(), set(), []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses |= {value for name, value in attrs if name in ("href", "src")}

    def handle_data(self, data):
        self.words.append(data)


RENDERERS = {
    "CommonMark with HTML and tables": MarkdownIt("commonmark", {"html": True})
    .enable("table")
    .render,
    "nbconvert's": mistune.create_markdown(
        escape=False, plugins=["strikethrough", "table", "url", "math", "task_lists"]
    ),
}


@pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)
@every_text
def test_markdown_has_no_link_picture_or_element_of_the_data(name, render):
    for _, source in shown(name, "text/markdown"):
        page = Links(render(source))
        assert page.tags <= {"p", "em", "strong", "ol", "li", "a", "code", "pre", "table", "thead",
                             "tbody", "tr", "th", "td"}, source  # fmt: skip
        assert not any(MARK in address for address in page.addresses), source


@every_text
def test_markdown_has_no_bare_address_that_a_front_end_makes_a_link_of(name):
    source = oc.report(run(TEXTS[name]), format="markdown").text
    found = re.findall(rf"(?:://|www\.)\S*{MARK}|{MARK}@", source)
    assert not found


@every_text
def test_a_model_card_is_one_mapping_of_text_and_a_number(name):
    card = oc.report(run(TEXTS[name]), format="model-card").text
    fence, body, end = re.fullmatch(r"(---\n)(.*\n)(---\n)", card, re.DOTALL).groups()
    assert (fence, end) == ("---\n", "---\n")
    said = yaml.safe_load(body)
    assert {*said} == {"co2_eq_emissions"}
    kinds = {key: type(value) for key, value in said["co2_eq_emissions"].items()}
    assert kinds.pop("emissions") is float
    assert {*kinds.values()} == {str}
    assert {*kinds} <= {"source", "geographical_location", "hardware_used"}


@every_text
def test_latex_has_no_command_and_no_entry_of_the_data(name):
    made = oc.report(run(TEXTS[name]), format="latex")
    for text in (made.text, made.bibtex):
        assert not re.search(rf"\\(input|write|immediate|{MARK}|frac)", text)
        assert "^^" not in text
        assert not re.search(rf"(?<!\\)[%$#&_]{MARK}", text)
    entries = re.findall(r"^@(\w+)\{", made.bibtex, re.MULTILINE)
    assert entries.count("preamble") == 1
    assert {*entries} <= {"preamble", "article", "misc"}
    assert between_entries(made.bibtex).split() == [f"@{kind}" for kind in entries]


def between_entries(bibtex):
    """Return what stands outside of all braces, each of which BibTeX counts."""
    outside, depth = [], 0
    for sign in bibtex:
        depth += (sign == "{") - (sign == "}")
        outside.append(sign if depth == 0 and sign != "}" else " ")
        assert depth >= 0
    return "".join(outside)


@every_text
def test_the_record_in_a_notebook_holds_the_text_as_it_is(name):
    first = shown(name, MIME_TYPE)[0][1]
    assert first["name"] == record(TEXTS[name])["name"]


@pytest.mark.parametrize("name", ["element", "formula", "terminal", "direction", "half a pair"])
def test_a_figure_draws_the_text_letter_by_letter(name, tmp_path):
    figure = VIEWS[Figure](TEXTS[name])[2]
    figure.savefig(tmp_path / "figure.svg")
    drawn = ET.parse(tmp_path / "figure.svg").getroot()
    kinds = {element.tag.rpartition("}")[2] for element in drawn.iter()}
    assert not kinds & {"script", "image", "a", "foreignObject", "onload"}
    values = [value for element in drawn.iter() for value in element.attrib.values()]
    assert not any(MARK in value for value in values)
    words = "".join(drawn.itertext())
    assert MARK in words
    assert all(sign.isprintable() or sign.isspace() for sign in words)

"""A record of a stranger in the page: its texts are text, and it is drawn within bounds."""

from __future__ import annotations

import drawing
import pytest
import sidebars
from hostile import MARK, TEXTS, plainest, record
from markdown_it import MarkdownIt

# What the page is made of, by name; a text that became anything would add to it.
MADE_OF = """(root) => [...root.querySelectorAll("*")].map((element) => ({
    tag: element.localName,
    attributes: Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value])),
}))"""

FORBIDDEN = {
    "a", "base", "embed", "form", "iframe", "img", "link", "math", "meta", "object", "script",
    "style",
}  # fmt: skip
OF_WORDS = {"aria-label", "title", "value", "alt", "placeholder"}
"""Attributes that hold words; those of ours that begin with ``data-`` may be called by an id."""

UNSEEN = "\u202e\u2066\u200f\u200b\ufeff\u2028\x1b\x9b\x07"

OBJECT = {"toString": 1, "valueOf": None, "__proto__": {"polluted": 1}, "constructor": 0}


def harmless(root):
    """Assert that no element, no attribute and no address in ``root`` came of a text."""
    for element in root.evaluate(MADE_OF):
        assert element["tag"] not in FORBIDDEN
        for name, value in element["attributes"].items():
            assert not name.startswith("on")
            assert MARK not in name
            assert MARK not in value or name in OF_WORDS or name.startswith(("data-", "id")), name
            assert "url(" not in value


@pytest.fixture
def watched(view):
    """The page, in which a text that becomes a program is noticed."""
    view.evaluate(f"() => {{ window.ran = 0; window.{MARK} = () => {{ window.ran += 1; }}; }}")
    asked = []
    view.on("request", lambda request: asked.append(request.url))
    yield view
    assert view.evaluate("window.ran") == 0
    assert not [url for url in asked if MARK in url]


@pytest.mark.parametrize("name", TEXTS)
def test_the_panel_and_the_sidebar_show_a_text_as_text(watched, name):
    text = TEXTS[name].encode("utf-8", "replace").decode()
    for everywhere in (False, True):
        panel = drawing.draw(watched, record(text, everywhere=everywhere))
        harmless(panel)
        shown = panel.inner_text()
        assert MARK in shown
        assert not {*UNSEEN} & {*shown}


@pytest.mark.parametrize("name", TEXTS)
def test_the_sidebar_shows_a_text_as_text(watched, name):
    text = TEXTS[name].encode("utf-8", "replace").decode()
    made = [record(text), {**record(text, everywhere=True), "id": "second"}]
    sidebar = sidebars.draw(watched, [sidebars.entry(one, text) for one in made])
    harmless(sidebar)
    sidebar.locator("[data-open]").first.click()
    harmless(sidebar)
    assert not {*UNSEEN} & {*sidebar.inner_text()}


@pytest.mark.parametrize("key", sorted(plainest().to_dict().keys() - {"schema"}))
def test_an_object_in_place_of_a_text_or_a_number_is_drawn_all_the_same(view, key):
    broken = {**plainest().to_dict(), key: OBJECT}
    panel = drawing.draw(view, broken)
    assert panel.inner_text()
    assert view.evaluate("({}).polluted") is None


@pytest.mark.parametrize(
    "inside", ["zone", "intensity", "work", "metric", "versions", "throughput"]
)
def test_objects_inside_are_drawn_all_the_same(view, inside):
    broken = plainest().to_dict()
    broken[inside] = dict.fromkeys(broken[inside], OBJECT)
    assert drawing.draw(view, broken).inner_text()


def test_no_more_is_drawn_than_a_page_can_hold(view):
    large = record("plain")
    large["name"] = large["warnings"][0] = "W" * 3_000_000
    large["series"] = {key: [1.0] * 300_000 for key in large["series"]}
    panel = drawing.draw(view, large)
    assert panel.evaluate("(root) => root.outerHTML.length") < 2_000_000


def test_a_file_of_another_schema_is_one_line(view):
    panel = drawing.draw(view, {**record("<b>x</b>"), "schema": "ocarbon.run/2<b>"})
    assert len(panel.inner_text().splitlines()) == 1
    assert panel.locator("b").count() == 0


REPORT = """async (record) => {
    const { report } = await import("/lib/lab/report.js");
    const { readRecord } = await import("/lib/record/record.js");
    return report(readRecord(record));
}"""


@pytest.mark.parametrize("name", TEXTS)
def test_a_copied_report_has_no_link_picture_or_element_of_the_data(view, name):
    text = TEXTS[name].encode("utf-8", "replace").decode()
    source = view.evaluate(REPORT, record(text, everywhere=True))
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(source)
    assert not [
        sign for sign in ("<a ", "<img", "<script", "<h1", "<code", "<svg") if sign in rendered
    ]
    assert f"://{MARK}" not in source
    assert f"www.{MARK}" not in source

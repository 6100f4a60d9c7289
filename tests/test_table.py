"""The small tables that `%carbon` answers with."""

from __future__ import annotations

from ocarbon_magic.views.table import Table

SHOWN = Table("An <estimate>", ("", "value"), [("emissions", "12 g"), ("  embodied", "4.1 mg")])


def test_a_part_stands_indented_below_its_whole_in_text_and_in_html():
    assert repr(SHOWN).splitlines()[3].startswith("    embodied")
    assert ">\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}embodied</td>" in SHOWN._repr_html_()


def test_a_number_keeps_its_unit_and_a_wide_table_scrolls_by_itself():
    html = SHOWN._repr_html_()
    assert "4.1\N{NO-BREAK SPACE}mg</td>" in html
    assert html.index("overflow-x:auto") < html.index("<table") < html.index("</table></div>")


def test_markup_is_shown_as_it_was_written():
    assert "An &lt;estimate&gt;" in SHOWN._repr_html_()

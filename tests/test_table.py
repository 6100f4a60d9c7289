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


def test_a_wide_table_is_folded_to_the_width_of_a_terminal():
    rows = [("\N{CHECK MARK}", "a cell of many words " * 8, "another_name_" * 9, "b" * 70)]
    wide = Table("A title " * 20, ("", "first", "second", "third"), rows, notes=["A note. " * 30])
    lines = repr(wide).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[3].startswith("  +  ")
    assert sum(line.count("b") for line in lines) == 70
    assert sum(line.count("name_") for line in lines) == 9


def test_words_and_numbers_stay_whole_where_another_column_can_give_way():
    rows = [("a run", "interrupted", "11-26 23:15", "0.651 ms", "0.172 \N{MICRO SIGN}Wh", "3.1")]
    head = ("name", "status", "2026 UTC", "took", "energy", "loss.item(a_long_one)")
    shown = repr(Table("Runs", (*head, "zone"), [(*row, "FRA") for row in rows]))
    assert max(map(len, shown.splitlines())) <= 80
    for whole in ("interrupted", "0.651 ms", "0.172 \N{MICRO SIGN}Wh", "11-26", "23:15"):
        assert whole in shown


def test_a_long_path_may_break_on_a_page():
    path = "~/.local/share/ocarbon_magic/runs-ada.db"
    html = Table("T", rows=[("Journal", path)])._repr_html_()
    assert f'overflow-wrap:anywhere">{path}</td>' in html
    assert html.count("overflow-wrap:anywhere") == 1


def test_columns_stand_below_each_other_whatever_the_letters():
    lines = repr(Table("T", rows=[("\u8a13\u7df4", "x"), ("abcd", "x")])).splitlines()
    assert lines[1:] == ["  \u8a13\u7df4  x", "  abcd  x"]


def test_the_table_gives_the_forms_that_are_asked_for():
    assert set(SHOWN.bundle()) == {"text/plain", "text/html"}
    assert SHOWN.bundle({"text/plain"}) == {"text/plain": repr(SHOWN)}


def test_markup_is_shown_as_it_was_written():
    assert "An &lt;estimate&gt;" in SHOWN._repr_html_()

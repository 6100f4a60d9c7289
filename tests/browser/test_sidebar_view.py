"""The list of runs: which stand in it, in what order, under what totals, and what can be done."""

from __future__ import annotations

import pytest
import sample_runs
from conftest import blank
from playwright.sync_api import expect
from sidebars import draw, entry, live, of_energy, run

from ocarbon_magic.run import Intensity, Metric, Zone

NOON = "2026-03-02T12:00:00Z"
DIRECT = Intensity(50.0, 2024, "direct", "UNFCCC")
BY_HAND = Intensity(50.0, None, None, "--intensity")
LIFECYCLE = Intensity(50.0, 2024, "lifecycle", "Ember")


def names(panel):
    """The runs as they are listed, from top to bottom."""
    return panel.locator(".ocarbon-row-name").all_inner_texts()


def headings(panel):
    return panel.locator("h3").all_inner_texts()


def sums(panel, heading):
    """What stands at a heading, as it reads."""
    return panel.locator(".ocarbon-sums", has=panel.page.get_by_role("heading", name=heading))


def row(panel, name):
    return panel.locator(".ocarbon-item", has=panel.page.get_by_text(name, exact=True))


def box(panel, name):
    return panel.get_by_label(f"Compare {name}", exact=True)


def order_by(panel, label):
    panel.get_by_label("Order").select_option(label=label)


def grams(name, g, **changes):
    """A run that emitted so much, at 50 g/kWh and with nothing embodied."""
    joules = g / 50.0 * 3.6e6
    return run(name, **{"devices": [of_energy(joules)], "intensity": LIFECYCLE, **changes})


@pytest.fixture(scope="module")
def noon_page(browser):
    page = browser.new_page()
    page.clock.set_fixed_time(NOON)
    yield page
    page.close()


@pytest.fixture
def noon(noon_page, blank_page):
    """A page where it is noon on March 2nd, in UTC."""
    with blank(noon_page, blank_page) as page:
        yield page


@pytest.fixture
def page_in(browser, blank_page):
    """Opens pages where it is the same noon in another time zone."""
    contexts = []

    def opened(zone):
        contexts.append(browser.new_context(timezone_id=zone, locale="en-GB"))
        page = contexts[-1].new_page()
        page.clock.set_fixed_time(NOON)
        page.goto(blank_page)
        return page

    yield opened
    for context in contexts:
        context.close()


# Order


def test_the_newest_stand_first_and_those_that_go_on_on_top(view):
    entries = [
        entry(run("first", "2026-03-01 09:00:00")),
        entry(live("going on", at="2026-03-01 08:00:00")),
        entry(run("undated", started_at=None, ended_at=None)),
        entry(run("last", "2026-03-01 11:00:00")),
    ]
    assert names(draw(view, entries)) == ["going on", "last", "first", "undated"]


def test_other_orders_go_by_a_figure_with_the_unknown_last(view):
    entries = [
        entry(run("much", devices=[of_energy(9000)], duration_s=10, metric=Metric("f1", 0.5))),
        entry(run("nothing", devices=[], duration_s=20)),
        entry(run("less", devices=[of_energy(3000)], duration_s=30, metric=Metric("f1", 12.0))),
        entry(run("words", devices=[of_energy(1)], duration_s=40, metric=Metric("f1", "good"))),
    ]
    panel = draw(view, entries)
    for label in ("Emissions", "Energy"):
        order_by(panel, label)
        assert names(panel) == ["much", "less", "words", "nothing"]
    order_by(panel, "Duration")
    assert names(panel) == ["words", "less", "nothing", "much"]
    order_by(panel, "Metric")
    assert names(panel)[:2] == ["less", "much"]
    assert headings(panel) == ["Total"]


def test_the_metric_is_offered_where_some_run_has_one(view):
    panel = draw(view, [entry(run("plain"))])
    options = panel.get_by_label("Order").locator("option")
    assert "Metric" not in options.all_inner_texts()
    draw(view, [entry(run("plain")), entry(run("good", metric=Metric("f1", 0.5)))])
    assert "Metric" in options.all_inner_texts()
    order_by(panel, "Metric")
    draw(view, [entry(run("plain"))])
    expect(panel.get_by_label("Order")).to_have_value("newest")


def test_a_row_tells_what_the_run_emitted_used_took_and_reached(noon):
    good = run("good", devices=[of_energy(36_000)], metric=Metric("f1", 0.51234))
    panel = draw(noon, [entry(good), entry(run("far"), "lab/other.ipynb", current=False)])
    button = row(panel, "good").get_by_role("button")
    expect(button).to_have_accessible_name(
        "finished good 572 mg 10.0 Wh · 02:00 · f1 = 0.5123 · 2:00 PM"
    )
    assert row(panel, "far").inner_text().endswith("· other.ipynb")


def test_a_run_that_goes_on_tells_how_far_it_is_and_where_it_will_end(noon):
    panel = draw(noon, [entry(live("going on"))])
    assert "17.0 g" in row(panel, "going on").inner_text()
    assert "so far, 34.0 g projected" in row(panel, "going on").inner_text()


def test_how_a_run_ended_is_written_where_it_did_not_finish(view):
    ended = [sample_runs.of_status(s, id=s, name=f"it {s}") for s in ("failed", "lost")]
    panel = draw(view, [entry(one) for one in ended])
    for status in ("failed", "lost"):
        assert row(panel, f"it {status}").locator(".ocarbon-fact").first.inner_text() == (
            f"{status} ·"
        )


def test_a_run_is_listed_once_from_the_notebook_being_looked_at(view):
    one = run("one")
    panel = draw(view, [entry(one, "copy.ipynb", current=False), entry(one, cell=False)])
    assert names(panel) == ["one"]
    assert "copy.ipynb" not in panel.inner_text()
    draw(view, [entry(one), entry({**one.to_dict(), "status": "lost"}, "b.ipynb", current=False)])
    assert "lost" not in row(panel, "one").inner_text()


# Days and totals


def test_days_are_those_of_the_readers_calendar(page_in):
    entries = [
        entry(grams("late", 1.0, at="2026-03-01 23:30:00")),
        entry(grams("early", 2.0, at="2026-03-01 14:30:00")),
        entry(grams("old", 4.0, at="2026-02-20 12:00:00")),
        entry(grams("older", 8.0, at="2025-02-20 12:00:00")),
    ]
    panel = draw(page_in("UTC"), entries)
    old = ["Friday 20 February", "20 February 2025"]
    assert headings(panel) == ["Yesterday", *old]
    assert "3.08 gCO₂e" in sums(panel, "Yesterday").inner_text()
    panel = draw(page_in("Asia/Tokyo"), entries)
    assert headings(panel) == ["Today", "Yesterday", *old]
    assert "1.04 gCO₂e" in sums(panel, "Today").inner_text()
    assert "2.04 gCO₂e" in sums(panel, "Yesterday").inner_text()


def test_a_days_totals_are_of_all_its_runs_those_that_go_on_included(noon):
    going_on = live("going on", at="2026-03-02 11:00:00")
    entries = [entry(going_on), entry(grams("done", 2.0, at="2026-03-02 10:00:00"))]
    panel = draw(noon, entries)
    assert headings(panel) == ["Running now", "Today"]
    total = going_on["emissions_g"] + 2.041
    assert f"{total:.1f} gCO₂e" in sums(panel, "Today").inner_text()
    assert "2 runs, 1 running" in sums(panel, "Today").inner_text()


def test_a_sum_with_unknowns_is_a_lower_bound(view):
    unknown = run("unknown", "2026-03-01 15:00:00", devices=[])
    panel = draw(view, [entry(grams("known", 1.0)), entry(unknown)])
    order_by(panel, "Energy")
    total = sums(panel, "Total").inner_text()
    assert "at least 1.04 gCO₂e" in total
    assert "at least 20.0 Wh · 2 runs" in total
    draw(view, [entry(unknown)])
    assert sums(panel, "Total").inner_text().split() == ["Total", "unknown", "1", "run"]


def test_emissions_of_different_scopes_are_never_added_up(view):
    entries = [
        entry(grams("one", 1.0)),
        entry(grams("two", 2.0, at="2026-03-01 15:00:00")),
        entry(grams("three", 4.0, at="2026-03-01 16:00:00", intensity=DIRECT)),
        entry(grams("four", 8.0, at="2026-03-01 17:00:00", intensity=BY_HAND)),
    ]
    panel = draw(view, entries)
    order_by(panel, "Emissions")
    lines = sums(panel, "Total").locator(".ocarbon-sum-mass > div").all_inner_texts()
    assert sorted(lines) == [
        "3.08 gCO₂e lifecycle",
        "4.04 gCO₂e direct",
        "8.04 gCO₂e intensity by hand",
    ]
    assert "300 Wh" in sums(panel, "Total").inner_text()  # energies can be added


def test_totals_per_day_are_bars_to_one_scale(noon):
    days = [("a", 1.0, "2026-03-02"), ("b", 1.5, "2026-03-01"), ("c", 0.5, "2026-03-01")]
    entries = [entry(grams(n, g, at=f"{day} 1{i}:00:00", embodied_g=0.0))
               for i, (n, g, day) in enumerate(days)]  # fmt: skip
    panel = draw(noon, entries[:1])
    expect(panel.get_by_text("Totals per day")).to_have_count(0)
    draw(noon, entries)
    for label in ("Newest first", "Emissions"):
        order_by(panel, label)
        expect(panel.get_by_text("Totals per day")).to_be_visible()
    panel.get_by_text("Totals per day").click()
    days = panel.locator(".ocarbon-days li")
    assert [line.split("\n") for line in days.all_inner_texts()] == [
        ["Today", "1.00 gCO₂e"],
        ["Yesterday", "2.00 gCO₂e"],
    ]
    width = "(bar) => bar.getBoundingClientRect().width"
    today, yesterday = (each.evaluate(width) for each in panel.locator(".ocarbon-day-bar").all())
    assert today == pytest.approx(yesterday / 2, abs=0.5)


# Runs within runs, and devices in common


def test_a_part_of_another_run_is_listed_but_not_added(view):
    whole = grams("whole", 4.0, at="2026-03-01 14:00:00", duration_s=600)
    part = grams("part", 1.0, at="2026-03-01 14:02:00", duration_s=60)
    after = grams("after", 2.0, at="2026-03-01 14:10:00", duration_s=60)
    panel = draw(view, [entry(whole), entry(part), entry(after)])
    order_by(panel, "Emissions")
    total = sums(panel, "Total").inner_text()
    assert "6.08 gCO₂e" in total
    assert "3 runs" in total
    assert "1 run is part of another one and not added." in total
    assert "part of whole" in row(panel, "part").inner_text()
    panel.get_by_label("Filter runs").fill("part")
    assert "1.04 gCO₂e" in sums(panel, "Total").inner_text()


def test_of_two_runs_of_the_same_time_one_is_added(view):
    panel = draw(view, [entry(grams("one", 1.0)), entry(grams("two", 1.0))])
    order_by(panel, "Emissions")
    assert "1.04 gCO₂e" in sums(panel, "Total").inner_text()


def test_what_goes_on_is_the_whole_of_what_was_measured_since(noon):
    outer = live("outer", at="2026-03-02 10:00:00")
    inner = grams("inner", 2.0, at="2026-03-02 11:00:00")
    panel = draw(noon, [entry(outer), entry(inner)])
    assert f"{outer['emissions_g']:.1f} gCO₂e" in sums(panel, "Today").inner_text()


@pytest.mark.parametrize(
    ("devices", "at", "shared"),
    [
        ([of_energy(9000.0)], "2026-03-01 14:01:00", True),
        ([of_energy(9000.0, uuid="GPU-other")], "2026-03-01 14:01:00", False),
        ([of_energy(9000.0)], "2026-03-01 14:03:00", False),
        ([sample_runs.cpu()], "2026-03-01 14:01:00", True),
    ],
    ids=["one GPU", "another GPU", "one after the other", "the CPU"],
)
def test_devices_that_notebooks_shared_are_remarked_at_the_total(view, devices, at, shared):
    mine = entry(run("mine", devices=[of_energy(9000.0), sample_runs.cpu()]))
    yours = run("yours", at, devices=devices)
    panel = draw(view, [mine, entry(yours, "other.ipynb", current=False)])
    remark = "Runs of several notebooks shared devices"
    assert (remark in panel.inner_text()) == shared
    draw(view, [mine, entry(yours)])
    assert remark not in panel.inner_text()


# Which runs are listed


def test_the_filter_finds_words_wherever_they_stand(view):
    entries = [
        entry(run("alpha", metric=Metric("val_loss", 0.5)), "nets/vision.ipynb"),
        entry(run("beta", zone=Zone("SWE", "Sweden", "given"))),
        entry(run("gamma", devices=[sample_runs.cpu()])),
        entry(run("delta", status="failed")),
    ]
    panel = draw(view, entries)
    found = {
        "alp": ["alpha"],
        "vision": ["alpha"],
        "VAL_LOSS": ["alpha"],
        "swe": ["beta"],
        "sweden": ["beta"],
        "xeon": ["gamma"],
        "failed": ["delta"],
        "  fra   h100 ": ["alpha", "delta"],
        "fra sweden": [],
        "": ["alpha", "beta", "delta", "gamma"],
    }
    for words, listed in found.items():
        panel.get_by_label("Filter runs").fill(words)
        assert sorted(names(panel)) == listed, words
    panel.get_by_label("Filter runs").fill("swe")
    assert "1 of 4 runs" in panel.inner_text()


def test_a_filter_that_finds_nothing_can_be_cleared(view):
    panel = draw(view, [entry(run("alpha"))])
    panel.get_by_label("Filter runs").fill("omega")
    expect(panel.get_by_text("No run has all these words.")).to_be_visible()
    panel.get_by_role("button", name="Clear filter").click()
    assert names(panel) == ["alpha"]
    expect(panel.get_by_label("Filter runs")).to_be_focused()
    expect(panel.get_by_label("Filter runs")).to_have_value("")


def test_notebooks_are_chosen_where_there_are_several(view):
    mine = entry(run("mine"))
    panel = draw(view, [mine])
    expect(panel.get_by_label("Show")).to_have_count(0)
    other = entry(run("other"), "other.ipynb", current=False)
    draw(view, [mine, other])
    panel.get_by_label("Show").select_option(label="This notebook")
    assert names(panel) == ["mine"]
    assert "1 of 2 runs" in panel.inner_text()
    draw(view, [other, entry(run("third"), "third.ipynb", current=False)])
    expect(panel.get_by_text("No runs in this notebook.")).to_be_visible()
    panel.get_by_role("button", name="Show all open notebooks").click()
    assert sorted(names(panel)) == ["other", "third"]


# What comes of a run


def test_the_keyboard_opens_a_run_and_comes_back_to_where_it_was(view):
    entries = [entry(run(f"run {i}", f"2026-03-01 14:{i:02}:00", 30)) for i in range(40)]
    panel = draw(view, entries)
    button = row(panel, "run 3").get_by_role("button")
    button.focus()
    scrolled = "document.querySelector('.ocarbon-body').scrollTop"
    before = view.evaluate(scrolled)
    assert before > 0
    view.keyboard.press("Enter")
    expect(panel.get_by_role("heading", name="run 3")).to_be_focused()
    expect(panel.locator(".ocarbon-view")).to_be_visible()
    expect(button).to_have_count(0)
    view.keyboard.press("Shift+Tab")
    expect(panel.get_by_role("button", name="Runs")).to_be_focused()
    view.keyboard.press("Enter")
    expect(button).to_be_focused()
    assert view.evaluate(scrolled) == before


def test_what_is_done_with_a_run_is_handed_on(view):
    one, other = entry(run("one")), entry(run("other"), "b.ipynb", current=False, cell=False)
    panel = draw(view, [one, other])
    row(panel, "one").get_by_role("button").click()
    for name in ("Go to cell", "Copy report", "Save as file"):
        panel.get_by_role("button", name=name).click()
    assert view.evaluate("asked") == [
        ["reveal", "one", "train.ipynb"],
        ["copy", "one", "train.ipynb"],
        ["download", "one", "train.ipynb"],
    ]
    view.evaluate("sidebar.show('other')")
    expect(panel.get_by_role("heading", name="other")).to_be_visible()
    expect(panel.get_by_role("button", name="Go to cell")).to_have_count(0)


def test_an_open_run_goes_on_and_can_be_stopped(view):
    panel = draw(view, [entry(live("going on", 0.5))])
    view.evaluate("sidebar.show('going on')")
    expect(panel.locator(".ocarbon-view")).to_contain_text("50 % done")
    draw(view, [entry(live("going on", 0.75))])
    expect(panel.locator(".ocarbon-view")).to_contain_text("75 % done")
    panel.get_by_role("button", name="Stop").click()
    assert view.evaluate("asked") == [["interrupt", "going on", "train.ipynb"]]


def test_an_open_run_that_is_gone_says_so(view):
    panel = draw(view, [entry(run("one")), entry(run("two"))])
    view.evaluate("sidebar.show('one')")
    draw(view, [entry(run("two"))])
    expect(panel.get_by_role("heading", name="No such run")).to_be_visible()
    expect(panel.locator(".ocarbon-view")).to_have_count(0)
    panel.get_by_role("button", name="Runs").click()
    assert names(panel) == ["two"]


# What a redraw leaves alone


def test_focus_and_what_is_typed_outlive_a_redraw(view):
    entries = [entry(run("done")), entry(live("going on", 0.5))]
    panel = draw(view, entries)
    box(panel, "going on").focus()
    draw(view, [entries[0], entry(live("going on", 0.6))])
    expect(box(panel, "going on")).to_be_focused()
    panel.get_by_label("Filter runs").fill("go")
    draw(view, [entries[0], entry(live("going on", 0.7))])
    expect(panel.get_by_label("Filter runs")).to_be_focused()
    expect(panel.get_by_label("Filter runs")).to_have_value("go")
    assert "23.8 g" in row(panel, "going on").inner_text()


def test_a_run_that_ends_takes_the_focus_to_its_new_place(view):
    newest = entry(run("newest", "2026-03-01 15:00:00"))
    panel = draw(view, [entry(live("going on")), newest])
    row(panel, "going on").get_by_role("button").focus()
    box(panel, "going on").check()
    row(panel, "going on").get_by_role("button").focus()
    draw(view, [entry(run("going on")), newest])
    assert names(panel) == ["newest", "going on"]
    expect(row(panel, "going on").get_by_role("button")).to_be_focused()
    expect(box(panel, "going on")).to_be_checked()


def test_of_300_runs_a_redraw_touches_the_one_that_changed(view):
    done = [entry(run(f"run {i}", f"2026-02-{1 + i % 28:02} {i // 28:02}:00:00", 30))
            for i in range(299)]  # fmt: skip
    panel = draw(view, [*done, entry(live("going on", 0.05))])
    view.evaluate(
        """() => {
            window.touched = new Set();
            const place = (node) => {
                const at = node instanceof Element ? node : node.parentElement;
                return at?.closest("li, .ocarbon-sums")?.textContent ?? "elsewhere";
            };
            const observer = new MutationObserver((changes) => {
                for (const { target } of changes) window.touched.add(place(target));
            });
            observer.observe(document.querySelector("main"), {
                attributes: true, characterData: true, childList: true, subtree: true,
            });
            window.heard = () => observer.takeRecords().length;
        }"""
    )
    draw(view, [*done, entry(live("going on", 0.05))])
    assert view.evaluate("[...touched]") == []
    draw(view, [*done, entry(live("going on", 0.06))])
    place, *others = view.evaluate("[...touched]")
    assert place.startswith("Sunday, March 1")  # folded, among the totals per day
    assert [other.startswith("running going on") for other in others] == [True]
    assert len(names(panel)) == 300


def test_a_redraw_reads_no_record_again_and_makes_no_row_anew(view):
    draw(view, [entry(run(f"run {i}", f"2026-03-01 14:{i // 6:02}:00", 5)) for i in range(300)])
    work = view.evaluate(
        """() => {
            const done = { read: 0, made: 0 };
            const create = document.createElement;
            document.createElement = function (...named) {
                done.made += 1;
                return create.apply(this, named);
            };
            const count = { get: (record, key) => { done.read += 1; return record[key]; } };
            const watched = window.entries.map((entry) => ({
                ...entry, record: new Proxy(entry.record, count),
            }));
            sidebar.draw(watched);
            const first = { ...done };
            sidebar.draw(watched);
            document.createElement = create;
            return { first, again: { read: done.read - first.read, made: done.made - first.made } };
        }"""
    )
    assert work["first"]["read"] > 300
    assert work["first"]["made"] > 300
    assert work["again"]["read"] == 0
    assert work["again"]["made"] < 100


# Records that are not what they should be


HOSTILE = {
    "no record": "no record",
    "another schema": {"schema": "other/1"},
    "nothing but a schema": {"schema": "ocarbon.run/1"},
    "nothing of the right type": {
        **{key: ["x"] for key in sample_runs.fullest().to_dict()},
        "schema": "ocarbon.run/1",
    },
    "markup": {
        **sample_runs.fullest().to_dict(),
        "name": "<img src=x onerror=\"document.title = 'taken'\">",
        "id": "\"]'<b>",
        "intensity": {"gco2e_per_kwh": 1e300, "year": 2024, "scope": "constructor"},
    },
    "numbers beyond": {
        **sample_runs.fullest().to_dict(),
        "id": "__proto__",
        "emissions_g": -1e308,
        "energy_kwh": 1e308,
        "duration_s": 1e300,
        "started_at": "+100000-09-13T00:00:00Z",
        "ended_at": "tomorrow",
    },
}


@pytest.mark.parametrize("record", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_a_record_holds_the_list_stands(view, record):
    panel = draw(view, [entry(record), entry(run("sound"))])
    assert "sound" in names(panel)
    for button in panel.locator(".ocarbon-choose input").all():
        button.check()
    for label in ("Emissions", "Duration", "Newest first"):
        order_by(panel, label)
    if panel.get_by_role("button", name="Compare", exact=True).count():
        panel.get_by_role("button", name="Compare", exact=True).click()
        expect(panel.get_by_role("table")).to_be_visible()
        panel.get_by_role("button", name="Runs").click()
    panel.locator(".ocarbon-row").first.click()
    expect(panel.locator(".ocarbon-view")).to_be_visible()
    assert view.title() == "view"
    assert panel.locator("img, b").count() == 0


def test_entries_may_be_anything_that_has_a_record_by_name(view):
    nameless = {**run("x").to_dict(), "id": None}
    panel = draw(view, [entry(nameless), entry({**nameless, "name": "y"})])
    assert sorted(names(panel)) == ["x", "y"]
    row(panel, "y").get_by_role("button").click()
    expect(panel.get_by_role("heading", name="y")).to_be_visible()


def test_nothing_is_left_when_it_is_let_go(view):
    panel = draw(view, [entry(live("going on"))])
    view.evaluate("sidebar.show('going on')")
    view.evaluate("sidebar.dispose()")
    assert panel.inner_html() == ""


# Without runs


def test_without_runs_it_teaches_the_line_to_type(view):
    panel = draw(view, [])
    assert panel.locator("pre").first.inner_text() == "%load_ext ocarbon_magic"
    assert panel.locator("pre").last.inner_text().splitlines()[0] == "%%carbon"
    expect(panel).to_contain_text("Measure This Cell")
    draw(view, [entry(run("first"))])
    assert names(panel) == ["first"]


def test_the_line_is_copied(browser, blank_page):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(blank_page)
    panel = draw(page, [])
    panel.get_by_role("button", name="Copy").last.click()
    expect(panel.get_by_role("status").last).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "%%carbon"
    context.close()


def test_where_nothing_can_be_copied_the_line_is_selected(own_view):
    own_view.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    panel = draw(own_view, [])
    panel.get_by_role("button", name="Copy").first.click()
    expect(panel.get_by_role("status").first).to_contain_text("Selected")
    assert own_view.evaluate("String(getSelection())") == "%load_ext ocarbon_magic"

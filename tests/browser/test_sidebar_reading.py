"""The sidebar for every reader: listening, in few colours, in little room, in other languages."""

from __future__ import annotations

import pytest
import sample_runs
from playwright.sync_api import expect
from sidebars import draw, entry, live, run
from test_view_accessibility import DARK, LIGHT, findings, look

from ocarbon_magic.run import Intensity, Metric, Work

LONG = "a name that is long and_has_words_that_are_much_longer_than_is_usual_for_names"

ENTRIES = [
    entry(live("going on", at="2026-03-01 20:00:00")),
    entry(run("good", metric=Metric("accuracy", 0.91))),
    entry({**run("long", "2026-02-27 10:00:00").to_dict(), "name": LONG}),
    entry(sample_runs.of_status("failed", id="failed", name="failing")),
    entry(sample_runs.of_status("interrupted", id="interrupted", name="stopped")),
    entry(sample_runs.of_status("lost", id="lost", name="nightly"), "b.ipynb", current=False),
    entry(run("direct", intensity=Intensity(50.0, 2024, "direct", "UNFCCC"))),
    entry(run("by hand", intensity=Intensity(50.0, None, None, "--intensity"))),
    entry(run("unknown", "2026-03-01 18:00:00", devices=[])),
]


def at_list(panel):
    panel.get_by_text("Totals per day").click()
    panel.get_by_label("Compare good").check()


def at_other_order(panel):
    panel.get_by_label("Order").select_option(value="energy")


def at_nothing_found(panel):
    panel.get_by_label("Filter runs").fill("nothing of the kind")


def at_run(panel):
    panel.locator('[data-open="going on"]').click()


def at_comparison(panel):
    panel.locator('[data-choose="good"]').check()
    panel.locator('[data-choose="direct"]').check()
    panel.locator('[data-do="compare"]').click()


PLACES = {
    "list": at_list,
    "other order": at_other_order,
    "nothing found": at_nothing_found,
    "one run": at_run,
    "comparison": at_comparison,
    "no runs": None,
}


def come_to(view, place, width=320):
    go = PLACES[place]
    panel = draw(view, ENTRIES if go else [], width)
    if go:
        go(panel)
    return panel


@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_nothing_serious(view, place):
    look(view, LIGHT)
    come_to(view, place)
    for theme in (LIGHT, {**DARK, "--jp-layout-color2": "#303030"}):
        look(view, theme)
        assert findings(view) == [], theme


@pytest.mark.parametrize("width", [250, 320, 700])
@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_cut_off_to_the_side(view, place, width):
    panel = come_to(view, place, width)
    wide = panel.evaluate(
        """(main) => [...main.querySelectorAll(".ocarbon-sidebar, .ocarbon-sidebar *")]
            .filter((at) => at.closest(".ocarbon-unseen, .ocarbon-row-name, svg") === null)
            .filter((at) => at.getBoundingClientRect().right > main.clientWidth + 0.5)
            .map((at) => `${at.tagName} ${at.className}`)"""
    )
    assert wide == []


def test_all_is_reached_with_the_keyboard_in_the_order_it_stands(view):
    panel = draw(view, [ENTRIES[1], ENTRIES[5]])
    reached = []
    for _ in range(7):
        view.keyboard.press("Tab")
        at = panel.locator(":focus")
        assert at.evaluate("(at) => getComputedStyle(at).outlineStyle") == "solid"
        reached.append(
            at.evaluate(
                "(at) => at.ariaLabel ?? at.labels?.[0]?.firstChild.textContent ?? at.textContent"
            ).split("609")[0]
        )
    controls = ["Filter runs", "Show", "Order"]
    rows = ["lost nightly", "Compare nightly", "finished good", "Compare good"]
    assert reached == [*controls, *rows]


def test_keys_typed_here_are_not_the_notebooks(view):
    panel = come_to(view, "list")
    keyed = "(all) => all.filter((at) => !at.dataset.lmSuppressShortcuts).map((at) => at.outerHTML)"
    assert panel.locator("button, input, select, summary").evaluate_all(keyed) == []


def test_nothing_is_announced_when_a_run_goes_on(view):
    panel = come_to(view, "list")
    live_regions = panel.locator('[role="status"], [aria-live]:not([aria-live="off"])')
    assert live_regions.count() == 0
    panel.get_by_label("Filter runs").fill("good")
    expect(live_regions).to_have_text("1 of 9 runs")


def test_with_forced_colours_bars_and_boxes_stay_visible(view):
    view.emulate_media(forced_colors="active")
    panel = come_to(view, "list")
    colour = "(at) => getComputedStyle(at).backgroundColor"
    bar = panel.locator(".ocarbon-day-bar").first.evaluate(colour)
    assert bar != panel.locator(".ocarbon-sidebar").evaluate(colour)


def test_nothing_moves_by_itself(view):
    panel = come_to(view, "list")
    draw(view, ENTRIES[1:])
    assert panel.evaluate("(main) => main.getAnimations({ subtree: true }).length") == 0


# Languages and units

SPEAK = """async () => {
    const { speak } = await import("/lib/language.js");
    const fill = (text, args) => text.replace(/%(\\d+)/g, (_, n) => args[n - 1]);
    speak({
        __: (text, ...args) => `⟦${fill(text, args)}⟧`,
        _n: (one, many, n, ...args) => `⟦${fill(n === 1 ? one : many, [n, ...args])}⟧`,
        _p: (_, text, ...args) => `⟦${fill(text, args)}⟧`,
    });
}"""

UNTRANSLATED = """(main, known) => {
    const shown = [];
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (node.parentElement.closest(".ocarbon-view") === null) shown.push(node.data);
    }
    for (const at of main.querySelectorAll("[aria-label], [placeholder]")) {
        if (at.closest(".ocarbon-view") === null) {
            shown.push(at.getAttribute("aria-label") ?? "", at.getAttribute("placeholder") ?? "");
        }
    }
    const units = /^[\\u2212+]?[\\d.,:]+ ?([µmk]?g(CO₂e)?|k?Wh?|%|s|[AP]M|step.s)?( ·)?$/;
    return shown
        .map((text) => text.replace(/⟦.*⟧/s, "").replace(/^[ ·]+|[ ·]+$/g, ""))
        .filter((text) => /\\p{L}/u.test(text) && !units.test(text))
        .filter((text) => !known.some((one) => text === one));
}"""

KNOWN = [
    *("going on", "good", LONG, "failing", "stopped", "nightly", "direct", "by hand", "unknown"),
    *("accuracy = 0.91", "b.ipynb", "NVIDIA H100 80GB HBM3"),
    *("%load_ext ocarbon_magic", "%%carbon"),
    *("Sunday, March 1", "Friday, February 27"),
]


@pytest.mark.parametrize("place", PLACES)
def test_no_phrase_escapes_translation(own_view, place):
    own_view.clock.set_fixed_time("2026-03-05T12:00:00Z")
    draw(own_view, [])
    own_view.evaluate(SPEAK)
    go = PLACES[place]
    panel = draw(own_view, ENTRIES if go else [])
    if place == "list":
        panel.locator("summary").click()
        panel.locator('[data-choose="good"]').check()
    elif place == "nothing found":
        panel.locator('[data-field="words"]').fill("nothing of the kind")
    elif place == "other order":
        panel.locator('[data-field="order"]').select_option(value="energy")
    elif go:
        go(panel)
    assert "⟦" in panel.inner_text()
    assert panel.evaluate(UNTRANSLATED, KNOWN) == []


def test_another_language_and_other_units_are_taken_up_at_once(own_view):
    panel = draw(own_view, [entry(run("good", work=Work()))])
    own_view.evaluate(SPEAK)
    assert "⟦1 run⟧" in panel.inner_text()
    own_view.evaluate("async () => (await import('/lib/preferences.js')).prefer({ mass: 'kg' })")
    assert "0.000609 kg" in panel.locator(".ocarbon-row").inner_text()

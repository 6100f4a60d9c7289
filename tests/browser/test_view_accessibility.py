"""The view for those who listen, who use the keyboard alone, or who need colours of their own."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
import pytest
import sample_runs
from drawing import draw
from playwright.sync_api import expect

from ocarbon_magic.run import Work

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
HALF_A_MINUTE_MS = 30_000

LIGHT = {}
DARK = {
    "--jp-layout-color1": "#212121",
    "--jp-content-font-color1": "rgba(255, 255, 255, 1)",
    "--jp-content-font-color2": "rgba(255, 255, 255, 0.7)",
    "--jp-border-color2": "#616161",
    "--jp-brand-color1": "#2196f3",
    "--jp-success-color1": "#4caf50",
    "--jp-error-color1": "#f44336",
    "--jp-warn-color0": "#ff9800",
}

STATES = {
    "begun": sample_runs.just_begun().to_dict(),
    "early": sample_runs.live(0.02, budget_g=20.0, warnings=["One thing is an estimate."]),
    "half": sample_runs.live(0.5, gpus=2, budget_g=50.0),
    "no total": sample_runs.live(0.5, projection=None, work=Work(9.0, None, "step", 1.0)),
    "finished": sample_runs.fullest(gpus=8).to_dict(),
    "failed": sample_runs.of_status("failed").to_dict(),
    "lost": sample_runs.of_status("lost").to_dict(),
    "no device": sample_runs.sample(devices=[]).to_dict(),
    "cluster": sample_runs.cluster().to_dict(),
    "large cluster": sample_runs.large_cluster().to_dict(),
    "cpu": sample_runs.sample(devices=[sample_runs.cpu()]).to_dict(),
}


# Announcements


@pytest.fixture
def spoken(own_view):
    """What was said last, by a clock that stands still until it is told to go."""
    own_view.clock.install(time=0)
    own_view.clock.pause_at(1000)

    def said(record=None, wait_ms=0):
        if record is not None:
            draw(own_view, record)
        own_view.clock.run_for(wait_ms)
        return own_view.locator(".ocarbon-spoken").text_content()

    return said


def test_progress_is_said_every_half_minute_with_what_is_true_then(spoken):
    assert spoken(sample_runs.live(0.05), wait_ms=29_000) == ""
    assert spoken(sample_runs.live(0.051), wait_ms=500) == ""
    first = spoken(sample_runs.live(0.052), wait_ms=500)
    assert first == "train_resnet: 1.81 g so far, 5.2 % done, projected 34.0 g"
    assert spoken(sample_runs.live(0.1), wait_ms=29_999) == first
    assert "10 % done" in spoken(wait_ms=1)


def test_a_budget_that_will_be_passed_is_said(spoken):
    said = spoken(sample_runs.live(0.5, budget_g=30.0), wait_ms=HALF_A_MINUTE_MS)
    assert said.endswith("projected 34.0 g, passes the budget of 30 g")


def test_the_end_of_a_short_run_is_said_at_once(spoken):
    spoken(sample_runs.live(0.9), wait_ms=5_000)
    ended = spoken(sample_runs.live(1.0, status="finished"))
    assert ended == "train_resnet: finished in 2:14:00, 34.1 g emitted"


def test_the_end_waits_for_half_a_minute_since_the_last_word(spoken):
    spoken(sample_runs.live(0.9), wait_ms=HALF_A_MINUTE_MS)
    last = spoken(sample_runs.live(1.0, status="failed"), wait_ms=29_999)
    assert "so far" in last
    assert "failed after 2:14:00" in spoken(wait_ms=1)


def test_what_was_over_when_first_drawn_is_no_news(spoken):
    assert spoken(sample_runs.fullest(), wait_ms=HALF_A_MINUTE_MS) == ""
    assert spoken(sample_runs.sample(), wait_ms=HALF_A_MINUTE_MS) == ""


def test_an_answer_is_read_out_when_asked_for_and_not_at_every_tick(view):
    panel = draw(view, sample_runs.live(0.5))
    pue = panel.get_by_label("PUE")
    pue.fill("1.5")
    expect(panel.locator("output")).to_have_attribute("aria-live", "polite")
    draw(view, sample_runs.live(0.51))
    expect(panel.locator("output")).to_have_attribute("aria-live", "off")


# The rules of WCAG that a program can check


RUN_AXE = """async () => {
    const main = document.querySelector("main");
    // With the nodes of violations alone: those that pass are many, and nobody reads them.
    return (await axe.run(main, { resultTypes: ["violations"] })).violations;
}"""


def findings(page):
    """What axe finds that is serious or critical."""
    if page.evaluate("() => window.axe === undefined"):
        page.evaluate(AXE.read_text())
    return [
        f"{each['id']}: {node['html'][:120]} {node['failureSummary']}"
        for each in page.evaluate(RUN_AXE)
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def look(page, theme):
    page.evaluate(
        """(theme) => {
            document.documentElement.lang = "en";
            const { style } = document.body;
            for (const [name, value] of Object.entries(theme)) style.setProperty(name, value);
            style.background = "var(--jp-layout-color1, #fff)";
        }""",
        theme,
    )


def use(panel):
    """Open, choose and press all that there is."""
    panel.locator("details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
    if panel.get_by_label("PUE").count():
        panel.get_by_label("PUE").fill("0.5")
        panel.get_by_label("Zone").focus()
        panel.get_by_label("Zone").select_option("SWE")
    for name in ("Stop", "OpenCarbonEval"):
        if panel.get_by_role("button", name=name).count():
            panel.get_by_role("button", name=name).click()


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_serious(view, state):
    look(view, LIGHT)
    panel = draw(view, STATES[state])
    assert findings(view) == []
    use(panel)
    for theme in (LIGHT, DARK):
        look(view, theme)
        assert findings(view) == [], theme


def test_axe_would_find_what_is_wrong(view):
    look(view, DARK)
    panel = draw(view, STATES["half"])
    panel.locator("label").first.evaluate("(label) => label.remove()")
    panel.locator(".ocarbon-name").evaluate("(name) => { name.style.color = '#333'; }")
    found = findings(view)
    assert any(line.startswith("select-name") for line in found)
    assert any(line.startswith("color-contrast") for line in found)


# Keyboard, motion, colours


def test_everything_is_reached_with_the_keyboard_in_the_order_it_stands(view):
    panel = draw(view, sample_runs.live(0.5, gpus=2))
    reached = []
    for _ in range(6):
        view.keyboard.press("Tab")
        focused = panel.locator(":focus")
        assert focused.evaluate("(at) => getComputedStyle(at).outlineStyle") == "solid"
        reached.append(focused.evaluate("(at) => at.labels?.[0]?.textContent ?? at.textContent"))
    assert reached == ["Stop", "Zone", "Device", "Start", "PUE", "Devices, sources and versions"]


def test_the_keyboard_alone_chooses_a_zone(view):
    panel = draw(view, sample_runs.sample())
    panel.get_by_label("Zone").focus()
    view.keyboard.type("Swed")
    expect(panel.get_by_label("Zone")).to_have_value("SWE")
    expect(panel.locator("output")).to_contain_text("less than the emitted")


def test_nothing_moves_by_itself(view):
    panel = draw(view, sample_runs.live(0.5))
    draw(view, sample_runs.live(0.6))
    assert panel.evaluate("(main) => main.getAnimations({ subtree: true }).length") == 0


def test_with_forced_colours_the_bar_and_the_controls_stay_visible(view):
    view.emulate_media(forced_colors="active")
    panel = draw(view, sample_runs.live(0.5))
    colour = "(element) => getComputedStyle(element).backgroundColor"
    done = panel.locator(".ocarbon-progress-done").evaluate(colour)
    assert done != panel.locator(".ocarbon-view").evaluate(colour)
    for control in panel.locator("button, select, input").all():
        if control.is_visible():
            width = control.evaluate("(element) => getComputedStyle(element).borderTopWidth")
            assert float(width.removesuffix("px")) >= 1

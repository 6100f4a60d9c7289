"""What the reader can do in the view, and that no redraw undoes or disturbs it."""

from __future__ import annotations

import re

import pytest
import sample_runs
from drawing import draw
from playwright.sync_api import expect

from ocarbon_magic.run import Intensity, Work

TICKS = (0.5, 0.501, 0.502)


@pytest.fixture
def running(view):
    """The panel of a run at half of its work."""
    return draw(view, sample_runs.live(0.5))


def elsewhere(panel):
    return panel.get_by_role("group", name="Elsewhere")


def choose(panel, label, option):
    """Choose as a reader does, who comes to the list first."""
    chooser = elsewhere(panel).get_by_label(label)
    chooser.focus()
    chooser.select_option(label=option)
    return chooser


def tick(view):
    """Redraw as the run goes on."""
    for share in TICKS:
        draw(view, sample_runs.live(share))


# Stopping


def test_stop_interrupts_once_and_then_waits(view, running):
    stop = running.get_by_role("button", name="Stop")
    expect(stop).to_have_attribute("title", re.compile("[Ii]nterrupt the kernel"))
    stop.click()
    pressed = running.get_by_role("button", name="stopping …")
    expect(pressed).to_be_disabled()
    expect(pressed).to_be_focused()
    pressed.click(force=True)
    pressed.press("Enter")
    tick(view)
    expect(pressed).to_be_focused()
    assert view.evaluate("window.interrupts") == 1


def test_a_cell_that_does_not_stop_can_be_interrupted_again(own_view):
    own_view.clock.install()
    running = draw(own_view, sample_runs.live(0.5))
    running.get_by_role("button", name="Stop").click()
    tick(own_view)
    expect(running.get_by_role("button", name="stopping …")).to_be_disabled()
    own_view.clock.fast_forward(6_000)
    tick(own_view)
    running.get_by_role("button", name="Stop").click()
    assert own_view.evaluate("window.interrupts") == 2


def test_when_the_run_has_stopped_the_reader_stays_in_the_panel(view, running):
    running.get_by_role("button", name="Stop").click()
    draw(view, sample_runs.live(0.5, status="interrupted"))
    expect(running.get_by_role("button", name=re.compile("[Ss]top"))).to_have_count(0)
    expect(running.get_by_role("group", name="Carbon record of train_resnet")).to_be_focused()
    draw(view, sample_runs.live(0.1, id="another run"))
    expect(running.get_by_role("button", name="Stop")).to_be_enabled()


def test_there_is_no_stop_where_nothing_can_interrupt(view, running):
    view.evaluate("window.host.interrupt = undefined")
    draw(view, sample_runs.live(0.5))
    expect(running.get_by_role("button", name="Stop")).to_have_count(0)
    draw(view, sample_runs.fullest())
    expect(running.get_by_role("button", name="Stop")).to_have_count(0)


# The papers' law, and the details


def test_the_law_is_drawn_when_asked_for_and_through_redraws(view):
    panel = draw(view, sample_runs.fullest())
    toggle = panel.get_by_role("button", name="OpenCarbonEval")
    dashes = panel.locator(".ocarbon-chart-throughput .ocarbon-dashed")
    expect(dashes).to_have_count(0)
    toggle.press("Enter")
    expect(dashes).to_have_count(1)
    expect(toggle).to_be_focused()
    draw(view, sample_runs.fullest(gpus=4))
    expect(dashes).to_have_count(1)
    expect(toggle).to_have_attribute("aria-pressed", "true")
    toggle.press("Enter")
    expect(dashes).to_have_count(0)


def test_a_redraw_keeps_focus_and_opened_details(view, running):
    summary_line = running.locator("summary")
    summary_line.press("Enter")
    expect(running.locator("table")).to_be_visible()
    draw(view, sample_runs.fullest())
    expect(running.locator("table")).to_be_visible()
    expect(summary_line).to_be_focused()
    expect(running.locator("tbody tr")).to_have_count(9)
    draw(view, {"schema": "another"})
    draw(view, sample_runs.sample())
    expect(running.locator("tbody tr")).to_have_count(1)
    expect(running.locator("table")).to_be_visible()


# The same work elsewhere


def test_the_lists_are_filled_when_the_reader_comes_to_them(view, running):
    zone = elsewhere(running).get_by_label("Zone")
    expect(running.locator("option")).to_have_text(
        ["FRA (France)", "NVIDIA H100 80GB HBM3", "as it is"]
    )
    zone.hover()
    expect(zone.get_by_role("option", name="Sweden", exact=True)).to_have_count(1)
    assert zone.locator("option").count() > 150
    device = elsewhere(running).get_by_label("Device")
    expect(device.locator("option")).to_have_count(1)
    device.focus()
    expect(device.get_by_role("option", name="NVIDIA L4", exact=True)).to_have_count(1)
    expect(zone.locator("optgroup").first).to_have_attribute("label", "Countries")


def test_another_zone_is_answered_from_the_projected_total(view, running):
    choose(running, "Zone", "Sweden")
    answer = running.locator("output")
    expect(answer).to_contain_text("less than the projected 34.0 g")
    expect(answer).to_contain_text("embodied")
    expect(answer).to_contain_text("interval")
    expect(running.locator(".ocarbon-notes")).to_contain_text("Sweden: 35.3 gCO₂e/kWh")


def test_a_finished_run_is_answered_from_what_it_emitted(view):
    panel = draw(view, sample_runs.sample())
    choose(panel, "Zone", "Poland")
    expect(panel.locator("output")).to_contain_text(
        re.compile("more than the emitted 609 mg.*embodied 41.0 mg")
    )
    expect(panel.locator("output")).not_to_contain_text("interval")
    expect(panel.locator("output")).not_to_contain_text("takes")


def test_another_device_tells_the_time_it_would_take(view):
    panel = draw(view, sample_runs.sample())
    choose(panel, "Device", "NVIDIA L4")
    expect(panel.locator("output")).to_contain_text(
        re.compile(r"takes \d+:\d\d.* in place of 02:14")
    )


def test_choices_outlive_redraws_and_the_answer_follows_the_run(view, running):
    zone = choose(running, "Zone", "United Kingdom")
    hour = elsewhere(running).get_by_label("Start")
    hour.focus()
    hour.select_option("3")
    pue = elsewhere(running).get_by_label("PUE")
    pue.fill("1.4")
    answer = running.locator("output")
    before = answer.text_content()
    draw(view, sample_runs.live(0.5, total_s=9000.0))
    expect(answer).not_to_have_text(before)
    draw(view, {"schema": "another"})
    draw(view, sample_runs.sample())
    expect(answer).to_contain_text("than the emitted")
    expect(zone).to_have_value("GBR")
    expect(hour).to_have_value("3")
    expect(pue).to_have_value("1.4")
    expect(running.locator(".ocarbon-notes")).to_contain_text("From 03:00 in United Kingdom")


def test_a_redraw_leaves_a_list_in_use_and_what_is_half_typed_alone(view, running):
    zone = elsewhere(running).get_by_label("Zone")
    zone.focus()
    zone.evaluate("(list) => { window.open = [...list.querySelectorAll('option')]; }")
    tick(view)
    zone.hover()
    expect(zone).to_be_focused()
    same = (
        "(list) => [...list.querySelectorAll('option')].every((one, i) => one === window.open[i])"
    )
    assert zone.evaluate(same)
    pue = elsewhere(running).get_by_label("PUE")
    pue.press_sequentially("1.2")
    pue.press("ArrowLeft")
    tick(view)
    pue.press_sequentially("0")
    expect(pue).to_be_focused()
    expect(pue).to_have_value("1.02")


def test_a_pue_below_one_is_refused_in_words_and_leaves_the_rest(view, running):
    choose(running, "Zone", "Sweden")
    answer = running.locator("output").text_content()
    pue = elsewhere(running).get_by_label("PUE")
    pue.fill("0.5")
    expect(running.get_by_role("alert")).to_be_empty()  # it may be on the way to something
    pue.press("Tab")
    expect(running.get_by_role("alert")).to_have_text("PUE must be a number of at least 1.")
    expect(pue).to_have_accessible_description("PUE must be a number of at least 1.")
    expect(pue).to_have_attribute("aria-invalid", "true")
    expect(running.locator("output")).to_have_text(answer)
    tick(view)
    expect(running.get_by_role("alert")).to_have_text("PUE must be a number of at least 1.")
    pue.fill("1.5")
    expect(running.get_by_role("alert")).to_be_empty()
    expect(running.locator("output")).not_to_have_text(answer)


def test_what_is_no_number_is_no_pue(view, running):
    pue = elsewhere(running).get_by_label("PUE")
    expect(pue).to_have_attribute("placeholder", "1")
    pue.press_sequentially("1e")
    pue.press("Tab")
    expect(running.get_by_role("alert")).to_have_text("PUE must be a number of at least 1.")
    expect(running.locator("output")).to_be_empty()


def test_reset_takes_every_choice_back(view, running):
    reset = elsewhere(running).get_by_role("button", name="Reset")
    expect(reset).to_be_hidden()
    zone = choose(running, "Zone", "Sweden")
    elsewhere(running).get_by_label("PUE").fill("0.2")
    reset.press("Enter")
    expect(running.locator("output")).to_be_empty()
    expect(running.get_by_role("alert")).to_be_empty()
    expect(zone).to_have_value("")
    expect(zone).to_be_focused()
    expect(elsewhere(running).get_by_label("PUE")).to_have_value("")
    expect(reset).to_be_hidden()


def test_a_control_without_options_is_off_and_says_why(view):
    panel = draw(view, sample_runs.sample(devices=[sample_runs.cpu()]))
    device = elsewhere(panel).get_by_label("Device")
    expect(device).to_be_disabled()
    expect(device).to_have_accessible_description(re.compile("The run used no GPU"))
    expect(device.locator("option")).to_have_text("Intel Xeon Platinum 8480+")


def test_an_hour_goes_with_the_zone_that_has_none(view, running):
    hour = elsewhere(running).get_by_label("Start")
    hour.focus()
    hour.select_option("3")
    expect(running.locator(".ocarbon-notes")).to_contain_text("in France the grid is at")
    choose(running, "Zone", "Albania")
    expect(hour).to_be_disabled()
    expect(hour).to_have_value("")
    reason = "No hourly figures are known for Albania."
    expect(hour).to_have_accessible_description(reason)
    expect(running.locator(".ocarbon-notes li").last).to_have_text(reason)
    expect(running.locator(".ocarbon-notes")).not_to_contain_text("the grid is at")
    choose(running, "Zone", "United Kingdom")
    expect(hour).to_be_enabled()
    hour.focus()
    expect(hour.locator("option").nth(1)).to_contain_text("in United Kingdom")


def test_without_energy_there_is_nothing_to_compare(view):
    unread = sample_runs.gpu(energy_j=None, uncertainty_pct=None)
    panel = draw(view, sample_runs.sample(devices=[unread]))
    expect(elsewhere(panel)).to_have_count(0)


def test_an_intensity_by_hand_names_no_zone_as_the_runs_own(view):
    by_hand = Intensity(412.0, None, None, "given by hand")
    panel = draw(view, sample_runs.sample(intensity=by_hand))
    expect(elsewhere(panel).get_by_label("Zone").locator("option")).to_have_text(
        "intensity by hand"
    )


@pytest.mark.parametrize("width", [360, 760])
def test_the_line_is_one_row_where_there_is_room_and_stacks_where_not(view, width):
    view.set_viewport_size({"width": width, "height": 800})
    panel = draw(view, sample_runs.sample())
    controls = [elsewhere(panel).get_by_label(name) for name in ("Zone", "Device", "Start", "PUE")]
    tops = {round(control.bounding_box()["y"]) for control in controls}
    assert len(tops) == (1 if width == 760 else 2)
    expect(panel.locator("output")).to_be_hidden()


# Any of it


def test_a_view_let_go_leaves_nothing_and_hears_nothing(view, running):
    view.evaluate("window.drawn.dispose()")
    expect(running).to_be_empty()
    view.evaluate(
        """() => {
            const button = document.createElement("button");
            button.className = "ocarbon-stop";
            document.querySelector("main").append(button);
        }"""
    )
    running.locator("button").click()
    assert view.evaluate("window.interrupts") == 0


def watch(view):
    view.evaluate(
        """() => {
            window.changes = [];
            const all = { subtree: true, childList: true, attributes: true, characterData: true };
            const watch = (changes) => window.changes.push(...changes);
            new MutationObserver(watch).observe(document.querySelector("main"), all);
        }"""
    )


@pytest.mark.parametrize("record", [sample_runs.fullest().to_dict(), sample_runs.live(0.5)])
def test_drawing_the_same_record_again_touches_nothing(view, record):
    panel = draw(view, record)
    choose(panel, "Zone", "Albania")
    draw(view, record)  # the answer is no longer one to be read out
    watch(view)
    draw(view, record)
    assert view.evaluate("window.changes.length") == 0
    draw(view, sample_runs.sample())
    assert view.evaluate("window.changes.length") > 0


def test_parts_that_come_and_go_leave_the_others_where_they_are(view):
    counted = Work(100.0, None, "step", 2.0, "tqdm", hint="add --total.")
    panel = draw(view, sample_runs.live(0.5, projection=None, work=counted, warnings=["One."]))
    parts = ("header", ".ocarbon-tiles", ".ocarbon-elsewhere", ".ocarbon-details", "li")
    handles = {name: panel.locator(name).element_handle() for name in parts}
    draw(view, sample_runs.live(0.5, warnings=["One.", "Two."]))
    for name, handle in handles.items():
        now = panel.locator(name).first
        assert now.evaluate("(now, before) => now === before", handle), name
    expect(panel.locator(".ocarbon-warnings li")).to_have_count(2)

"""The charts of the view alone, on a blank page: what they show, in which words, and how still."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import sample_runs
from drawing import overflowing
from playwright.sync_api import expect

from ocarbon_magic.run import Series, Work
from ocarbon_magic.throughput import DynamicThroughput

TIMES = "\N{MULTIPLICATION SIGN}"

DRAW = """async ([record, law]) => {
    const { charts } = await import("/lib/view/charts.js");
    const { readRecord } = await import("/lib/record/record.js");
    window.ends ??= new Map();
    const drawn = charts(readRecord(record), { law, ends: window.ends });
    const view = document.createElement("div");
    view.className = "ocarbon-view";
    view.append(drawn);
    document.querySelector("main").replaceChildren(view);
}"""


def draw(view, record, *, law=False):
    """Draw the charts of ``record``, on the scales of those drawn before; return their place."""
    view.evaluate(DRAW, [record if isinstance(record, dict) else record.to_dict(), law])
    return view.locator("main")


def chart(panel, kind):
    return panel.locator(f".ocarbon-chart-{kind}")


def ticks(figure):
    """The labels of the values and of the times, as two lists."""
    texts = figure.locator(".ocarbon-plot > text")
    labels = texts.evaluate_all("all => all.map((one) => [one.textContent, one.getAttribute('x')])")
    return (
        [label for label, x in labels if x == "0"],
        [label for label, x in labels if x != "0"],
    )


def share_of_plot(figure, mark):
    """Where the middle of ``mark`` stands: shares of the plot from the left and the floor."""
    plot = figure.locator(".ocarbon-plot").bounding_box()
    box = figure.locator(mark).bounding_box()
    x = box["x"] + box["width"] / 2 - plot["x"]
    y = box["y"] + box["height"] / 2 - plot["y"]
    return x / plot["width"], 1 - y / plot["height"]


def drawn_until(figure):
    """How far to the right the values reach, as a share of the plot."""
    return figure.locator(".ocarbon-stretched path").first.evaluate(
        """path => {
            const { x, width } = path.getBBox();
            return (x + width) / path.ownerSVGElement.viewBox.baseVal.width;
        }"""
    )


def test_power_has_a_text_alternative_ticks_and_gaps(view):
    power = [250.0, 260.0, None, None, 255.0, 240.0]
    run = sample_runs.sample(
        duration_s=50.0,
        series=Series([0, 10, 20, 30, 40, 50], power, [None] * 6, [0, 1, 2, 3, 4, 5]),
    )
    panel = draw(view, run)
    plot = panel.get_by_role("img", name="Power over 50.0 s")
    expect(plot).to_have_accessible_name("Power over 50.0 s: between 240 W and 260 W, with gaps.")
    assert ticks(chart(panel, "power")) == (
        ["0", "100", "200", "300"],
        ["0", "10", "20", "30", "40", "50"],
    )
    assert plot.locator(".ocarbon-line").count() == 2
    expect(panel.get_by_role("img")).to_have_count(2)


def test_throughput_is_drawn_with_the_model_and_on_request_with_the_papers_law(view):
    panel = draw(view, sample_runs.fullest())
    plot = panel.get_by_role("img", name="Throughput over 02:14")
    expect(plot).to_have_accessible_name(re.compile("mean 14.9 step/s"))
    toggle = panel.get_by_role("button", name="OpenCarbonEval")
    assert plot.locator(".ocarbon-points").count() == 1
    assert plot.locator(".ocarbon-line").count() == 1
    expect(chart(panel, "throughput")).to_contain_text("dots measured, line fitted")
    expect(chart(panel, "throughput")).not_to_contain_text("dashes")
    expect(toggle).to_have_attribute("aria-pressed", "false")
    expect(toggle).to_have_attribute("data-toggle", "law")
    panel = draw(view, sample_runs.fullest(), law=True)
    assert plot.locator(".ocarbon-line:not(.ocarbon-dashed)").count() == 1
    assert plot.locator(".ocarbon-line.ocarbon-dashed").count() == 1
    expect(panel).to_contain_text("dots measured, line fitted, dashes OpenCarbonEval")
    expect(toggle).to_have_attribute("aria-pressed", "true")


def test_a_run_without_the_papers_law_offers_none(view):
    run = sample_runs.sample(work=Work(10.0, 20.0, "step", 2.0, "tqdm"))
    panel = draw(view, run, law=True)
    expect(panel).to_contain_text("dots measured")
    expect(panel).not_to_contain_text("OpenCarbonEval")


def test_a_slow_pace_is_drawn_in_the_period_it_is_written_in(view):
    panel = draw(view, sample_runs.live(0.5))  # 0.249 step/s
    expect(chart(panel, "throughput").locator("figcaption")).to_contain_text("mean 14.9 step/min")
    expect(chart(panel, "throughput").locator("figcaption .ocarbon-muted").first).to_have_text(
        "step/min"
    )
    values, _ = ticks(chart(panel, "throughput"))
    assert values == ["0", "5", "10", "15", "20"]


def test_a_live_pace_of_about_one_does_not_change_its_period_to_and_fro(view):
    unit = "figcaption .ocarbon-muted"
    for per_s, period in ((1.04, "s"), (0.96, "s"), (1.04, "s"), (0.4, "min"), (1.04, "min")):
        work = Work(1000.0, 2000.0, "step", per_s, "tqdm")
        panel = draw(view, sample_runs.live(0.5, work=work))
        expect(chart(panel, "throughput").locator(unit).first).to_have_text(f"step/{period}")


@pytest.mark.parametrize("log10_alpha", [-8.0, -2.5, 0.0, 33.2, 868.0])
def test_the_model_is_drawn_as_it_was_fitted(view, log10_alpha):
    times_s = [0.0, 3.0, 3.0001, 4.0, 50.0, 1e6]
    fitted = DynamicThroughput.from_log10_alpha(log10_alpha, scale=2.5, onset=3.0)
    drawn = view.evaluate(
        """async ([times, log10Alpha]) => {
            const { model } = await import("/lib/view/throughput.js");
            return model(times, { log10Alpha, scale: 2.5, onsetS: 3 });
        }""",
        [times_s, log10_alpha],
    )
    assert drawn[:2] == [None, None]  # no line where no work is done yet
    assert drawn[2:] == pytest.approx(list(fitted.rate(np.array(times_s[2:]))), rel=1e-9)


def test_emissions_lead_on_to_the_projected_end(view):
    figure = chart(draw(view, sample_runs.live(0.5)), "emissions")
    assert ticks(figure) == (
        ["0", "10", "20", "30", "40", "50"],
        ["0", "30", "60", "90", "120", "150"],
    )
    now = share_of_plot(figure, ".ocarbon-now")
    end = share_of_plot(figure, ".ocarbon-end")
    assert now == pytest.approx((67 / 150, 17.0 / 50), abs=0.01)
    assert end == pytest.approx((134 / 150, 34.0 / 50), abs=0.01)
    whisker = figure.locator("line.ocarbon-whisker").bounding_box()["height"]
    assert whisker == pytest.approx(112 * (1.15 - 0.85) * 34.0 / 50, abs=1.5)
    expect(figure.locator(".ocarbon-label")).to_have_text("34.0 g")
    expect(figure).to_contain_text("dashes projected, 80 % band")


def test_emissions_are_told_to_those_who_do_not_see_them(view):
    panel = draw(view, sample_runs.live(0.5) | {"budget_g": 50})
    expect(chart(panel, "emissions").get_by_role("img")).to_have_accessible_name(
        "Cumulative emissions over 1:07:00: from 0 to 17.0 gCO₂e now, "
        "projected 34.0 gCO₂e (28.9 to 39.1 gCO₂e, 80 %) at 2:14:00; budget 50 g."
    )


def test_emissions_without_a_projection_end_where_they_were_measured(view):
    for run in (sample_runs.live(0.5, projection=None), sample_runs.sample().to_dict()):
        figure = chart(draw(view, run), "emissions")
        assert figure.locator(".ocarbon-line").count() == 1
        assert figure.locator(".ocarbon-band, .ocarbon-end, .ocarbon-whisker").count() == 0
        expect(figure).not_to_contain_text("projected")


def test_a_projection_that_has_been_overtaken_is_not_drawn(view):
    late = sample_runs.live(0.5) | {"duration_s": 12060.0}
    late["series"]["t_s"] = [t * 3 for t in late["series"]["t_s"]]  # well after the 2:14:00
    figure = chart(draw(view, late), "emissions")
    assert figure.locator(".ocarbon-ahead").count() == 0


def test_a_very_wide_interval_leaves_the_picture_and_not_its_scale(view):
    record = sample_runs.live(0.02)
    record["projection"]["emissions_g"] = {"value": 34.2, "low": 9.0, "high": 400.0, "level": 0.8}
    figure = chart(draw(view, record), "emissions")
    assert ticks(figure)[0][-1] == "60"
    _, end = share_of_plot(figure, ".ocarbon-end")
    assert end == pytest.approx(34.2 / 60, abs=0.01)
    plot = figure.locator(".ocarbon-plot").bounding_box()
    for mark in (".ocarbon-band", "line.ocarbon-whisker"):
        assert figure.locator(mark).bounding_box()["y"] >= plot["y"] - 1
    arrow = figure.locator("path.ocarbon-whisker").nth(1)
    expect(arrow).to_have_attribute("d", re.compile("L"))  # not the bar that ends an interval
    expect(figure.get_by_role("img")).to_have_accessible_name(re.compile("9.00 to 400 gCO₂e"))


BUDGETS = {
    5: "budget 5 g, passed",
    25: "budget 25 g, will be passed",
    36: "budget 36 g, may be passed",
    45: "budget 45 g",
    0.02: "budget 20 mg, passed",
}


@pytest.mark.parametrize(("budget_g", "words"), BUDGETS.items(), ids=str)
def test_a_budget_is_a_line_at_its_height_and_says_whether_it_holds(view, budget_g, words):
    figure = chart(draw(view, sample_runs.live(0.3) | {"budget_g": budget_g}), "emissions")
    label = figure.locator(".ocarbon-limit .ocarbon-label")
    expect(label).to_have_text(words)
    _, height = share_of_plot(figure, ".ocarbon-budget")
    assert height == pytest.approx(budget_g / 50, abs=0.01)
    name = re.compile(re.escape(f"; {words}."))
    expect(figure.get_by_role("img")).to_have_accessible_name(name)


def test_the_axis_reaches_up_to_a_budget_as_long_as_the_curve_can_be_read(view):
    near = draw(view, sample_runs.sample().to_dict() | {"budget_g": 1.5})
    assert ticks(chart(near, "emissions"))[0][-1] == "1.5"
    assert near.locator(".ocarbon-limit path").count() == 0
    far = draw(view, sample_runs.sample().to_dict() | {"budget_g": 500.0})
    assert ticks(chart(far, "emissions"))[0][-1] == "800"  # mg
    assert share_of_plot(chart(far, "emissions"), ".ocarbon-budget")[1] == pytest.approx(
        1, abs=0.01
    )
    assert far.locator(".ocarbon-limit path").count() == 1  # an arrow
    expect(far.locator(".ocarbon-limit")).to_have_text("budget 500 g")


def test_ticks_stay_while_a_projection_moves_to_and_fro(view):
    seen = set()
    for minutes in (41.0, 39.9, 40.1, 39.5, 42.0, 40.0):
        record = sample_runs.live(0.25, total_s=2480.0)
        record["projection"]["duration_s"]["value"] = 60 * minutes
        record["projection"]["emissions_g"]["value"] = minutes
        record["projection"]["emissions_g"]["high"] = minutes * 1.1
        seen.add(str(ticks(chart(draw(view, record), "emissions"))))
    assert len(seen) == 1


def test_a_live_axis_ends_on_a_tick_and_a_finished_one_at_the_end(view):
    live = draw(view, sample_runs.live(0.3, total_s=2480.0, projection=None))
    assert ticks(chart(live, "power"))[1] == ["0", "5", "10", "15"]
    for kind in ("power", "emissions", "throughput"):
        assert drawn_until(chart(live, kind)) == pytest.approx(12.4 / 15, abs=0.001)
    done = draw(
        view, sample_runs.sample(duration_s=744.0, series=sample_runs.series(duration_s=744))
    )
    assert drawn_until(chart(done, "power")) == 1


def test_a_live_axis_is_drawn_anew_when_the_run_outgrows_it_or_comes_to_need_much_less(view):
    def ends(total_s):
        return ticks(chart(draw(view, sample_runs.live(0.1, total_s=total_s)), "emissions"))[1][-1]

    assert [ends(60 * minutes) for minutes in (41, 51, 59, 48, 20)] == [
        "50",
        "60",
        "60",
        "60",
        "20",
    ]


def rows(panel):
    """The devices as listed: label, what is said of it, and how far its bar reaches."""
    return [
        (item.locator("span").first.inner_text(), item.inner_text().split("\n"), item)
        for item in chart(panel, "devices").get_by_role("listitem").all()
    ]


def bar_share(item):
    bar = item.locator("rect").nth(1).bounding_box()["width"]
    return bar / item.locator("rect").first.bounding_box()["width"]


def test_one_device_needs_no_list_and_several_have_their_power_beside_the_total(view):
    panel = draw(view, sample_runs.sample())
    expect(panel.locator(".ocarbon-device")).to_have_count(0)
    expect(chart(panel, "power")).to_contain_text("Power")
    panel = draw(view, sample_runs.fullest())
    expect(chart(panel, "power")).to_contain_text("Total power")
    listed = chart(panel, "devices").get_by_role("listitem")
    expect(listed).to_have_text(
        [
            *(f"GPU {i}{287 + 3 * i} W, highest 342 W" for i in range(8)),
            "CPU70.0 W, highest 102 W",
        ]
    )
    groups = chart(panel, "devices").locator(".ocarbon-group")
    expect(groups).to_have_text(
        [
            f"8 {TIMES} NVIDIA H100 80GB HBM3full bar 400 W",
            "Intel Xeon Platinum 8480+, estimatefull bar 150 W",
        ]
    )
    first = listed.first.get_by_text("GPU 0")
    uuid = sample_runs.gpu(0).uuid
    expect(first).to_have_attribute("title", f"NVIDIA H100 80GB HBM3, {uuid}")
    assert bar_share(listed.nth(4)) == pytest.approx(299.1 / 400, abs=0.01)
    assert bar_share(listed.last) == pytest.approx(70 / 150, abs=0.01)


def test_a_live_list_shows_the_power_now(view):
    record = sample_runs.live(gpus=2)
    record["devices"][0]["power_w"] = 123.4
    record["devices"][1]["power_w"] = None
    panel = draw(view, record)
    listed = chart(panel, "devices").get_by_role("listitem")
    expect(listed).to_have_text(["GPU 0123 W, highest 342 W", "GPU 1unknown, highest 342 W"])
    assert listed.last.locator("rect").count() == 1  # the rail alone
    expect(chart(panel, "devices").locator("figcaption")).to_contain_text("bar now, tick highest")
    panel = draw(view, record | {"status": "finished"})
    expect(chart(panel, "devices").locator("figcaption")).to_contain_text("bar mean, tick highest")
    expect(listed.first).to_contain_text("287 W")


def test_an_idle_device_is_marked_by_a_shape_and_a_word(view):
    gpus = [sample_runs.gpu(i) for i in range(7)]
    idle = sample_runs.gpu(7, mean_power_w=71.0, max_power_w=80.0)
    panel = draw(view, sample_runs.sample(devices=[*gpus, idle, sample_runs.cpu()]))
    marked = panel.locator(".ocarbon-device", has=view.locator(".ocarbon-low"))
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("GPU 7")
    expect(marked.locator(".ocarbon-low")).to_have_text("low")
    assert marked.locator(".ocarbon-low svg path").count() == 1


def test_devices_of_other_names_are_not_held_against_each_other(view):
    small = [sample_runs.gpu(i, name="NVIDIA L4", mean_power_w=60.0) for i in (2, 3)]
    panel = draw(view, sample_runs.sample(devices=[sample_runs.gpu(0), sample_runs.gpu(1), *small]))
    expect(panel.locator(".ocarbon-low")).to_have_count(0)
    groups = chart(panel, "devices").locator(".ocarbon-group")
    expect(groups).to_contain_text([f"2 {TIMES} NVIDIA H100", f"2 {TIMES} NVIDIA L4"])
    expect(groups).to_contain_text(["full bar 400 W", "full bar 400 W"])
    listed = chart(panel, "devices").get_by_role("listitem")
    expect(listed).to_contain_text(["GPU 0", "GPU 1", "GPU 2", "GPU 3"])


OVERLAPPING = """(items) => items.filter((item) => {
    const [label, rail, watts] = [...item.children].map((each) => {
        const range = document.createRange();
        range.selectNodeContents(each);
        return each.className === "ocarbon-watts"
            ? [...range.getClientRects()].filter(({ width }) => width > 1).at(0)
            : range.getBoundingClientRect();
    });
    return label.right > rail.left || rail.right > watts.left;
}).map((item) => item.textContent)"""


@pytest.mark.parametrize("width", [360, 760, 1200])
@pytest.mark.parametrize("gpus", [2, 8, 16, 64])
def test_a_list_of_devices_fits_its_place(view, width, gpus):
    view.set_viewport_size({"width": width, "height": 800})
    devices = [sample_runs.gpu(i, mean_power_w=1021.0, max_power_w=1204.0) for i in range(gpus)]
    devices[1] = sample_runs.gpu(1, mean_power_w=90.0, max_power_w=99.0)
    panel = draw(view, sample_runs.sample(devices=[*devices, sample_runs.cpu()]))
    assert overflowing(panel) == []
    listed = chart(panel, "devices").locator(".ocarbon-device")
    expect(listed).to_have_count(gpus + 1)
    assert listed.evaluate_all(OVERLAPPING) == []
    height = chart(panel, "devices").bounding_box()["height"]
    assert height < 720


def test_values_no_run_has_are_not_drawn_over_the_notebook(view):
    run = sample_runs.live(gpus=2)
    run["series"]["power_w"] = [(-1e12) ** (i % 3) for i in range(240)]
    run["series"]["emissions_g"] = [-1e9 * i for i in range(240)]
    run["projection"]["emissions_g"] = {"value": -5.0, "low": 1e15, "high": -1e15, "level": 7.0}
    for reading in run["devices"]:
        reading.update(power_w=-50.0, max_power_w=-1e9)
    view.on("console", lambda said: pytest.fail(said.text))
    draw(view, run)
    assert view.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture(params=["light", "dark", "dark-high-contrast"])
def theme(request, view):
    """The colours of one of JupyterLab's themes."""
    commands = pytest.importorskip("jupyterlab.commands")
    themes = Path(commands.get_app_dir()) / "themes" / "@jupyterlab"
    style = themes / f"theme-{request.param}-extension" / "index.css"
    view.add_style_tag(content=re.sub(r"@font-face\{[^}]*\}", "", style.read_text("utf-8")))


# The contrast of each mark with the panel's paper, for those below 3 to 1 (text: 4.5 to 1).
PALE = """(root) => {
    const rgba = (colour) => {
        const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
        return { rgb: [r, g, b], a };
    };
    const paper = rgba(getComputedStyle(root.querySelector(".ocarbon-view")).backgroundColor).rgb;
    const luminance = (rgb) => rgb
        .map((c) => c / 255)
        .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const found = (element, property) => {
        const style = getComputedStyle(element);
        const { rgb, a } = rgba(style[property]);
        const alpha = a * Number(style.opacity);
        const seen = luminance(rgb.map((c, i) => c * alpha + paper[i] * (1 - alpha)));
        const [dark, light] = [seen, luminance(paper)].sort((x, y) => x - y);
        return (light + 0.05) / (dark + 0.05);
    };
    const all = (selector, property, least) => {
        const elements = [...root.querySelectorAll(selector)];
        return elements.length === 0 ? [`no ${selector}`] : elements
            .filter((element) => !(found(element, property) >= least))
            .map((element) => `${found(element, property).toFixed(2)} ${selector}`);
    };
    return [
        ...[".ocarbon-line", ".ocarbon-points", ".ocarbon-whisker", ".ocarbon-budget"]
            .flatMap((selector) => all(selector, "stroke", 3)),
        ...all(".ocarbon-bar line", "stroke", 3),
        ...all(".ocarbon-bar rect:not(.ocarbon-bar-rail), .ocarbon-low-sign", "fill", 3),
        ...all(".ocarbon-plot text", "fill", 4.5),
        ...all(".ocarbon-muted, .ocarbon-device span, .ocarbon-toggle", "color", 4.5),
    ];
}"""


@pytest.mark.usefixtures("theme")
def test_every_mark_stands_out_from_the_paper_of_every_theme(view):
    record = sample_runs.fullest().to_dict() | {"budget_g": 20}
    record["devices"][3]["mean_power_w"] = 50.0
    assert draw(view, record, law=True).evaluate(PALE) == []


def test_marks_can_be_told_apart_where_the_page_has_but_two_colours(view):
    view.emulate_media(forced_colors="active")
    record = sample_runs.fullest().to_dict() | {"budget_g": 20}
    panel = draw(view, record, law=True)
    dashes = {
        mark: panel.locator(mark).first.evaluate("e => getComputedStyle(e).strokeDasharray")
        for mark in (".ocarbon-line:not(.ocarbon-dashed)", ".ocarbon-dashed", ".ocarbon-budget")
    }
    assert len(set(dashes.values())) == 3
    bar = panel.locator(".ocarbon-bar rect").nth(1)
    paper = panel.locator(".ocarbon-view").evaluate("e => getComputedStyle(e).backgroundColor")
    assert bar.evaluate("e => getComputedStyle(e).fill") != paper

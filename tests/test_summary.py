"""What a person sees of a run without any front end of ours: text, static HTML, the bundle."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter
from sample_runs import (
    STATUSES,
    cpu,
    fullest,
    gpu,
    just_begun,
    of_status,
    projection,
    sample,
    series,
)

import ocarbon_magic.views  # noqa: F401 - tells Run how to show itself
from ocarbon_magic.run import (
    MIME_TYPE,
    Intensity,
    Metric,
    Projection,
    Run,
    Work,
    Zone,
)
from ocarbon_magic.views import words
from ocarbon_magic.views.summary import bundle, html, text

WORD = {
    "running": "● measuring",
    "finished": "✓ finished",
    "failed": "✕ failed",
    "interrupted": "■ interrupted",
    "lost": "○ lost",
}
NOTHING = "No energy was measured in this run; `%carbon doctor` tells what is missing."
BY_HAND = Intensity(53.0, None, None, "given by hand")

# What the sanitiser of an untrusted notebook lets pass; tabular figures it drops, to no harm.
SAFE_TAGS = {
    "b", "br", "details", "div", "img", "span", "sub", "summary", "table", "td", "tr"
}  # fmt: skip
SAFE_ATTRIBUTES = {"alt", "cellpadding", "src", "style"}
SAFE_STYLES = re.compile(
    r"align-items|background|border(-\w+)*|box-sizing|cursor|display|flex(-wrap)?|font-size|"
    r"font-variant-numeric|gap|height|justify-content|line-height|margin(-\w+)*|max-width|"
    r"min-width|opacity|overflow-(wrap|x)|padding(-\w+)*|table-layout|text-align|text-indent|width"
)

RUNS = {
    **{status: of_status(status) for status in STATUSES},
    "just begun": just_begun(),
    "nothing measured": sample(devices=[], warnings=[NOTHING]),
    "eight GPUs": sample(devices=[gpu(i) for i in range(8)]),
    "everything": fullest(),
    "an estimate": sample(devices=[cpu()]),
    "by hand": sample(intensity=BY_HAND),
    "a budget": of_status("failed", budget_g=30.0),
    "tiny": sample(devices=[gpu(energy_j=1e-9)], duration_s=1e-4, embodied_g=1e-12),
    "huge": sample(devices=[gpu(energy_j=1e18)], duration_s=1e9),
    "wide name": sample(name="訓練" * 60, warnings=["警告" * 60]),
}
every_run = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


class Page(HTMLParser):
    """Reads a summary as a browser would, and keeps what it is made of."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.attributes, self.open, self.words = set(), [], [], []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in ("br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return "".join(self.words).replace("\N{NO-BREAK SPACE}", " ")

    def values(self, attribute):
        return [value for name, value in self.attributes if name == attribute]


def columns(line):
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in line
    )


# Text


@every_run
def test_text_fits_80_columns_and_is_plain(run):
    lines = text(run).split("\n")
    assert max(map(columns, lines)) <= 80 or run is RUNS["wide name"]
    assert columns(lines[0]) <= 80
    assert all(line.rstrip() == line and line.isprintable() for line in lines)
    assert not re.search(r"\b(nan|inf|None)\b", text(run))


def test_text_of_a_plain_run_is_four_lines():
    assert text(sample()) == (
        "train_resnet  finished in 02:14\n"
        "  emitted   609 mgCO2e (568 mgCO2e operational, 41.0 mgCO2e embodied)\n"
        "  energy    10.7 Wh (±5.1 %), 287 W mean\n"
        "  grid      53.1 gCO2e/kWh (2024, lifecycle), FRA (France), as given"
    )


def test_text_has_a_line_for_each_of_several_devices():
    run = sample(devices=[gpu(), cpu()])
    assert "    NVIDIA H100 80GB HBM3       10.7 Wh ±5.1 %, 287 W mean, 342 W max\n" in text(run)
    assert "    Intel Xeon Platinum 8480+   2.61 Wh estimate ±50 %, 70.0 W mean" in text(run)
    assert "13.3 Wh (±14 %, partly an estimate), 357 W mean" in text(run)


def test_text_tells_work_projection_and_metric_where_they_are_known():
    work = Work(100.0, 2000.0, "step", 14.9, "tqdm")
    run = sample(work=work, projection=projection(), metric=Metric("val_acc", 0.91312))
    lines = text(run).split("\n")
    assert "  work      100 of 2,000 steps, 14.9 step/s" in lines
    projected = "34.2 gCO2e, 29.1 \N{EN DASH} 39.3 gCO2e (80 %), in 41:20, at 5 % of the work"
    assert f"  projected {projected}" in lines
    assert "  metric    val_acc = 0.9131" in lines


def test_a_record_whose_projection_lost_its_numbers_is_shown():
    run = fullest()
    run.projection.emissions_g = Projection(math.nan, math.nan, math.inf, 0.8)
    run.projections[0].at_fraction = math.nan
    again = Run.from_dict(json.loads(json.dumps(run.to_dict(), allow_nan=False)))
    for shown in (text(again), Page(html(again)).text):
        assert "unknown" in shown
        assert not re.search(r"\b(nan|inf|None)\b", shown)


def test_a_record_from_before_the_forecast_is_shown():
    record = fullest().to_dict()
    del record["throughput"]["law"], record["work"]["hint"]
    for made in (record["projection"], *record["projections"]):
        for key in [key for key in made if key.endswith("_error_pct")]:
            del made[key]
    run = Run.from_dict(record)
    assert "OpenCarbonEval" not in Page(html(run)).text
    assert "projected" in text(run)


def test_text_says_how_the_budget_stands():
    assert "  budget    500 mgCO2e, passed: 122 % of it emitted\n" in text(sample(budget_g=0.5))
    assert "  budget    50 gCO2e, not passed: 1.2 % of it emitted\n" in text(sample(budget_g=50.0))
    assert "budget" not in text(sample())


def test_a_projection_is_not_shown_once_the_work_is_done():
    run = sample(work=Work(2000.0, 2000.0, "step", 14.9, "tqdm"), projection=projection())
    assert "projected" not in text(run)
    assert "Projected" not in html(run)


def test_text_carries_no_control_characters_into_a_terminal():
    shown = text(sample(name="a\x1b[31mred\nname", warnings=["one\x07\ntwo"]))
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "a [31mred name  finished" in shown
    assert "  warning   one two" in shown


def test_a_long_name_leaves_room_for_the_status():
    assert re.fullmatch(r"n{39}…  finished in 02:14", text(sample(name="n" * 500)).split("\n")[0])


# Both


@pytest.mark.parametrize("show", [text, lambda run: Page(html(run)).text], ids=["text", "html"])
class TestBoth:
    @pytest.mark.parametrize("status", STATUSES)
    def test_a_status_is_a_word(self, show, status):
        assert WORD[status].split()[1] in show(of_status(status))

    def test_a_running_run_says_since_when(self, show):
        assert "measuring since 2026-03-01 14:02 UTC" in show(just_begun())
        assert "unknown" not in show(just_begun())
        assert ", 02:14 so far" in show(of_status("running"))

    @pytest.mark.parametrize("how", ["timezone", "default"])
    def test_a_zone_that_nobody_gave_is_called_a_guess(self, show, how):
        run = sample(zone=Zone("FRA", "France", how))
        assert ("guess" if how == "timezone" else "assumed") in show(run)

    def test_an_intensity_given_by_hand_says_so(self, show):
        assert "53 gCO2e/kWh (by hand)" in show(sample(intensity=BY_HAND))

    def test_year_and_scope_stand_with_the_intensity(self, show):
        assert "53.1 gCO2e/kWh (2024, lifecycle)" in show(sample())

    def test_an_estimate_is_called_one(self, show):
        assert "estimate ±50 %" in show(sample(devices=[cpu()]))

    def test_a_device_that_could_not_be_read_is_told(self, show):
        unread = gpu(1, energy_j=None, mean_power_w=None, max_power_w=None, uncertainty_pct=None)
        assert "1 of 2 devices not read" in show(sample(devices=[gpu(), unread]))

    def test_nothing_measured_is_said_and_is_not_zero(self, show):
        shown = show(RUNS["nothing measured"])
        assert "not measured" in shown
        assert not re.search(r"\b0 (gCO2e|Wh|W)\b", shown)

    def test_a_projection_says_how_early_it_was_made(self, show):
        shown = show(of_status("interrupted"))
        assert "at 5 % of the work" in shown
        assert "29.1 \N{EN DASH} 39.3 gCO2e (80 %)" in shown

    def test_a_budget_is_told_with_its_verdict(self, show):
        assert "30 gCO2e, would be passed: 2 % of it emitted" in show(
            of_status("interrupted", budget_g=30.0)
        )

    def test_a_budget_that_nothing_was_measured_against_says_so(self, show):
        shown = show(sample(devices=[], budget_g=30.0))
        assert "30 gCO2e, with nothing measured to hold against it" in shown

    def test_a_run_that_goes_on_is_not_told_as_a_whole(self, show):
        shown = show(of_status("running", budget_g=30.0))
        assert "measuring since" in shown
        assert "30 gCO2e, not passed: 2 % of it emitted" in shown

    def test_emissions_are_split(self, show):
        assert "568 mgCO2e operational" in show(sample())
        assert "41.0 mgCO2e embodied" in show(sample())

    def test_unknown_embodied_carbon_does_not_hide_the_rest(self, show):
        shown = show(sample(embodied_g=None))
        assert "568 mgCO2e operational" in shown
        assert "unknown embodied" in shown

    def test_a_warning_is_one_sign_and_its_words(self, show):
        shown = show(sample(warnings=["CPU power is an estimate.", "The disk is full."]))
        assert len(re.findall(r"(?i)\bwarning\b", shown)) == 2
        assert "CPU power is an estimate." in shown
        assert "The disk is full." in shown

    def test_a_pue_counts_and_is_shown(self, show):
        assert re.search(r"PUE 1\.1\b", show(sample(pue=1.1)))


@settings(deadline=None)
@given(
    energies=st.lists(st.floats(1, 1e6), min_size=1, max_size=8),
    bounds=st.lists(st.floats(0.1, 50), min_size=8, max_size=8),
)
def test_uncertainties_add_up_weighted_by_energy(energies, bounds):
    devices = [
        gpu(energy_j=energy, uncertainty_pct=bound)
        for energy, bound in zip(energies, bounds, strict=False)
    ]
    said = words.energy_certainty(sample(devices=devices, series=series(2)))
    expected = sum(d.energy_j * d.uncertainty_pct for d in devices) / sum(energies)
    assert float(re.fullmatch(r"±([\d.]+) %", said)[1]) == pytest.approx(expected, rel=0.051)


def test_an_unknown_uncertainty_is_not_averaged_away():
    devices = [gpu(), gpu(1, uncertainty_pct=None)]
    assert words.energy_certainty(sample(devices=devices)) == ""


@settings(deadline=None)
@given(energy_j=st.floats(0, 1e15), duration_s=st.floats(1e-6, 1e9))
def test_mean_power_is_energy_over_time(energy_j, duration_s):
    run = sample(devices=[gpu(energy_j=energy_j)], duration_s=duration_s)
    assert words.mean_power_w(run) == pytest.approx(energy_j / duration_s)


def test_a_run_of_no_duration_has_no_mean_power():
    assert words.mean_power_w(sample(duration_s=0.0)) is None


@pytest.mark.parametrize(
    ("stamp", "shown"),
    [
        ("2026-03-01T14:02:11Z", "2026-03-01 14:02 UTC"),
        ("2026-03-01T14:02:11.123+01:00", "2026-03-01 13:02 UTC"),
        ("some day", "some day"),
    ],
)
def test_a_moment_is_shown_in_utc(stamp, shown):
    assert words.moment(stamp) == shown


# HTML


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_has_a_shape_beside_its_word(status):
    assert WORD[status] in Page(html(of_status(status))).text


@every_run
def test_html_is_made_of_what_every_notebook_keeps(run):
    page = Page(html(run))
    assert page.open == []
    assert page.tags <= SAFE_TAGS
    assert {name for name, _ in page.attributes} <= SAFE_ATTRIBUTES
    for style in page.values("style"):
        for declaration in style.split(";"):
            assert SAFE_STYLES.fullmatch(declaration.split(":")[0]), declaration
    assert not re.search(r"\b(nan|inf|None)\b", page.text)


@every_run
def test_html_loads_nothing_and_tells_in_words_what_a_picture_shows(run):
    page = Page(html(run))
    assert all(uri.startswith("data:image/png;base64,") for uri in page.values("src"))
    assert len(page.values("alt")) == len(page.values("src"))


def test_the_charts_are_described_in_words():
    power, emitted = Page(html(sample())).values("alt")
    assert re.fullmatch(
        r"Power over 02:14: [\d.]+ W at first, \d+ W at the end, \d+ W at most\.", power
    )
    assert re.fullmatch(
        r"Emitted over 02:14: \d+ µgCO2e at first, 609 mgCO2e at the end\.", emitted
    )


def test_what_the_chart_shows_of_the_time_ahead_is_told_in_words():
    page = Page(html(of_status("interrupted", budget_g=30.0)))
    assert "dashes: projected, dots: budget" in page.text
    assert page.values("alt")[1].endswith(
        "609 mgCO2e at the end. Projected: 34.2 gCO2e, 29.1 \N{EN DASH} 39.3 gCO2e (80 %), in "
        "41:20, at 5 % of the work. Budget: 30 gCO2e, would be passed: 2 % of it emitted."
    )
    assert "dots" not in Page(html(sample(budget_g=1e6))).text
    assert "dashes" not in Page(html(sample())).text


def test_a_run_that_has_begun_says_that_its_figures_are_to_come():
    shown = Page(html(just_begun())).text
    assert "Being measured; the figures appear here when the cell has ended." in shown
    so_far = Page(html(of_status("running"))).text
    assert "Emitted so far" in so_far
    assert "Energy so far" in so_far
    assert "Energy so far" not in Page(html(sample())).text


def test_a_gap_in_the_chart_is_told():
    run = sample()
    run.series.power_w[60:90] = [None] * 30
    assert Page(html(run)).values("alt")[0].endswith(", with gaps.")


@every_run
def test_html_is_small(run):
    assert len(html(run).encode()) <= 14 * 1024


def test_the_provisional_page_is_tiny():
    assert len(html(just_begun()).encode()) <= 3 * 1024


def test_devices_are_listed_where_there_are_several():
    shown = Page(html(fullest())).text
    assert (
        "9 devices: 8 \N{MULTIPLICATION SIGN} NVIDIA H100 80GB HBM3, Intel Xeon Platinum 8480+"
        in shown
    )
    assert len(re.findall(r"GPU-\d1f0c2a4", shown)) == 8
    assert "table" not in Page(html(sample())).tags


def test_the_numbers_say_where_they_come_from():
    shown = Page(html(sample(zone=Zone("USA", "United States", "timezone")))).text
    for fact in (
        "NVML energy counter: NVIDIA H100",
        "GPU boards only",
        "USA (United States), a guess from the time zone",
        "source: Ember",
        "PUE 1, so nothing is added",
        "Carbon of the devices' manufacture",
        "run 2f1f9c1e-6f0a-4a57-9d57-0f0b3c1d2e4f",
    ):
        assert fact in shown


@settings(deadline=None)
@given(hostile=st.text(min_size=1))
def test_what_users_write_stays_text(hostile):
    run = sample(
        name=hostile,
        warnings=[hostile],
        metric=Metric(hostile, hostile),
        devices=[gpu(name=hostile, uuid=hostile), gpu(1)],
        zone=Zone(hostile, hostile, "given"),
        series=series(2),
    )
    run.id = run.started_at = run.status = hostile
    run.devices[0].kind = run.devices[0].method = run.zone.how = hostile
    run.intensity.source = run.intensity.scope = run.work.unit = run.work.source = hostile
    run.work.done = run.work.rate_per_s = 1.0
    page = Page(html(run))
    assert page.open == []
    assert page.tags <= SAFE_TAGS
    assert {name for name, _ in page.attributes} <= SAFE_ATTRIBUTES
    assert words.name(run) in page.text
    html(run).encode("utf-8")


@pytest.mark.parametrize("status", ["running", "<i>"])
def test_a_record_from_elsewhere_cannot_bring_markup_along(status):
    run = sample(status=status, started_at="<script>alert(1)</script>", series=series(2))
    assert not re.search("<(script|i)>", html(run))


def test_markup_in_a_name_is_shown_as_it_was_written():
    name = '<img src=x onerror=alert(1)> & "it\'s"'
    assert Page(html(sample(name=name))).text.startswith(name)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("page", ["#ffffff", "#f5f5f5", "#111111", "#1e1e1e", "#2b2b2b"])
def test_bars_and_lines_are_seen_on_light_and_dark_pages(page):
    colours = set(re.findall(r"border-left:2px solid (#\w{6})", html(fullest())))
    assert len(colours) == 3
    for colour in colours:
        low, high = sorted((luminance(page), luminance(colour)))
        assert (high + 0.05) / (low + 0.05) >= 3


# The bundle


@every_run
def test_the_bundle_has_three_forms_and_goes_into_a_notebook(run):
    shown = bundle(run)
    assert list(shown) == ["text/plain", "text/html", MIME_TYPE]
    assert shown[MIME_TYPE] == run.to_dict()
    assert Run.from_dict(json.loads(json.dumps(shown, allow_nan=False))[MIME_TYPE]).id == run.id


def test_the_bundle_makes_only_what_is_asked_for():
    assert list(bundle(sample(), {"text/plain"})) == ["text/plain"]


def test_ipython_shows_a_run_by_its_bundle():
    run = sample()
    assert DisplayFormatter().format(run)[0] == bundle(run)
    assert DisplayFormatter().format(run, include={"text/html"})[0] == {"text/html": html(run)}


def test_printing_a_run_shows_its_text():
    run = sample()
    assert str(run) == text(run)


def test_showing_a_run_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from sample_runs import sample\n"
        "before = set(sys.modules)\n"
        "from ocarbon_magic.views.summary import bundle\n"
        "bundle(sample())\n"
        "print(*{m.split('.')[0] for m in set(sys.modules) - before})"
    )
    tests = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tests, capture_output=True, text=True, check=True
    )
    assert "ocarbon_magic" in done.stdout.split()
    assert not set(done.stdout.split()) & {"PIL", "numpy", "matplotlib", "IPython", "sqlite3"}

"""The static page of a run: safe in every notebook, small, and said in words."""

from __future__ import annotations

import re

import pytest
from contrast import luminance
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_runs import STATUSES, fullest, gpu, just_begun, of_status, sample, series
from summaries import WORD, Page, every_run

from ocarbon_magic.run import Metric, Zone
from ocarbon_magic.views import words
from ocarbon_magic.views.summary import html

# What the sanitiser of an untrusted notebook lets pass; tabular figures it drops, to no harm.
SAFE_TAGS = {
    "b", "br", "details", "div", "img", "span", "sub", "summary", "table", "td", "th",
    "tr",
}  # fmt: skip
SAFE_ATTRIBUTES = {"alt", "cellpadding", "class", "scope", "src", "style"}
SAFE_STYLES = re.compile(
    r"align-items|background|border(-\w+)*|box-sizing|cursor|display|flex(-wrap)?|"
    r"font-(size|variant-numeric|weight)|gap|height|justify-content|line-height|margin(-\w+)*|max-width|"
    r"min-width|opacity|overflow-(wrap|x)|padding(-\w+)*|table-layout|text-align|text-indent|"
    r"white-space|width"
)


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


@pytest.mark.parametrize("page", ["#ffffff", "#f5f5f5", "#111111", "#1e1e1e", "#2b2b2b"])
def test_bars_and_lines_are_seen_on_light_and_dark_pages(page):
    colours = set(re.findall(r"border-left:2px solid (#\w{6})", html(fullest())))
    assert len(colours) == 3
    for colour in colours:
        low, high = sorted((luminance(page), luminance(colour)))
        assert (high + 0.05) / (low + 0.05) >= 3

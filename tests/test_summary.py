"""What a person sees of a run without any front end of ours, and the bundle that has it."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
from IPython.core.formatters import DisplayFormatter
from sample_runs import STATUSES, cpu, fullest, gpu, just_begun, of_status, projection, sample
from summaries import BY_HAND, RUNS, WORD, Page, every_run

import ocarbon_magic.views  # noqa: F401 - tells Run how to show itself
from ocarbon_magic.run import MIME_TYPE, Projection, Run, Work, Zone
from ocarbon_magic.views.summary import bundle, html, text


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
        assert "embodied not included" in shown

    def test_a_warning_is_one_sign_and_its_words(self, show):
        shown = show(sample(warnings=["CPU power is an estimate.", "The disk is full."]))
        assert len(re.findall(r"(?i)\bwarning\b", shown)) == 2
        assert "CPU power is an estimate." in shown
        assert "The disk is full." in shown

    def test_a_pue_counts_and_is_shown(self, show):
        assert re.search(r"PUE 1\.1\b", show(sample(pue=1.1)))


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


def test_a_projection_is_not_shown_once_the_work_is_done():
    run = sample(work=Work(2000.0, 2000.0, "step", 14.9, "tqdm"), projection=projection())
    assert "projected" not in text(run)
    assert "Projected" not in html(run)


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

"""`%carbon report` and `%carbon export` in a real kernel, on a run that was measured there."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(scope="module")
def measured(kernel):
    kernel.run("%%carbon --zone FRA --name first_try --interval 0.05\nsum(range(3_000_000))")
    return kernel


def test_a_report_is_shown_as_markdown_and_is_an_object(measured):
    shown = measured.run("%carbon report").outputs[-1]["data"]
    assert set(shown) == {"text/plain", "text/markdown"}
    assert "The run *first\\_try* took" in shown["text/markdown"]
    assert "the grid of France" in shown["text/markdown"]
    measured.run("report = %carbon report --format latex")
    assert measured.ask("'opencarboneval' in report.bibtex") is True


def test_an_export_holds_the_measured_run(measured, tmp_path):
    path = tmp_path / "runs.json"
    shown = measured.run(f"%carbon export {path}").outputs[-1]["data"]
    assert set(shown) == {"text/plain", "text/html"}
    (record,) = json.loads(path.read_text())
    assert record["name"] == "first_try"
    assert record["energy_kwh"] > 0


def test_a_slip_is_one_sentence_and_no_traceback_of_ours(measured):
    seen = measured.run("%carbon export runs.doc")
    assert seen.error is None, "no traceback"
    sentence = seen.streams["stderr"].strip()
    assert sentence.startswith("UsageError: %carbon export: the name runs.doc tells no format")
    assert "\n" not in sentence

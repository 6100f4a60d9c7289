"""`%carbon runs` and figures in a real kernel: shown once, whatever pyplot does."""

from __future__ import annotations

import base64

import pytest


@pytest.fixture(scope="module")
def measured(kernel):
    for name in ("first", "second"):
        kernel.run(f"%%carbon --zone FRA --name {name} --interval 0.05\nsum(range(3_000_000))")
    return kernel


def test_the_runs_of_the_kernel_are_answered_as_a_table_and_an_object(measured):
    shown = measured.run("%carbon runs").outputs[-1]["data"]
    assert set(shown) == {"text/plain", "text/html"}
    assert shown["text/plain"].startswith("2 runs, newest first\n")
    measured.run("known = %carbon runs")
    assert measured.ask("[run.name for run in known]") == ["second", "first"]
    assert measured.ask("__import__('ocarbon_magic').runs() == known") is True
    measured.run("one = %carbon runs first")
    assert measured.ask("[run.name for run in one]") == ["first"]


def test_the_tab_key_knows_it(measured):
    reply = measured.client.complete("%carbon ru", reply=True, timeout=30)
    assert "runs" in reply["content"]["matches"]


@pytest.mark.parametrize(
    "before", ["", "%matplotlib inline\nimport matplotlib.pyplot as plt"], ids=["bare", "inline"]
)
def test_a_figure_is_shown_once_with_words_for_who_does_not_see_it(measured, before):
    measured.run(before)
    for figure in ("known[0].plot()", "known.plot()"):
        (shown,) = measured.run(figure).outputs
        assert base64.b64decode(shown["data"]["image/png"]).startswith(b"\x89PNG")
        assert shown["metadata"]["image/png"]["alt"] == shown["data"]["text/plain"]


def test_axes_of_pyplot_are_drawn_on_and_shown_once(measured):
    measured.run("import matplotlib.pyplot as plt")
    seen = measured.run("fig, ax = plt.subplots()\nknown[0].plot('emissions', ax=ax);")
    pictures = [output for output in seen.outputs if "image/png" in output["data"]]
    assert len(pictures) == 1


def test_a_figure_that_cannot_be_drawn_is_one_line(measured):
    seen = measured.run("known[0].plot('powr')")
    assert seen.status == "error"
    assert seen.error[2] == ("PlotError: kind: unknown figure powr: did you mean power?",)

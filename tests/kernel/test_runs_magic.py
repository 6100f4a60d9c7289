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


def test_runs_are_chosen_and_added_up_on_the_line(measured):
    measured.run("some = %carbon runs f* --zone FR --day today --device cpu")
    assert measured.ask("len(some)") <= 1
    measured.run("some = %carbon runs --zone France --status finished --since yesterday")
    assert measured.ask("[run.name for run in some]") == ["second", "first"]
    shown = measured.run("%carbon runs --totals zone").outputs[-1]["data"]
    assert set(shown) == {"text/plain", "text/html"}
    assert shown["text/plain"].startswith("2 runs by zone\n")
    measured.run("sums = %carbon runs first --totals name")
    assert measured.ask("[[row.key, row.runs] for row in sums]") == [["first", 1]]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("--totals dya", "--totals must be day, month, project, user, host, zone, device, name"),
        ("--sinc today", "unknown option --sinc: did you mean --since?"),
        ("--status done", "--status must be running, finished, failed, interrupted or lost"),
        ("--since soon", "a time is a day such as 2026-03-01, a month such as 2026-03, today"),
        ("zoen=FRA", "unknown option zoen=FRA: known: day, since, until"),
    ],
)
def test_a_slip_is_answered_in_one_sentence(measured, line, sentence):
    seen = measured.run(f"%carbon runs {line}")
    assert sentence in seen.streams["stderr"] + str(seen.error)
    assert "Traceback" not in str(seen.error)


def test_the_notebook_and_its_project_are_kept_with_the_run(measured, tmp_path):
    (tmp_path / "vision" / ".git").mkdir(parents=True)
    notebook = tmp_path / "vision" / "train.ipynb"
    measured.run(f"__vsc_ipynb_file__ = {str(notebook)!r}")
    measured.run("%%carbon --quiet --name kept_there --devices none\n1")
    measured.run("%%carbon --quiet --name kept_there --devices none --project said\n1")
    measured.run("del __vsc_ipynb_file__\nkept = %carbon runs kept_there --notebook train.ipynb")
    assert measured.ask("[e.project for e in kept.entries()]") == ["said", "vision"]
    assert measured.ask("kept.entries()[0].notebook") == str(notebook)
    assert str(tmp_path) not in str(measured.ask("[run.to_dict() for run in kept]"))


def test_a_run_is_called_by_its_name_or_its_id(measured):
    measured.run("from ocarbon_magic.subcommands.named import run_called, runs_called")
    measured.run("first = %carbon runs first")
    for name in ("first[0].name", "'fir?t'", "'first'", "first[0].id[:8]"):
        assert measured.ask(f"run_called({name}, '--from') is first[0]") is True
    assert measured.ask("[run.name for run in runs_called(['second', 'f*'])]") == [
        "second",
        "first",
    ]


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

"""`%carbon report` and `%carbon export`: what a line asks for, without a kernel."""

from __future__ import annotations

import json
from collections import deque
from types import SimpleNamespace

import pytest
from IPython.core.error import UsageError
from reported import an_hour, in_california

from ocarbon_magic import history
from ocarbon_magic.completion import complete_line
from ocarbon_magic.subcommands import answer


@pytest.fixture
def kept(monkeypatch):
    """Two runs that this process has measured, the newest first."""
    monkeypatch.setattr(history, "_finished", deque())
    runs = [an_hour(1, name="resnet"), in_california(2, name="bert base")]
    for run in reversed(runs):
        history.keep(run)
    return runs


def test_a_report_is_on_the_last_run_unless_others_are_named(kept):
    assert "The run *resnet* took" in str(answer("report"))
    assert "The run *bert base* took" in str(answer("report 'bert base'"))
    assert "The 2 runs" in str(answer("report *"))
    assert "The run *resnet* took" in str(answer("report last --format=markdown"))


def test_the_format_and_the_file_stand_on_the_line(kept, tmp_path):
    assert str(answer("report --format latex")).startswith(r"\paragraph")
    card = answer(f"report --format model-card --training-type pre-training --path {tmp_path}/A.md")
    assert "  training_type: pre-training\n" in (tmp_path / "A.md").read_text()
    assert card.saved == (f"{tmp_path}/A.md",)


def test_all_runs_are_exported_unless_some_are_named(kept, tmp_path):
    assert answer(f"export {tmp_path}/runs.jsonl").runs == 2
    export = answer(f"export {tmp_path}/one.json resnet")
    assert export.runs == 1
    assert json.loads((tmp_path / "one.json").read_text())[0]["name"] == "resnet"
    assert f"1 run written to {tmp_path}/one.json (json)" in str(export).replace("\n", "")
    assert set(export._repr_mimebundle_()) == {"text/plain", "text/html"}


def test_a_dash_is_the_text_itself(kept):
    assert [run["name"] for run in json.loads(str(answer("export -")))] == ["resnet", "bert base"]
    assert str(answer("export - bert* --format openmetrics")).endswith("# EOF\n")
    assert answer("export - --since 2026-03-02 --format jsonl").runs == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("export", "%carbon export: name a file, as in runs.csv, or - for text."),
        ("export runs.csv --formt csv", "unknown option --formt: did you mean --format?"),
        ("export runs.doc", "the name runs.doc tells no format"),
        ("export none/runs.csv", "does not exist: make it first"),
        ("export - nobody", "nobody"),
        ("export - --since yesterdayish", "yesterdayish"),
        ("report --format docx", "--format must be latex, markdown, model-card or text"),
        ("report nobody", "nobody"),
        ("report * --format model-card", "do not add up to one figure"),
    ],
)
def test_a_slip_is_answered_in_one_sentence(kept, line, said):
    with pytest.raises(UsageError) as caught:
        answer(line)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nothing_to_report_on_is_said(monkeypatch):
    with pytest.raises(UsageError, match="%carbon report: there is no run to report on"):
        answer("report")
    assert answer("export - --format jsonl").runs == 0


def test_tab_offers_options_and_formats():
    def offered(line, symbol=""):
        return complete_line(None, SimpleNamespace(line=line, symbol=symbol))

    assert "model-card" in offered("%carbon report --format ")
    assert offered("%carbon report --training-type ") == ["pre-training", "fine-tuning"]
    assert "parquet" in offered("%carbon export runs --format ")
    assert "--since" in offered("%carbon export ")

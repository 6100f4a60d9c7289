"""What the documents say was measured is what results.json holds."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from unittest.mock import patch

import pytest
from benchmarks import __main__ as command
from benchmarks import documents, peers_table, results, tables
from benchmarks.bars import BARS, Bar, number
from benchmarks.memory import peak_mib
from benchmarks.parts import PARTS, Part
from benchmarks.script import output_of
from benchmarks.spread import spread
from benchmarks.training_slowed import standard_error
from markdown_it import MarkdownIt

MEASURED = results.read()
SAMPLE = """\
# A tool

It adds <!-- benchmark: packages -->some<!-- /benchmark --> packages.

<!-- benchmark: estimates -->
<!-- /benchmark -->
"""
LOUD = "<!-- benchmark: packages -->"


def made(name):
    return tables.BLOCKS[name](MEASURED)


# The documents


@pytest.mark.parametrize("document", documents.DOCUMENTS, ids=lambda path: path.name)
def test_a_document_says_what_was_measured(document):
    text = document.read_text(encoding="utf-8")
    assert documents.renewed(text, made) == text, "run `make readme`"


@pytest.mark.parametrize("part", PARTS)
def test_every_part_was_measured(part):
    for python, entry in results.entries(MEASURED, part).items():
        assert date.fromisoformat(entry["measured_at"])
        assert entry["versions"]["python"].startswith(f"{python}.")
        assert entry["versions"]["ocarbon_magic"]
        assert {"cores", "processor", "load_average_before"} <= entry["machine"].keys()
        assert entry["took_s"] > 0
        assert entry["figures"]


def test_what_is_kept_can_be_told_again():
    command_line = [sys.executable, Path(command.__file__).parent, "--kept", *MEASURED]
    told = subprocess.run(command_line, capture_output=True, text=True, check=False)
    assert told.stderr == ""
    assert told.returncode == 0
    assert all(f"{part}: {PARTS[part].tells}" in told.stdout for part in MEASURED)
    assert told.stdout.count(" of the bar: ") == sum(bar.part in MEASURED for bar in BARS)


@pytest.mark.parametrize("name", tables.TABLES)
def test_a_table_is_one_in_markdown(name):
    rows = made(name).split("\n\n")[0].splitlines()
    tokens = MarkdownIt("commonmark").enable("table").parse(f"{made(name)}\n")
    assert tokens[0].type == "table_open"
    assert [token.type for token in tokens].count("tr_open") == len(rows) - 1
    assert "nan" not in made(name)


@pytest.mark.parametrize("name", tables.PHRASES)
def test_a_phrase_is_a_few_words_on_one_line(name):
    assert 0 < len(made(name)) < 30
    assert "\n" not in made(name)


# Marks


def test_blocks_are_renewed_and_the_rest_stands_as_it_was():
    renewed = documents.renewed(SAMPLE, made)
    assert renewed.startswith("# A tool\n\nIt adds <!-- benchmark: packages -->")
    assert f"-->{made('packages')}<!-- /benchmark --> packages." in renewed
    table = f"<!-- benchmark: estimates -->\n{made('estimates')}\n<!-- /benchmark -->\n"
    assert renewed.endswith(table)
    assert documents.renewed(renewed, made) == renewed


def test_a_renewed_document_shows_its_table_and_sentence():
    html = MarkdownIt("commonmark").enable("table").render(documents.renewed(SAMPLE, made))
    assert "<table>" in html
    assert "<p>It adds" in html
    assert "packages.</p>" in html


def test_a_document_without_marks_stays_as_it_is(tmp_path):
    document = tmp_path / "README.md"
    document.write_text("Nothing <!-- but --> words.\n")
    assert not documents.renew(document, MEASURED)
    assert document.read_text() == "Nothing <!-- but --> words.\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("It adds <!-- benchmark: pakages -->2<!-- /benchmark -->.", "'pakages' is none of"),
        (f"It adds {LOUD}2.", "is not closed"),
        (f"It adds {LOUD}2 and {LOUD}3<!-- /benchmark -->.", "is not closed"),
        (f"Few:\n{LOUD}2<!-- /benchmark --> packages.", "begins a line"),
    ],
    ids=["no such name", "not closed", "closed too late", "a phrase that begins a line"],
)
def test_marks_that_cannot_be_followed_are_refused(text, said):
    with pytest.raises(documents.MarkerError, match=said):
        documents.renewed(text, made)


def test_a_block_of_a_part_that_was_never_measured_says_what_to_run():
    with pytest.raises(results.NeverMeasuredError, match="python tests/benchmarks weight"):
        documents.renewed(SAMPLE, lambda name: tables.BLOCKS[name]({}))


# Results


def test_the_figures_of_other_pythons_and_parts_are_kept():
    before = {"weight": {"figures": 1}, "loops": {"3.9": {"figures": 2}}}
    after = results.merged(before, "loops", {"figures": 3})
    assert after["loops"] == {"3.9": {"figures": 2}, results.THIS_PYTHON: {"figures": 3}}
    assert [*after] == ["loops", "weight"]
    assert before["loops"] == {"3.9": {"figures": 2}}


def test_results_are_written_rounded(tmp_path):
    path = tmp_path / "results.json"
    results.write({"weight": {"figures": {"mb": 5.123456789, "tiny": [7.123456e-12]}}}, path)
    assert json.loads(path.read_text()) == {
        "weight": {"figures": {"mb": 5.1235, "tiny": [7.1235e-12]}}
    }
    assert [*tmp_path.iterdir()] == [path]


@pytest.fixture
def toy_parts(tmp_path, monkeypatch):
    """Two parts of which the first breaks."""
    (tmp_path / "breaks.py").write_text("def measure():\n    raise ValueError('no GPU')\n")
    (tmp_path / "works.py").write_text(
        "import os\n"
        "def measure():\n    return {'zone': os.environ.get('OCARBON_ZONE')}\n"
        "def lines(measured):\n    yield f'the zone is {measured}'\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("OCARBON_ZONE", "FRA")
    monkeypatch.syspath_prepend(tmp_path)
    toys = {"breaks": Part("what breaks", "breaks"), "works": Part("what works", "works")}
    with patch.dict(PARTS, toys, clear=True):
        yield


@pytest.mark.usefixtures("toy_parts")
def test_a_part_that_fails_is_one_line_and_loses_no_other(tmp_path, capsys):
    path = tmp_path / "results.json"
    assert command.main(["--json", str(path)]) == 1
    told = capsys.readouterr()
    assert told.err == "breaks failed: ValueError: no GPU\n"
    assert "the zone is {'zone': None}" in told.out
    assert results.figures(results.read(path), "works") == {"zone": None}
    assert "breaks" not in results.read(path)


@pytest.fixture
def sample_document(tmp_path, monkeypatch):
    document = tmp_path / "README.md"
    document.write_text(SAMPLE)
    monkeypatch.setattr(documents, "DOCUMENTS", (document,))
    return document


def test_readme_renews_the_documents(sample_document, capsys):
    assert command.main(["readme"]) == 0
    assert sample_document.read_text() == documents.renewed(SAMPLE, made)
    assert capsys.readouterr().out == "README.md: renewed\n"
    assert command.main(["readme"]) == 0
    assert capsys.readouterr().out == "README.md: as it was\n"


def test_a_document_that_cannot_be_renewed_stays_as_it_was(sample_document, tmp_path, capsys):
    assert command.main(["readme", "--json", str(tmp_path / "none.json")]) == 1
    told = "README.md: 'weight' was never measured: python tests/benchmarks weight\n"
    assert capsys.readouterr().err == told
    assert sample_document.read_text() == SAMPLE


# The other tools

TOLD = {
    "ours": {"error_pct": -0.1},
    "theirs": {"error_pct": 3.0},
    "theirs, every 1 s": {"error_pct": -0.52},
    "silent": {"error": "start raises"},
}


def cells_of(table, row):
    (line,) = (line for line in table.splitlines() if line.startswith(f"| {row} |"))
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


@pytest.fixture
def peers_row():
    """A function that returns the cells of a row of three tools' table."""
    tools = ("ours", "theirs", "silent")
    figures = {
        "versions": dict.fromkeys(tools, "1.0"),
        "imports": {"by_package": {t: {"import_cpu_ms": 80.0} for t in tools}},
        "weight": {t: {"packages": 3, "size_mb": 1.5} for t in tools},
        "starts": {"by_package": {t: {"first": {"start_ms": 5.0}} for t in tools}},
        "energy": {
            "printed_lines": {"ours": 0, "theirs": 7},
            "errors": {"ramp": {way: [one, one] for way, one in TOLD.items()}},
        },
        "selection": {
            "index": {"expected": [1], "told": {t: {"indices": [1]} for t in ("ours", "theirs")}},
            "empty": {"expected": [], "told": {"ours": {"indices": []}}},
        },
        "without_gpu": {t: {"goes_on": True, "error": None} for t in ("ours", "theirs")}
        | {"silent": {"goes_on": True, "error": "stop raises"}},
        "network": {
            "dropped": {
                "ours": {"start_ms": 100.0, "stop_ms": 50.0, "contacts": 0},
                "theirs": {"start_ms": 9.0, "contacts": 2, "error": "start raises"},
            }
        },
        "losses": {"killed_after_s": 10.5, "by_package": {"ours": {"lost_s": 2.0}}},
        "sampling": {"gpus": 8, "by_package": {"ours": {"core_pct": 0.05}}},
        "projection": {"epochs": 10, "by_package": {"ours": {"duration_error_pct": 4.0}}},
        "features": {what: {"ours": 3, "theirs": 0} for what in peers_table.TOLD}
        | {"a prediction": {"ours": 3, "theirs": 9}},
    }
    return lambda row: cells_of(peers_table.table(figures), row)


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("energy of a GPU, largest error: ramp", ["0.1 %", "3 % / 0.52 %", "fails"]),
        ("lines printed", ["0", "7", "-"]),
        ("GPUs counted as `CUDA_VISIBLE_DEVICES` says", ["2 of 2", "1 of 2", "0 of 2"]),
        ("goes on where there is no GPU", ["yes", "yes", "no"]),
        ("tries to reach other machines, by default", ["0", "2", "-"]),
        ("start and stop where every packet is dropped", ["0.15 s", "fails", "-"]),
        ("start, the second time in a process", ["-", "-", "-"]),
        (
            "no word in its source of",
            ["-", "a cell magic, embodied carbon, an uncertainty", "-"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_tools_stand_beside_ours(peers_row, row, cells):
    assert peers_row(row) == cells


# Numbers


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (7.1e-12, "7e-12"), (0.0834, "0.0834"), (1.5, "1.5"), (40, "40"), (16384, "16,384")],
    ids=str,
)
def test_a_number_has_three_digits_that_mean_something(value, said):
    assert number(value) == said


def test_a_bar_is_touched_at_one():
    bar = Bar("load", 40, " ms", "overhead", lambda figures: figures["ms"])
    assert bar.said({"ms": 20.0}) == " 0.50 of the bar: load, 20 ms (bar 40 ms)"
    assert bar.ratio({"ms": 40.0}) == 1


@pytest.mark.parametrize(("found", "ratio"), [(0, 0.0), (3, float("inf"))])
def test_a_bar_of_nothing_allows_nothing(found, ratio):
    assert Bar("printed", 0, "", "overhead", lambda _: found).ratio({}) == ratio


def test_the_median_of_many_normal_values_is_surer_than_one_of_them():
    quartile = 0.6745  # of a standard deviation
    assert standard_error(-quartile, quartile, 100) == pytest.approx(0.1253, abs=1e-3)


def test_a_single_value_is_its_own_spread():
    assert spread([3.0]) == {"median": 3.0, "p95": 3.0, "n": 1}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc on this system")
def test_the_memory_of_a_script_is_its_own():
    ballast = bytearray(200 * 2**20)
    ballast[::4096] = b"x" * len(ballast[::4096])
    tests = str(Path(__file__).parent)
    code = f"import sys; sys.path.insert(0, {tests!r})\n"
    code += "from benchmarks.memory import peak_mib; print(peak_mib())"
    assert float(output_of("-c", code)) < 100 < peak_mib()


def test_a_script_that_fails_says_why_in_one_line():
    with pytest.raises(RuntimeError, match=r"^ValueError: no GPU$"):
        output_of("-c", "raise ValueError('no GPU')")

"""%%carbon outside a browser: terminal IPython, `jupyter execute`, plain scripts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import nbformat
import pexpect
import pytest

PROMPT = r"In \[\d+\]: "


@pytest.fixture
def terminal(tmp_path):
    """A plain terminal IPython; typed lines come back, so answers are read between prompts."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor",
         "--HistoryManager.enabled=False", "--no-confirm-exit"],
        env={**os.environ, "IPYTHONDIR": str(tmp_path), "TERM": "dumb", "COLUMNS": "200"},
        encoding="utf-8",
        timeout=30,
        dimensions=(50, 200),
    )  # fmt: skip
    child.expect(PROMPT)
    yield child
    child.close(force=True)


def type_cell(child, *lines):
    for line in lines[:-1]:
        child.sendline(line)
        child.expect(r"   \.\.\.: ")
    child.sendline(lines[-1])
    child.expect(PROMPT)
    return child.before


def test_a_terminal_shows_the_result_and_the_summary_as_text(terminal):
    type_cell(terminal, "%load_ext ocarbon_magic")
    shown = type_cell(terminal, "%%carbon --zone FRA --name typed", "6 * 7")
    assert "Out[2]: 42" in shown
    assert "typed" in shown
    assert "gCO2e" in shown
    assert "<div" not in shown


def test_a_terminal_shows_how_the_budget_stands_and_the_runs_as_text(terminal):
    type_cell(terminal, "%load_ext ocarbon_magic")
    shown = type_cell(
        terminal,
        "%%carbon --zone FRA --name typed --budget 50",
        "sum(sum(range(10**6)) for _ in range(60))",
    )
    assert "budget    50 gCO2e, not passed: less than 1 % of it emitted" in shown
    shown = type_cell(terminal, "%carbon runs")
    assert "1 run, newest first" in shown
    assert "<div" not in shown


def test_a_terminal_keeps_the_traceback(terminal):
    type_cell(terminal, "%load_ext ocarbon_magic")
    shown = type_cell(terminal, "%%carbon --zone FRA", "1 / 0")
    assert shown.count("ZeroDivisionError: division by zero") == 1
    assert "failed" in shown


def test_ctrl_c_ends_the_cell_and_the_run(terminal):
    type_cell(terminal, "%load_ext ocarbon_magic")
    type_cell(terminal, "import time")
    terminal.sendline("%%carbon --zone FRA")
    terminal.expect(r"   \.\.\.: ")
    terminal.sendline("print('st' + 'arted', flush=True); time.sleep(60)")
    terminal.expect("started")
    terminal.sendintr()
    terminal.expect(PROMPT)
    assert "KeyboardInterrupt" in terminal.before
    assert "interrupted" in terminal.before


TRACE = "t_s,power_w\n0,1800000\n3600,1800000\n"
"""1800 kW: at 1000 g/kWh, 500 g in a second."""

STOPPED = re.compile(
    r"^Stopped at the budget: [\d.]+ g of 20 g CO2e emitted \(--stop-at-budget\)\.", re.MULTILINE
)


@pytest.mark.parametrize(
    "line", ["import time; time.sleep(600)", "import asyncio; await asyncio.sleep(600)"]
)
def test_a_terminal_shows_a_stop_at_the_budget_in_one_line(terminal, tmp_path, line):
    (tmp_path / "trace.csv").write_text(TRACE)
    type_cell(terminal, "%load_ext ocarbon_magic")
    options = f"--devices trace:{tmp_path / 'trace.csv'} --intensity 1000 --interval 0.05"
    shown = type_cell(terminal, f"%%carbon {options} --budget 20 --stop-at-budget", line)
    assert STOPPED.search(shown)
    assert "Traceback" not in shown
    assert "interrupted after" in shown
    assert "Out[3]: 2" in type_cell(terminal, "1 + 1")


def execute(tmp_path, *cells, allow_errors=False):
    path = tmp_path / "notebook.ipynb"
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(c) for c in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, path)
    command = [sys.executable, "-m", "jupyter", "execute", str(path), "--inplace"]
    result = subprocess.run(
        command + ["--allow-errors"] * allow_errors, capture_output=True, text=True, check=False
    )
    return result, nbformat.read(path, as_version=4)


def test_jupyter_execute_keeps_the_record_first_in_the_output(tmp_path):
    result, notebook = execute(
        tmp_path, "%load_ext ocarbon_magic", "%%carbon --zone FRA\nprint('hello')\n6 * 7"
    )
    assert result.returncode == 0, result.stderr
    record, stream, value = notebook.cells[1].outputs
    assert record.data["application/vnd.ocarbon.run+json"]["status"] == "finished"
    assert "application/vnd.jupyter.widget-view+json" not in record.data
    assert stream.text == "hello\n"
    assert value.data["text/plain"] == "42"


def test_run_all_stops_at_an_error_in_a_measured_cell(tmp_path):
    result, _ = execute(
        tmp_path, "%load_ext ocarbon_magic", "%%carbon\n1 / 0", "open('reached', 'w')"
    )
    assert result.returncode != 0
    assert "ZeroDivisionError" in result.stderr
    assert not (tmp_path / "reached").exists()


def test_a_cell_that_failed_keeps_its_record(tmp_path):
    _, notebook = execute(tmp_path, "%load_ext ocarbon_magic", "%%carbon\n1 / 0", allow_errors=True)
    record, error = notebook.cells[1].outputs
    assert record.data["application/vnd.ocarbon.run+json"]["status"] == "failed"
    assert error.ename == "ZeroDivisionError"


SCRIPT = """
import json, sys
import ocarbon_magic as oc

assert "IPython" not in sys.modules
with oc.measure("script", zone="FRA", metric="total / 2") as run:
    total = sum(range(100_000))
print(json.dumps(run.to_dict()))
assert oc.last_run() is run
assert "IPython" not in sys.modules
"""


def run_script(code, *arguments, **env):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        check=False,
    )


def test_a_script_gets_the_summary_on_standard_error_alone():
    result = run_script(SCRIPT)
    assert result.returncode == 0, result.stderr
    record = json.loads(result.stdout)
    assert (record["name"], record["status"]) == ("script", "finished")
    assert record["metric"]["value"] == sum(range(100_000)) / 2
    assert "script" in result.stderr
    assert "gCO2e" in result.stderr


PARTLY = """
import ocarbon_magic as oc
import ocarbon_magic.throughput

with oc.measure("part", zone="FRA", total=10**9, budget=50, interval=0.05) as run:
    while run.projection is None:
        oc.update()
print(oc.runs())
"""


def test_a_script_is_told_the_open_projection_and_the_budget():
    result = run_script(PARTLY)
    assert result.returncode == 0, result.stderr
    said = " ".join(result.stderr.split())
    assert re.search(r" projected \S+ \w+CO2e, .+ \(80 %\), in .+, at \S+ % of the work ", said)
    assert " budget 50 gCO2e, not passed: less than 1 % of it emitted " in said
    assert result.stdout.startswith("1 run, newest first\n")


def test_a_quiet_script_prints_nothing():
    result = run_script(SCRIPT, OCARBON_QUIET="1")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("body", "status"),
    [("raise ValueError", "failed"), ("raise KeyboardInterrupt", "interrupted"), ("", "finished")],
)
def test_measure_ends_with_its_block_and_lets_errors_through(body, status):
    code = (
        "import ocarbon_magic as oc\ntry:\n    with oc.measure(quiet=True) as run:\n"
        f"        assert run.status == 'running'\n        {body}\n"
        "except (ValueError, KeyboardInterrupt) as error:\n    print(type(error).__name__)\n"
        "print(run.status)"
    )
    result = run_script(code)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split()[-1] == status
    assert len(result.stdout.split()) == 1 + bool(body)


OVER = """
import asyncio, json, sys, time
import ocarbon_magic as oc

budget = {"budget": 20, "stop_at_budget": True, "intensity": 1000, "interval": 0.05}

def block():
    return oc.measure(devices="trace:" + sys.argv[1], quiet=True, **budget)
"""

STOPPED_SCRIPTS = {
    "loop": "with block():\n    while True: pass",
    "decorator": "@block()\ndef train():\n    time.sleep(600)\n\ntrain()",
    "coroutine": (
        "async def main():\n    with block():\n        await asyncio.sleep(600)\n\n"
        "asyncio.run(main())"
    ),
}


@pytest.mark.parametrize("code", STOPPED_SCRIPTS.values(), ids=STOPPED_SCRIPTS.keys())
def test_a_script_ends_at_its_budget_with_one_line(tmp_path, code):
    (tmp_path / "trace.csv").write_text(TRACE)
    result = run_script(f"{OVER}\n{code}", tmp_path / "trace.csv")
    assert result.returncode == 1
    assert result.stdout == ""
    assert STOPPED.fullmatch(result.stderr.strip())


def test_a_script_can_catch_the_stop_and_go_on(tmp_path):
    (tmp_path / "trace.csv").write_text(TRACE)
    code = (
        "try:\n    with block() as run:\n        time.sleep(600)\n"
        "except oc.BudgetReached as stopped:\n    print(str(stopped) in run.warnings, run.status)\n"
        "1 / 0"
    )
    result = run_script(f"{OVER}\n{code}", tmp_path / "trace.csv")
    assert result.stdout == "True interrupted\n"
    assert "Traceback" in result.stderr, "other errors are written as ever"


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("stop_at_budget=True", "--stop-at-budget needs a budget"),
        ("zone='Farnce'", "unknown zone 'Farnce'"),
        ("pue=0.5", "--pue must be a number of at least 1, not 0.5."),
        ("zoen='FRA'", "unknown option zoen: did you mean zone?"),
        ("save='x'", "save belongs to %%carbon"),
    ],
)
def test_measure_refuses_a_wrong_option_before_the_block_runs(call, sentence):
    code = f"import ocarbon_magic as oc\nwith oc.measure({call}):\n    print('ran')"
    result = run_script(code)
    assert result.returncode == 1
    assert result.stdout == ""
    assert sentence in result.stderr.strip().splitlines()[-1]

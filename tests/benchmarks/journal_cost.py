"""What the journal costs with 100,000 runs in it, and at the end of a cell."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from benchmarks.cell_overhead import LOAD, Timed
from benchmarks.spread import spread, told
from journal.journals import journal, sheet, some_origin, some_run

import ocarbon_magic as oc
from ocarbon_magic.collection.totals import BY
from ocarbon_magic.journal.database import open_to_write
from ocarbon_magic.journal.rows import put, put_sheet

RUNS = 100_000
KINDS = 1_000
ROUNDS = 9
INSERTS = 300
FILTERS = {
    "name": "resnet",
    "name, part": "*base*",
    "day": "2026-03-01",
    "since": "2027-01-01",
    "notebook": "train.ipynb",
    "project": "vision",
    "zone": "SWE",
    "device": "H100",
    "status": "failed",
    "scope": "direct",
    "metric": "loss",
    "user": "ada",
}
WAYS = {"with": "0", "without": "1"}
"""Of a journal, and what then stands in `OCARBON_NO_JOURNAL`."""
CELLS = 30
SLEEPS_S = 30
SLEEPS = f"""
import json, time, ocarbon_magic as oc
with oc.measure(zone="FRA", quiet=True, devices="cpu"):
    time.sleep(5)
    began_s = time.process_time()
    time.sleep({SLEEPS_S})
    print(json.dumps(time.process_time() - began_s))
"""
KILLED = """
import time, ocarbon_magic as oc
with oc.measure("killed", zone="FRA", quiet=True, devices="cpu"):
    print("begun", flush=True)
    while True:
        time.sleep(0.02)
"""
KILLED_AFTER_S = (7.0, 8.3, 9.6, 10.9, 12.2)
"""Steps that share nothing with those at which a run is kept."""


def measure() -> dict[str, Any]:
    """Return what is asked of a full journal, and what cells and scripts pay for an empty one."""
    with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, OCARBON_HOME=folder):
        _fill()
        asked = {
            "runs": RUNS,
            "megabytes": journal().stat().st_size / 1e6,
            "questions_ms": _questions_ms(),
            "insert_ms": spread(_inserts_ms()),
        }
    return {
        **asked,
        "end_of_cell_ms": _ends_of_cells_ms(),
        "sleeping_script": _sleeping_script(),
        "killed": _killed(),
    }


def lines(measured: dict[str, Any]) -> Iterator[str]:
    """Yield the figures."""
    yield f"A journal of {measured['runs']:,} runs, {measured['megabytes']:.0f} MB"
    yield "  processor time in ms"
    for what, ms in measured["questions_ms"].items():
        yield f"  {what:26} {ms:8.1f}"
    yield f"  {'one insert, ms':26} {told(measured['insert_ms'])}"
    for way, of in measured["end_of_cell_ms"].items():
        yield f"  {f'end of a cell {way} it, ms':26} {told(of)}"
    script = measured["sleeping_script"]
    yield (
        f"A script that sleeps for {script['seconds']} s under `oc.measure`: "
        f"{script['with_s']:.3f} s of a core with the journal, {script['without_s']:.3f} without, "
        f"{script['added_core_pct']:+.3f} % of one"
    )
    killed = measured["killed"]
    yield (
        f"A run killed with -9, {killed['kills']} times: the last "
        f"{killed['lost_s']['median']:.1f} s are lost, at most {killed['lost_s']['most']:.1f} s"
    )


def _fill() -> None:
    kinds = [sheet(some_run(number, 60), some_origin(number)) for number in range(KINDS)]
    rows = [(kind.row(), json.dumps(kind.record)) for kind in kinds]
    with closing(open_to_write(journal())) as connection:
        connection.execute("BEGIN")
        for number in range(RUNS):
            row, record = rows[number % KINDS]
            day = f"2026-{1 + number // 8400:02}-{1 + number // 300 % 28:02}"
            stamp = f"{day}T{number // 25 % 24:02}:{number % 60:02}:00.000Z"
            put(connection, {**row, "id": f"{number:032x}", "started_at": stamp}, record)
        connection.execute("COMMIT")


def _questions_ms() -> dict[str, float]:
    everything = oc.runs()
    questions: dict[str, Callable[[], object]] = {
        "list all": oc.runs,
        "show the newest 25": lambda: str(oc.runs()),
        "read the last record": lambda: oc.runs()[0].series,
    }
    for column, value in FILTERS.items():
        keyword = column.split(",")[0]
        questions[f"filter by {column}"] = lambda k=keyword, v=value: oc.runs(**{k: v})
    for by in BY:
        questions[f"totals by {by}"] = lambda by=by: everything.totals(by)
    questions["to a data frame"] = everything.to_pandas
    return {what: _processor_ms(question) for what, question in questions.items()}


def _processor_ms(question: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        question()
        times.append(1000 * (time.process_time() - start))
    return statistics.median(times)


def _inserts_ms() -> list[float]:
    times = []
    with closing(open_to_write(journal())) as connection:
        for number in range(INSERTS):
            one = sheet(replace(some_run(number, 240), id=f"new {number}"))
            start = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            put_sheet(connection, one)
            connection.execute("COMMIT")
            times.append(1000 * (time.perf_counter() - start))
    return times


def _ends_of_cells_ms() -> dict[str, dict[str, float]]:
    """Return how long the end of a cell takes in two kernels, a cell of each in turn."""
    with ExitStack() as stack:
        kernels = {}
        for way, value in WAYS.items():
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            with patch.dict(os.environ, OCARBON_HOME=folder, OCARBON_NO_JOURNAL=value):
                kernels[way] = Timed()
            stack.callback(kernels[way].close)
            kernels[way].run(LOAD)
            kernels[way].cell("%%carbon --zone FRA\n")
        ends: dict[str, list[float]] = {way: [] for way in kernels}
        for _ in range(CELLS):
            for way, kernel in kernels.items():
                ends[way].append(kernel.cell("%%carbon --zone FRA\n")[1])
    return {way: spread(values) for way, values in ends.items()}


def _sleeping_script() -> dict[str, float]:
    """Return the processor time of two scripts that sleep at the same time."""
    with ExitStack() as stack:
        scripts = {}
        for way, value in WAYS.items():
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            env = {**os.environ, "OCARBON_HOME": folder, "OCARBON_NO_JOURNAL": value}
            scripts[way] = subprocess.Popen(
                [sys.executable, "-c", SLEEPS], env=env, stdout=subprocess.PIPE
            )
        spent_s = {way: json.loads(script.communicate()[0]) for way, script in scripts.items()}
    return {
        "seconds": SLEEPS_S,
        "with_s": spent_s["with"],
        "without_s": spent_s["without"],
        "added_core_pct": 100 * (spent_s["with"] - spent_s["without"]) / SLEEPS_S,
    }


def _killed() -> dict[str, Any]:
    """Return how much of a run is not in the journal when its process was killed."""
    lost_s = []
    with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, OCARBON_HOME=folder):
        for after_s in KILLED_AFTER_S:
            script = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE)
            script.stdout.readline()
            began_s = time.monotonic()
            time.sleep(after_s)
            script.kill()
            lived_s = time.monotonic() - began_s
            script.communicate()
            lost_s.append(lived_s - oc.runs()[0].duration_s)
    return {
        "kills": len(lost_s),
        "lost_s": {"median": statistics.median(lost_s), "most": max(lost_s)},
    }

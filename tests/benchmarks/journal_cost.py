"""What the journal costs with 100,000 runs in it, and at the end of a cell."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

sys.path += [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "journal")]

import cell_overhead
from journals import journal, sheet, some_origin, some_run

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
BUSY = "import time\nfor _ in range({steps}):\n    time.sleep(0.01)"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["OCARBON_HOME"] = folder
        _fill()
        megabytes = journal().stat().st_size / 1e6
        print(f"A journal of {RUNS:,} runs, {megabytes:.0f} MB (processor time in ms)")
        _line("list all", oc.runs, bar=50)
        _line("show the newest 25", lambda: str(oc.runs()))
        _line("read the last record", lambda: oc.runs()[0].series)
        for column, value in FILTERS.items():
            keyword = column.split(",")[0]
            _line(f"filter by {column}", lambda k=keyword, v=value: oc.runs(**{k: v}), bar=50)
        everything = oc.runs()
        for by in BY:
            _line(f"totals by {by}", lambda by=by: everything.totals(by))
        _line("to a data frame", everything.to_pandas)
        _inserts()
    _ends_of_cells()
    _writing_while_it_runs()


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


def _line(what: str, step: Callable[[], object], bar: float | None = None) -> None:
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        step()
        times.append(1000 * (time.process_time() - start))
    said = "" if bar is None else f"   bar {bar:g}"
    print(f"  {what:26} {statistics.median(times):8.1f}{said}")


def _inserts() -> None:
    times = []
    with closing(open_to_write(journal())) as connection:
        for number in range(INSERTS):
            one = sheet(replace(some_run(number, 240), id=f"new {number}"))
            start = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            put_sheet(connection, one)
            connection.execute("COMMIT")
            times.append(1000 * (time.perf_counter() - start))
    cell_overhead.row("one insert", times)


def _ends_of_cells() -> None:
    print("The end of a cell (ms)")
    for what, value in (("with the journal", "0"), ("without", "1")):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["OCARBON_HOME"], os.environ["OCARBON_NO_JOURNAL"] = folder, value
            kernel = cell_overhead.Timed()
            kernel.run(cell_overhead.LOAD)
            ends = [kernel.cell("%%carbon --zone FRA\n")[1] for _ in range(31)][1:]
            kernel.close()
        cell_overhead.row(what, ends, 50)
    os.environ.pop("OCARBON_NO_JOURNAL")


def _writing_while_it_runs(seconds: int = 30) -> None:
    print(f"Processor time of a script that sleeps for {seconds} s under `oc.measure` (s)")
    spent = {}
    for what, value in (("with the journal", "0"), ("without", "1")):
        code = (
            "import json, time, ocarbon_magic as oc\n"
            "with oc.measure(zone='FRA', quiet=True, devices='cpu'):\n"
            "    time.sleep(5); start = time.process_time()\n"
            f"    time.sleep({seconds}); print(json.dumps(time.process_time() - start))"
        )
        with tempfile.TemporaryDirectory() as folder:
            env = {**os.environ, "OCARBON_HOME": folder, "OCARBON_NO_JOURNAL": value}
            done = subprocess.run(
                [sys.executable, "-c", code], env=env, capture_output=True, check=True
            )
        spent[what] = json.loads(done.stdout)
        print(f"  {what:26} {spent[what]:8.3f}")
    share = 100 * (spent["with the journal"] - spent["without"]) / seconds
    print(f"  {'share of one core, %':26} {share:8.3f}")


if __name__ == "__main__":
    main()

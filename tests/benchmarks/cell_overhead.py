"""What %%carbon costs around a cell, in real kernels, beside the same cell without it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from benchmarks.spread import spread, told
from jupyter_client.manager import start_new_kernel

KERNELS = 7
LATER_CELLS = 30
PREPARE = """
import time, json
marks = {}
def _before(*_): marks['before'] = time.perf_counter()
def _after(*_): marks['after'] = time.perf_counter()
get_ipython().events.register('pre_execute', _before)
"""
LOAD = """
start = time.perf_counter()
get_ipython().run_line_magic('load_ext', 'ocarbon_magic')
marks['load'] = time.perf_counter() - start
get_ipython().events.register('post_run_cell', _after)
"""
BODY = "marks['first'] = time.perf_counter()\nmarks['last'] = time.perf_counter()"


class Timed:
    """A kernel in which cells report when they began and ended."""

    def __init__(self) -> None:
        # Whoever has installed the package has it compiled, or has it so after the first use.
        env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self.manager, self.client = start_new_kernel(kernel_name="python3", env=env)
        self.printed_characters = 0
        self.run(PREPARE)

    def run(self, code: str) -> None:
        self.client.execute_interactive(code, output_hook=self._hear, timeout=120)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["header"]["msg_type"] == "stream":
            self.printed_characters += len(message["content"]["text"])

    def marks(self) -> dict[str, float]:
        reply = self.client.execute_interactive(
            "", silent=True, user_expressions={"m": "json.dumps(marks)"}, timeout=60
        )
        return json.loads(eval(reply["content"]["user_expressions"]["m"]["data"]["text/plain"]))

    def cell(self, first_line: str) -> tuple[float, float]:
        """Return milliseconds before the first line and after the last."""
        self.run(first_line + BODY)
        m = self.marks()
        return 1000 * (m["first"] - m["before"]), 1000 * (m["after"] - m["last"])

    def warm_up(self) -> None:
        """Leave the package compiled."""
        self.run(LOAD)
        self.cell("%%carbon\n")
        self.close()

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def measure() -> dict[str, Any]:
    """Return what was found in some kernels, a measured cell and a bare one in turn."""
    load, first, later, end, bare_start, bare_end = [], [], [], [], [], []
    printed_characters = 0
    Timed().warm_up()
    for _ in range(KERNELS):
        kernel = Timed()
        kernel.run(LOAD)
        load.append(1000 * kernel.marks()["load"])
        cold = kernel.cell("%%carbon --zone FRA\n")
        first.append(cold[0])
        end.append(cold[1])
        for _ in range(LATER_CELLS):
            warm = kernel.cell("%%carbon --zone FRA\n")
            bare = kernel.cell("")
            later.append(warm[0])
            end.append(warm[1])
            bare_start.append(bare[0])
            bare_end.append(bare[1])
        printed_characters += kernel.printed_characters
        kernel.close()
    return {
        "kernels": KERNELS,
        "load_ms": spread(load),
        "start_first_ms": spread(first),
        "start_later_ms": spread(later),
        "start_bare_ms": spread(bare_start),
        "end_ms": spread(end),
        "end_bare_ms": spread(bare_end),
        "printed_characters": printed_characters,
    }


def lines(measured: dict[str, Any]) -> Iterator[str]:
    """Yield the figures."""
    later = measured["start_later_ms"]["n"]
    yield f"Around a cell, {measured['kernels']} kernels, {later} later cells (ms)"
    for what, figure in (
        ("%load_ext", "load_ms"),
        ("start, first cell", "start_first_ms"),
        ("start, later cells", "start_later_ms"),
        ("start, without %%carbon", "start_bare_ms"),
        ("end", "end_ms"),
        ("end, without %%carbon", "end_bare_ms"),
    ):
        yield f"  {what:26} {told(measured[figure])}"
    yield f"  characters printed beside the outputs: {measured['printed_characters']}"

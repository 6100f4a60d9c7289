"""What %%carbon costs around a cell, in real kernels, beside the same cell without it."""

from __future__ import annotations

import json
import os
import statistics

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
        self.run(PREPARE)

    def run(self, code: str) -> None:
        self.client.execute_interactive(code, output_hook=lambda _: None, timeout=120)

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


def main() -> None:
    """Measure and print."""
    load, first, later, end, bare_start, bare_end = [], [], [], [], [], []
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
        kernel.close()
    print(f"Around a cell, {KERNELS} kernels, {len(later)} later cells (ms)")
    row("%load_ext", load, 40)
    row("start, first cell", first, 150)
    row("start, later cells", later, 15)
    row("start, without %%carbon", bare_start)
    row("end", end, 50)
    row("end, without %%carbon", bare_end)


def row(what: str, values: list[float], bar: float | None = None) -> None:
    """Print one figure with its bar."""
    p95 = statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
    said = f"   bar {bar:g}" if bar is not None else ""
    print(f"  {what:26} median {statistics.median(values):8.2f}   p95 {p95:8.2f}{said}")


if __name__ == "__main__":
    main()

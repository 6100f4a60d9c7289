"""What counting costs an iteration, over the bare loop and beside tqdm, in one run.

Cells are run at the top of a module and inside a function, as the magic runs them.
"""

from __future__ import annotations

import ast
import statistics
import textwrap
import time
from collections.abc import Iterator
from typing import Any

from tqdm import tqdm

from ocarbon_magic.progress.observer import WorkObserver
from ocarbon_magic.progress.tracker import track

STEPS = 200_000
ROUNDS = 25
NAMES = {"tqdm": tqdm, "track": track, "data": list(range(STEPS)), "N": STEPS, "sink": None}
GENERATOR = "def numbers():\n    yield from data\n"
LOOPS = {
    "range": "for i in range(N): pass",
    "list": "for x in data: pass",
    "enumerate": "for i, x in enumerate(data): pass",
    "range of ranges": "for e in range(20):\n    for b in range(N // 20): pass",
    "generator": "for x in numbers(): pass",
    "own iterable": "for x in loader: pass",
    "while": "n = 0\nwhile n < N: n += 1",
}
BY_HAND = {  # with the loop that it is laid around
    "tqdm, range": ("for i in tqdm(range(N), file=sink, mininterval=0.1): pass", "range"),
    "oc.track, list": ("for x in track(data): pass", "list"),
    "oc.track, generator": ("for x in track(numbers()): pass", "generator"),
}
PLACES = {"at the top of a cell": False, "in a function": True}


class Loader:
    """Iterable in Python, as loaders of data are."""

    def __len__(self) -> int:
        return STEPS

    def __iter__(self):
        yield from NAMES["data"]


class Sink:
    """Takes what tqdm writes, so that no terminal is measured."""

    def write(self, text: str) -> None:
        """Drop the text."""

    def flush(self) -> None:
        """Do nothing."""


def nanoseconds(source: str, *, counted: bool, in_function: bool) -> float:
    """Return the time of one run of a cell, per step."""
    names = {**NAMES, "loader": Loader(), "sink": Sink()}
    exec(GENERATOR, names)
    if in_function:
        source = f"def run():\n{textwrap.indent(source, '    ')}\nrun()"
    tree = ast.parse(source)
    observer = WorkObserver(None, None)
    observer.start()
    if counted:
        observer.count_loops(tree, names, 0)
    codes = [
        compile(ast.Module([statement], []), "<cell>", "exec", dont_inherit=True)
        for statement in ast.fix_missing_locations(tree).body
    ]
    start = time.perf_counter()
    for code in codes:
        exec(code, names)
    took_s = time.perf_counter() - start
    observer.stop()
    return took_s / STEPS * 1e9


def added(bare: str, source: str, *, counted: bool, in_function: bool) -> dict[str, float]:
    """Return the nanoseconds of the bare loop and what the other adds, the two alternating."""
    pairs = [
        (
            nanoseconds(bare, counted=False, in_function=in_function),
            nanoseconds(source, counted=counted, in_function=in_function),
        )
        for _ in range(ROUNDS)
    ]
    return {
        "bare_ns": statistics.median(before for before, _ in pairs),
        "added_ns": statistics.median(after - before for before, after in pairs),
    }


def measure() -> dict[str, Any]:
    """Return what counting adds to each loop, in each place, and what is added by hand."""
    return {
        "rounds": ROUNDS,
        "steps": STEPS,
        "counted": {
            where: {
                name: added(source, source, counted=True, in_function=in_function)
                for name, source in LOOPS.items()
            }
            for where, in_function in PLACES.items()
        },
        "by_hand": {
            name: added(LOOPS[bare], source, counted=False, in_function=False)
            for name, (source, bare) in BY_HAND.items()
        },
    }


def lines(measured: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each loop."""
    yield f"An iteration, {measured['rounds']} rounds of {measured['steps']:,} steps (ns)"
    for where, loops in {**measured["counted"], "by hand": measured["by_hand"]}.items():
        for name, of in loops.items():
            yield (
                f"  {name:20} {where:21} bare {of['bare_ns']:6.1f}   added {of['added_ns']:6.1f}"
            )

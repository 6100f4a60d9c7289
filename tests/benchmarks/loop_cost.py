"""What counting costs an iteration, over the bare loop and beside tqdm, in one run.

Cells are run at the top of a module and inside a function, as the magic runs them.
"""

from __future__ import annotations

import ast
import statistics
import sys
import textwrap
import time

from tqdm import tqdm

from ocarbon_magic.progress.observer import WorkObserver
from ocarbon_magic.progress.tracker import track

STEPS = 200_000
ROUNDS = 25
NAMES = {"tqdm": tqdm, "track": track, "data": list(range(STEPS)), "N": STEPS, "sink": None}
GENERATOR = "def numbers():\n    yield from data\n"
LOOPS = {
    "range": ("for i in range(N): pass", 15),
    "list": ("for x in data: pass", 15),
    "enumerate": ("for i, x in enumerate(data): pass", 15),
    "generator": ("for x in numbers(): pass", 35),
    "own iterable": ("for x in loader: pass", 35),
    "while": ("n = 0\nwhile n < N: n += 1", 35),
    "range of ranges": ("for e in range(20):\n    for b in range(N // 20): pass", 15),
}
BY_HAND = {
    "tqdm, range": ("for i in tqdm(range(N), file=sink, mininterval=0.1): pass", None),
    "oc.track, list": ("for x in track(data): pass", 15),
    "oc.track, generator": ("for x in track(numbers()): pass", 35),
}


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


def medians(
    loops: dict[str, tuple[str, int | None]], *, in_function: bool, bare: dict[str, str]
) -> None:
    """Print what each loop costs over its bare form, the two alternating."""
    where = "in a function" if in_function else "at the top of a cell"
    for name, (source, bar) in loops.items():
        plain = bare.get(name, source)
        pairs = [
            (
                nanoseconds(plain, counted=False, in_function=in_function),
                nanoseconds(source, counted=name not in bare, in_function=in_function),
            )
            for _ in range(ROUNDS)
        ]
        base = statistics.median(b for b, _ in pairs)
        extra = statistics.median(c - b for b, c in pairs)
        said = "" if bar is None else f"   bar {bar}"
        print(f"  {name:20} {where:21} bare {base:6.1f} ns   added {extra:6.1f} ns{said}")


def main() -> None:
    """Measure and print."""
    print(f"A counted iteration, Python {sys.version.split()[0]}, {ROUNDS} rounds of {STEPS} steps")
    for in_function in (False, True):
        medians(LOOPS, in_function=in_function, bare={})
    bare = {
        "tqdm, range": "for i in range(N): pass",
        "oc.track, list": "for x in data: pass",
        "oc.track, generator": "for x in numbers(): pass",
    }
    medians(BY_HAND, in_function=False, bare=bare)


if __name__ == "__main__":
    main()

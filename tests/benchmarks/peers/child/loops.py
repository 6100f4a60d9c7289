"""What counting costs an iteration, over the bare loop of the same process."""

# ruff: noqa: PLC0415 - a package can be imported in its own environment only
from __future__ import annotations

import io
import statistics
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEPS = 200_000
BARE = "for i in range(N): pass"
BY_HAND = {
    "tqdm": {"tqdm(range)": "for i in tqdm(range(N), file=sink): pass"},
    "ocarbon_magic": {"oc.track(range)": "for i in track(range(N)): pass"},
}
TIMED = "begun = clock()\n{}\ntook_s = clock() - begun\n"


class Sink(io.StringIO):
    """Takes what a bar writes, so that no terminal is measured."""

    def write(self, text: str) -> int:
        """Drop the text."""
        return len(text)


def measured(package: str, rounds: int) -> Iterator[dict[str, Any]]:
    """Tell the added nanoseconds of each loop; it alternates with the bare one."""
    ways = {loop: by_hand(package, source) for loop, source in BY_HAND[package].items()}
    bare = by_hand(package, BARE)
    if package == "ocarbon_magic":
        ways["%%carbon, the loop as it stands"] = in_a_cell("%%carbon --quiet --zone FRA\n")
    for name, way in ways.items():
        base = in_a_cell("") if name.startswith("%%") else bare
        pairs = [(base(), way()) for _ in range(rounds)]
        yield {
            "loop": name,
            "bare_ns": statistics.median(pair[0] for pair in pairs),
            "added_ns": statistics.median(pair[1] - pair[0] for pair in pairs),
        }


def by_hand(package: str, source: str) -> Callable[[], float]:
    """Return what times a loop at the top of a module, in nanoseconds a step."""
    names: dict[str, Any] = {"N": STEPS, "clock": time.perf_counter, "sink": Sink()}
    if package == "tqdm":
        from tqdm import tqdm

        names["tqdm"] = tqdm
    else:
        from ocarbon_magic import track

        names["track"] = track
    code = compile(TIMED.format(source), "<loop>", "exec")

    def run() -> float:
        exec(code, names)
        return 1e9 * names["took_s"] / STEPS

    return run


def in_a_cell(first_line: str) -> Callable[[], float]:
    """Return what times the bare loop in a cell with that first line."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "ocarbon_magic")
    shell.push({"N": STEPS, "clock": time.perf_counter})

    def run() -> float:
        shell.run_cell(first_line + TIMED.format(BARE)).raise_error()
        return 1e9 * shell.user_ns["took_s"] / STEPS

    return run

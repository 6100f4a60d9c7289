"""The bars of DESIGN section 7, each with the figure that is held against it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.parts import Figures

IN_ORDER = 1e-4
"""Below this, a number is told as a power of ten."""


class Bar(NamedTuple):
    """The most that a figure of a part may be."""

    what: str
    most: float
    unit: str
    part: str
    figure: Callable[[Figures], float]

    def ratio(self, figures: Figures) -> float:
        """Return the figure over the bar: 1 touches it; over a bar of nothing, 0 or infinity."""
        found = self.figure(figures)
        if self.most:
            return found / self.most
        return math.inf if found else 0.0

    def said(self, figures: Figures) -> str:
        """Return the ratio and both its sides as a line."""
        found = f"{number(self.figure(figures))}{self.unit}"
        return (
            f"{self.ratio(figures):5.2f} of the bar: {self.what}, "
            f"{found} (bar {number(self.most)}{self.unit})"
        )


def number(value: float) -> str:
    """Return a number with three significant digits, as a person writes it."""
    if value == 0:
        return "0"
    if abs(value) < IN_ORDER:
        return f"{value:.0e}"
    decimals = max(2 - math.floor(math.log10(abs(value))), 0)
    said = f"{value:,.{decimals}f}"
    return said.rstrip("0").rstrip(".") if "." in said else said


def counted_ns(figures: Figures) -> float:
    """Return the most that counting adds to a loop over a list or a range, in nanoseconds."""
    return max(
        loops[name]["added_ns"]
        for measured in figures.values()
        for loops in measured["counted"].values()
        for name in ("range", "list", "enumerate", "range of ranges")
    )


def beside_tqdm(figures: Figures) -> float:
    """Return what counting a range adds over what tqdm adds, the worst of all Pythons."""
    return max(
        max(loops["range"]["added_ns"] for loops in measured["counted"].values())
        / measured["by_hand"]["tqdm, range"]["added_ns"]
        for measured in figures.values()
    )


def worst_error_pct(*kinds: str) -> Callable[[Figures], float]:
    """Return what tells the meter's largest error on some kinds of GPU."""

    def found(figures: Figures) -> float:
        return max(
            curve["meter"]["largest_pct"]
            for kind in kinds
            for curve in figures["errors"][kind].values()
        )

    return found


def behind_the_best(figures: Figures) -> float:
    """Return our error over the best rule's, where we are farthest behind it."""
    return max(
        cell["ours_pct"] / cell["best_pct"]
        for cells in figures["by_rows"]["best"].values()
        for cell in cells.values()
    )


def off_coverage_pct(figures: Figures) -> float:
    """Return how far from 80 % the interval's coverage is where it is farthest."""
    ours = figures["by_rows"]["forecasters"][figures["ours"]]
    return max(abs(cell["coverage_pct"] - figures["level_pct"]) for cell in ours.values())


BARS = (
    Bar("`%load_ext ocarbon_magic`", 40, " ms", "overhead", lambda f: f["load_ms"]["median"]),
    Bar(
        "start of the first measured cell, panel included",
        150, " ms", "overhead", lambda f: f["start_first_ms"]["median"],
    ),
    Bar(
        "start of a later one, 95th percentile",
        15, " ms", "overhead", lambda f: f["start_later_ms"]["p95"],
    ),
    Bar(
        "end of a measured cell, 95th percentile",
        50, " ms", "overhead", lambda f: f["end_ms"]["p95"],
    ),
    Bar(
        "printed around a cell, beyond the panel or the summary",
        0, " characters", "overhead", lambda f: f["printed_characters"],
    ),
    Bar("an iteration of a counted `for` over a list or range", 15, " ns", "loops", counted_ns),
    Bar("the same, as a share of what tqdm adds", 1, "", "loops", beside_tqdm),
    Bar("a counted optimizer step of PyTorch", 2, " µs", "torch", lambda f: f["hook_us"]),
    Bar(
        "a training loop slowed down by sampling 8 GPUs",
        0.5, " %", "training", lambda f: f["settled"]["slowed_pct"],
    ),
    Bar(
        "sampling 8 GPUs, of one core, settled, no panel",
        0.1, " %", "sampling", lambda f: f["settled_core_pct"],
    ),
    Bar(
        "the same with the panel",
        0.5, " %", "panel", lambda f: max(way["core_pct"] for way in f["ways"].values()),
    ),
    Bar("memory of a month", 32, " MiB", "sampling", lambda f: f["month_mib"]),
    Bar(
        "to the browser, 8 GPUs",
        4096, " bytes/s", "panel",
        lambda f: max(way["bytes_per_s"] for way in f["ways"].values()),
    ),
    Bar(
        "a frame of a notebook of 300 cells, with the labextension over without",
        1.2, "", "notebook", lambda f: max(work["ratio"] for work in f["work"].values()),
    ),
    Bar("100,000 runs listed", 50, " ms", "journal", lambda f: f["questions_ms"]["list all"]),
    Bar(
        "100,000 runs filtered",
        50, " ms", "journal",
        lambda f: max(ms for what, ms in f["questions_ms"].items() if what.startswith("filter")),
    ),
    Bar("lost on `kill -9`", 5, " s", "journal", lambda f: f["killed"]["lost_s"]["most"]),
    Bar(
        "telling a page, a file and a collector, of one core",
        0.1, " %", "telemetry", lambda f: f["told_core_pct"],
    ),
    Bar(
        "1,000 hosts, 8,000 GPUs, to the browser",
        4096, " bytes/s", "scale", lambda f: f["page_bytes_per_s"],
    ),
    Bar("their record", 16_384, " bytes", "scale", lambda f: f["record_bytes"]),
    Bar(
        "energy over 20 s, counter in steps of 100 ms",
        0.5, " %", "accuracy", worst_error_pct("counter"),
    ),
    Bar(
        "energy over 20 s, power only",
        2, " %", "accuracy", worst_error_pct("sample buffer", "power alone"),
    ),
    Bar("packages added to JupyterLab", 5, "", "weight", lambda f: len(f["packages"])),
    Bar(
        "megabytes added to JupyterLab",
        8, " MB", "weight", lambda f: sum(package["mb"] for package in f["packages"]),
    ),
    Bar("forecast error over the best rule's, cell by cell", 1, "", "forecasts", behind_the_best),
    Bar(
        "coverage of the forecast's 80 % interval, off by",
        8, " points", "forecasts", off_coverage_pct,
    ),
)  # fmt: skip

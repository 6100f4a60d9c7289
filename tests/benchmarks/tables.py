"""What stands in README.md and CONTRIBUTING.md of the results: tables, and figures in sentences.

Each is a function of the results that returns Markdown; one with several lines is a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks import peers_table
from benchmarks.bars import BARS, number
from benchmarks.markdown import table
from benchmarks.parts import Figures
from benchmarks.phrases import PHRASES
from benchmarks.results import Results, entries, figures

OURS = "`%%carbon`"
LOOPS = {
    "`range`": ("range",),
    "a named list, `enumerate` of one": ("list", "enumerate"),
    "`range` in `range`": ("range of ranges",),
    "`while`": ("while",),
    "generators, data loaders": ("generator", "own iterable"),
}
BY_HAND = {
    "by hand: `oc.track` of a list": "oc.track, list",
    "by hand: `oc.track` of a generator": "oc.track, generator",
    "tqdm, of a `range`": "tqdm, range",
}
RULES = {
    "tqdm's moving average": "tqdm's moving average",
    "mean rate": "work over time so far",
    "first epoch or percent": "first epoch times their number",
    "OpenCarbonEval's law": "OpenCarbonEval's law",
}
METHODS = {
    "calibrated": "`oc.estimate`, calibrated",
    "OpenCarbonEval": "OpenCarbonEval",
    "35 % of peak": "35 % of the device's peak",
}
KINDS = {
    "counter": "energy, in steps of 100 ms",
    "sample buffer": "power, with a buffer of samples",
    "power alone": "power of the instant",
}
WAYS = ("meter", "counter_at_ends", "power_at_1_hz")
FLATTERED = "OpenCarbonEval"
"""Its constants were fitted on some of the very runs that it is judged by."""


def loops(results: Results) -> str:
    """Return what a counted iteration adds, a column for each Python that was measured."""
    by_python = figures(results, "loops")
    head = ["an iteration, added to the bare loop", *(f"Python {python}" for python in by_python)]
    counted = [
        [what, *(_least_to_most(measured, names) for measured in by_python.values())]
        for what, names in LOOPS.items()
    ]
    by_hand = [
        [what, *(f"{m['by_hand'][name]['added_ns']:.0f} ns" for m in by_python.values())]
        for what, name in BY_HAND.items()
    ]
    return table(head, counted + by_hand)


def _least_to_most(measured: Figures, names: Sequence[str]) -> str:
    added = [
        round(loops[name]["added_ns"]) for loops in measured["counted"].values() for name in names
    ]
    least, most = min(added), max(added)
    return f"{least} ns" if least == most else f"{least} to {most} ns"


def forecasts(results: Results) -> str:
    """Return our errors by share of the work beside those of other rules."""
    measured = figures(results, "forecasts")
    by_rows, by_clock = (measured[view]["forecasters"] for view in ("by_rows", "by_clock"))
    ours = by_rows[measured["ours"]]
    rows = [[OURS, *_errors(ours)]]
    rows += [["the same, read every 0.5 s as a cell is", *_errors(by_clock[measured["ours"]])]]
    rows += [[said, *_errors(by_rows[name])] for name, said in RULES.items()]
    held = [f"{of['coverage_pct']:.0f} %" for of in ours.values()]
    return table(["seen", *ours], [*rows, ["the interval held", *held]])


def _errors(cells: dict[str, Figures]) -> list[str]:
    return [f"{_percent(of['median_pct'])} / {_percent(of['p90_pct'])}" for of in cells.values()]


def _percent(value_pct: float) -> str:
    """Return a per cent with one decimal below ten."""
    tenths = round(value_pct, 1)
    return f"{tenths:.1f}" if tenths < 10 else f"{value_pct:.0f}"


def estimates(results: Results) -> str:
    """Return the errors of three ways to estimate device-hours."""
    by_method = figures(results, "estimates")["summaries"]["device-hours, runs with an alpha"]
    rows = []
    for name, said in METHODS.items():
        of = by_method[name]
        error = f"{of['median_error_pct']:.0f} %"
        flattered = " (fitted on some of these)" if name == FLATTERED else ""
        held = f"{of['coverage_pct']:.0f} %" if "coverage_pct" in of else ""
        rows.append([said, error + flattered, held])
    return table(["", "median error", "80 % interval held"], rows)


def accuracy(results: Results) -> str:
    """Return the largest error of the energy on each curve, ours beside two plain ways."""
    head = ["the GPU tells", "power", OURS, "counter at both ends", "power once a second"]
    rows = [
        [said, curve, *(_largest(ways[way]) for way in WAYS)]
        for kind, said in KINDS.items()
        for curve, ways in figures(results, "accuracy")["errors"][kind].items()
    ]
    return table(head, rows)


def _largest(of: Figures | None) -> str:
    return f"{of['largest_pct']:.2f} %" if of else ""


def costs(results: Results) -> str:
    """Return every bar beside what was measured, and where that was."""
    rows = []
    for bar in BARS:
        measured = figures(results, bar.part)
        found = f"{number(bar.figure(measured))}{bar.unit}"
        rows.append(
            [bar.what, f"{number(bar.most)}{bar.unit}", found, f"{bar.ratio(measured):.2f}"]
        )
    said = table(["", "at most", "measured", "of the bar"], rows)
    return f"{said}\n\n{where(results, {bar.part for bar in BARS})}"


def where(results: Results, parts: Iterable[str]) -> str:
    """Return when, by what and on what some parts were measured."""
    found = [entry for part in parts for entry in entries(results, part).values()]
    days = sorted({entry["measured_at"] for entry in found})
    pythons = sorted({entry["versions"]["python"] for entry in found})
    machines = sorted(
        {f"{entry['machine']['cores']} cores of {entry['machine']['processor']}" for entry in found}
    )
    loads = [entry["machine"]["load_average_before"] or 0.0 for entry in found]
    return (
        f"Measured {' to '.join(dict.fromkeys((days[0], days[-1])))} with Python "
        f"{', '.join(pythons)} on {' and '.join(machines)}, load average {min(loads):.1f} to "
        f"{max(loads):.1f} before each part."
    )


def scale(results: Results) -> str:
    """Return what a month of many machines costs."""
    f = figures(results, "scale")
    kernel = f"{f['messages_per_s']:.0f} messages and {f['ticks_per_s']:.0f} ticks a second"
    rows = [
        [
            "energy, beside the exact integral of the replayed curves",
            f"{number(abs(f['energy_error_pct']))} % off",
        ],
        [
            f"a host's engine: a message every {f['engine_message_every_s']:.0f} s",
            f"{f['engine_message_us']:.0f} µs and {f['engine_message_bytes']:,} bytes: "
            f"{number(f['engine_core_pct'])} % of a core, "
            f"{f['engine_bytes_per_s'] / 1000:.1f} kB/s",
        ],
        [
            f"the kernel, at {kernel}",
            f"{f['message_us']:.0f} µs a message, {f['tick_ms']:.1f} ms a tick: "
            f"{f['kernel_core_pct']:.1f} % of a core",
        ],
        [
            "to the page (bar 4 kB/s)",
            f"{f['page_bytes_per_s'] / 1000:.1f} kB/s, the largest snapshot "
            f"{f['largest_snapshot_bytes']:,} bytes",
        ],
        [
            "the record (bar 16 kB)",
            f"{f['record_bytes']:,} bytes: {_count(f['record_device_rows'], 'row')} of devices, "
            f"{f['record_host_rows']} of hosts, {f['record_points']} points",
        ],
        ["memory of the month", f"{f['memory_mib']:.0f} MiB"],
    ]
    gpus = f["hosts"] * f["gpus_each"]
    return table([f"{f['hosts']:,} hosts, {gpus:,} GPUs, {f['days']} days", ""], rows)


def _count(number_of: int, what: str) -> str:
    return f"{number_of} {what}" if number_of == 1 else f"{number_of} {what}s"


def peers(results: Results) -> str:
    """Return the other tools beside ours."""
    return peers_table.table(figures(results, "peers"))


TABLES = {
    "loops": loops,
    "forecasts": forecasts,
    "estimates": estimates,
    "accuracy": accuracy,
    "costs": costs,
    "scale": scale,
    "peers": peers,
}
BLOCKS = {**TABLES, **PHRASES}
"""What may stand between two marks of a document, by name."""

"""The other tools beside ours: one table of the figures of the part `peers`.

Where a tool has a better documented option for what is asked, the figure with that stands after a
stroke. A dash is what was not asked of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.bars import number
from benchmarks.markdown import table as markdown_table
from benchmarks.parts import Figures

TOLD = ("a cell magic", "embodied carbon", "an uncertainty", "a prediction")
"""What we have, of which another's source may have no word."""
NONE = "-"
FAILS = "fails"
STROKE = " / "

Found = dict[str, Any]


def table(measured: Figures) -> str:
    """Return the table, a column for each tool that measures energy."""
    tools = [*measured["starts"]["by_package"]]
    heads = [f"`{tool}` {measured['versions'][tool]}" for tool in tools]
    rows = [[what, *(cell(tool) for tool in tools)] for what, cell in _rows(measured)]
    return markdown_table(["", *heads], rows)


def _rows(measured: Figures) -> Iterator[tuple[str, Callable[[str], str]]]:
    imports, weight = measured["imports"]["by_package"], measured["weight"]
    yield "`import`, processor time", lambda tool: _figure(imports[tool], "import_cpu_ms", " ms")
    yield (
        "packages, megabytes installed",
        lambda tool: f"{_figure(weight[tool], 'packages')}, {_figure(weight[tool], 'size_mb')}",
    )
    starts = measured["starts"]["by_package"]
    for order in ("first", "second"):
        yield (
            f"start, the {order} time in a process",
            lambda tool, order=order: _figure(starts[tool].get(order, {}), "start_ms", " ms"),
        )
    yield "stop", lambda tool: _figure(starts[tool].get("second", {}), "stop_ms", " ms")
    energy = measured["energy"]
    yield "lines printed", lambda tool: _number(energy["printed_lines"].get(tool))
    for curve, errors in energy["errors"].items():
        yield (
            f"energy of a GPU, largest error: {curve}",
            lambda tool, errors=errors: _with_best(errors, tool, _largest_error),
        )
    yield (
        "GPUs counted as `CUDA_VISIBLE_DEVICES` says",
        lambda tool: _right_choices(measured["selection"], tool),
    )
    yield "goes on where there is no GPU", lambda tool: _goes_on(measured["without_gpu"][tool])
    by_default = measured["network"]["dropped"]
    yield (
        "tries to reach other machines, by default",
        lambda tool: _figure(by_default.get(tool, {}), "contacts", fails=False),
    )
    yield (
        "start and stop where every packet is dropped",
        lambda tool: _start_and_stop(by_default.get(tool, {})),
    )
    yield (
        f"lost on `kill -9` after {measured['losses']['killed_after_s']:g} s",
        lambda tool: _with_best(
            measured["losses"]["by_package"], tool, lambda of: _figure(of, "lost_s", " s")
        ),
    )
    sampling = measured["sampling"]
    yield (
        f"of a core while it measures {sampling['gpus']} GPUs",
        lambda tool: _with_best(
            sampling["by_package"], tool, lambda of: _figure(of, "core_pct", " %")
        ),
    )
    projection = measured["projection"]
    yield (
        f"end projected after the first of {projection['epochs']} epochs, twice as slow: off by",
        lambda tool: _figure(projection["by_package"].get(tool, {}), "duration_error_pct", " %"),
    )
    yield "no word in its source of", lambda tool: _not_told(measured["features"], tool)


def _not_told(features: Found, tool: str) -> str:
    lacks = [what for what in TOLD if features[what].get(tool) == 0]
    return ", ".join(lacks) or NONE


def _figure(of: Found, name: str, unit: str = "", *, fails: bool = True) -> str:
    return FAILS if fails and of.get("error") else _number(of.get(name), unit)


def _number(value: float | None, unit: str = "") -> str:
    return NONE if value is None else f"{number(value)}{unit}"


def _largest_error(found: list[Found]) -> str:
    known = [abs(one["error_pct"]) for one in found if "error_pct" in one]
    return _number(max(known), " %") if len(known) == len(found) > 0 else FAILS


def _start_and_stop(of: Found) -> str:
    if of.get("error"):
        return FAILS
    if "start_ms" not in of or "stop_ms" not in of:
        return NONE
    return f"{number((of['start_ms'] + of['stop_ms']) / 1000)} s"


def _with_best(by_way: dict[str, Any], tool: str, cell: Callable[[Any], str]) -> str:
    """Return the cell of a tool's default, and those of its documented options."""
    ways = [way for way in by_way if way == tool or way.startswith(f"{tool}, ")]
    return STROKE.join(cell(by_way[way]) for way in ways) or NONE


def _right_choices(selection: Found, tool: str) -> str:
    right = [
        form["told"].get(tool, {}).get("indices") == form["expected"] for form in selection.values()
    ]
    return f"{sum(right)} of {len(right)}"


def _goes_on(of: Found) -> str:
    return "yes" if of["goes_on"] and not of["error"] else "no"

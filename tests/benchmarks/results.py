"""What was measured, when and on what: `results.json`."""

from __future__ import annotations

import json
import math
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.parts import PARTS, Figures

RESULTS = Path(__file__).with_name("results.json")
DIGITS = 5
"""Significant digits that are kept: more than any machine repeats."""
THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

Entry = dict[str, Any]
Results = dict[str, Any]
"""An entry for each part; of a part of `each_python`, one for each of these."""


class NeverMeasuredError(LookupError):
    """A part has no figures yet."""

    def __init__(self, part: str) -> None:
        super().__init__(f"{part!r} was never measured: python tests/benchmarks {part}")


def read(path: Path = RESULTS) -> Results:
    """Return the results of a file; none of one that is not there."""
    if not path.exists():
        return {}
    results: Results = json.loads(path.read_text(encoding="utf-8"))
    return results


def merged(results: Results, part: str, entry: Entry) -> Results:
    """Return results with those of one part renewed, in the order of the parts."""
    if PARTS[part].each_python:
        by_python = {**results.get(part, {}), THIS_PYTHON: entry}
        entry = {python: by_python[python] for python in sorted(by_python, key=_minor)}
    renewed = {**results, part: entry}
    return {name: renewed[name] for name in PARTS if name in renewed}


def write(results: Results, path: Path = RESULTS) -> None:
    """Write results, whole or not at all."""
    aside = path.with_name(path.name + ".new")
    aside.write_text(laid_out(rounded(results)) + "\n", encoding="utf-8")
    aside.replace(path)


def entries(results: Results, part: str) -> dict[str, Entry]:
    """Return the entries of a part by Python version.

    Raises
    ------
    NeverMeasuredError
        If there are none.
    """
    if part not in results:
        raise NeverMeasuredError(part)
    if PARTS[part].each_python:
        by_python: dict[str, Entry] = results[part]
        return by_python
    entry: Entry = results[part]
    return {".".join(entry["versions"]["python"].split(".")[:2]): entry}


def figures(results: Results, part: str) -> Figures:
    """Return the figures of a part; of a part of `each_python` those of each, by version."""
    found = entries(results, part)
    if PARTS[part].each_python:
        return {python: entry["figures"] for python, entry in found.items()}
    (entry,) = found.values()
    only: Figures = entry["figures"]
    return only


def entry(
    measured: Figures, packages: Iterable[str], *, took_s: float, before: Mapping[str, Any]
) -> Entry:
    """Return figures with when, by what and on what they were measured."""
    return {
        "measured_at": datetime.now(UTC).date().isoformat(),
        "took_s": took_s,
        "versions": {
            "python": platform.python_version(),
            **{
                name: version
                for name in ("ocarbon_magic", *packages)
                if (version := _version(name))
            },
        },
        "machine": dict(before),
        "figures": measured,
    }


def machine() -> dict[str, Any]:
    """Return this machine as it is now: its processor, and how busy it is."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "load_average_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def rounded(value: Any) -> Any:
    """Return a JSON value with its numbers rounded to `DIGITS` significant digits."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(inner) for inner in value]
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.{DIGITS}g}")
    return value


def laid_out(value: Any, margin: str = "") -> str:
    """Return a value as JSON with what holds only plain values on one line, to be compared."""
    inner = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list) or not any(isinstance(v, dict | list) for v in inner):
        return json.dumps(value, allow_nan=False, ensure_ascii=False)
    deeper = margin + " "
    if isinstance(value, dict):
        rows = [f"{json.dumps(key)}: {laid_out(v, deeper)}" for key, v in value.items()]
    else:
        rows = [laid_out(v, deeper) for v in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    body = ",\n".join(f"{deeper}{row}" for row in rows)
    return f"{opening}\n{body}\n{margin}{closing}"


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    about = Path("/proc/cpuinfo")
    if about.exists():
        for line in about.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _minor(python: str) -> tuple[int, ...]:
    return tuple(int(number) for number in python.split("."))

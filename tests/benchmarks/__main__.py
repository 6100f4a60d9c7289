"""Measure what this machine can tell of DESIGN section 7, print it and keep it.

Figures are medians, or ratios of what was measured side by side in the same run; a busy or slow
machine makes the milliseconds larger and leaves the ratios. They are kept in results.json, from
which `python tests/benchmarks readme` makes the tables of README.md and CONTRIBUTING.md.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import bars, documents, results
from benchmarks.parts import PARTS, Figures

README = "readme"
ALONE = Path(__file__).with_name("alone.py")
KEPT_OPTIONS = ("OCARBON_PEERS",)


class PartFailedError(Exception):
    """A part ended without figures."""


def main(words: list[str] | None = None) -> int:
    """Measure the parts named on the command line, or all; return the exit code."""
    asked = _parser().parse_args(words)
    wanted = asked.parts or [*PARTS]
    failures = []
    for name in (name for name in wanted if name != README):
        print(f"{name}: {PARTS[name].tells}{_took(asked.json, name)}", flush=True)
        try:
            measured = _kept(name, asked.json) if asked.kept else _measure(name, asked.json)
            _tell(name, measured)
        except (PartFailedError, results.NeverMeasuredError) as failure:
            failures.append(f"{name} failed: {failure}")
        except Exception as bug:  # noqa: BLE001 - whatever it is, the other parts are told
            failures.append(f"{name} failed: {type(bug).__name__}: {bug}".splitlines()[0])
        print(flush=True)
    if README in wanted:
        failures += _renew_documents(asked.json)
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def _parser() -> argparse.ArgumentParser:
    known = [
        f"  {name:10} {part.tells}{_took(results.RESULTS, name)}" for name, part in PARTS.items()
    ]
    parser = argparse.ArgumentParser(
        prog="python tests/benchmarks",
        description=__doc__,
        epilog="parts:\n"
        + "\n".join(known)
        + "\n  readme     renew the tables, after any parts that are named with it",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, README, []], metavar="PART", help="default: all"
    )
    parser.add_argument(
        "--kept", action="store_true", help="print what is kept instead of measuring"
    )
    parser.add_argument(
        "--json", type=Path, default=results.RESULTS, metavar="PATH", help="where figures are kept"
    )
    return parser


def _took(path: Path, name: str) -> str:
    """Return how long a part took when it was measured last, as words."""
    with contextlib.suppress(results.NeverMeasuredError):
        took_s = [entry["took_s"] for entry in results.entries(results.read(path), name).values()]
        return f" ({max(took_s):.0f} s)"
    return ""


def _measure(name: str, path: Path) -> Figures:
    """Measure a part and keep its figures at once, so that no later failure loses them."""
    before, began_s = results.machine(), time.monotonic()
    measured = _figures_of(name)
    entry = results.entry(
        measured, PARTS[name].packages, took_s=time.monotonic() - began_s, before=before
    )
    results.write(results.merged(results.read(path), name, entry), path)
    return measured


def _figures_of(name: str) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "figures.json"
        done = subprocess.run(
            [sys.executable, str(ALONE), PARTS[name].module, str(found)],
            env=_environment(folder),
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise PartFailedError(said[-1])
        figures: Figures = json.loads(found.read_text(encoding="utf-8"))
    return figures


def _environment(home: str) -> dict[str, str]:
    """Return the environment without anybody's defaults or journal."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("OCARBON_") or key in KEPT_OPTIONS
    }
    return kept | {"OCARBON_HOME": home}


def _kept(name: str, path: Path) -> Figures:
    """Return what is kept of a part; of one that is kept by Python, this one's."""
    kept = results.figures(results.read(path), name)
    if not PARTS[name].each_python:
        return kept
    if results.THIS_PYTHON not in kept:
        raise results.NeverMeasuredError(name)
    this: Figures = kept[results.THIS_PYTHON]
    return this


def _tell(name: str, measured: Figures) -> None:
    """Print the figures of a part, and how they stand to the bars."""
    for line in PARTS[name].load().lines(measured):
        print(f"  {line}")
    figures = {results.THIS_PYTHON: measured} if PARTS[name].each_python else measured
    for bar in bars.BARS:
        if bar.part == name:
            print(f"  {bar.said(figures)}")


def _renew_documents(path: Path) -> list[str]:
    """Renew the tables; return why one could not be."""
    try:
        for document in documents.DOCUMENTS:
            changed = documents.renew(document, results.read(path))
            print(f"{document.name}: {'renewed' if changed else 'as it was'}")
    except (documents.MarkerError, results.NeverMeasuredError) as error:
        return [f"{document.name}: {error}"]
    return []


if __name__ == "__main__":
    sys.exit(main())

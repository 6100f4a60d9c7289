"""Imports, weight, the sampler's share of a core, and what counting an iteration costs."""

from __future__ import annotations

import os
import statistics
import subprocess
from typing import TYPE_CHECKING, Any

from benchmarks.peers.children import Way, base_environment
from benchmarks.peers.venvs import UnavailableError, bare_python, python_of
from benchmarks.peers.versions import PACKAGES
from benchmarks.peers.ways import BARE, DEFAULTS, EXACT

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.peers.children import Place
    from benchmarks.peers.stand import Stand

IMPORT_ROUNDS = 7
LOOP_ROUNDS = 25
WINDOW_S = 20.0
PAUSE_S = 15.0
"""Settled from 35 s on: we look often at first."""
GPUS = 8
WITH_PIP = {"pip", "setuptools", "wheel"}


def imports(place: Place) -> dict[str, Any]:
    """Return the CPU time of each import over that of its own bare Python, in ms."""
    rounds: dict[str, list[float]] = {}
    bare: dict[str, list[float]] = {}
    told: dict[str, Any] = {}
    for number in range(IMPORT_ROUNDS + 1):
        for name, package in PACKAGES.items():
            try:
                python = python_of(name)
                base_ms = cpu_ms(python, "pass", place.home)
                import_ms = cpu_ms(python, package.imports, place.home)
            except UnavailableError as error:
                told[name] = {"error": str(error)}
                continue
            if number:  # the first fills the caches
                bare.setdefault(name, []).append(base_ms)
                rounds.setdefault(name, []).append(import_ms - base_ms)
    for name, found in rounds.items():
        told[name] = {
            "import_cpu_ms": statistics.median(found),
            "bare_python_cpu_ms": statistics.median(bare[name]),
        }
    return {"rounds": IMPORT_ROUNDS, "by_package": told}


def cpu_ms(python: Path, code: str, home: Path) -> float:
    """Return the CPU time of a Python that runs some code.

    Raises
    ------
    UnavailableError
        If the code fails.
    """
    process = subprocess.Popen(
        [python, "-c", code],
        env=base_environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    said = process.stderr.read() if process.stderr else b""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.stderr:
        process.stderr.close()
    if process.returncode:
        raise UnavailableError(f"{code}: {said.decode().strip().splitlines()[-1][:100]}")
    return 1e3 * (used.ru_utime + used.ru_stime)


def weight() -> dict[str, Any]:
    """Return the packages and megabytes that each adds to an environment that holds pip."""
    told: dict[str, Any] = {}
    for name in PACKAGES:
        try:
            python = python_of(name)
        except UnavailableError as error:
            told[name] = {"error": str(error)}
            continue
        names = packages_of(python) - WITH_PIP
        size = tree_bytes(python.parents[1]) - tree_bytes(bare_python().parents[1])
        told[name] = {"packages": len(names), "size_mb": size / 1e6}
    return told


def packages_of(python: Path) -> set[str]:
    """Return the names of what is installed in an environment."""
    code = "from importlib.metadata import distributions as d; print(*{x.name for x in d()})"
    command = [str(python), "-c", code]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def tree_bytes(folder: Path) -> int:
    """Return the size of the files of a folder, compiled ones aside."""
    files = (path for path in folder.rglob("*") if path.suffix != ".pyc" and not path.is_symlink())
    return sum(path.stat().st_size for path in files if path.is_file())


def sampling(place: Place, stand: Stand) -> dict[str, Any]:
    """Return the % of a core that each takes while it measures 8 GPUs, at first and settled."""
    scene = stand.scene(["power const 300"] * GPUS)
    options = {"window_s": WINDOW_S, "pause_s": PAUSE_S}
    ways = [BARE, *DEFAULTS, *EXACT]
    outcomes = place.run_all(ways, "cost", options, limit_s=180, environ=scene.environ)
    return {
        "gpus": GPUS,
        "window_s": WINDOW_S,
        "by_package": {
            name: outcome.found[0] if outcome.found else {"error": outcome.failed}
            for name, outcome in outcomes.items()
        },
    }


def looping(place: Place) -> dict[str, Any]:
    """Return the nanoseconds that counting adds to an iteration."""
    loops: list[dict[str, Any]] = []
    for name in ("ocarbon_magic", "tqdm"):
        outcome = place.run(Way(name), "loops", {"rounds": LOOP_ROUNDS}, limit_s=120)
        loops += outcome.found or [{"loop": name, "error": outcome.failed}]
    return {"rounds": LOOP_ROUNDS, "loops": loops}

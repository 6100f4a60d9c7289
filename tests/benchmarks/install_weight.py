"""What installing us adds to an environment that has JupyterLab, numpy and matplotlib."""

from __future__ import annotations

import compileall
import shutil
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

import ocarbon_magic

THERE = ("jupyterlab", "ipykernel", "numpy", "matplotlib")
OURS = "ocarbon-magic"


def closure(roots: tuple[str, ...]) -> set[str]:
    """Return the distributions that ``roots`` need, themselves included."""
    found: set[str] = set()
    queue = list(roots)
    while queue:
        name = queue.pop().lower().replace("_", "-")
        if name in found:
            continue
        found.add(name)
        for line in metadata.requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                queue.append(requirement.name)
    return found


def measure() -> dict[str, Any]:
    """Return what is added, with the size of the files that pip leaves."""
    added = closure((OURS,)) - closure(THERE)
    return {
        "there": THERE,
        "packages": [
            {
                "name": name,
                "version": metadata.version(name),
                "mb": (_ours_mb() if name == OURS else _installed_mb(name)),
            }
            for name in sorted(added)
        ],
    }


def lines(measured: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each package."""
    packages = measured["packages"]
    there = ", ".join(measured["there"])
    yield f"Added to an environment with {there}: {len(packages)} packages"
    for package in packages:
        yield f"  {package['name']:20} {package['version']:12} {package['mb']:6.2f} MB"


def _installed_mb(name: str) -> float:
    files = {Path(f.locate()) for f in metadata.files(name) or []}
    return sum(f.stat().st_size for f in files if f.is_file()) / 1e6


def _ours_mb() -> float:
    """Return the size of the package with what pip compiles.

    An editable install has a pointer in its place.
    """
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "ocarbon_magic"
        source = Path(ocarbon_magic.__file__).parent
        shutil.copytree(source, package, ignore=shutil.ignore_patterns("__pycache__"))
        compileall.compile_dir(package, quiet=1)
        return sum(f.stat().st_size for f in package.rglob("*") if f.is_file()) / 1e6

"""Words that are nowhere in a package's source: what it surely does not do.

A word that is there proves nothing, so it is not told as a feature.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from benchmarks.peers.venvs import UnavailableError, python_of
from benchmarks.peers.versions import PACKAGES

if TYPE_CHECKING:
    from pathlib import Path

WORDS = {
    "a cell magic": r"cell_magic|magics_class|register_magic",
    "a notebook widget": r"ipywidgets|anywidget|ipython\.display|IPython",
    "embodied carbon": r"embodied",
    "an uncertainty": r"uncertaint|confidence.interval",
    "MIG": r"\bMIG\b|MigMode|mig_device",
    "RAPL": r"rapl",
    "a prediction": r"predict|forecast|projection",
    "AMD GPUs": r"amdsmi|rocm",
    "Apple silicon": r"powermetrics|apple.?silicon",
    "power limits to be set": r"set_?power_?(management_?)?limit|PowerLimitOptimizer",
}


def measured() -> dict[str, Any]:
    """Return for each word how many source files of each package have it."""
    told: dict[str, dict[str, Any]] = {what: {} for what in WORDS}
    for name in PACKAGES:
        try:
            source = installed(name)
        except UnavailableError:
            continue
        files = [path.read_text(errors="replace") for path in source.rglob("*.py")]
        for what, pattern in WORDS.items():
            found = re.compile(pattern, re.IGNORECASE)
            told[what][name] = sum(1 for text in files if found.search(text))
    return told


def installed(name: str) -> Path:
    """Return the folder of an installed package.

    Raises
    ------
    UnavailableError
        If it is not there.
    """
    found = list(python_of(name).parents[1].glob(f"lib/python*/site-packages/{name}"))
    if not found:
        raise UnavailableError(f"{name} has no folder of its own.")
    return found[0]

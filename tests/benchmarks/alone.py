"""Measure one part in a process of its own, where nothing is left of the other parts.

    python tests/benchmarks/alone.py MODULE FILE

writes the figures of the part's module into the file, or shows why it cannot.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))


def main() -> None:
    """Measure and write."""
    module, path = sys.argv[1:]
    figures = importlib.import_module(module).measure()
    Path(path).write_text(json.dumps(figures, allow_nan=False), encoding="utf-8")


if __name__ == "__main__":
    main()

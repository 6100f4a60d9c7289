"""Runs one task with one package: ``python child PACKAGE TASK FD OPTIONS``.

What it finds goes as JSON lines to the file descriptor, so that what the package prints can be
counted. A package that ends the process is seen by what is missing.
"""

from __future__ import annotations

import json
import os
import sys

import loops
import projection
import selection
import stretches

TASKS = {
    "stretches": stretches.measured,
    "endless": stretches.endless,
    "left": stretches.left,
    "cost": stretches.cost,
    "selection": selection.visible,
    "loops": loops.measured,
    "projection": projection.measured,
}


def main() -> None:
    """Run the task, and tell each thing it yields."""
    package, task, descriptor, options = sys.argv[1:]
    for found in TASKS[task](package, **json.loads(options)):
        os.write(int(descriptor), json.dumps(found).encode() + b"\n")


if __name__ == "__main__":
    main()

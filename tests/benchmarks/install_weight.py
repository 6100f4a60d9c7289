"""What installing us adds to an environment that has JupyterLab, numpy and matplotlib."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

import ocarbon_magic

THERE = ("jupyterlab", "ipykernel", "numpy", "matplotlib")


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


def main() -> None:
    """Print packages and megabytes added, from the metadata of what is installed here."""
    added = closure(("ocarbon_magic",)) - closure(THERE)
    print(f"Added to an environment with {', '.join(THERE)}: {len(added)} packages (bar 5)")
    for name in sorted(added):
        files = {Path(f.locate()) for f in metadata.files(name) or []}
        if name == "ocarbon-magic":  # an editable install lists a pointer in place of the package
            files |= set(Path(ocarbon_magic.__file__).parent.rglob("*.[!p]*"))
        size = sum(f.stat().st_size for f in files if f.is_file() and "static" not in f.parts)
        print(f"  {name:20} {metadata.version(name):12} {size / 1e6:6.2f} MB")


if __name__ == "__main__":
    main()

"""The house of DESIGN section 2: imports go down the floors, and loading stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ocarbon_magic

PACKAGE = Path(ocarbon_magic.__file__).parent
FLOORS = [
    [
        {"tables", "conversions", "units", "options", "shown", "plotted", "charge", "files"}
        | {"hosts", "jsontypes", "fetch", "lines", "listening"}
    ],
    [
        {"run", "collection", "certainty", "counting", "exported", "openmetrics"},
        {"config"},
        {"hardware"},
    ],
    [{"meters"}, {"progress"}, {"throughput"}, {"carbon"}],
    [
        {"planning"},
        {
            "recorder",
            "sampler",
            "series",
            "site",
            "live",
            "hostrows",
            "environment",
            "utilisation",
            "outlook",
            "projector",
            "budget",
            "accounts",
            "snapshot",
            "simultaneous",
            "ranks",
            "folding",
            "fitting",
            "fleet",
        },
    ],
    [{"journal"}, {"views"}, {"telemetry"}],
    [
        {
            "__init__",
            "magics",
            "cell",
            "measurement",
            "cluster",
            "questions",
            "subcommands",
            "completion",
            "history",
            "catchup",
            "comms",
            "naming",
            "shells",
            "running",
            "stopped",
            "localrank",
            "stopping",
        }
    ],
]
HEAVY = {
    "numpy", "matplotlib", "PIL", "psutil", "pynvml", "pandas", "torch", "ipywidgets",
    "anywidget", "urllib.request", "http.client", "requests", "sqlite3", "csv",
}  # fmt: skip


def place_of(room: str) -> tuple[int, int]:
    return next(
        (height, index)
        for height, floor in enumerate(FLOORS)
        for index, rooms in enumerate(floor)
        if room in rooms
    )


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ocarbon_magic"):
            rest = node.module.split(".")[1:]
            found |= {rest[0]} if rest else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {
                a.name.split(".")[1] for a in node.names if a.name.startswith("ocarbon_magic.")
            }
    return found


MODULES = [p for p in sorted(PACKAGE.rglob("*.py")) if "static" not in p.parts]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down_the_floors(path):
    own = place_of(path.relative_to(PACKAGE).parts[0].removesuffix(".py"))
    for room in imports_of(path):
        target = place_of(room)
        assert target == own or target[0] < own[0], f"{path.name} must not import {room}"


def test_loading_the_extension_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "before = set(sys.modules)\n"
        "shell.run_line_magic('load_ext', 'ocarbon_magic')\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    new = set(result.stdout.split())
    assert "ocarbon_magic.magics" in new
    assert not new & HEAVY


def test_importing_the_package_alone_imports_none_of_its_parts():
    code = "import sys, ocarbon_magic\nprint(*(m for m in sys.modules if 'ocarbon_magic.' in m))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == []


def test_every_public_name_is_there():
    for name in ocarbon_magic.__all__:
        assert getattr(ocarbon_magic, name) is not None
    assert set(ocarbon_magic.__all__) <= set(dir(ocarbon_magic))
    assert ocarbon_magic.__version__.count(".") >= 1
    with pytest.raises(AttributeError, match="no attribute 'measur'"):
        _ = ocarbon_magic.measur


def test_no_file_is_longer_than_one_idea():
    lengths = {p.name: len(p.read_text().splitlines()) for p in MODULES}
    assert {name: n for name, n in lengths.items() if n > 400} == {}

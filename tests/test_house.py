"""The house of CONTRIBUTING: imports go down its floors, data goes one way, loading stays light."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from house_picture import drawing, flows_of, may_know, rooms_of

import ocarbon_magic

PACKAGE = Path(ocarbon_magic.__file__).parent
PAGE = PACKAGE.parent / "labextension" / "src"
HOUSE, PAGE_HOUSE = "The house", "The page"
HEAVY = {
    "numpy", "matplotlib", "PIL", "psutil", "pynvml", "pandas", "torch", "ipywidgets",
    "anywidget", "urllib.request", "http.client", "requests", "sqlite3", "csv",
}  # fmt: skip
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if "static" not in path.parts]
SCRIPTS = [
    path
    for path in sorted(PAGE.rglob("*.ts"))
    if not path.name.endswith((".d.ts", ".generated.ts"))
]
PYTHON_ROOMS = rooms_of(drawing(HOUSE))
PAGE_ROOMS = rooms_of(drawing(PAGE_HOUSE))


def python_room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def page_room(path: Path) -> str:
    return path.relative_to(PAGE).parts[0].removesuffix(".ts")


def python_imports(path: Path) -> set[str]:
    """Return the rooms that the module at ``path`` imports from."""
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


def page_imports(path: Path) -> set[str]:
    """Return the rooms that the script at ``path`` imports from."""
    named = re.findall(r'(?:from|import)\s*\(?\s*"(\.[^"]+)\.js"', path.read_text())
    return {page_room((path.parent / f"{name}.ts").resolve()) for name in named}


def stands_in(rooms: dict[str, object], path: Path, own: str, others: set[str]) -> None:
    for other in others - {own}:
        assert may_know(rooms[own], rooms[other]), f"{path.name} must not import {other}"


def reached(start: str, known: dict[str, set[str]]) -> set[str]:
    """Return the rooms that ``start`` imports, and those that they import, and so on."""
    found: set[str] = set()
    ahead = {start}
    while ahead:
        found |= ahead
        ahead = {other for room in ahead for other in known.get(room, ())} - found
    return found - {start}


def who_knows_whom(paths, room_of, imports_of) -> dict[str, set[str]]:
    known: dict[str, set[str]] = {}
    for path in paths:
        known.setdefault(room_of(path), set()).update(imports_of(path))
    return known


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_the_floors(path):
    stands_in(PYTHON_ROOMS, path, python_room(path), python_imports(path))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(PAGE)))
def test_imports_of_the_page_go_down_its_floors(path):
    stands_in(PAGE_ROOMS, path, page_room(path), page_imports(path))


def test_every_room_stands_in_the_picture_and_every_room_of_the_picture_is_there():
    assert set(PYTHON_ROOMS) == {python_room(path) for path in MODULES}
    assert set(PAGE_ROOMS) == {page_room(path) for path in SCRIPTS}


@pytest.mark.parametrize(
    ("heading", "known"),
    [
        (HOUSE, who_knows_whom(MODULES, python_room, python_imports)),
        (PAGE_HOUSE, who_knows_whom(SCRIPTS, page_room, page_imports)),
    ],
    ids=["package", "page"],
)
def test_who_gives_data_does_not_know_who_takes_it(heading, known):
    lines = drawing(heading)
    flows = list(flows_of(lines, rooms_of(lines)))
    assert len(flows) > 2
    assert [(giver, taker) for giver, taker in flows if taker in reached(giver, known)] == []


@pytest.mark.parametrize("heading", [HOUSE, PAGE_HOUSE])
def test_a_picture_stands_straight_and_fits_on_a_page(heading):
    picture = [line for line in drawing(heading) if re.search(r"[|+]", line) and "-->" not in line]
    bars = {tuple(at for at, sign in enumerate(line) if sign in "|+") for line in picture}
    assert len(bars) == 1
    assert max(map(len, drawing(heading))) + 4 <= 100


def test_who_is_known_by_way_of_others_is_known():
    known = {"bell": {"rope"}, "rope": {"hand", "bell"}, "vane": {"wind"}}
    assert reached("bell", known) == {"rope", "hand"}
    assert reached("wind", known) == set()


def test_the_picture_says_who_may_know_whom():
    rooms = rooms_of(
        [
            "floor   | rooms         | what they are",
            "--------+---------------+--------------",
            "roof    | bell > rope   | rings",
            "        | vane          | turns",
            "--------+---------------+--------------",
            "ground  | door, window  |",
        ]
    )
    assert set(rooms) == {"bell", "rope", "vane", "door", "window"}
    assert may_know(rooms["bell"], rooms["rope"])
    assert may_know(rooms["vane"], rooms["door"])
    for own, other in [("rope", "bell"), ("bell", "vane"), ("door", "vane"), ("door", "window")]:
        assert not may_know(rooms[own], rooms[other])
    flow = ["wind --air, moved--> vane --> door, window", "and bell, but nowhere to"]
    assert set(flows_of(flow, rooms)) == {("vane", "door"), ("vane", "window")}


def test_no_room_stands_in_the_picture_twice():
    with pytest.raises(ValueError, match="bell stands twice"):
        rooms_of(["floor | rooms", "------+------", "roof | bell", "------+------", " | bell"])


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

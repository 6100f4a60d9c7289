"""What CONTRIBUTING tells to do can be done: what it names is there, and nothing is left out."""

import re
import typing
from itertools import chain
from pathlib import Path

import pytest
from house_picture import section

from ocarbon_magic.carbon.live.source import IntensitySource
from ocarbon_magic.meters.base import Meter
from ocarbon_magic.meters.discover import _SOURCES
from ocarbon_magic.progress.base import Hook, Pass
from ocarbon_magic.progress.frameworks.hooks import _HOOKS
from ocarbon_magic.run import Method
from ocarbon_magic.views import words

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES, TABLES = "How to add ...", "The tables, and their refresh"
PLACEHOLDER = re.compile("NAME|FOLDER")
GENERATED = {"dist/", "ocarbon_magic/static/", ".venv"}
SUFFIXES = (".py", ".ts", ".cjs", ".mjs", ".csv", ".json", ".toml", ".md", ".css", ".pot", ".cff")
THEIRS = {"zone.tab", "model_emission.csv"}
"""Files of others."""


def spoken():
    """Yield what stands between backticks outside of drawings, once each."""
    prose = re.sub(r"^    .*$", "", TEXT, flags=re.MULTILINE)
    yield from dict.fromkeys(re.findall(r"`([^`\n]+)`", prose.replace("\n", " ")))


def ours():
    tops = [ROOT / name for name in ("ocarbon_magic", "labextension", "tests")]
    left_out = {"node_modules", "lib", "static", "__pycache__", ".yarn"}
    yield from ROOT.glob("*")
    for path in chain.from_iterable(top.rglob("*") for top in tops):
        if not left_out & set(path.relative_to(ROOT).parts):
            yield path


FILES = sorted({f"/{path.relative_to(ROOT).as_posix()}" for path in ours()})
PATHS = [
    said
    for said in spoken()
    if ("/" in said or said.endswith(SUFFIXES))
    and re.fullmatch(r"[\w./-]+", said)
    and not PLACEHOLDER.search(said)
    and said not in GENERATED | THEIRS
    and "ocarbon.run" not in said
]
NAMES = [said for said in spoken() if re.fullmatch(r"[A-Za-z_]\w{2,}", said)]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_is_named_is_there(path):
    assert any(there.endswith(f"/{path.rstrip('/')}") for there in FILES)


@pytest.fixture(scope="module")
def vocabulary():
    """Every word of our sources and tables, documents left out."""
    read = [ROOT / path[1:] for path in FILES if path.endswith(SUFFIXES)]
    texts = (path.read_text(encoding="utf-8") for path in read if path.suffix != ".md")
    return set(chain.from_iterable(re.findall(r"\w+", text) for text in texts))


def test_a_name_that_is_said_is_one_of_ours(vocabulary):
    named = {name for name in NAMES if not PLACEHOLDER.search(name)}
    assert len(named) > 60
    assert named - vocabulary == set()


def recipe(title):
    return section(RECIPES).split(f"### {title}\n", 1)[1].split("\n### ", 1)[0]


@pytest.mark.parametrize(
    ("title", "protocol"),
    [
        ("A meter", Meter),
        ("A hook that counts work", Hook),
        ("A hook that counts work", Pass),
        ("A source of live intensities", IntensitySource),
    ],
    ids=["Meter", "Hook", "Pass", "IntensitySource"],
)
def test_a_recipe_names_all_that_its_protocol_asks_for(title, protocol):
    asked = {name for name in vars(protocol) if not name.startswith("_")}
    asked |= set(protocol.__annotations__)
    assert asked
    said = set(re.findall(r"`(\w+)`", recipe(title)))
    assert asked - said == set()
    assert protocol.__name__ in said


def test_every_recipe_begins_with_its_test_or_its_row():
    for title in re.findall(r"^### (.*)$", section(RECIPES), re.MULTILINE):
        if title != "Smaller things":
            assert re.match(r"\s*1\. (Test: |The row: )", recipe(title)), title


def test_every_table_has_its_line_in_the_refresh():
    listed = re.findall(r"^\| `(\w+)\.csv` \|", section(TABLES), re.MULTILINE)
    there = [path.stem for path in sorted((ROOT / "ocarbon_magic" / "data").glob("*.csv"))]
    assert sorted(listed) == there


def test_every_method_of_measuring_has_its_source_and_its_words_in_kernel_and_page():
    methods = set(typing.get_args(Method))
    codes = (ROOT / "labextension/src/record/codes.ts").read_text(encoding="utf-8")
    in_page = re.search(r"const METHODS.*?\]\)", codes, re.DOTALL)[0]
    assert set(_SOURCES) == methods
    assert set(words._METHOD) == methods
    assert set(re.findall(r'\["([\w-]+)"', in_page)) == methods


def test_who_cites_us_cites_the_version_that_is_built():
    built = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    cited = re.search(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)[1]
    assert cited == built


def test_every_framework_that_is_hooked_has_a_case_that_trains_it():
    cases = (ROOT / "tests/progress/fit_cases.py").read_text(encoding="utf-8")
    hooks = {module for module, _ in _HOOKS.values()} - {"torch"}  # tests/progress/test_torch_steps
    assert hooks <= set(re.findall(r"ocarbon_magic\.progress\.frameworks\.(\w+)", cases))

"""What is built: a source distribution that needs no Node.js, and a complete wheel."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import tomllib
import zipfile
import zlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "ocarbon_magic"
SHARED = "share/jupyter/labextensions/ocarbon-magic"
PANEL = {"ocarbon_magic/static/panel/panel.js", "ocarbon_magic/static/panel/panel.css"}
TREE = ("hatch_build.py", "pyproject.toml", "README.md", "LICENSE", "NOTICE", ".gitignore")


def load_hook():
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


hatch_build = load_hook()


def build(tree, out, *options, **environment):
    """Build ``tree`` into ``out`` with the tools of this environment."""
    return subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", *options, "--outdir", out, tree],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def fake_node(folder, version, answer="exit 1"):
    """Put a ``node`` of ``version`` into ``folder``; given work, it gives ``answer``."""
    folder.mkdir(exist_ok=True)
    node = folder / "node"
    node.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo {version} && exit\n{answer}\n')
    node.chmod(node.stat().st_mode | stat.S_IXUSR)
    return str(node)


@pytest.fixture
def tree(tmp_path):
    """A copy of what the build reads, with nothing built."""
    copy = tmp_path / "tree"
    unwanted = shutil.ignore_patterns("node_modules", "lib", ".yarn", "static", "__pycache__")
    for folder in ("labextension", "ocarbon_magic"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=unwanted)
    for name in TREE:
        shutil.copy(ROOT / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def built(tmp_path_factory, one_builds):
    """A source distribution, and the wheel built from it where there is no Node.js."""
    with one_builds:
        hatch_build.FrontEnd(ROOT).build()
    out = tmp_path_factory.mktemp("dist")
    nothing = tmp_path_factory.mktemp("nothing")
    done = build(ROOT, out, PATH=str(nothing))
    assert done.returncode == 0, done.stdout + done.stderr
    (sdist,) = out.glob("*.tar.gz")
    (wheel,) = out.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def in_sdist(built):
    with tarfile.open(built[0]) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


@pytest.fixture(scope="module")
def in_wheel(built):
    with zipfile.ZipFile(built[1]) as archive:
        return set(archive.namelist())


def test_the_source_distribution_carries_the_front_end_built_and_as_source(in_sdist):
    assert "ocarbon_magic/static/labextension/package.json" in in_sdist
    assert "ocarbon_magic/static/sources.sha256" in in_sdist
    assert in_sdist >= PANEL
    assert {"labextension/yarn.lock", "labextension/src/mime.ts", "hatch_build.py"} <= in_sdist
    heavy = ("labextension/node_modules", "labextension/lib", "labextension/.yarn/")
    assert not [name for name in in_sdist if name.endswith(".generated.ts")]
    assert not [name for name in in_sdist if name.startswith(heavy)]


def test_the_wheel_holds_the_whole_package(in_wheel):
    files = [file.relative_to(ROOT) for file in PACKAGE.rglob("*") if file.is_file()]
    wanted = {file.as_posix() for file in files if {"static", "__pycache__"}.isdisjoint(file.parts)}
    assert {"ocarbon_magic/py.typed", "ocarbon_magic/data/cpus.csv"} <= wanted
    assert {name for name in in_wheel if name.startswith("ocarbon_magic/")} == wanted | PANEL


def test_the_wheel_holds_the_labextension_once_and_nothing_of_the_workshop(in_wheel):
    (entry,) = (name for name in in_wheel if "remoteEntry" in name)
    assert f".data/data/{SHARED}/static/remoteEntry" in entry
    assert any(name.endswith(f"{SHARED}/install.json") for name in in_wheel)
    tops = {name.partition("/")[0] for name in in_wheel}
    version = hatch_version()
    assert tops == {
        "ocarbon_magic",
        f"ocarbon_magic-{version}.data",
        f"ocarbon_magic-{version}.dist-info",
    }


def hatch_version():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_jupyterlab_finds_the_extension_of_an_installed_wheel(built, tmp_path):
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    python = venv / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", built[1]], check=True)
    imported = [python, "-I", "-c", "import ocarbon_magic.run; print(ocarbon_magic.run.SCHEMA)"]
    said = subprocess.run(imported, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "ocarbon.run/1"
    listed = subprocess.run(
        [sys.executable, "-m", "jupyter", "labextension", "list"],
        env={**os.environ, "JUPYTER_PATH": str(venv / "share" / "jupyter")},
        capture_output=True,
        text=True,
        check=True,
    )
    found = listed.stderr.partition(str(venv))[2]
    assert f"ocarbon-magic v{hatch_version()}" in found.partition("\n\n")[0]


def test_the_package_builds_without_its_front_end_when_told_so(tree, tmp_path):
    done = build(tree, tmp_path, "--wheel", OCARBON_SKIP_FRONTEND="1", PATH=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the package is built without its front end" in done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert not [n for n in archive.namelist() if "labextensions" in n or "static" in n]


def test_a_front_end_that_does_not_build_says_so_in_one_sentence(tree, tmp_path):
    fake_node(tmp_path / "bin", "v24.1.0", answer="echo the registry is away; exit 1")
    done = build(tree, tmp_path, "--wheel", PATH=str(tmp_path / "bin"))
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "the registry is away" in said
    assert "The front end failed to install its packages" in said
    assert "OCARBON_SKIP_FRONTEND=1" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("version", "works"),
    [
        ("v18.20.4", False),
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.1.0", True),
        ("nonsense", False),
    ],
)
def test_node_is_taken_from_path_only_where_the_bundler_runs_on_it(tmp_path, version, works):
    assert hatch_build.node_works(fake_node(tmp_path, version)) is works


def hook_of(tree):
    return hatch_build.FrontEndHook(str(tree), {}, None, None, str(tree), "wheel")


def test_a_build_asks_for_node_only_where_path_has_none_that_works(tree, tmp_path, monkeypatch):
    fake_node(tmp_path / "old", "v18.20.4")
    fake_node(tmp_path / "new", "v22.12.0")
    monkeypatch.delenv("OCARBON_SKIP_FRONTEND", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "old"))
    assert hook_of(tree).dependencies() == [hatch_build.BUILDER, hatch_build.NODE_WHEEL]
    monkeypatch.setenv("PATH", str(tmp_path / "new"))
    assert hook_of(tree).dependencies() == [hatch_build.BUILDER]
    monkeypatch.setenv("OCARBON_SKIP_FRONTEND", "1")
    assert hook_of(tree).dependencies() == []


def test_what_is_built_counts_as_current_until_a_source_changes(tree):
    front_end = hatch_build.FrontEnd(tree)
    assert not front_end.is_current()
    front_end.static.mkdir()
    front_end.stamp.write_text(front_end.fingerprint())
    assert front_end.is_current()
    assert hook_of(tree).dependencies() == []
    (tree / "labextension" / "src" / "whatif" / "tables.generated.ts").write_text("// made\n")
    assert front_end.is_current()
    (tree / "labextension" / "src" / "mime.ts").write_text("export default [];\n")
    assert not front_end.is_current()


def test_a_table_that_the_front_end_is_built_on_is_a_source_of_it(tree):
    front_end = hatch_build.FrontEnd(tree)
    front_end.static.mkdir()
    front_end.stamp.write_text(front_end.fingerprint())
    (tree / "ocarbon_magic" / "data" / "accelerators.csv").write_text("name\n")
    assert not front_end.is_current()


def test_what_a_page_loads_is_light(built):
    with zipfile.ZipFile(built[1]) as archive:
        scripts = [n for n in archive.namelist() if SHARED in n and n.endswith(".js")]
        weights = [len(zlib.compress(archive.read(name), 9)) for name in scripts]
    assert sum(weights) <= 60_000
    assert built[1].stat().st_size <= 1_500_000


def test_the_lock_file_holds_no_web_address():
    assert "://" not in (ROOT / "labextension" / "yarn.lock").read_text()


def test_package_and_front_end_have_one_version():
    package = json.loads((ROOT / "labextension" / "package.json").read_text())
    assert package["version"] == hatch_version()

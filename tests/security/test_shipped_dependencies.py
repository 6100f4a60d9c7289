"""What an installation brings along is what SECURITY.md says; nothing is fetched later."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SAID = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
BUILT = ROOT / "ocarbon_magic" / "static"


def test_what_the_package_needs_is_told_and_has_a_floor():
    needed = [re.fullmatch(r"([\w-]+)>=[\d.]+", said) for said in PROJECT["dependencies"]]
    assert all(needed)
    assert {"numpy", "platformdirs", "psutil", "nvidia-ml-py", "ipython"} == {
        found[1] for found in needed
    }
    assert all(found[1] in SAID.lower() for found in needed)


def test_the_lock_of_the_front_end_names_no_host_and_sums_what_is_fetched():
    lock = (ROOT / "labextension" / "yarn.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    entries = [one for one in lock.split("\n\n") if "resolution:" in one and "@npm:" in one]
    native = [one for one in entries if "conditions:" in one]  # fetched on their own system alone
    assert len(entries) > 50
    assert all("checksum:" in one for one in entries if one not in native)


def test_the_bundle_holds_no_code_of_others():
    lists = sorted(BUILT.rglob("third-party-licenses.json"))
    if not lists:
        pytest.skip("the front end is not built")
    assert [json.loads(file.read_text())["packages"] for file in lists] == [[]] * len(lists)

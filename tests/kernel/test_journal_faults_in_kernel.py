"""A cell in a real kernel is as before, whatever has become of the journal."""

from __future__ import annotations

import os
import subprocess
from contextlib import ExitStack

import jsonschema
import pytest
from conftest import Kernel

from ocarbon_magic.journal.folder import own_file
from ocarbon_magic.run import run_schema

CELL = "%%carbon --zone FRA --interval 0.05 --name faulty\ntotal = sum(range(3_000_000))\ntotal"
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def mount(stack, *command):
    if subprocess.run(["mount", *command], check=False, capture_output=True).returncode:
        pytest.skip("nothing may be mounted here; tests of the journal limit the size of files")
    stack.callback(subprocess.run, ["umount", "--lazy", command[-1]], check=True)


def read_only(home, stack):
    home.mkdir()
    if ROOT:
        mount(stack, "-t", "tmpfs", "-o", "ro,size=64k", "tmpfs", str(home))
    else:
        home.chmod(0o555)
        stack.callback(home.chmod, 0o755)


def full(home, stack):
    home.mkdir()
    if not ROOT:
        (home / "runs").touch()  # a disk is root's to mount; a file in the place of a folder
        os.environ["OCARBON_HOME"] = str(home / "runs")
        return
    mount(stack, "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(home))
    with (home / "ballast").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass


def garbage(home, stack):
    home.mkdir()
    for name in (own_file(home).name, "runs-somebody.db"):
        (home / name).write_bytes(b"garbage " * 3000)


@pytest.mark.parametrize(("fault", "warnings"), [(read_only, 1), (full, 1), (garbage, 0)])
def test_the_cell_runs_and_its_record_is_complete(fault, warnings, tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setenv("OCARBON_HOME", str(home))
    with ExitStack() as stack:
        fault(home, stack)
        kernel = Kernel({**os.environ})
        stack.callback(kernel.close)
        kernel.run("%load_ext ocarbon_magic")
        kernel.run(CELL)
        seen = kernel.run(CELL)
        assert seen.status == "ok"
        assert seen.streams == {}
        assert [output["data"]["text/plain"] for output in seen.outputs] == ["4499998500000"]
        record = seen.record
        jsonschema.validate(record, run_schema())
        assert record["status"] == "finished"
        assert record["energy_kwh"] is not None
        told = [line for line in record["warnings"] if "journal" in line]
        assert len(told) == warnings
        assert str(home) not in "".join(told)
        assert kernel.ask("[r.name for r in __import__('ocarbon_magic').runs()]") == ["faulty"] * 2
        listed = kernel.run("%carbon runs").outputs[-1]["data"]["text/plain"]
        assert listed.startswith("2 runs, newest first\n")

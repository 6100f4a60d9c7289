"""Several processes write one journal at once."""

from __future__ import annotations

import subprocess
import sys

import pytest
from journals import is_intact, journal

import ocarbon_magic as oc

EACH = 25
WRITES = f"""
import sys, ocarbon_magic as oc
sys.stdin.read()  # all begin at once
for number in range({EACH}):
    with oc.measure(f"{{sys.argv[1]}} {{number}}", devices="none", quiet=True) as run:
        pass
    assert not [line for line in run.warnings if "journal" in line], run.warnings
"""


@pytest.mark.parametrize("writers", [2, 8])
def test_no_run_is_lost_when_several_write_at_once(writers):
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITES, str(number)], stdin=subprocess.PIPE)
        for number in range(writers)
    ]
    for process in processes:
        process.stdin.close()
    assert [process.wait(120) for process in processes] == [0] * writers
    names = sorted(entry.name for entry in oc.runs(status="finished").entries())
    assert names == sorted(f"{w} {n}" for w in range(writers) for n in range(EACH))
    assert oc.runs().notes == ()
    assert is_intact(journal())

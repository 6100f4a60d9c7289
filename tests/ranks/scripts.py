"""Scripts that a measured block runs, and what it left of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

MEASURED = """
import json, subprocess, sys
import ocarbon_magic as oc

if __name__ == "__main__":
    with oc.measure("around", quiet=True, devices={devices!r}, total={total!r}) as run:
{block}
    print("RECORD", json.dumps(run.to_dict()))
"""


def python(code, *words, env=None, check=True):
    """Run code in a Python of its own; return what it showed."""
    command = [sys.executable, "-c", code, *map(str, words)]
    shown = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **(env or {})}
    )
    assert not check or shown.returncode == 0, shown.stderr
    return shown


def measured(block, *words, devices="none", total=None, before="", env=None):
    """Run a measured block in a Python of its own; return its record, and what it showed."""
    indented = "".join(f"        {line}\n" for line in block.strip().splitlines())
    code = before + MEASURED.format(block=indented, devices=devices, total=total)
    shown = python(code, *words, env=env)
    lines = shown.stdout.splitlines()
    record = next(line for line in lines if line.startswith("RECORD "))
    return json.loads(record.removeprefix("RECORD ")), shown

"""Scripts that are measured in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping


def output_of(*words: str, env: Mapping[str, str] | None = None) -> str:
    """Return what a fresh Python prints, given its command line: a file, or ``-c`` and code.

    Raises
    ------
    RuntimeError
        With the last line of what it complained of, if it fails.
    """
    done = subprocess.run(
        [sys.executable, *words], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it failed silently"])[-1])
    return done.stdout

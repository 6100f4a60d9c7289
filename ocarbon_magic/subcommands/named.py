"""Runs as they are called on a line."""

from __future__ import annotations

from ocarbon_magic.history import last_run
from ocarbon_magic.run import Run
from ocarbon_magic.shells import current_shell

LAST = "last"
"""What the last run of this process is called."""


def run_called(name: str, label: str) -> Run:
    """Return the last run, or the one that ``--save`` bound to ``name``.

    Raises
    ------
    ValueError
        If there is no such run; ``label`` says where the name stood.
    """
    shell = current_shell()
    run = last_run() if name == LAST else shell and shell.user_ns.get(name)
    if isinstance(run, Run):
        return run
    if name == LAST:
        raise ValueError("nothing has been measured yet: run some steps under %%carbon first.")
    raise ValueError(f"{label} must be {LAST}, or what --save called a run, not {name!r}.")

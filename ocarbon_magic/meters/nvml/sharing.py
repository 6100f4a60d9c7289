"""Who else computes on a GPU: its figures are the whole board's, whoever uses it."""

from __future__ import annotations

import os

from ocarbon_magic.meters.processes import SystemProcesses


def sharing_note(label: str, process_ids: set[int] | None) -> str | None:
    """Return one line on the other processes of a GPU, or None where there are none.

    The driver does not know PID namespaces: in a container it may list the host's numbers,
    so that our own PID is missing although we are there.
    """
    if not process_ids:
        return None
    others = process_ids - {os.getpid()}
    if others:  # what this process started does the cell's work
        others -= set(SystemProcesses().descendants())
    if not others:
        return None
    processes = "process" if len(others) == 1 else "processes"
    scope = "its energy is the whole board's"
    if os.getpid() not in process_ids:
        return f"{label} is used by {len(others)} {processes}, perhaps by this one too: {scope}."
    return f"{label} is shared with {len(others)} other {processes}: {scope}."

"""What a page is told that comes late: how the runs of this kernel stand.

A page that is loaded again, or opened after a night's training, has missed what the kernel
published meanwhile. Our labextension then opens a comm and says which runs it knows of;
nothing waits for the answer, which a busy kernel may give when its cell is done.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ocarbon_magic.history import own_runs
from ocarbon_magic.views.notebook import displays

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ocarbon_magic.views.notebook import NotebookDisplay

TOLD_BYTES = 500_000
"""Records that are told at most, the newest first: servers drop what comes in floods."""


def answer(comm: Any, request: dict[str, Any]) -> None:  # noqa: ANN401 - a comm that was opened
    """Publish the outputs that the page lacks, and tell of the finished runs, oldest first.

    Parameters
    ----------
    comm : BaseComm
        Is closed when all is told.
    request : dict
        The ``comm_open`` message; its data names runs by id: ``open``, those that the page
        shows as running, and ``ended``, those of whose end it knows.
    """
    said = request.get("content", {}).get("data", {})
    for display in _missed(_ids(said, "open"), _ids(said, "ended")):
        display.show_again()
    # After the outputs, as at the end of a run: a page keeps the record itself where none came.
    for record in reversed(list(_records())):
        comm.send({"record": record})
    comm.close()


def _records() -> Iterator[dict[str, Any]]:
    """Yield the records of finished runs, newest first, while there is room for them."""
    room = TOLD_BYTES
    for run in own_runs():
        record = run.to_dict()
        room -= len(json.dumps(record))
        if room < 0:
            return
        yield record


def _missed(open_ids: Collection[str], ended_ids: Collection[str]) -> list[NotebookDisplay]:
    """Return the outputs that the page shows as they were, or not at all."""
    newest = {run.cell.id: run for run, _ in displays() if run.cell and run.cell.id is not None}
    wanted = {*open_ids, *(run.id for run in newest.values())} - {*ended_ids}
    return [shown for run, shown in displays() if run.id in wanted or not shown.ended]


def _ids(said: Any, key: str) -> set[str]:  # noqa: ANN401 - whatever the page has sent
    named = said.get(key) if isinstance(said, dict) else None
    return {name for name in named if isinstance(name, str)} if isinstance(named, list) else set()

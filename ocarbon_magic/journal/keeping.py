"""How one run is kept: from its beginning, while it goes on, and at its end."""

from __future__ import annotations

import os
import threading
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ocarbon_magic.journal.writer import notes, writer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ocarbon_magic.collection.entry import Origin
    from ocarbon_magic.journal.rows import Sheet
    from ocarbon_magic.run import Run

END_PATIENCE_S = 0.02
"""How long the end of a cell waits until its run is written; it will be later, then."""

EVERY_S = 3.0
"""How often a run is written while it goes on."""


class Keeping:
    """Keeps one run in the journal; nothing here raises, and only `end` waits, and shortly.

    Attributes
    ----------
    is_written : bool
        Whether the run, as it ended, stands in the journal.

    Parameters
    ----------
    run : Run
    namespace : mapping or None
        The user's in a notebook; None in a script.
    project : str or None
        As it was said.
    """

    def __init__(
        self, run: Run, namespace: Mapping[str, object] | None, project: str | None
    ) -> None:
        from ocarbon_magic.journal.folder import HOME  # noqa: PLC0415 - when first needed
        from ocarbon_magic.journal.origin import Whereabouts  # noqa: PLC0415

        self._run = run
        self._whereabouts = Whereabouts.now(namespace, project)
        self._home = {HOME: os.environ.get(HOME, "")}
        self._pid = os.getpid()
        self._revision = 0
        self._ended = False
        self._turn = threading.Lock()
        self.is_written = False

    @cached_property
    def origin(self) -> Origin:
        """Who measures, and from where; looked up in the writing thread."""
        return self._whereabouts.origin()

    @property
    def file(self) -> Path:
        """The journal's file, in the folder that was said when the run began."""
        from ocarbon_magic.journal.folder import home, own_file  # noqa: PLC0415 - as above

        return own_file(home(self._home))

    @cached_property
    def process(self) -> str:
        """What this process is called."""
        from ocarbon_magic.journal.process import this_process  # noqa: PLC0415 - as above

        return this_process()

    def begin(self) -> None:
        """Let the run stand in the journal from now on, if no checkpoint has said more of it."""
        if not self._revision:
            self.checkpoint(self._run.to_dict())

    def checkpoint(self, record: dict[str, Any]) -> None:
        """Keep the record of the run so far; called in the sampling thread."""
        with self._turn:
            if not self._ended and os.getpid() == self._pid:
                self._hand(record, is_last=False)

    def end(self) -> str | None:
        """Keep the run as it ended; return a sentence if it is known that it cannot be kept."""
        if os.getpid() != self._pid:
            return None  # a fork of the process that measures, which keeps its run itself
        with self._turn:
            self._ended = True
            page = self._hand(self._run.to_dict(), is_last=True)
        if not page.wait(END_PATIENCE_S) or page.why is None:
            return None
        return (
            f"This run is not in the journal: {page.why}. OCARBON_HOME names another folder for "
            "it, --no-journal does without."
        )

    def _hand(self, record: dict[str, Any], *, is_last: bool) -> Page:
        self._revision += 1
        page = Page(self, record, self._revision, is_last=is_last)
        writer().hand(page)
        return page


class Page:
    """A run as it stood at one moment, on its way into the journal.

    Attributes
    ----------
    run_id : str
    why : str or None
        Why it could not be written, once that is known.
    """

    def __init__(
        self, keeping: Keeping, record: dict[str, Any], revision: int, *, is_last: bool
    ) -> None:
        self.run_id = str(record["id"])
        self.why: str | None = None
        self._keeping = keeping
        self._record = record
        self._revision = revision
        self._is_last = is_last
        self._heartbeat_s = time.time()
        self._is_done = threading.Event()
        self._is_late = False

    @property
    def file(self) -> Path:
        """Where it is to be written."""
        return self._keeping.file

    @property
    def sheet(self) -> Sheet:
        """What is to be written."""
        from ocarbon_magic.journal.rows import Sheet  # noqa: PLC0415 - in the writing thread

        here = self._keeping
        return Sheet(self._record, here.origin, here.process, self._heartbeat_s, self._revision)

    def wait(self, patience_s: float) -> bool:
        """Wait until it is written, or could not be; return whether that is known now."""
        self._is_late = not self._is_done.wait(patience_s)
        return not self._is_late

    def done(self, why: str | None, *, put_aside: bool = False) -> None:
        """Tell that it was written, or why not; of what was put aside, the list will tell."""
        self.why = why
        if self._is_last:
            self._keeping.is_written = why is None and not put_aside
        self._is_done.set()
        line = f"A run is not in the journal: {why}."
        if why is not None and self._is_late and line not in notes:
            notes.append(line)

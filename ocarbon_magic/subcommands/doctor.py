"""`%carbon doctor`: what can be measured here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ocarbon_magic.config import OPTIONS as SETTINGS
from ocarbon_magic.config import resolve
from ocarbon_magic.meters.discover import PROMETHEUS, REMOTE, Source, discover
from ocarbon_magic.options import no_more, read_words
from ocarbon_magic.shells import configuration, current_shell
from ocarbon_magic.site import site_of
from ocarbon_magic.views.answers import Row, diagnosis, journal_kept, journal_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.options import Option
    from ocarbon_magic.views.table import Table

_ELSEWHERE = "OCARBON_HOME names another folder"

OPTIONS: dict[str, Option] = {"devices": SETTINGS["devices"]}


def answer(words: Sequence[str]) -> Table:
    """Return what can be measured on this machine, what cannot, and the remedy.

    With ``--devices`` it is of these; a Prometheus endpoint of the configuration is told of, too.
    """
    said, left = read_words(words, OPTIONS)
    no_more(left, {})
    settings, _ = resolve({}, configuration(current_shell()), os.environ)
    journal = journal_missing("turned off") if settings.no_journal else _journal()
    return diagnosis(_survey(said.get("devices"), settings.devices), site_of(settings), journal)


def _survey(asked: str | None, configured: str) -> list[Source]:
    if asked is not None:
        return discover(asked).survey()
    _, remote, endpoint = configured.partition(REMOTE)
    sources = discover("all").survey()
    if remote:
        try:
            sources += discover(remote + endpoint).survey()
        except ValueError as error:
            sources.append(Source(PROMETHEUS, why=str(error)))
    return sources


def _journal() -> Row:
    """Return where runs are kept, or why they are not."""
    from ocarbon_magic.journal.state import state  # noqa: PLC0415 - imports sqlite3

    try:
        found = state()
    except OSError as error:
        return journal_missing(f"{error.strerror or error}: {_ELSEWHERE}")
    if found.notes:
        return journal_missing(" ".join(found.notes))
    if not found.is_writable:
        folder = _from_home(found.file.parent)
        return journal_missing(f"{folder} cannot be written: {_ELSEWHERE}")
    return journal_kept(found.runs, found.size_bytes, _from_home(found.file.parent))


def _from_home(folder: Path) -> str:
    """Return a path as people write it, and without who they are where it can be."""
    try:
        return str(Path("~") / folder.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(folder)

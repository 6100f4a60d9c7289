"""Runs as they are called on a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import history
from ocarbon_magic.collection import Runs
from ocarbon_magic.collection.wanted import Wanted
from ocarbon_magic.run import Run
from ocarbon_magic.shells import current_shell

if TYPE_CHECKING:
    from collections.abc import Sequence

LAST = "last"
"""What the last run of this process is called."""

SHORTEST_ID = 4
"""Characters of an id that are enough to call a run by, where no other id begins so."""


def run_called(name: str, label: str) -> Run:
    """Return the one run that is called so on a line; the newest where several are.

    Parameters
    ----------
    name : str
        ``last``; a variable that ``--save`` or ``=`` bound to a run, or to runs; a run's
        name, with ``*`` and ``?`` for what is left open; or how its id begins.
    label : str
        Where the name stood, for the message.

    Raises
    ------
    ValueError
        If there is no such run, or an id could be of several.
    """
    if name == LAST and history.last_run() is None and not _bound(name):
        raise ValueError("nothing has been measured yet: run some steps under %%carbon first.")
    found = _called(name)
    if not found:
        raise ValueError(
            f"{label} must be {LAST}, or what --save called a run, or a run's name, or the first "
            f"{SHORTEST_ID} characters of its id, not {name!r}."
        )
    return found[0]


def runs_called(words: Sequence[str]) -> Runs:
    """Return the runs that the words of a line call, in their order, each once; all for none.

    Raises
    ------
    ValueError
        If a word calls no run, or an id could be of several.
    """
    if not words:
        return history.runs()
    if len(words) == 1:
        return _some(words[0])
    found = {run.id: run for word in words for run in _some(word)}
    return Runs(found.values())


def _some(word: str) -> Runs:
    found = _called(word)
    if not found:
        raise ValueError(f"no run is called {word!r}: %carbon runs lists those there are.")
    return found


def _called(name: str) -> Runs:
    """Return what a name stands for, the first of these that there is; nothing else."""
    bound = _bound(name)
    if bound:
        return bound
    last = history.last_run() if name == LAST else None
    if last is not None:
        return Runs([last])
    named = history.runs(name=name)
    return named if named or len(name) < SHORTEST_ID else _of_id(name)


def _bound(name: str) -> Runs:
    """Return the run, or the runs, that a variable of the user's holds."""
    shell = current_shell()
    value = None if shell is None else shell.user_ns.get(name)
    if isinstance(value, Run):
        return Runs([value])
    return value if isinstance(value, Runs) else Runs()


def _of_id(beginning: str) -> Runs:
    found = history.those(Wanted(id=beginning.lower()))
    if len(found) > 1:
        raise ValueError(f"{len(found)} runs have an id that begins with {beginning!r}: type more.")
    return found

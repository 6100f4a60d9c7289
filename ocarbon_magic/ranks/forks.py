"""What is counted in processes that are forked from one that counts.

A fork inherits the hooks, and no thread. It counts from nothing, and tells from the first step
that it makes: forks that count nothing, as workers that load data, cost nothing.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from ocarbon_magic.progress.base import unnoticed
from ocarbon_magic.ranks.environment import folders
from ocarbon_magic.ranks.teller import Teller

if TYPE_CHECKING:
    from ocarbon_magic.progress.observer import WorkObserver


class _Process:
    """What this process counts with.

    Attributes
    ----------
    observers : list of WorkObserver
        Those that count now, the first begun first.
    teller : Teller or None
        Who tells what this process counts, if it was started by one that measures.
    follows : bool
        Whether forks are followed.
    """

    def __init__(self) -> None:
        self.observers: list[WorkObserver] = []
        self.teller: Teller | None = None
        self.follows = False


_here = _Process()


def noticed(source: str) -> float:
    """Take note that something counts: the `Notice` of each `WorkObserver`."""
    teller = _here.teller
    return unnoticed(source) if teller is None else teller.noticed(source)


def follow(observer: WorkObserver) -> None:
    """Let forks of this process count by ``observer``, too."""
    _here.observers.append(observer)
    if not _here.follows and hasattr(os, "register_at_fork"):
        _here.follows = True
        os.register_at_fork(after_in_child=_forked)


def leave(observer: WorkObserver) -> None:
    """Let forks count by it no longer."""
    if observer in _here.observers:
        _here.observers.remove(observer)


def tell_with(teller: Teller) -> None:
    """Let ``teller`` tell what this process counts."""
    _here.teller = teller


def _forked() -> None:
    """Count from nothing, in the child."""
    if not _here.observers:
        return
    with suppress(Exception):  # a fork is the user's, whatever fails here
        for observer in _here.observers:
            observer.restart()
        _here.teller = Teller(_here.observers[0], folders(os.environ), is_worker=True)

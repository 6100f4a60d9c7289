"""Counting in a process that a measured cell started, from its first import of a framework."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from ocarbon_magic.progress import tqdm
from ocarbon_magic.progress.frameworks.imports import ImportWatch
from ocarbon_magic.progress.observer import WorkObserver
from ocarbon_magic.ranks import forks
from ocarbon_magic.ranks.environment import folders
from ocarbon_magic.ranks.teller import Teller

if TYPE_CHECKING:
    from types import ModuleType

_WORKER = "--multiprocessing-fork"
"""Stands in the command line of a process that multiprocessing spawns."""


def begin() -> None:
    """Count from now on, and tell it, if somebody is there to hear it."""
    heard = folders(os.environ)
    if not heard:
        return
    observer = WorkObserver(None, None, count_flop=False, notice=forks.noticed)
    teller = Teller(observer, heard, is_worker=_WORKER in sys.orig_argv)
    forks.tell_with(teller)
    forks.follow(observer)
    observer.start()
    # Bars tell nobody that they begin: they have to be looked for.
    ImportWatch({"tqdm.std": _look_for_bars}).start()


def _look_for_bars(_module: ModuleType) -> None:
    forks.noticed(tqdm.SOURCE)

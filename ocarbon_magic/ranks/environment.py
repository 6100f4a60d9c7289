"""What the environment says while a cell is measured, and how it is put back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

RANKS = "OCARBON_RANKS"
"""Folders where processes tell what they count, that of the nearest run first; or `OFF`."""

OFF = "off"
"""Said by a person: nothing is lent to the environment, and no process started is counted."""

_PATH = "PYTHONPATH"
STARTUP = str(Path(__file__).resolve().parent / "startup")
"""The folder of our ``sitecustomize``."""


def folders(environ: Mapping[str, str]) -> list[Path]:
    """Return the folders of the runs around this process, as far as they are there."""
    said = environ.get(RANKS, "")
    named = [Path(part) for part in said.split(os.pathsep) if os.path.isabs(part)]  # noqa: PTH117 - text
    return [folder for folder in named if folder.is_dir()]


class Lent:
    """The environment with what the processes that it starts need to know.

    Parameters
    ----------
    folder : Path
        Where they tell what they count.
    environ : mutable mapping
    """

    def __init__(self, folder: Path, environ: MutableMapping[str, str]) -> None:
        self._environ = environ
        self._former = {name: environ.get(name) for name in (RANKS, _PATH)}
        around = (str(one) for one in folders(environ))
        self._lent = {
            RANKS: os.pathsep.join([str(folder), *around]),
            _PATH: _with_startup(self._former[_PATH]),
        }

    def lend(self) -> None:
        """Let the environment say it."""
        self._environ.update(self._lent)

    def restore(self) -> None:
        """Put back what was there; where the user's code has changed it, take out ours alone.

        It may be called at any time, and again.
        """
        environ = self._environ
        for name, former in self._former.items():
            now = environ.get(name)
            if now == self._lent[name]:
                _put(environ, name, former)
            elif name == _PATH and not _has_startup(former):
                _put(environ, name, _without_startup(now))


def _with_startup(former: str | None) -> str:
    if not former:  # an empty entry would be the present folder
        return STARTUP
    return former if _has_startup(former) else STARTUP + os.pathsep + former


def _has_startup(path: str | None) -> bool:
    return path is not None and STARTUP in path.split(os.pathsep)


def _without_startup(path: str | None) -> str | None:
    if path is None:
        return None
    return os.pathsep.join(entry for entry in path.split(os.pathsep) if entry != STARTUP)


def _put(environ: MutableMapping[str, str], name: str, value: str | None) -> None:
    if value is None:
        environ.pop(name, None)
    else:
        environ[name] = value

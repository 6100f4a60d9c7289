"""Who measures, and from where: the project, the notebook, the person, the machine."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ocarbon_magic.collection.entry import Origin
from ocarbon_magic.journal.folder import host, user

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROJECT_SIGNS = (".git", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is known at once; `origin` looks up the rest, which may take a while.

    Attributes
    ----------
    notebook : str or None
        Path of the notebook or the script.
    folder : str or None
        The folder that the process works in.
    project : str or None
        As it was said.
    """

    notebook: str | None
    folder: str | None
    project: str | None

    @classmethod
    def now(
        cls,
        namespace: Mapping[str, object] | None,
        project: str | None,
        environ: Mapping[str, str] = os.environ,
    ) -> Whereabouts:
        """Return where this process is.

        Parameters
        ----------
        namespace : mapping or None
            The user's in a notebook; None in a script.
        project : str or None
        environ : mapping
        """
        try:
            folder = os.getcwd()  # noqa: PTH109 - a folder that was removed has no path
        except OSError:
            folder = None
        notebook = _script() if namespace is None else _notebook(namespace, environ)
        return cls(notebook, folder, project)

    def origin(self) -> Origin:
        """Return all of it."""
        return Origin(user(), host(), self.project or self._project(), self.notebook)

    def _project(self) -> str | None:
        start = Path(self.notebook).parent if self.notebook else Path(self.folder or "")
        if not start.is_absolute():
            return None
        for folder in (start, *start.parents):
            if any((folder / sign).exists() for sign in _PROJECT_SIGNS):
                return folder.name or None
        return start.name or None


def _notebook(namespace: Mapping[str, object], environ: Mapping[str, str]) -> str | None:
    """Return the path that VS Code puts into the namespace, or Jupyter into the environment."""
    named = namespace.get("__vsc_ipynb_file__") or environ.get("JPY_SESSION_NAME")
    if not isinstance(named, str) or not named:
        return None
    # A console has a session, too, with a name that is no file's.
    is_file = named.endswith(".ipynb") or os.path.isfile(named)  # noqa: PTH113 - any text may come
    return os.path.abspath(named) if is_file else None  # noqa: PTH100 - links stay as they are


def _script() -> str | None:
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    return os.path.abspath(file) if isinstance(file, str) else None  # noqa: PTH100 - as above

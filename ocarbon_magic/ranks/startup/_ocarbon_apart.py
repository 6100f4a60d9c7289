# ruff: noqa: INP001 - the folder stands in PYTHONPATH, and is no package
"""The package under another name, in a process that cannot import it, or has another one of it.

Its modules say ``ocarbon_magic`` when they import each other; each is given an import of its own,
which says `NAME` instead. Nobody else's imports are touched.
"""

from __future__ import annotations

import builtins
import sys
from importlib import import_module
from importlib.machinery import PathFinder, SourceFileLoader
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ModuleSpec

SAID = "ocarbon_magic"
NAME = "_ocarbon_magic_apart"


def load(house: str, module: str) -> ModuleType:
    """Return a module of the package whose folder is ``house``.

    Raises
    ------
    ImportError
        If it cannot be imported by this Python.
    """
    if NAME not in sys.modules:
        root = ModuleType(NAME)
        root.__path__ = [house]
        sys.modules[NAME] = root
        sys.meta_path.insert(0, _Finder())
    return import_module(f"{NAME}.{module}")


def _import(
    name: str,
    globals: Mapping[str, object] | None = None,  # noqa: A002 - as `__import__` calls them
    locals: Mapping[str, object] | None = None,  # noqa: A002
    fromlist: Sequence[str] = (),
    level: int = 0,
) -> ModuleType:
    if level == 0 and (name == SAID or name.startswith(f"{SAID}.")):
        name = NAME + name.removeprefix(SAID)
    return builtins.__import__(name, globals, locals, fromlist, level)


class _Finder:
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith(f"{NAME}."):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        own: dict[str, Any] = {**vars(builtins), "__import__": _import}
        module.__dict__["__builtins__"] = own
        super().exec_module(module)

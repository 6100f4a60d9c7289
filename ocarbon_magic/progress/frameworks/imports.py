"""Be told when a module has been imported, without importing it."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class ImportWatch:
    """Tells of modules, at once if they are there, else right after they are imported.

    It is a finder of ``sys.meta_path`` that finds nothing by itself.

    Parameters
    ----------
    wanted : mapping
        What to call with the module, by the module's full name; what it raises is dropped.
    """

    def __init__(self, wanted: Mapping[str, Callable[[ModuleType], None]]) -> None:
        self._wanted = dict(wanted)

    def start(self) -> None:
        """Tell of the modules that are there, and wait for the others."""
        self.look()
        if self._wanted:
            sys.meta_path.insert(0, self)

    def look(self) -> None:
        """Tell of modules that have come without being seen.

        Another thread may have been importing them at the start, or a loader of its own kind
        has brought them.
        """
        for name in list(self._wanted):
            module = sys.modules.get(name)
            unfinished = getattr(getattr(module, "__spec__", None), "_initializing", False)
            if module is not None and not unfinished:
                told = self._wanted.pop(name, None)
                if told is not None:
                    self._tell(module, told)

    def stop(self) -> None:
        """Wait no longer."""
        self._wanted.clear()
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a wanted module as the other finders do, and have its loader tell when done."""
        told = self._wanted.pop(fullname, None)
        if told is None:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        specs = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((spec for spec in specs if spec is not None), None)
        if spec is not None and self._tell_after(spec.loader, told):
            return spec
        self._wanted[fullname] = told  # `look` will find it
        return spec

    def _tell_after(self, loader: object, told: Callable[[ModuleType], None]) -> bool:
        """Have ``loader`` tell once it has executed the module; return whether it will."""
        execute: Callable[[ModuleType], None] | None = getattr(loader, "exec_module", None)
        if execute is None or isinstance(loader, type):
            return False

        def exec_module(module: ModuleType) -> None:
            vars(loader).pop("exec_module", None)
            execute(module)
            self._tell(module, told)

        try:
            loader.exec_module = exec_module  # type: ignore[attr-defined]
        except AttributeError:
            return False
        return True

    @staticmethod
    def _tell(module: ModuleType, told: Callable[[ModuleType], None]) -> None:
        with suppress(Exception):  # counting never breaks an import
            told(module)

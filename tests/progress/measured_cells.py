"""Run the source of a cell with its loops counted, as the magic does, without a kernel."""

from __future__ import annotations

import ast
import itertools
import linecache
from dataclasses import dataclass, field
from typing import Any

from ocarbon_magic.progress.observer import WorkObserver

_numbers = itertools.count()


@dataclass
class Notebook:
    """Cells that share their names, each run with or without counting."""

    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})
    observer: WorkObserver | None = None

    def run(self, source, *, measured=True, total=None, unit=None):
        """Run a cell; return its observer, and the exception that ended it."""
        file = f"<test cell {next(_numbers)}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        tree = ast.parse(source)
        observer = self.observer = WorkObserver(total, unit)
        observer.start()
        if measured:
            observer.count_loops(tree, self.names, 0)
        error = None
        try:
            for statement in ast.fix_missing_locations(tree).body:
                module = ast.Module([statement], [])
                exec(compile(module, file, "exec", dont_inherit=True), self.names)
        except BaseException as raised:  # noqa: BLE001 - the caller looks at it
            error = raised
        finally:
            observer.stop()
        return observer, error

    def count(self, source, **options):
        """Run a cell and return what was counted as its work."""
        observer, error = self.run(source, **options)
        if error is not None:
            raise error
        return observer.read().count


def counted(source, **options):
    """Return (done, total) of a cell of its own; (None, None) if nothing counted."""
    count = Notebook().count(source, **options)
    return (None, None) if count is None else (count.done, count.total)

# ruff: noqa: INP001 - the folder stands in PYTHONPATH, and is no package
# ruff: noqa: ANN401 - finders take and give whatever they do
"""Waits, in a process that a measured cell starts, until it imports what can be counted.

Nothing is loaded before: most processes count nothing, and each must start as fast as ever.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # typing costs as much as all of this
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

PACKAGE = "ocarbon_magic"
BY_HAND = "ocarbon_magic.progress.tracker"
"""Where `oc.track` and `oc.update` are, of this very package."""

WANTED = frozenset(
    {
        BY_HAND,
        "fastai.learner",
        "keras.callbacks",
        "lightning.pytorch.trainer.trainer",
        "pytorch_lightning.trainer.trainer",
        "sklearn.base",
        "torch.optim.optimizer",
        "tqdm.std",
        "transformers.trainer",
    }
)
"""Modules with something to count; tested to be all of those that are watched."""

_UNCOUNTED = "loky.backend"
"""joblib's workers do parts of a fit that their parent waits for."""

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib costs too much
_HOUSE = os.path.dirname(os.path.dirname(_HERE))  # noqa: PTH120


class Waiting:
    """A finder of ``sys.meta_path`` that finds nothing, and begins to count in good time."""

    def find_spec(
        self, name: str, path: Any = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Begin to count if ``name`` is about to be imported, and leave that to the others."""
        if name not in WANTED or self not in sys.meta_path:
            return None
        if name == BY_HAND:  # counting needs that module itself: begin when it is there
            spec = _find(name, path, target, but=self)
            self._begin_after(spec)
            return spec
        sys.meta_path.remove(self)
        _begin()
        return _find(name, path, target, but=self)

    def _begin_after(self, spec: ModuleSpec | None) -> None:
        loader: Any = getattr(spec, "loader", None)
        execute = getattr(loader, "exec_module", None)
        if execute is None or not _is_ours(sys.modules.get(PACKAGE)):
            return

        def exec_module(module: ModuleType) -> None:
            vars(loader).pop("exec_module", None)
            execute(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
                _begin()

        loader.exec_module = exec_module


def wait() -> None:
    """Wait from now on."""
    if not any(_UNCOUNTED in word for word in sys.orig_argv):
        sys.meta_path.insert(0, Waiting())


def _begin() -> None:
    """Begin to count; whatever fails, the process goes on as ever."""
    try:  # noqa: SIM105 - contextlib costs too much
        _counting().begin()
    except Exception:  # noqa: BLE001, S110 - as said
        pass


def _counting() -> Any:
    """Return the module that counts.

    Where this process would import the very package that this file belongs to, it is that one's.
    Elsewhere, as in another virtual environment, it is loaded under a name of its own, so that
    an ``import ocarbon_magic`` finds what it would find, or nothing.
    """
    from importlib import import_module  # noqa: PLC0415 - at its start a process pays for it

    known = sys.modules.get(PACKAGE)
    if _is_ours(known) if known is not None else _is_ours(_find(PACKAGE, None, None)):
        return import_module("ocarbon_magic.ranks.telling")
    from importlib.util import module_from_spec, spec_from_file_location  # noqa: PLC0415 - as above

    spec = spec_from_file_location("_ocarbon_apart", os.path.join(_HERE, "_ocarbon_apart.py"))  # noqa: PTH118
    apart: Any = module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(apart)  # type: ignore[union-attr]
    return apart.load(_HOUSE, "ranks.telling")


def _is_ours(found: Any) -> bool:
    """Return whether a module, or the place of one, is the package of this file."""
    origin = getattr(found, "origin", None) or getattr(found, "__file__", None)
    ours = os.path.join(_HOUSE, "__init__.py")  # noqa: PTH118
    return origin is not None and os.path.realpath(origin) == os.path.realpath(ours)


def _find(name: str, path: Any, target: Any, but: object = None) -> ModuleSpec | None:
    for finder in list(sys.meta_path):
        if finder is not but and hasattr(finder, "find_spec"):
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                return spec
    return None

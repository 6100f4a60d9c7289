# ruff: noqa: INP001 - the folder stands in PYTHONPATH, and is no package
"""What Python runs first in a process that a measured cell starts.

The folder of this file stands first in ``PYTHONPATH`` while a cell is measured. Nothing of it
may be felt: the folder leaves the path, and the module of this name that it hides is run in its
place; if there is none, there is none, as Python then takes the error of the last line for.

Any Python may find this file, old ones too: it is written so that all of them can read it.
"""

import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib costs as much as Python
try:
    if (
        sys.version_info >= (3, 11)
        and sys.implementation.name == "cpython"
        and os.environ.get("OCARBON_RANKS")
    ):
        import _ocarbon_waiting  # type: ignore[import-not-found]

        _ocarbon_waiting.wait()
except Exception:  # noqa: BLE001, S110 - a process that is not counted runs as ever
    pass
sys.path[:] = [entry for entry in sys.path if entry != _here]
sys.path_importer_cache.pop(_here, None)
_self = sys.modules.pop("sitecustomize", None)  # held, so that the last line can run

import sitecustomize  # type: ignore[import-not-found]  # noqa: E402, F401 - the one hidden by this

"""The process around a run: its host, the versions that matter, work queued on a GPU.

Only what is already imported is looked at; nothing is imported for it.
"""

from __future__ import annotations

import os
import platform
import sys
from functools import cache
from typing import Any

FRAMEWORKS = (
    "torch",
    "tensorflow",
    "jax",
    "keras",
    "transformers",
    "lightning",
    "fastai",
    "sklearn",
    "numpy",
)


@cache
def host() -> dict[str, Any]:
    """Return what a reader of the record must know of the machine; it does not name it."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "logical_cpus": os.cpu_count(),
    }


def versions() -> dict[str, str]:
    """Return the versions of Python, of this package and of the frameworks in use."""
    found = {"python": platform.python_version(), "ocarbon_magic": _own_version()}
    for name in ("IPython", *FRAMEWORKS):
        version = getattr(sys.modules.get(name), "__version__", None)
        if isinstance(version, str):
            found[name.lower()] = version
    return found


@cache
def _own_version() -> str:
    from importlib import metadata  # noqa: PLC0415 - only when a record is made

    try:
        return metadata.version("ocarbon_magic")
    except metadata.PackageNotFoundError:
        return "not installed"


def queued_work() -> None:
    """Wait for what the user's code has queued on a GPU.

    A GPU works on after Python has returned; without the wait the energy of the last steps
    would fall into the next cell. Only devices that hold memory of this process are asked,
    since asking any other would create a context on it.
    """
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    if cuda is None:
        return
    try:
        if cuda.is_initialized():
            for index in range(cuda.device_count()):
                if cuda.memory_allocated(index):
                    cuda.synchronize(index)
    except Exception:  # noqa: BLE001, S110 - a CUDA error is the user's own and shows at their next call
        pass

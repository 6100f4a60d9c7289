"""The one door to NVML: loaded once a process, every failure in the user's words.

`pynvml` raises exceptions that cannot be hashed and compare equal by accident; nothing of it
leaves this file. A forked child starts NVML anew, for the parent's session is not its own.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from ocarbon_magic.meters.base import MeterUnavailableError

if TYPE_CHECKING:
    from types import ModuleType

UNINITIALIZED = 1
NOT_FOUND = 6
INSUFFICIENT_SIZE = 7
FUNCTION_NOT_FOUND = 13

_ABSENT = frozenset({3, FUNCTION_NOT_FOUND, 25})  # not supported, no such function or struct
_GONE = frozenset({15, 16})  # lost from the bus, needs a reset

_CONTAINER = (
    "in a container, start it with the NVIDIA container toolkit and the `utility` capability"
)

_INIT_FAILURES = {
    4: (
        "NVML may not be used here: the system refuses permission.",
        "Ask for access to the NVIDIA devices (/dev/nvidiactl, /dev/nvidia0).",
    ),
    9: (
        "No NVIDIA GPU can be measured: the NVIDIA driver is not loaded.",
        "Load it with `sudo modprobe nvidia`, or restart the machine.",
    ),
    12: (
        "No NVIDIA GPU can be measured: there is no NVIDIA driver (libnvidia-ml.so.1).",
        f"Install the driver; {_CONTAINER}.",
    ),
    18: (
        "The NVIDIA driver was upgraded under the running machine and its library does not fit.",
        "Restart the machine.",
    ),
    999: (
        "NVML gives an unknown error, as in a container that has lost its GPUs.",
        "Restart the container.",
    ),
}


class NvmlCallError(Exception):
    """An NVML call failed with ``code``.

    Attributes
    ----------
    code : int
    absent : bool
        This GPU or driver has no such reading: do not ask again.
    gone : bool
        The GPU no longer answers anything.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"NVML error {code}")
        self.code = code
        self.absent = code in _ABSENT
        self.gone = code in _GONE


class Library:
    """NVML, initialised for this process."""

    def __init__(self, pynvml: ModuleType) -> None:
        self._pynvml = pynvml
        self._errors: tuple[type[Exception], ...] = (pynvml.NVMLError,)
        mismatch = getattr(pynvml, "NVMLLibraryMismatchError", None)
        self._mismatch: tuple[type[Exception], ...] = (mismatch,) if mismatch else ()
        self.call("nvmlInit")

    def call(self, name: str, *arguments: Any) -> Any:  # noqa: ANN401 - as the binding has it
        """Call the function ``name`` of the binding.

        Raises
        ------
        NvmlCallError
            Whatever went wrong.
        """
        try:
            return self._once(name, arguments)
        except NvmlCallError as error:
            if error.code != UNINITIALIZED or name == "nvmlInit":
                raise
        # Other code in this process shut NVML down once too often.
        self._once("nvmlInit", ())
        return self._once(name, arguments)

    def _once(self, name: str, arguments: tuple[Any, ...]) -> Any:  # noqa: ANN401 - see `call`
        function = getattr(self._pynvml, name, None)
        if function is None:
            raise NvmlCallError(FUNCTION_NOT_FOUND)
        try:
            return function(*arguments)
        except self._errors as error:
            raise NvmlCallError(int(error.value)) from None  # type: ignore[attr-defined]
        except self._mismatch:
            raise NvmlCallError(FUNCTION_NOT_FOUND) from None


_open: dict[int, Library] = {}


def open_library() -> Library:
    """Return NVML for this process, started at the first call and kept.

    Raises
    ------
    MeterUnavailableError
        If there is no binding, library or driver, or NVML does not start.
    """
    pid = os.getpid()
    if pid not in _open:
        binding = _binding()
        try:
            library = Library(binding)
        except NvmlCallError as error:
            raise MeterUnavailableError(*_explained(error.code)) from None
        _open.clear()
        _open[pid] = library
    return _open[pid]


def _binding() -> ModuleType:
    try:
        module = importlib.import_module("pynvml")
    except ImportError:
        raise MeterUnavailableError(
            "No NVIDIA GPU can be measured: the Python package nvidia-ml-py is missing.",
            "Run `pip install nvidia-ml-py`.",
        ) from None
    # An older package of another author brings a folder of the same name, which hides it.
    if hasattr(module, "__path__") or not hasattr(module, "nvmlDeviceGetFieldValues"):
        raise MeterUnavailableError(
            "No NVIDIA GPU can be measured: the package `pynvml` hides NVIDIA's nvidia-ml-py.",
            "Run `pip uninstall pynvml`, then `pip install --force-reinstall nvidia-ml-py`.",
        )
    return module


def _explained(code: int) -> tuple[str, str]:
    return _INIT_FAILURES.get(
        code, (f"NVML did not start (error {code}).", "See whether `nvidia-smi` works.")
    )

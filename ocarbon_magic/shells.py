"""What the shell around us says: which it is, its configuration, how a cell ended."""

from __future__ import annotations

import sys
import zlib
from typing import TYPE_CHECKING, Any

from ocarbon_magic.config import OPTIONS
from ocarbon_magic.run import Cell

if TYPE_CHECKING:
    from ocarbon_magic.run import Status

_INTERRUPTS = {"KeyboardInterrupt", "CancelledError", "SystemExit"}


def status_of(error: BaseException | None) -> Status:
    """Return the status of a run that ended with ``error``."""
    if not _INTERRUPTS.isdisjoint(kind.__name__ for kind in type(error).__mro__):
        return "interrupted"
    return "finished" if error is None else "failed"


def current_shell() -> Any:  # noqa: ANN401 - an InteractiveShell, or None
    """Return the IPython shell this process runs in, without importing IPython for it."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def configuration(shell: Any) -> dict[str, object]:  # noqa: ANN401 - an InteractiveShell, or None
    """Return what the IPython configuration says, by option name."""
    if shell is None:
        return {}
    magics = shell.magics_manager.registry.get("CarbonMagics")
    if magics is None:
        return dict(shell.config.get("CarbonMagics", {}))
    return {o.name: getattr(magics, o.name) for o in OPTIONS.values() if o.configurable}


def request_of(shell: Any) -> dict[str, Any]:  # noqa: ANN401 - an InteractiveShell, or None
    """Return the message that asked a kernel to execute what runs now; empty elsewhere."""
    request = shell.get_parent() if hasattr(shell, "get_parent") else None
    return request if isinstance(request, dict) else {}


def cell_of(shell: Any) -> Cell | None:  # noqa: ANN401 - an InteractiveShell, or None
    """Return the cell that runs now, as the front end calls it; None outside a notebook."""
    request = request_of(shell)
    source = request.get("content", {}).get("code")
    if not isinstance(source, str):
        return None
    name = request.get("metadata", {}).get("cellId")
    return Cell(name if isinstance(name, str) else None, zlib.crc32(source.encode()))

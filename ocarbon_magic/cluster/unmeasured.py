"""Engines that a cell works on without their being measured."""

from __future__ import annotations

import sys
from typing import Any

UNMEASURED = (
    "This cell gave work to ipyparallel engines, which is not counted, and measured no further "
    "than they are processes of this kernel: add --cluster to the %%carbon line."
)


def active_view(shell: Any) -> Any:  # noqa: ANN401 - a shell or None; a View or None
    """Return the view through which ``%%px`` gives tasks; None without one."""
    if shell is None or "ipyparallel" not in sys.modules:
        return None
    magic = shell.magics_manager.magics["cell"].get("px")
    return getattr(getattr(magic, "__self__", None), "view", None)


class UnmeasuredTasks:
    """The tasks that are given through that view from now on.

    Parameters
    ----------
    shell : InteractiveShell or None
    """

    def __init__(self, shell: Any) -> None:  # noqa: ANN401 - as above
        view = active_view(shell)
        self._client: Any = None if view is None else view.client
        self._before = 0 if view is None else len(view.client.history)

    def hint(self) -> str | None:
        """Return what to add, if there were any."""
        given = self._client is not None and len(self._client.history) > self._before
        return UNMEASURED if given else None

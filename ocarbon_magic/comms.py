"""Lets pages that come late find this kernel's answers (`ocarbon_magic.catchup`)."""

from __future__ import annotations

from typing import Any

from ocarbon_magic.run import COMM_TARGET

_signs: dict[str, Any] = {}


def offer(shell: Any) -> None:  # noqa: ANN401 - an InteractiveShell
    """Answer comms of our target, where ``shell`` is a kernel's; a second time changes nothing.

    A comm of that name stands in the kernel's list, unopened: a page looks there first, since
    a kernel complains of targets that it does not know.
    """
    comms = _manager(shell)
    if comms is None or COMM_TARGET in _signs:
        return
    from comm import create_comm  # noqa: PLC0415 - there is one where there is a kernel

    _signs[COMM_TARGET] = create_comm(target_name=COMM_TARGET, primary=False)
    comms.register_comm(_signs[COMM_TARGET])
    comms.register_target(COMM_TARGET, _answer)


def withdraw(shell: Any) -> None:  # noqa: ANN401 - an InteractiveShell
    """Take the offer back."""
    comms = _manager(shell)
    if comms is not None and COMM_TARGET in _signs:
        comms.unregister_comm(_signs.pop(COMM_TARGET))
        comms.unregister_target(COMM_TARGET, _answer)


def _answer(comm: Any, request: dict[str, Any]) -> None:  # noqa: ANN401 - a comm that was opened
    from ocarbon_magic.catchup import answer  # noqa: PLC0415 - when first asked

    answer(comm, request)


def _manager(shell: Any) -> Any:  # noqa: ANN401 - a CommManager, or None
    return getattr(getattr(shell, "kernel", None), "comm_manager", None)

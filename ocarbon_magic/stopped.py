"""What is seen of code that was stopped at its budget: one line, not a traceback."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_HANDLED_IN = "ocarbon_magic.stopping"


class BudgetReached(KeyboardInterrupt):
    """The emissions of the measured code reached its budget (``--stop-at-budget``).

    A `KeyboardInterrupt`, so that code that ends well at Ctrl-C ends well here: its
    ``finally`` runs, and what it does in ``except KeyboardInterrupt``.
    """

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows: one line says it all."""
        return [str(self)]


def end_scripts_in_one_line() -> None:
    """Have Python write `BudgetReached` as a line, where it writes errors its own way."""
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _excepthook


def _excepthook(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if isinstance(error, BudgetReached):
        sys.stderr.write(f"{error}\n")
    else:
        sys.__excepthook__(kind, error, traceback)


def show_as_line(shell: Any, line: Callable[[], str | None]) -> Callable[[], None]:  # noqa: ANN401 - an InteractiveShell
    """Have ``shell`` show a coroutine that was stopped as one line, and an interrupt as ever.

    Parameters
    ----------
    shell : InteractiveShell
    line : callable
        Returns the line that a coroutine was cancelled with, or None where none was.

    Returns
    -------
    callable
        Undoes it.
    """
    from asyncio import CancelledError  # noqa: PLC0415 - IPython has imported it

    def show(
        shell: Any,  # noqa: ANN401 - an InteractiveShell
        kind: type[BaseException],
        error: BaseException,
        traceback: TracebackType,
        tb_offset: int | None = None,
    ) -> None:
        if error.args == (line(),):
            vars(error)["_render_traceback_"] = lambda: [str(error)]
        shell.showtraceback((kind, error, _users(traceback)), tb_offset=tb_offset)

    before = shell.custom_exceptions, shell.CustomTB
    if before[0] != ():
        return lambda: None  # the user shows errors their own way
    shell.set_custom_exc((CancelledError, KeyboardInterrupt), show)

    def undo() -> None:
        shell.custom_exceptions, shell.CustomTB = before

    return undo


def _users(traceback: TracebackType) -> TracebackType | None:
    """Return ``traceback`` as it would be if no handler of ours had seen the interrupt."""
    frames: list[TracebackType] = []
    one: TracebackType | None = traceback
    while one is not None and one.tb_frame.f_globals.get("__name__") != _HANDLED_IN:
        frames.append(one)
        one = one.tb_next
    users = None
    for one in reversed(frames):
        users = TracebackType(users, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return users

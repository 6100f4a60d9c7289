"""Ends the measured code from another thread, as the notebook's stop button would."""

from __future__ import annotations

import _thread
import inspect
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from ocarbon_magic.stopped import BudgetReached

if TYPE_CHECKING:
    from types import FrameType

    from ocarbon_magic.running import Code

DRAIN_S = 1.0
"""How long the end of the code waits for an interrupt that is on its way, at most."""


class Stop:
    """Interrupts code that runs in the main thread, at most once, and only while it runs.

    Code of its own thread gets `BudgetReached` where a press of the stop button would give
    it a `KeyboardInterrupt`: a handler of SIGINT raises it, in place from `arm` to `disarm`;
    any other interrupt goes to the handler there was before. A coroutine that waits is
    cancelled instead, because what is raised meanwhile would end the event loop.

    Parameters
    ----------
    code : Code
        Tells whether it runs.
    """

    def __init__(self, code: Code) -> None:
        self._code: Code = code
        self._lock = threading.Lock()
        self._armed = False
        self._previous: Any = None
        self._task: Any = None
        self._line = ""
        self._signalled = False
        self._scheduled = False
        self._ended_with: str | None = None

    @property
    def ended_with(self) -> str | None:
        """The line that the code was interrupted with; None until it was."""
        return self._ended_with

    def arm(self) -> bool:
        """Make ready, in the thread of the code; False where that cannot be interrupted."""
        previous = signal.getsignal(signal.SIGINT)
        if previous is None:
            return False  # it is not Python's, and could not be put back
        self._previous, self._task = previous, _current_task()
        try:
            signal.signal(signal.SIGINT, self._on_sigint)
        except ValueError:
            return False  # not the main thread
        self._armed = True
        return True

    def request(self, line: str) -> str | None:
        """Interrupt the code as soon as it can be, from any thread.

        Parameters
        ----------
        line : str
            Says why.

        Returns
        -------
        str or None
            The line that the code was interrupted with; None if that is still to come:
            ask again, since between two of its steps it cannot be.
        """
        with self._lock:
            if self._armed and not (self._signalled or self._scheduled or self._ended_with):
                self._line = line
                self._interrupt()
            return self._ended_with

    def disarm(self) -> str | None:
        """Let the code alone from now on; return the line that it was interrupted with.

        To be called in the thread of the code. A handler that the code has put in place of
        ours stays.
        """
        with self._lock:
            self._armed = False
        patience_s = time.monotonic() + DRAIN_S
        while self._signalled and self._is_installed() and time.monotonic() < patience_s:
            time.sleep(0.001)  # the signal is on its way: it must not arrive in the next cell
        if self._is_installed() and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._previous)
        return self._ended_with

    def reached(self, error: BaseException) -> BudgetReached | None:
        """Return what a coroutine ends with, where ``error`` is how it was cancelled here.

        Its task is then as if it had not been cancelled.
        """
        if self._ended_with is None or error.args != (self._ended_with,):
            return None
        self._task.uncancel()
        return BudgetReached(self._ended_with)

    def _is_installed(self) -> bool:
        return signal.getsignal(signal.SIGINT) == self._on_sigint

    def _interrupt(self) -> None:
        main = threading.main_thread().ident
        if self._is_waiting():
            self._schedule()
        elif main is not None and self._code.is_running(sys._current_frames().get(main)):  # noqa: SLF001 - documented
            if not self._is_installed():
                if not callable(signal.getsignal(signal.SIGINT)):
                    return  # it would be lost on the process, or be its end
                self._ended_with = self._line  # the code's own handler takes it from here
            self._signalled = True
            if hasattr(signal, "pthread_kill"):
                signal.pthread_kill(main, signal.SIGINT)  # it wakes a call that blocks, too
            else:
                _thread.interrupt_main()

    def _on_sigint(self, number: int, frame: FrameType | None) -> None:
        if not self._signalled:
            self._pass_on(number, frame)
            return
        self._signalled, self._ended_with = False, None
        if not self._armed:
            return
        if self._is_waiting():
            self._schedule()
        elif self._code.is_running(frame):
            self._ended_with = self._line
            try:
                if self._task is None and callable(self._previous):
                    self._previous(number, frame)  # a script's own way to stop
                    return
            except KeyboardInterrupt:
                pass
            raise BudgetReached(self._line)

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        """Do what there was before us would have done."""
        if callable(self._previous):
            self._previous(number, frame)
        elif self._previous == signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    def _is_waiting(self) -> bool:
        """Return whether the code is a coroutine that waits for something."""
        if self._task is None or self._task.done():
            return False
        coroutine = self._task.get_coro()
        return inspect.iscoroutine(coroutine) and not coroutine.cr_running

    def _schedule(self) -> None:
        self._scheduled = True
        self._task.get_loop().call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        """Cancel the coroutine, in its event loop, if it has not ended."""
        self._scheduled = False
        if self._armed and self._task.cancel(self._line):
            self._ended_with = self._line


def _current_task() -> Any:  # noqa: ANN401 - an asyncio.Task, or None
    """Return the task that runs here, without importing asyncio for it."""
    asyncio = sys.modules.get("asyncio")
    try:
        return None if asyncio is None else asyncio.current_task()
    except RuntimeError:
        return None  # no event loop runs

"""What runs in an engine for the time of a run, begun and ended by tasks of the kernel.

The tasks stand in the engine's queue before and after those of the user, so the agent begins
with the first and ends after the last of them; the kernel waits for neither. An agent whose
kernel is gone ends by itself: see `lease`.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from IPython import get_ipython

from ocarbon_magic.cluster.lease import Lease
from ocarbon_magic.cluster.messages import PROTOCOL
from ocarbon_magic.cluster.place import own_place
from ocarbon_magic.cluster.reporter import Reporter
from ocarbon_magic.progress.observer import WorkObserver

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

    from ocarbon_magic.cluster.messages import Message

_PATIENCE_S = 0.8
"""How long the last task waits for the last readings; a hung driver is left behind."""

_MOST_CELLS = 64
"""The loops of so many executions are counted; who sends more counts steps in another way."""

_agents: dict[str, _Agent] = {}
"""By the id of their run."""


def join(order: dict[str, Any]) -> dict[str, Any]:
    """Begin to take part in a run (task of the kernel, in the engine's main thread).

    Parameters
    ----------
    order : dict
        ``v`` the protocol, ``run`` the run's id, ``devices``, ``interval_s`` and ``unit`` as
        its settings say.

    Returns
    -------
    dict
        The first `Message`, or only ``v`` where the kernel speaks another protocol.
    """
    if order["v"] != PROTOCOL:
        return {"v": PROTOCOL}
    run_id = order["run"]
    agent = _agents.get(run_id)
    if agent is not None:
        return {**agent.reporter.last}
    agent = _agents[run_id] = _Agent(order)
    return {**agent.begin()}


def renew(run_id: str) -> None:
    """Tell the agent of a run that its kernel lives (task of the kernel)."""
    agent = _agents.get(run_id)
    if agent is not None:
        agent.lease.renew()


def leave(run_id: str) -> dict[str, Any] | None:
    """End the part of this engine in a run (task of the kernel); return the last `Message`."""
    agent = _agents.pop(run_id, None)
    return None if agent is None else {**agent.end(time.monotonic())}


class _Agent:
    """The part of this engine in one run."""

    def __init__(self, order: dict[str, Any]) -> None:
        self._run_id = order["run"]
        self._shell: Any = get_ipython()
        self.lease = Lease()
        self._observer = WorkObserver(None, order["unit"], count_flop=False)
        self._counting = _CountingLoops(self._shell, self._observer)
        self.reporter = Reporter(
            self._run_id,
            order["devices"],
            order["interval_s"],
            place=own_place(),
            observer=self._observer,
            tell=_telling(self._shell),
            is_forsaken=self._is_forsaken,
        )

    def begin(self) -> Message:
        with suppress(Exception):  # counting never breaks training
            self._observer.start()
            self._shell.ast_transformers.append(self._counting)
        return self.reporter.start()

    def end(self, end_s: float) -> Message:
        try:
            self._stop_counting()
        except KeyboardInterrupt:  # what is hooked must be unhooked
            self._stop_counting()
        return self.reporter.finish(end_s, _PATIENCE_S)

    def _stop_counting(self) -> None:
        with suppress(Exception):  # a failure of ours is not the user's
            if self._counting in self._shell.ast_transformers:
                self._shell.ast_transformers.remove(self._counting)
            self._observer.stop()

    def _is_forsaken(self) -> bool:
        if not self.lease.is_over():
            return False
        _agents.pop(self._run_id, None)
        self._stop_counting()
        return True


class _CountingLoops:
    """Lets the loops of what the engine executes count (AST transformer)."""

    def __init__(self, shell: Any, observer: WorkObserver) -> None:  # noqa: ANN401 - an InteractiveShell
        self._shell, self._observer = shell, observer
        self._cells = 0

    def visit(self, node: ast.Module) -> ast.Module:
        """Let the loops of ``node`` count, by changing it in place; never raises."""
        if self._cells < _MOST_CELLS:
            self._cells += 1
            with suppress(Exception):  # counting never breaks training
                self._observer.count_loops(node, self._shell.user_ns, self._shell.compile.flags)
        return node


def _telling(shell: Any) -> Callable[[Message], None]:  # noqa: ANN401 - an engine's shell
    """Return what publishes a message as the code of the task that runs now, from any thread.

    Of all that a task publishes, its code alone is kept by client and hub in one place, so that
    the last message replaces the one before; of data messages the hub writes a line each into
    its log. The engine's socket hands everything to a thread of its own.
    """
    publisher = shell.data_pub
    session, socket = publisher.session, publisher.pub_socket
    parent = dict(publisher.parent_header)

    def tell(message: Message) -> None:
        with suppress(Exception):  # the engine ends, or its socket is closed
            session.send(
                socket,
                "execute_input",
                content={"code": json.dumps(message), "execution_count": 0},
                parent=parent,
                ident=b"ocarbon",
            )

    return tell

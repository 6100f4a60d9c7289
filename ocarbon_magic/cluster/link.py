"""Speaks with the engines over ipyparallel's own channels: our tasks there, their words back.

What is said while the run goes on is published by our first task as its code, and stands among
what the client knows of that task until the next takes its place.
"""

from __future__ import annotations

import json
import time
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from ocarbon_magic.cluster.messages import NOT_THIS_VERSION, PROTOCOL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ocarbon_magic.cluster.messages import Message

_MODULE = "ocarbon_magic.cluster.agent"

_CALL = (
    "__import__({module!r}, fromlist=['*']).{function}({argument!r}) "
    "if __import__('importlib.util', fromlist=['*']).find_spec({package!r}) else None"
)
"""What an engine evaluates. It asks first whether the package is there: an error in an engine
takes half a second to be described."""

_unpurged: weakref.WeakKeyDictionary[Any, list[str]] = weakref.WeakKeyDictionary()
"""By client, our tasks that its hub has not been told to forget: it knows of the end of a task
a little later than the client."""


class Heard(NamedTuple):
    """What was heard of one engine: a message with when it came, or why there is none."""

    engine: int
    message: Message | None
    received_s: float | None
    why: str | None = None


class Link:
    """Our tasks of one run in the engines of a client.

    Parameters
    ----------
    client : ipyparallel.Client
    targets : list of int or None
        The engines, None for all that the client has at any time.
    """

    def __init__(self, client: Any, targets: list[int] | None) -> None:  # noqa: ANN401 - a Client
        self.client, self._targets = client, targets
        self._joins: dict[int, str] = {}
        self._replies: list[tuple[int, Any, float]] = []
        self._leaving: dict[int, Any] = {}
        self._tasks: list[str] = []
        self._signs: list[str] = []
        self._said: dict[int, str] = {}
        self._answered: set[int] = set()

    def targets(self) -> list[int]:
        """Return the engines that take part and are there now."""
        ids: list[int] = [] if self.client._closed else self.client.ids  # noqa: SLF001 - not told elsewhere
        return ids if self._targets is None else [i for i in ids if i in self._targets]

    def is_closed(self) -> bool:
        """Return whether the client hears nothing any more."""
        return bool(self.client._closed)  # noqa: SLF001 - as above

    def joined(self) -> list[int]:
        """Return the engines that were asked to take part."""
        return [*self._joins]

    def join(self, engines: Iterable[int], order: dict[str, Any]) -> None:
        """Ask engines to take part; nothing waits for them."""
        for engine in engines:
            future = self._send(engine, "join", {"v": PROTOCOL, **order})
            if future is not None:
                self._joins[engine] = future.msg_id
                future.add_done_callback(self._noting(engine))

    def renew(self, run_id: str) -> None:
        """Give a sign to the engines, and let the hub forget the signs before."""
        self._purge(self._signs)
        self._signs = [task for task in self._signs if task in self.client.outstanding]
        before = len(self._tasks)
        for engine in set(self._joins).intersection(self.targets()):
            self._send(engine, "renew", run_id)
        self._signs += self._tasks[before:]
        del self._tasks[before:]

    def leave(self, run_id: str) -> None:
        """Ask engines to say their last; see `wait`."""
        for engine in set(self._joins).intersection(self.targets()):
            future = self._send(engine, "leave", run_id)
            if future is not None:
                self._leaving[engine] = future
                future.add_done_callback(self._noting(engine))
                future.add_done_callback(self._dropping(self._joins[engine]))

    def wait(self, patience_s: float) -> None:
        """Wait for the last words of the engines, for so long in all."""
        until_s = time.monotonic() + patience_s
        for future in self._leaving.values():
            future.wait(max(until_s - time.monotonic(), 0.0))

    def heard(self) -> list[Heard]:
        """Return what came since the last call."""
        news = []
        while self._replies:
            engine, result, received_s = self._replies.pop(0)
            if isinstance(result, dict):
                news.append(Heard(engine, result, received_s))  # type: ignore[arg-type]
            elif engine not in self._answered:
                failed = isinstance(result, BaseException)
                why = _why(result) if failed else NOT_THIS_VERSION
                news.append(Heard(engine, None, received_s, why))
            self._answered.add(engine)
        for engine, task in self._joins.items():
            known = self.client.metadata.get(task)
            said = None if known is None else known.get("execute_input")
            if said is not None and said is not self._said.get(engine):
                self._said[engine] = said
                news.append(Heard(engine, json.loads(said), None))
        return news

    def users_tasks(self, since: int) -> int:
        """Return how many tasks the user gave since the history was ``since`` long."""
        return max(len(self.client.history) - since, 0)

    def outstanding(self) -> set[str]:
        """Return the user's tasks that have not ended."""
        return set(self.client.outstanding).difference(self._tasks, self._signs)

    def forget(self) -> None:
        """Let neither client nor hub keep anything of our tasks; waits for nobody."""
        client = self.client
        for task in self._joins.values():
            client.metadata.pop(task, None)
        last = {future.msg_id for future in self._leaving.values()}
        stay = {self._joins[i] for i, future in self._leaving.items() if not future.done()}
        tasks = [*_unpurged.get(client, []), *self._signs, *self._tasks]
        self._purge([task for task in tasks if task not in last | stay])
        _unpurged[client] = [task for task in tasks if task in last | stay]

    def _purge(self, tasks: list[str]) -> None:
        """Let the hub forget those of ``tasks`` that have ended; waits for nobody."""
        client = self.client
        ended = [task for task in tasks if task not in client.outstanding]
        content = {"engine_ids": [], "msg_ids": ended}
        with suppress(Exception):  # the hub is gone, or the client closed
            if ended:
                client._send(client._query_stream, "purge_request", content=content)  # noqa: SLF001 - the public way waits

    def _send(self, engine: int, function: str, argument: object) -> Any:  # noqa: ANN401 - a MessageFuture
        """Send a task that no history shows; None if the engine is gone."""
        client = self.client
        package, _, _ = _MODULE.partition(".")
        code = _CALL.format(module=_MODULE, function=function, argument=argument, package=package)
        try:
            (ident,), _ = client._build_targets(engine)  # noqa: SLF001 - a view waits, or costs more
            future = client.send_apply_request(client._mux_stream, eval, [code, {}], ident=ident)  # noqa: SLF001
        except Exception:  # noqa: BLE001 - it is gone: who sends tasks hears of it from ipyparallel
            return None
        if client.history[-1:] == [future.msg_id]:
            client.history.pop()
        self._tasks.append(future.msg_id)
        return future

    def _noting(self, engine: int) -> Callable[[Any], None]:
        """Return what notes a reply, with when it came, in the client's thread."""

        def note(future: Any) -> None:  # noqa: ANN401 - a MessageFuture
            with suppress(Exception):
                self._replies.append((engine, future.result(), time.monotonic()))

        return note

    def _dropping(self, task: str) -> Callable[[Any], None]:
        """Return what drops the data of a task when the engine that published them is done."""
        return lambda _future: self.client.metadata.pop(task, None)


def _why(error: BaseException) -> str | None:
    """Return why an engine could not join; None if it was lost."""
    name = getattr(error, "ename", type(error).__name__)
    if name == "EngineError":
        return None
    if name in {"ModuleNotFoundError", "ImportError"}:
        return NOT_THIS_VERSION
    return f"{name}: {getattr(error, 'evalue', error)}"[:120]

"""The page with the live figures: a small HTTP server in one thread of its own.

One thread serves all: who sends slowly, or does not read, costs a connection for some seconds,
and there are few of them at a time. The measured code never waits for any of this.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import os
import socket
import threading
from typing import TYPE_CHECKING

from ocarbon_magic.listening import MOST_PORT, Address
from ocarbon_magic.telemetry.answer import METRICS, answer, too_large
from ocarbon_magic.telemetry.board import board

if TYPE_CHECKING:
    from collections.abc import Callable

NEXT_PORTS = 20
"""How many ports are tried from the one asked for: kernels of one machine ask for the same."""

MOST_CONNECTIONS = 16
MOST_REQUEST_BYTES = 8192
DEADLINE_S = 5.0
"""How long one request may take, from the connection to the last byte that is read."""

BEGIN_PATIENCE_S = 0.1
"""How long the beginning of a run waits to hear where its page is."""

_TAKEN = f"this port and the {NEXT_PORTS - 1} after it are taken; --metrics-port names another"


class _TakenError(OSError):
    """Another process listens at a port."""


class Page:
    """Serves ``/metrics`` as long as the process lives.

    Parameters
    ----------
    asked : Address
        Where it was asked for; the next ports are tried if that one is taken.
    tell : callable
        Takes a sentence that the user should know.

    Attributes
    ----------
    at : Address or None
        Where it is; None until that is known, and where there is none.
    """

    def __init__(self, asked: Address, tell: Callable[[str], None]) -> None:
        self.at: Address | None = None
        self._asked, self._tell = asked, tell
        self._names = {"localhost", asked.host.lower()}
        self._connections = 0
        self._socket: socket.socket | None = None
        self._ready = threading.Event()

    def open(self) -> None:
        """Begin to serve; wait shortly until it is known where."""
        threading.Thread(target=self._work, name="ocarbon-metrics", daemon=True).start()
        self._ready.wait(BEGIN_PATIENCE_S)

    def close_in_fork(self) -> None:
        """Let go of the port in a fork, which could outlive the process that serves."""
        if self._socket is not None:
            self._socket.close()

    def _work(self) -> None:
        try:
            self._socket, self.at = self._listen()
            self._introduce(self.at)
            self._tell = _nobody  # a page outlives the run that asked for it
            loop = asyncio.new_event_loop()
            loop.set_exception_handler(_nobody)  # that of asyncio writes below the user's cell
            loop.run_until_complete(self._serve(self._socket))
        except Exception as error:  # noqa: BLE001 - measuring never breaks training
            _pages.pop(self._asked, None)  # the next run may try again
            self._tell(f"The metrics are not served at {self._asked}: {_why(error)}.")
        finally:
            self._ready.set()

    def _listen(self) -> tuple[socket.socket, Address]:
        """Return what listens at the port asked for, or at the next that is free."""
        host, first = self._asked
        family, _, _, _, place = socket.getaddrinfo(host, first, type=socket.SOCK_STREAM)[0]
        last = min(first + NEXT_PORTS - 1, MOST_PORT) if first else 0
        for port in range(first, last):
            with contextlib.suppress(_TakenError):
                return self._bound(family, str(place[0]), port)
        return self._bound(family, str(place[0]), last)

    def _bound(self, family: int, host: str, port: int) -> tuple[socket.socket, Address]:
        try:
            made = socket.create_server((host, port), family=family)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise _TakenError(error.errno, _TAKEN) from None
            raise
        return made, Address(self._asked.host, made.getsockname()[1])

    async def _serve(self, listening: socket.socket) -> None:
        server = await asyncio.start_server(
            self._converse, sock=listening, limit=MOST_REQUEST_BYTES
        )
        self._ready.set()
        async with server:
            await server.serve_forever()

    def _introduce(self, at: Address) -> None:
        """Say where the page is, where that is not plain, and who may read it."""
        url = f"http://{at}{METRICS}"
        if not self._asked.port:
            self._tell(f"The metrics are at {url}.")
        elif at.port != self._asked.port:
            self._tell(
                f"Port {self._asked.port} is taken, perhaps by another kernel: the metrics of this "
                f"one are at {url}."
            )
        if not _is_loopback(self._asked.host):
            with contextlib.suppress(OSError):
                self._names |= {socket.gethostname().lower(), socket.getfqdn().lower()}
            self._tell(
                f"Whoever reaches {url} over the network reads the names and the figures of all "
                f"runs of this process; --metrics-port {at.port} shows them on this machine alone."
            )

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        try:
            if self._connections <= MOST_CONNECTIONS:
                async with asyncio.timeout(DEADLINE_S):
                    await self._reply(reader, writer)
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._connections -= 1
            writer.transport.abort()

    async def _reply(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            writer.write(too_large())
        else:
            writer.write(answer(request, self._names, board.now))
        await writer.drain()
        writer.write_eof()
        await reader.read(1)  # until the other side has it all, and closes


_pages: dict[Address, Page] = {}
_lock = threading.Lock()


def serve(asked: Address, tell: Callable[[str], None]) -> None:
    """Serve the metrics where asked, unless that is done already; ``tell`` takes a sentence."""
    with _lock:
        if asked in _pages:
            return
        page = _pages[asked] = Page(asked, tell)
    page.open()


def is_open() -> bool:
    """Return whether there is a page that later runs of this process belong to, too."""
    return bool(_pages)


def _nobody(*_: object) -> None:
    """Hear what nobody is to be told."""


def _why(error: Exception) -> str:
    """Return what is wrong, without the address that sockets say again."""
    if not isinstance(error, OSError):
        return str(error)
    is_plain = isinstance(error, _TakenError | socket.gaierror)
    return str(error.strerror) if is_plain else os.strerror(error.errno or 0)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _close_in_fork() -> None:
    for page in _pages.values():
        page.close_in_fork()
    _pages.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_fork)

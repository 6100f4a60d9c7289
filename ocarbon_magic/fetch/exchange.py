"""One request and its answer, in a thread that is left behind when its time is up.

A name may take long to be found, a connection to be made, and a server may send a byte a
second: no limit of a socket bounds all of these. So the exchange has a thread of its own, and
who waits for it closes the connection when the time has come.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import zlib
from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic.fetch.error import FetchError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPConnection, HTTPResponse

    from ocarbon_magic.fetch.address import Address, Proxy

_CHUNK_BYTES = 65_536
_EITHER_FORM = 32 + zlib.MAX_WBITS
"""Lets zlib read the heads of gzip and of zlib."""


class Answer(NamedTuple):
    """What a server answered; the names of the headers are in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Question(NamedTuple):
    """What is asked, of whom, and how much is taken for an answer."""

    address: Address
    proxy: Proxy | None
    headers: Mapping[str, str]
    data: bytes | None
    most_bytes: int


class Exchange:
    """Asks ``question`` in a thread of its own."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._connection: HTTPConnection | None = None
        self._socket: socket.socket | None = None
        self._answer: Answer | None = None
        self._failure = ""
        self._done = threading.Event()

    def answer(self, within_s: float) -> Answer:
        """Return the answer.

        Raises
        ------
        FetchError
            If there is none within ``within_s`` seconds, or it is too large or damaged.
        """
        name = self._question.address.name
        if within_s > 0.0:
            threading.Thread(
                target=self._work, args=(within_s,), name="ocarbon-fetch", daemon=True
            ).start()
            self._done.wait(within_s)
        if not self._done.is_set():
            self._hang_up()
            raise FetchError(f"{name} did not answer in time.")
        if self._answer is None:
            raise FetchError(f"{name} {self._failure}.")
        return self._answer

    def _work(self, within_s: float) -> None:
        try:
            self._answer = self._exchange(within_s)
        except FetchError as error:
            self._failure = str(error)
        except Exception as error:  # noqa: BLE001 - its text may hold what was asked
            self._failure = _why(error)
        finally:
            self._hang_up()
            self._done.set()

    def _exchange(self, within_s: float) -> Answer:
        asked = self._question
        connection, target = _connection(asked, within_s)
        self._connection = connection
        with contextlib.closing(connection):
            connection.connect()
            self._socket = connection.sock
            method = "GET" if asked.data is None else "POST"
            connection.request(method, target, body=asked.data, headers=_headers(asked))
            with connection.getresponse() as response:
                body = _body(response, asked.most_bytes)
                headers = {name.lower(): value for name, value in response.getheaders()}
                return Answer(response.status, body, headers)

    def _hang_up(self) -> None:
        """Close the connection under whoever still reads from it."""
        made = self._connection.sock if self._connection else None
        for end in (self._socket, made):
            if end is not None:
                with contextlib.suppress(Exception):
                    end.shutdown(socket.SHUT_RDWR)


def _connection(asked: Question, timeout_s: float) -> tuple[HTTPConnection, str]:
    """Return the connection to be made, and what is asked for on it."""
    import ssl  # noqa: PLC0415 - only for who asks the network
    from http.client import HTTPConnection, HTTPSConnection  # noqa: PLC0415

    address, proxy = asked.address, asked.proxy
    first = address if proxy is None else proxy
    if address.scheme == "http":
        plain = HTTPConnection(first.host, first.port, timeout=timeout_s)
        whole = f"http://{address.name}{address.target}"
        return plain, address.target if proxy is None else whole
    secure = HTTPSConnection(
        first.host, first.port, timeout=timeout_s, context=ssl.create_default_context()
    )
    if proxy is not None:  # which passes on what it cannot read
        secure.set_tunnel(address.host, address.port, dict(proxy.headers))
    return secure, address.target


def _headers(asked: Question) -> dict[str, str]:
    """Return what is sent along; a proxy hears its own where it hears the request."""
    hears = asked.proxy is not None and asked.address.scheme == "http"
    return {**asked.headers, **(asked.proxy.headers if asked.proxy and hears else {})}


def _body(response: HTTPResponse, most_bytes: int) -> bytes:
    """Return the whole body, unpacked; one that is too large is not read to its end."""
    packing = response.headers.get("Content-Encoding", "identity").strip().lower()
    if packing not in {"identity", "", "gzip", "x-gzip", "deflate"}:
        raise FetchError("answers in a packing that was not asked for")
    unpack = zlib.decompressobj(_EITHER_FORM) if packing not in {"identity", ""} else None
    parts: list[bytes] = []
    taken = received = 0
    while chunk := response.read(_CHUNK_BYTES):
        received += len(chunk)
        part = chunk if unpack is None else unpack.decompress(chunk, most_bytes + 1 - taken)
        parts.append(part)
        taken += len(part)
        if max(taken, received) > most_bytes:
            raise FetchError("sends more than can be an answer")
    if response.length:
        raise FetchError("broke off in the middle of its answer")
    if unpack is not None and received and not unpack.eof:
        raise FetchError("sends what cannot be unpacked")
    return b"".join(parts)


def _why(error: Exception) -> str:
    """Return what went wrong; never the text of ``error``, which may hold what was asked."""
    import ssl  # noqa: PLC0415 - imported by then
    from http.client import HTTPException, IncompleteRead  # noqa: PLC0415

    kinds: tuple[tuple[type[Exception], str], ...] = (
        (socket.gaierror, "is not found by its name"),
        (ssl.SSLCertVerificationError, "has a certificate that is not trusted"),
        (ssl.SSLError, "does not speak HTTPS as it should"),
        (TimeoutError, "did not answer in time"),
        (ConnectionRefusedError, "refuses connections"),
        (OSError, "cannot be reached"),
        (IncompleteRead, "broke off in the middle of its answer"),
        (HTTPException, "does not speak HTTP as it should"),
        (zlib.error, "sends what cannot be unpacked"),
        (ValueError, "was asked with a header that cannot be sent"),
    )
    return next((what for kind, what in kinds if isinstance(error, kind)), "gave no answer")

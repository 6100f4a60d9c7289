"""What the page answers to a request: the metrics to those who may read them, and nothing else.

A page in a browser can be made to ask a server on the reader's own machine, under a name of its
own (DNS rebinding): so who asks by a name must use one of ours. No other page is let read the
answer, for there are no CORS headers.
"""

from __future__ import annotations

import ipaddress
from http import HTTPStatus
from typing import TYPE_CHECKING

from ocarbon_magic.telemetry.text import CLASSIC, OPENMETRICS, classic_is_wanted, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from ocarbon_magic.telemetry.figures import Figures

METRICS = "/metrics"
_PLAIN = "text/plain; charset=utf-8"
_WORDS_IN_LINE = 3


class _RefusedError(Exception):
    """A request that is answered with a status and a sentence."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def answer(request: bytes, names: Collection[str], runs: Callable[[], Sequence[Figures]]) -> bytes:
    """Return the whole HTTP response to a request without a body.

    Parameters
    ----------
    request : bytes
        Up to the empty line.
    names : collection of str
        What this server may be called, in small letters, beside any address in digits.
    runs : callable
        Returns what is told.
    """
    try:
        path, headers = _read(request)
        _check_host(headers, names)
        if path == METRICS:
            classic = classic_is_wanted(",".join(headers.get("accept", [])))
            content_type = CLASSIC if classic else OPENMETRICS
            return _response(HTTPStatus.OK, content_type, text_of(runs(), classic=classic))
    except _RefusedError as refused:
        return _response(refused.status, _PLAIN, f"{refused}\n")
    status = HTTPStatus.OK if path == "/" else HTTPStatus.NOT_FOUND
    return _response(status, _PLAIN, f"The metrics of ocarbon_magic are at {METRICS}.\n")


def too_large() -> bytes:
    """Return the response to a request that does not end."""
    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    return _response(status, _PLAIN, "The request is too long.\n")


def _read(request: bytes) -> tuple[str, dict[str, list[str]]]:
    line, *lines = request.decode("latin-1").split("\r\n")
    words = line.split(" ")
    if len(words) != _WORDS_IN_LINE or not words[2].startswith("HTTP/1."):
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "This is not HTTP/1.")
    if words[0] != "GET":
        raise _RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET is answered.")
    headers: dict[str, list[str]] = {}
    for said in filter(None, lines):
        name, colon, value = said.partition(":")
        if not colon or not name or name != name.strip():
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "A header cannot be read.")
        headers.setdefault(name.lower(), []).append(value.strip())
    return words[1].partition("?")[0], headers


def _check_host(headers: dict[str, list[str]], names: Collection[str]) -> None:
    said = headers.get("host", [])
    if len(said) != 1:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "One Host header is needed.")
    host, _, port = said[0].rpartition(":")
    if not host or port.endswith("]"):
        host = said[0]
    host = host.lower().removesuffix(".")
    if host not in names and not _is_in_digits(host):
        raise _RefusedError(
            HTTPStatus.MISDIRECTED_REQUEST,
            "This server is not called so: ask by its address, or by the name it was given.",
        )


def _is_in_digits(host: str) -> bool:
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _response(status: HTTPStatus, content_type: str, text: str) -> bytes:
    body = text.encode()
    head = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Cross-Origin-Resource-Policy: same-origin",
    ]
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        head.append("Allow: GET")
    return "\r\n".join([*head, "", ""]).encode() + body

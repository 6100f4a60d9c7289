"""`fetch` and `fetch_json`: a good answer, or a `FetchError`."""

from __future__ import annotations

import json
import math
import re
import time
from typing import TYPE_CHECKING, Any, NoReturn

from ocarbon_magic.fetch.address import address_of, moved, proxy_for
from ocarbon_magic.fetch.error import FetchError
from ocarbon_magic.fetch.exchange import Answer, Exchange, Question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ocarbon_magic.fetch.address import Address

DEADLINE_S = 10.0
MOST_BYTES = 2_000_000
MOST_DEPTH = 64
MOST_MOVES = 3
LONGEST_RETRY_S = 86_400.0

_MOVED = range(300, 400)
_NOT_MODIFIED = 304
_BAD = 400
_OURS = {"User-Agent": "ocarbon_magic", "Accept-Encoding": "gzip", "Connection": "close"}
_BRACKETS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
"""Finds brackets outside of strings, in one pass whatever the text is."""


def fetch(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    data: bytes | None = None,
    deadline_s: float = DEADLINE_S,
    most_bytes: int = MOST_BYTES,
) -> Answer:
    """Return what the server at ``url`` answers.

    Proxies are those of the environment, but never for this machine; certificates are checked;
    a request that is sent on goes to the same host only.

    Parameters
    ----------
    url : str
        ``https://`` or ``http://``.
    headers : mapping, optional
        Sent besides our own.
    data : bytes, optional
        What is posted; without it the URL is got.
    deadline_s : float
        Seconds until the whole answer must be there.
    most_bytes : int
        The largest body, also when it is unpacked.

    Raises
    ------
    FetchError
        If there is no answer, or its status is 400 or more.
    """
    until_s = time.monotonic() + deadline_s
    address = address_of(url)
    sent = _OURS | dict(headers or {})
    for _ in range(MOST_MOVES + 1):
        question = Question(address, proxy_for(address), sent, data, most_bytes)
        answer = Exchange(question).answer(until_s - time.monotonic())
        if answer.status not in _MOVED or answer.status == _NOT_MODIFIED:
            return _good(answer, address)
        if data is not None:
            raise FetchError(f"{address.name} sends on what is posted to it.", answer.status)
        address = moved(address, answer.headers.get("location"))
    raise FetchError(f"{address.name} sends the request on again and again.")


def fetch_json(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    data: bytes | None = None,
    deadline_s: float = DEADLINE_S,
    most_bytes: int = MOST_BYTES,
) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return the JSON that the server at ``url`` answers; the parameters are those of `fetch`.

    Raises
    ------
    FetchError
        If there is no good answer, or it is not JSON, nested deeper than `MOST_DEPTH`, or
        holds a number that is none or not finite.
    """
    answer = fetch(url, headers=headers, data=data, deadline_s=deadline_s, most_bytes=most_bytes)
    failure = _too_deep(answer.body)
    if not failure:
        try:
            return json.loads(
                answer.body.decode("utf-8-sig"), parse_constant=_refuse, parse_float=_finite
            )
        except (ValueError, RecursionError):
            failure = "what is not JSON"
    raise FetchError(f"{address_of(url).name} answers with {failure}.", answer.status)


def _good(answer: Answer, address: Address) -> Answer:
    from http import HTTPStatus  # noqa: PLC0415 - only for who asks the network

    if answer.status < _BAD:
        return answer
    known = {status.value: status.phrase for status in HTTPStatus}
    phrase = known.get(answer.status, "an unknown status")
    raise FetchError(
        f"{address.name} answered {answer.status} ({phrase}).",
        answer.status,
        _retry_after_s(answer.headers.get("retry-after")),
    )


def _retry_after_s(said: str | None) -> float | None:
    """Return how long to wait, which is said in seconds or as a date."""
    from datetime import UTC, datetime  # noqa: PLC0415 - only for who is sent away
    from email.utils import parsedate_to_datetime  # noqa: PLC0415

    if said is None:
        return None
    text = said.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_RETRY_S)
    try:
        due = parsedate_to_datetime(text)
    except ValueError:
        return None
    due = due if due.tzinfo else due.replace(tzinfo=UTC)
    return min(max((due - datetime.now(UTC)).total_seconds(), 0.0), LONGEST_RETRY_S)


def _too_deep(body: bytes) -> str:
    """Return what is wrong with JSON that no parser should be given; empty if nothing is."""
    depth = 0
    for found in _BRACKETS.finditer(body):
        token = found.group()
        depth += (token in b"[{") - (token in b"]}")
        if depth > MOST_DEPTH:
            return "JSON nested too deep"
    return ""


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number

"""The way to the collector: it goes where it was sent, and knows what went wrong."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests

_HINTS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "look at OTEL_EXPORTER_OTLP_HEADERS",
    HTTPStatus.FORBIDDEN: "look at OTEL_EXPORTER_OTLP_HEADERS",
    HTTPStatus.NOT_FOUND: "look at OTEL_EXPORTER_OTLP_ENDPOINT",
    HTTPStatus.TOO_MANY_REQUESTS: "it is asked to take less",
    HTTPStatus.SERVICE_UNAVAILABLE: "it is not ready",
}
_NAMED = "OTEL_EXPORTER_OTLP_ENDPOINT names another"

UNKNOWN = (
    "nothing could be sent; look at the OTEL_EXPORTER_OTLP_ variables: the endpoint must be the "
    "address of a collector, as http://127.0.0.1:4318."
)


class Way(requests.Session):
    """A session that is not sent elsewhere, since the headers may hold a key.

    Attributes
    ----------
    trouble : str or None
        What went wrong at the last attempt, as a sentence without any secret.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trouble: str | None = None

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # noqa: ANN401 - as requests has it
        """Send a request, once, to where it says."""
        where = _where(str(request.url))
        try:
            response = super().send(request, **(options | {"allow_redirects": False}))
        except OSError as error:  # all that requests raises, and what its files raise
            self.trouble = _failure(where, error)
            raise
        self.trouble = _refusal(where, response.status_code)
        return response


def _failure(where: str, error: OSError) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return f"the certificate of the collector at {where} is not trusted."
    if isinstance(error, requests.exceptions.ReadTimeout):
        return f"the collector at {where} did not answer in time."
    if isinstance(error, requests.exceptions.ConnectionError):
        return f"no collector answers at {where}; {_NAMED}."
    return UNKNOWN


def _refusal(where: str, status: int) -> str | None:
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    hint = _HINTS.get(status)
    rest = f": {hint}" if hint else ""
    return f"the collector at {where} did not take the figures (HTTP {status}){rest}."


def _where(url: str) -> str:
    """Return host and port of a URL, which may hold a password and a key besides."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{host}:{port}"

"""Questions to a server that speaks as Prometheus does, and answers that are well formed."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from ocarbon_magic.fetch import FetchError, fetch
from ocarbon_magic.meters.prometheus.endpoint import TOKEN_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ocarbon_magic.meters.prometheus.endpoint import Endpoint

DEADLINE_S = 10.0

MOST_BYTES = 64_000_000
"""A thousand hosts of eight GPUs answer some megabytes."""

LONGEST_URL = 2000
"""Longer questions are posted; a question that is got passes through more gateways."""

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_UNAUTHORIZED = {401, 403}
_PASSING = {408, 425, 429, 500, 502, 503, 504}
"""Statuses that another try may better."""

TOO_MUCH = 422
"""The status of a question that reaches for more samples than the server allows."""


class Series(NamedTuple):
    """The samples of one time series: server times in seconds since 1970, and values."""

    labels: Mapping[str, str]
    samples: list[tuple[float, float]]


class ServerTime(NamedTuple):
    """The server's time less that of our clock, and how long the question took."""

    ahead_s: float
    took_s: float


class QueryError(Exception):
    """A question without a good answer; the message is one sentence without a secret.

    Attributes
    ----------
    passing : bool
        Whether the same question may be answered later.
    status : int or None
    retry_after_s : float or None
        How long the server asks to be left alone.
    """

    def __init__(self, message: str, error: FetchError | None = None) -> None:
        super().__init__(message)
        self.status = None if error is None else error.status
        self.retry_after_s = None if error is None else error.retry_after_s
        self.passing = self.status in _PASSING


class Client:
    """Asks one endpoint; for threads of our own only, for it waits.

    Parameters
    ----------
    endpoint : Endpoint
    environ : mapping
        The environment, for the token.
    clock : callable
        Seconds of a monotonic clock.

    Attributes
    ----------
    incomplete : bool
        Whether an answer came with a warning that it may not be whole.
    """

    def __init__(
        self, endpoint: Endpoint, environ: Mapping[str, str], clock: Callable[[], float]
    ) -> None:
        self._endpoint = endpoint
        self._headers = endpoint.headers(environ)
        self._keeps_back = endpoint.keeps_back(environ)
        self._clock = clock
        self.incomplete = False

    def time(self) -> ServerTime:
        """Return how far the server's clock is ahead of ours.

        Raises
        ------
        QueryError
            If there is no good answer.
        """
        before_s = self._clock()
        kind, result = self._ask({"query": "time()"}, DEADLINE_S)
        after_s = self._clock()
        if kind != "scalar":
            raise self._strange()
        _, server_s = self._sample(result)
        return ServerTime(server_s - (before_s + after_s) / 2, after_s - before_s)

    def query(
        self, expression: str, *, at_s: float | None = None, deadline_s: float = DEADLINE_S
    ) -> list[Series]:
        """Return the series of an expression, as of server time ``at_s`` or now.

        Raises
        ------
        QueryError
            If there is no good answer.
        """
        asked = {"query": expression} | ({} if at_s is None else {"time": f"{at_s:.3f}"})
        kind, result = self._ask(asked, deadline_s)
        if kind not in {"matrix", "vector"} or not isinstance(result, list):
            raise self._strange()
        return [self._series(row) for row in result]

    def _ask(self, asked: dict[str, str], deadline_s: float) -> tuple[object, object]:
        url, form = f"{self._endpoint.url}/api/v1/query", urlencode(asked)
        headers = self._headers
        data = None
        if len(url) + len(form) < LONGEST_URL:
            url = f"{url}?{form}"
        else:
            data, headers = form.encode(), headers | _FORM
        try:
            body = fetch(
                url, headers=headers, data=data, deadline_s=deadline_s, most_bytes=MOST_BYTES
            ).body
        except FetchError as error:
            raise self._failed(error) from None
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            raise self._strange() from None
        if not isinstance(answer, dict) or answer.get("status") != "success":
            raise self._strange()
        self.incomplete |= bool(answer.get("warnings"))
        content = answer.get("data")
        if not isinstance(content, dict):
            raise self._strange()
        return content.get("resultType"), content.get("result")

    def _failed(self, error: FetchError) -> QueryError:
        said = str(error)
        if error.status in _UNAUTHORIZED:
            said += (
                f" {TOKEN_VARIABLE} is not sent over plain http: give an https:// address."
                if self._keeps_back
                else f" Put a bearer token that it takes into {TOKEN_VARIABLE}."
            )
        return QueryError(said, error)

    def _strange(self) -> QueryError:
        return QueryError(f"{self._endpoint.name} does not answer as Prometheus does.")

    def _series(self, row: object) -> Series:
        if not isinstance(row, dict) or not isinstance(row.get("metric"), dict):
            raise self._strange()
        labels = row["metric"]
        if not all(isinstance(value, str) for value in labels.values()):
            raise self._strange()
        values = row["values"] if "values" in row else [row.get("value")]
        if not isinstance(values, list):
            raise self._strange()
        samples = [self._sample(pair) for pair in values]
        return Series(labels, [sample for sample in samples if math.isfinite(sample[1])])

    def _sample(self, pair: Any) -> tuple[float, float]:  # noqa: ANN401 - whatever JSON holds
        try:
            time_s, value = pair
            sample = float(time_s), float(value)
        except (TypeError, ValueError, OverflowError):
            raise self._strange() from None
        if not math.isfinite(sample[0]):
            raise self._strange()
        return sample

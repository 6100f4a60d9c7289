"""What is said when there is no good answer."""

from __future__ import annotations


class FetchError(Exception):
    """There is no good answer; the message is one sentence, without a query or a secret.

    Attributes
    ----------
    status : int or None
        The HTTP status, where there was an answer.
    retry_after_s : float or None
        How long the server asks to be left alone.
    """

    def __init__(
        self, message: str, status: int | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = retry_after_s

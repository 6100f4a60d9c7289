"""What OpenTelemetry and what it stands on log in our threads goes nowhere.

Without it each failed attempt would be written below the user's cell; the run has one line of
it. What the user's own program does with them, in its own threads, is logged as before.
"""

from __future__ import annotations

import logging
import threading

_THEIRS = ("opentelemetry", "urllib3", "requests")


class _Elsewhere(logging.Filter):
    """Lets pass what is logged in threads that are not ours."""

    def __init__(self) -> None:
        super().__init__()
        self.ours = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - where, not what
        return not getattr(self.ours, "is_quiet", False)


_elsewhere = _Elsewhere()


def hush() -> None:
    """Let nothing be logged in this thread from now on by the loggers that there are."""
    _elsewhere.ours.is_quiet = True
    for name, logger in [*logging.root.manager.loggerDict.items()]:
        if name.split(".")[0] in _THEIRS and isinstance(logger, logging.Logger):
            logger.addFilter(_elsewhere)  # once, however often it is said

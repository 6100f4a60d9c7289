"""Sends the figures of the runs of this process, from a thread of its own.

Runs that go on are sent as often as OTEL_METRIC_EXPORT_INTERVAL says, and once more at their end.
Nobody waits for that but the end of the process, and that shortly.
"""

from __future__ import annotations

import atexit
import math
import os
import threading
import time
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ocarbon_magic.lines import one_line
from ocarbon_magic.telemetry.otlp.quiet import hush

if TYPE_CHECKING:
    from ocarbon_magic.telemetry.figures import Figures
    from ocarbon_magic.telemetry.otlp.pipeline import Pipeline

FIRST_S = 1.0
"""When a run is sent first, so that it is seen at once, and that a dead collector is told."""

INTERVAL = "OTEL_METRIC_EXPORT_INTERVAL"
DEFAULT_INTERVAL_MS = 60_000.0
SHORTEST_INTERVAL_S = 0.5

PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL"
METRICS_PROTOCOL = "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"
SPOKEN = "http/protobuf"
DISABLED = "OTEL_SDK_DISABLED"
_SDK = "opentelemetry.sdk"
_EXPORTER = "opentelemetry.exporter.otlp.proto.http"

EXIT_PATIENCE_S = 2.0
"""How long the end of the process waits for the last figures to be sent."""


class Sending:
    """One run on its way to the collector.

    Parameters
    ----------
    figures : Figures
        Of the run as it begins.

    Attributes
    ----------
    figures : Figures
        Of the run as it is now; brought up to date by others.
    trouble : str or None
        Why the collector did not take what was sent last, as a line for the reader of the record.
    due_s : float
        When it is to be sent next, in seconds of the monotonic clock.
    """

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.trouble: str | None = None
        self.due_s = time.monotonic() + FIRST_S
        self._interval_s = _interval_s()
        self._pipeline: Pipeline | None = None

    @property
    def present_trouble(self) -> str | None:
        """What stands in the way now, even if the SDK is still trying."""
        why = None if self._pipeline is None else self._pipeline.trouble
        return self.trouble if why is None else _line(why)

    def send(self) -> bool:
        """Send the figures, and return whether that was the last time; never raises."""
        is_last = self.figures.is_over
        try:
            why = self._send()
        except Exception as error:  # noqa: BLE001 - measuring never breaks training
            why = f"nothing could be sent: {type(error).__name__}: {error}"
        self.trouble = None if why is None else _line(why)
        self.due_s = time.monotonic() + self._interval_s
        if is_last and self._pipeline is not None:
            with suppress(Exception):
                self._pipeline.close()
        return is_last

    def _send(self) -> str | None:
        from ocarbon_magic.telemetry.otlp.pipeline import Pipeline  # noqa: PLC0415 - the SDK

        hush()
        if self._pipeline is None:
            self._pipeline = Pipeline(lambda: self.figures)
        return self._pipeline.send()


class Outlet:
    """Sends what is due, in a thread that lives as long as there is a run to be sent."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._sendings: list[Sending] = []
        self._works = False

    def begin(self, sending: Sending) -> None:
        """Send a run from now on."""
        # What the SDK imports cannot be once the process ends, as after a script's only run.
        import concurrent.futures.thread  # noqa: F401, PLC0415

        with self._turn:
            self._sendings.append(sending)
            if not self._works:
                self._works = True
                threading.Thread(target=self._work, name="ocarbon-otel", daemon=True).start()
            self._turn.notify_all()

    def end(self, sending: Sending) -> None:
        """Send a run that has ended, a last time and soon; returns at once."""
        with self._turn:
            sending.due_s = -math.inf
            self._turn.notify_all()

    def settle(self) -> None:
        """Wait shortly until what has ended is sent, for the process ends."""
        with self._turn:
            self._turn.wait_for(lambda: not self._hopeful(), EXIT_PATIENCE_S)

    def forget(self) -> None:
        """Leave all to the process that this is a fork of."""
        self._turn = threading.Condition()
        self._sendings, self._works = [], False

    def _hopeful(self) -> list[Sending]:
        return [
            sending
            for sending in self._sendings
            if sending.figures.is_over and sending.present_trouble is None
        ]

    def _work(self) -> None:
        hush()
        while True:
            with self._turn:
                if not self._sendings:
                    self._works = False
                    return
                sending = min(self._sendings, key=lambda one: one.due_s)
                wait_s = sending.due_s - time.monotonic()
                if wait_s > 0:
                    self._turn.wait(wait_s)
                    continue
            is_last = sending.send()
            with self._turn:
                if is_last:
                    self._sendings.remove(sending)
                elif sending.figures.is_over:
                    sending.due_s = -math.inf
                self._turn.notify_all()


def _line(why: str) -> str:
    return f"OpenTelemetry: {why}"


def is_installed() -> bool:
    """Return whether OpenTelemetry's SDK is there, and its exporter over HTTP."""
    try:
        return all(map(find_spec, (_SDK, _EXPORTER)))
    except ImportError:
        return False


def obstacle() -> str | None:
    """Return why nothing can be sent here, as a line for the reader of the record; else None."""
    protocol = os.environ.get(METRICS_PROTOCOL) or os.environ.get(PROTOCOL) or SPOKEN
    if not is_installed():
        return (
            "OpenTelemetry is not installed, so --otel sends nothing: "
            "pip install 'ocarbon_magic[telemetry]'."
        )
    if os.environ.get(DISABLED, "").strip().lower() == "true":
        return f"{DISABLED} is set, so --otel sends nothing."
    if protocol.strip() != SPOKEN:
        return (
            f"{PROTOCOL} is {one_line(protocol)}, and --otel speaks {SPOKEN} alone: it sends "
            "nothing. Most collectors listen for that at port 4318."
        )
    return None


def _interval_s() -> float:
    try:
        interval_s = float(os.environ.get(INTERVAL) or DEFAULT_INTERVAL_MS) / 1000
    except ValueError:
        interval_s = math.nan
    if not math.isfinite(interval_s) or interval_s <= 0:
        return DEFAULT_INTERVAL_MS / 1000
    return max(interval_s, SHORTEST_INTERVAL_S)


outlet = Outlet()
atexit.register(outlet.settle)

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=outlet.forget)

"""OpenTelemetry's SDK, set up for one run: instruments, provider, exporter."""

from __future__ import annotations

import math
import os
from importlib import metadata
from typing import TYPE_CHECKING

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    MetricExportResult,
    MetricsData,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import OTELResourceDetector, Resource

from ocarbon_magic.lines import one_line
from ocarbon_magic.telemetry.families import FAMILIES
from ocarbon_magic.telemetry.otlp.collector import UNKNOWN, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from opentelemetry.metrics import CallbackOptions, Meter

    from ocarbon_magic.openmetrics import Labels
    from ocarbon_magic.telemetry.families import LiveFamily
    from ocarbon_magic.telemetry.figures import Figures

SCOPE = "ocarbon_magic"
SERVICE = "ocarbon_magic"
MEMORY = "memory"

_ATTRIBUTES = {
    "run": "ocarbon.run.id",
    "name": "ocarbon.run.name",
    "device": "hw.id",
    "kind": "hw.type",
    "model": "hw.name",
}
"""What is called by OpenTelemetry's conventions, or by ours of the run; the rest is of ours."""

_CREDENTIALS = (
    "OTEL_PYTHON_EXPORTER_OTLP_HTTP_CREDENTIAL_PROVIDER",
    "OTEL_PYTHON_EXPORTER_OTLP_HTTP_METRICS_CREDENTIAL_PROVIDER",
)
"""They name what makes a session of its own, which ours must not stand in for."""


class Pipeline:
    """Sends the figures of one run to the collector that the environment names.

    Where to, with which headers and how often is said by OpenTelemetry's own variables. All of
    it is called from one thread, which waits for the collector.

    Parameters
    ----------
    figures : callable
        Returns the run as it is now.
    """

    def __init__(self, figures: Callable[[], Figures]) -> None:
        self._figures = figures
        self._now: Figures | None = None
        self._way = None if any(map(os.environ.get, _CREDENTIALS)) else Way()
        self._exporter = _Exporter(session=self._way)
        reader = PeriodicExportingMetricReader(self._exporter, export_interval_millis=math.inf)
        self._provider = MeterProvider([reader], resource=_resource(), shutdown_on_exit=False)
        meter = self._provider.get_meter(SCOPE, metadata.version("ocarbon_magic"))
        for live in FAMILIES:
            self._observe(meter, live)

    @property
    def trouble(self) -> str | None:
        """What went wrong at the last attempt, of which the SDK makes several; from any thread."""
        return None if self._way is None else self._way.trouble

    def send(self) -> str | None:
        """Send the run as it is now; return what went wrong, as a sentence."""
        self._now = self._figures()
        self._exporter.took = False
        self._provider.force_flush()
        if self._exporter.took and self.trouble is None:
            return None
        return self.trouble or UNKNOWN

    def close(self) -> None:
        """Let go of the connection."""
        self._provider.shutdown()

    def _observe(self, meter: Meter, live: LiveFamily) -> None:
        def callback(_: CallbackOptions) -> Iterable[Observation]:
            if self._now is not None:
                for labels, value in live.family.samples(self._now):
                    yield Observation(value, _attributes(labels))

        make = (
            meter.create_observable_counter
            if live.family.kind == "counter"
            else meter.create_observable_gauge
        )
        make(live.otel_name, [callback], live.otel_unit, live.family.text)


class _Exporter(OTLPMetricExporter):
    """An exporter that knows whether the collector took the last of it."""

    took = False

    def export(
        self, metrics_data: MetricsData, timeout_millis: float | None = 10_000, **more: object
    ) -> MetricExportResult:
        """Send the data, and keep whether they were taken."""
        result = super().export(metrics_data, timeout_millis, **more)
        self.took = result is MetricExportResult.SUCCESS
        return result


def _attributes(labels: Labels) -> dict[str, str]:
    """Return the labels of a sample as OpenTelemetry calls them; what is empty is left out."""
    said = {
        _ATTRIBUTES.get(name, f"ocarbon.{name}"): one_line(text)
        for name, text in labels.items()
        if text
    }
    if said.get("hw.type") == "dram":
        said["hw.type"] = MEMORY
    return said


def _resource() -> Resource:
    """Return what OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME say, with a name if they do not.

    Other detectors are not asked: they name the machine and its user, and start threads, which
    cannot be done once a process ends.
    """
    about = {
        "service.name": SERVICE,
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.version": metadata.version("opentelemetry-sdk"),
    }
    return Resource(about).merge(OTELResourceDetector().detect())

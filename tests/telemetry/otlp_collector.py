"""A collector of OpenTelemetry on the loopback, which decodes what it is sent."""

from __future__ import annotations

import contextlib
import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

WAIT_S = 30


class Collector:
    """Keeps the requests that came, and answers with ``status``; at once, or when let go on."""

    def __init__(self):
        self.status = 200
        self.location = None
        self.requests = []
        self.go_on = threading.Event()
        self.go_on.set()
        self._came = threading.Condition()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector._take(self.path, dict(self.headers), body)
                collector.go_on.wait(WAIT_S)
                answer = ExportMetricsServiceResponse().SerializeToString()
                self.send_response(collector.status)
                if collector.location:
                    self.send_header("Location", collector.location)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                with contextlib.suppress(OSError):  # who asked may have gone
                    self.end_headers()
                    self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _take(self, path, headers, body):
        request = ExportMetricsServiceRequest.FromString(body)
        with self._came:
            self.requests.append((path, headers, request))
            self._came.notify_all()

    def await_until(self, holds):
        """Wait until the requests are as told."""
        with self._came:
            assert self._came.wait_for(lambda: holds(self.requests), WAIT_S), self.requests

    @property
    def last(self):
        return self.requests[-1][2]

    def close(self):
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()


def metrics(request):
    """Return the metrics of a request by name."""
    return {
        metric.name: metric
        for resource in request.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }


def points(metric):
    """Return the points of a metric: their attributes and values."""
    told = metric.sum if metric.HasField("sum") else metric.gauge
    return [(attributes(point.attributes), point.as_double) for point in told.data_points]


def attributes(pairs):
    return {pair.key: pair.value.string_value for pair in pairs}


def statuses(requests):
    """Return all pairs of a run's name and its status that were ever told."""
    return {
        (said["ocarbon.run.name"], said["ocarbon.status"])
        for _, _, request in requests
        for said, _ in points(metrics(request)["ocarbon.run.status"])
    }

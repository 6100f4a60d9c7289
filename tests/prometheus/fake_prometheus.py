"""A server on the loopback that answers as Prometheus does, or as badly as a test tells it to."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_SELECTOR = re.compile(r"^(\w+)(\{.*\})?\[(\d+)s\]$")


class Fake:
    """Answers from ``series``, pairs of labels and samples at server times.

    ``answer``, if set, is called with the question in place of that and returns a status, a
    body, and perhaps headers; None answers as usual. ``asked`` has every question, ``sent`` the
    headers of each.
    """

    def __init__(self, now=time.time):
        self.now = now
        self.series = []
        self.answer = None
        self.asked = []
        self.sent = []
        self._heard = threading.Condition()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self._respond(urllib.parse.urlsplit(self.path).query)

            def do_POST(self):
                self._respond(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _respond(self, form):
                question = dict(urllib.parse.parse_qsl(form)) | {
                    "path": urllib.parse.urlsplit(self.path).path,
                    "method": self.command,
                }
                with fake._heard:
                    fake.asked.append(question)
                    fake.sent.append({name.lower(): text for name, text in self.headers.items()})
                    fake._heard.notify_all()
                told = fake.answer(question) if fake.answer else None
                status, body, headers = [*(told or (200, fake.usual(question))), {}][:3]
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def questions(self):
        return [one["query"] for one in self.asked]

    def await_questions(self, matching, count=1):
        """Wait until so many questions with ``matching`` in them were asked."""
        with self._heard:
            assert self._heard.wait_for(
                lambda: sum(matching in query for query in self.questions) >= count, 30
            )

    def usual(self, question):
        query = question["query"]
        now_s = float(question.get("time", self.now()))
        if query == "time()":
            return success("scalar", [now_s, str(now_s)])
        if query.startswith("count by"):
            names = re.search(r'__name__=~"(.*)"', query)[1].split("|")
            by = re.match(r"count by \((.*?)\)", query)[1].split(", ")
            there = [labels for labels, _ in self.series if labels["__name__"] in names]
            rows = [{k: v for k, v in labels.items() if k in by} for labels in there]
            return success("vector", [{"metric": row, "value": [now_s, "1"]} for row in rows])
        name, matchers, span_s = _SELECTOR.match(query).groups()
        found = [
            {
                "metric": labels,
                "values": [[t, str(v)] for t, v in samples if now_s - int(span_s) <= t <= now_s],
            }
            for labels, samples in self.series
            if labels["__name__"] == name and _matches(labels, matchers or "{}")
        ]
        return success("matrix", [row for row in found if row["values"]])

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def success(kind, result, **more):
    return {"status": "success", "data": {"resultType": kind, "result": result}} | more


def _matches(labels, matchers):
    for label, tilde, pattern in re.findall(r'(\w+)=(~?)("(?:[^"\\]|\\.)*")', matchers):
        text = json.loads(pattern)
        value = labels.get(label, "")
        if not (re.fullmatch(text, value) if tilde else value == text):
            return False
    return True


def gpu(node, index, *, uuid=None, samples=(), job="dcgm", name=None, **more):
    """Return the series of a GPU's energy counter."""
    labels = {
        "__name__": name or "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
        "Hostname": node,
        "gpu": str(index),
        "UUID": uuid or f"GPU-{node}-{index}",
        "modelName": "NVIDIA A100-SXM4-80GB",
        "instance": f"10.0.0.{index}:9400",
        "job": job,
    }
    return labels | more, list(samples)


def steady(watts, start_s, end_s, step_s=15.0, *, scale=1e3, since=0.0):
    """Return the samples of a counter at a constant power, in millijoules."""
    count = int((end_s - start_s) / step_s) + 1
    times = [start_s + index * step_s for index in range(count)]
    return [(t, (5e5 + watts * (t - start_s) + since) * scale) for t in times]

"""A real Prometheus server on the loopback, and pages for it to scrape."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

START_S = 60
SCRAPE_S = 60


def binary():
    """Return the server's path; without it skip, but fail where nothing may be skipped."""
    found = shutil.which("prometheus")
    if found is None:
        what = "no prometheus on PATH (Debian's package of that name)"
        if os.environ.get("CI"):
            pytest.fail(f"{what}, and nothing is skipped with CI set")
        pytest.skip(what)
    return found


class Page:
    """A page at ``address`` with what ``text()`` returns, as an exporter's ``/metrics``."""

    def __init__(self, text, content_type="text/plain; version=0.0.4"):
        self.text = text
        self.down = False
        self._scraped = threading.Condition()
        self._scrapes = 0
        page = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                if page.down:
                    self.send_error(503)
                    return
                body = page.text().encode()
                self.send_response(200)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                with page._scraped:
                    page._scrapes += 1
                    page._scraped.notify_all()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def await_scrapes(self, count):
        """Wait until it was read so many times from now."""
        with self._scraped:
            until = self._scrapes + count
            assert self._scraped.wait_for(lambda: self._scrapes >= until, SCRAPE_S)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class PrometheusServer:
    """The distribution's server, scraping ``jobs``: (name, interval, labels, addresses) each."""

    def __init__(self, folder, jobs, *, arguments=()):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        config = folder / "prometheus.yml"
        config.write_text(json.dumps(self._config(jobs)))  # JSON is YAML
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [
                binary(),
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--log.level=warn",
                *arguments,
            ],
            stdout=self._log,
            stderr=self._log,
        )
        self._await_ready()

    @staticmethod
    def _config(jobs):
        return {
            "scrape_configs": [
                {
                    "job_name": name,
                    "scrape_interval": interval,
                    "scrape_timeout": interval,
                    "static_configs": [{"targets": list(addresses), "labels": labels}],
                }
                for name, interval, labels, addresses in jobs
            ]
        }

    def _await_ready(self):
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/-/ready"):
                return
            assert self._process.poll() is None, (self._folder / "log").read_text()
            time.sleep(0.05)
        pytest.fail(f"prometheus was not ready: {(self._folder / 'log').read_text()}")

    def query(self, expression):
        """Return the result of an instant query."""
        form = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"{self.url}/api/v1/query?{form}") as answer:
            return json.load(answer)["data"]["result"]

    def pause(self):
        """Stop answering, connections stay open."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self):
        self._process.send_signal(signal.SIGCONT)

    def close(self):
        self.resume()
        self._process.terminate()
        self._process.wait(START_S)
        self._log.close()


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    """Start servers: ``prometheus(jobs)`` returns one."""
    with contextlib.ExitStack() as stack:

        def start(jobs, **more):
            server = PrometheusServer(tmp_path_factory.mktemp("prometheus"), jobs, **more)
            stack.callback(server.close)
            return server

        yield start

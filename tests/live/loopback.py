"""Servers on this machine that answer as they are told, and remember what they were asked."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit


class Request(NamedTuple):
    """What a server was asked."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


class Loopback:
    """One server; ``reply`` is what it answers by path, or to all, and may be changed."""

    def __init__(self):
        self.requests: list[Request] = []
        self.reply = {}
        self.asked = threading.Event()
        self.released = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self._answer(b"")

            def do_POST(self):
                self._answer(self.rfile.read(int(self.headers["Content-Length"])))

            def _answer(self, body):
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, parts.path, parse_qs(parts.query), headers, body)
                owner.requests.append(request)
                owner.asked.set()
                reply = owner.reply
                if isinstance(reply, dict):
                    reply = reply.get(parts.path, (404, {}, b"{}"))
                if not isinstance(reply, tuple):
                    reply = reply(request, self)
                if reply is not None:
                    send(self, *reply)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_):
                """Say nothing of who hung up."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def wrap(self, context):
        """Speak TLS."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.port}"

    def close(self):
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def send(handler, status, headers, body):
    """Send an answer; the asker may have hung up."""
    with suppress(OSError):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if "Content-Length" not in headers:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def as_json(value, status=200, **headers):
    """Return an answer in JSON."""
    body = json.dumps(value).encode()
    return status, {"Content-Type": "application/json", **headers}, body


def silent(loopback):
    """Return a reply that does not come until the server is closed."""
    return lambda *_: loopback.released.wait()


@contextmanager
def serving():
    """Serve until the block is left."""
    made = Loopback()
    try:
        yield made
    finally:
        made.close()

"""HTTP is bounded in time and size, goes where it was told, and keeps secrets."""

import base64
import gzip
import json
import socket
import ssl
import subprocess
import threading
import zlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import as_json, silent

from ocarbon_magic.fetch import FetchError, fetch, fetch_json
from ocarbon_magic.fetch.address import address_of, proxy_for
from ocarbon_magic.fetch.asking import _too_deep

SECRET = "s3cr3t-of-the-user"
CERTIFY = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
    "-subj /CN=here -addext subjectAltName=IP:127.0.0.1"
)


def refusal(url, **how):
    """Return the error of a request that must fail, having looked at all that hangs on it."""
    with pytest.raises(FetchError) as caught:
        fetch_json(url, **how)
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert SECRET not in repr(error) + str(vars(error))
    assert str(error).endswith(".")
    return error


def test_a_good_answer_is_whole(server):
    server.reply = as_json({"a": 1.5}, **{"X-Kind": "test"})
    answer = fetch(server.url + "/there?zone=FR", headers={"auth-token": SECRET})
    assert (answer.status, answer.body) == (200, b'{"a": 1.5}')
    assert answer.headers["x-kind"] == "test"
    (request,) = server.requests
    assert (request.method, request.path, request.query) == ("GET", "/there", {"zone": ["FR"]})
    assert request.headers["auth-token"] == SECRET
    assert fetch_json(server.url) == {"a": 1.5}


def test_data_are_posted(server):
    server.reply = as_json({})
    fetch(server.url, data=b"12", headers={"Content-Type": "text/plain"})
    assert (server.requests[0].method, server.requests[0].body) == ("POST", b"12")


@pytest.mark.parametrize("packing", [gzip.compress, zlib.compress])
def test_a_packed_answer_is_unpacked(server, packing):
    name = "gzip" if packing is gzip.compress else "deflate"
    server.reply = 200, {"Content-Encoding": name}, packing(b'{"a": 1}')
    assert fetch_json(server.url) == {"a": 1}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503, 599])
def test_a_bad_status_is_an_error_that_names_it_and_the_host(server, status):
    server.reply = status, {}, f"no entry with {SECRET}".encode()
    error = refusal(f"{server.url}/path?securityToken={SECRET}", headers={"auth-token": SECRET})
    assert error.status == status
    assert str(status) in str(error)
    assert f"127.0.0.1:{server.port}" in str(error)
    assert error.retry_after_s is None


def test_who_is_asked_too_often_says_when_to_come_again(server):
    server.reply = 429, {"Retry-After": "120"}, b""
    assert refusal(server.url).retry_after_s == 120.0
    due = datetime.now(UTC) + timedelta(hours=2)
    server.reply = 503, {"Retry-After": format_datetime(due, usegmt=True)}, b""
    assert refusal(server.url).retry_after_s == pytest.approx(7200, abs=60)
    past = datetime.now(UTC) - timedelta(hours=2)
    server.reply = 429, {"Retry-After": format_datetime(past, usegmt=True)}, b""
    assert refusal(server.url).retry_after_s == 0.0
    for odd in ("soon", "-5", "1e9", "Thu, 99 Xyz 2026", ""):
        server.reply = 429, {"Retry-After": odd}, b""
        assert refusal(server.url).retry_after_s is None
    server.reply = 429, {"Retry-After": "9" * 50}, b""
    assert refusal(server.url).retry_after_s == 86_400.0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Sign in</html>",
        b"\x00\xff\xfe\x80",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 9999 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a": "\xff"}',
        b'"' + b'\\"' * 200_000,
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_no_sound_json_is_refused(server, body):
    server.reply = 200, {"Content-Type": "application/json"}, body
    assert "JSON" in str(refusal(server.url))


@given(st.recursive(st.text() | st.integers(), st.lists, max_leaves=40))
def test_depth_is_counted_outside_of_strings(value):
    def depth(one):
        return 1 + max(map(depth, one), default=0) if isinstance(one, list) else 0

    body = json.dumps(value)
    wrapped = "[" * (64 - depth(value)) + body + "]" * (64 - depth(value))
    assert _too_deep(wrapped.encode()) == ""
    assert _too_deep(f"[{wrapped}]".encode()) != ""


def test_a_body_that_is_too_large_is_not_read(server):
    server.reply = 200, {}, b" " * 3_000_000
    assert "more than can be an answer" in str(refusal(server.url))
    assert "more than" in str(refusal(server.url, most_bytes=2_999_999))
    server.reply = 200, {}, b"1" + b" " * 999
    assert fetch_json(server.url, most_bytes=1000) == 1


def test_a_body_without_an_end_is_not_read(server):
    def endless(_, handler):
        with suppress(OSError):
            handler.send_response(200)
            handler.end_headers()
            while True:
                handler.wfile.write(b" " * 65_536)

    server.reply = endless
    assert "more than can be an answer" in str(refusal(server.url))


def test_a_small_answer_that_unpacks_to_a_huge_one_is_refused(server):
    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(bomb) < 100_000
    server.reply = 200, {"Content-Encoding": "gzip"}, bomb
    assert "more than can be an answer" in str(refusal(server.url))


@pytest.mark.parametrize(
    ("packing", "body"),
    [("gzip", b"not gzip"), ("gzip", gzip.compress(b"{}" * 50)[:-12]), ("br", b"{}")],
    ids=["not packed", "cut short", "another packing"],
)
def test_what_cannot_be_unpacked_is_refused(server, packing, body):
    server.reply = 200, {"Content-Encoding": packing}, body
    assert "pack" in str(refusal(server.url))


def test_an_answer_that_breaks_off_is_refused(server):
    server.reply = 200, {"Content-Length": "500"}, b'{"a": 1}'
    assert "broke off" in str(refusal(server.url))


def test_a_server_that_says_nothing_is_left_when_the_time_is_up(server):
    server.reply = silent(server)
    error = refusal(f"{server.url}/?key={SECRET}", deadline_s=0.2)
    assert "did not answer in time" in str(error)
    assert error.status is None


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_server_that_drips_is_left_when_the_time_is_up(server, part):
    hung_up = threading.Event()

    def drip(_, handler):
        if part == "body":
            handler.send_response(200)
            handler.end_headers()
        try:
            while not server.released.wait(0.02):
                handler.wfile.write(b"1")
        except OSError:
            hung_up.set()

    server.reply = drip
    assert "did not answer in time" in str(refusal(server.url, deadline_s=0.3))
    assert hung_up.wait(60)  # and the connection is closed


def test_a_port_where_nobody_listens_is_said(server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "refuses connections" in str(refusal(f"http://127.0.0.1:{port}/?key={SECRET}"))


def test_a_host_without_an_address_is_said(monkeypatch):
    def no_name(*_, **__):
        raise socket.gaierror(-2, SECRET)

    monkeypatch.setattr(socket, "getaddrinfo", no_name)
    error = refusal(f"https://nowhere.invalid/?key={SECRET}")
    assert str(error) == "nowhere.invalid is not found by its name."


def test_a_name_that_is_long_looked_for_holds_nobody_up(monkeypatch):
    found = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found.wait(60))
    assert "in time" in str(refusal("https://nowhere.invalid/", deadline_s=0.1))
    found.set()


def test_a_server_that_speaks_no_http_is_said(server):
    server.reply = lambda _, handler: handler.wfile.write(f"{SECRET}\r\n\r\n".encode())
    assert "does not speak HTTP" in str(refusal(server.url))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_request_is_sent_on_within_a_host(server, status):
    server.reply = {"/old": (status, {"Location": "/new"}, b""), "/new": as_json({"new": True})}
    assert fetch_json(server.url + "/old", headers={"auth-token": SECRET}) == {"new": True}


def test_a_request_is_not_sent_on_to_another_host(server, other):
    other.reply = as_json({})
    for there in (
        other.url + "/?a=1",
        other.url.replace("127.0.0.1", "localhost"),
        "//example.org",
    ):
        server.reply = 302, {"Location": there}, b""
        error = refusal(server.url, headers={"auth-token": SECRET})
        assert "another host" in str(error)
    assert other.requests == []


@pytest.mark.parametrize("there", ["", "ftp://127.0.0.1/", "file:///etc/passwd", "http://[", "a b"])
def test_a_request_that_is_sent_to_no_address_ends(server, there):
    server.reply = 302, {"Location": there}, b""
    refusal(server.url)


def test_a_request_that_is_sent_in_circles_ends(server):
    server.reply = 302, {"Location": "/again"}, b""
    assert "again and again" in str(refusal(server.url))
    assert len(server.requests) == 4


def test_what_is_posted_is_not_sent_on(server):
    server.reply = 307, {"Location": "/new"}, b""
    assert "sends on" in str(refusal(server.url, data=b"1"))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no address",
        "ftp://example.org/" + SECRET,
        "file:///etc/passwd",
        "https://",
        "https:///" + SECRET,
        f"https://user:{SECRET}@example.org",
        "http://example.org:port/" + SECRET,
        "http://example.org:99999/" + SECRET,
        f"http://example.org/\r\nX-Key: {SECRET}",
        f"http://example.org/é{SECRET}",
        "http://[::1/" + SECRET,
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(url):
    assert "address must" in str(refusal(url)) or "is not one" in str(refusal(url))


@pytest.mark.parametrize("value", [f"{SECRET}\r\nX: 1", f"{SECRET}é€"])
def test_a_key_that_cannot_be_sent_is_refused_without_repeating_it(server, value):
    assert "header" in str(refusal(server.url, headers={"auth-token": value}))


def test_proxies_are_asked_for_other_hosts_but_never_for_this_machine(server, other, monkeypatch):
    monkeypatch.setenv("http_proxy", other.url)
    monkeypatch.delenv("no_proxy", raising=False)
    other.reply = as_json("by proxy")
    server.reply = as_json("straight")
    assert fetch_json(server.url) == "straight"
    assert fetch_json("http://grid.example/path?zone=FR") == "by proxy"
    assert other.requests[0].path == "/path"
    assert other.requests[0].headers["host"] == "grid.example"
    monkeypatch.setenv("no_proxy", "grid.example")
    assert proxy_for(address_of("http://grid.example/")) is None


def test_a_proxy_with_a_password_hears_it_and_nobody_else_does(server, other, monkeypatch):
    monkeypatch.setenv("http_proxy", other.url.replace("//", f"//user:{SECRET}%21@"))
    monkeypatch.delenv("no_proxy", raising=False)
    other.reply = as_json({})
    fetch("http://grid.example/")
    sent = other.requests[0].headers["proxy-authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")).decode() == f"user:{SECRET}!"
    other.reply = 407, {}, b""
    assert "407" in str(refusal("http://grid.example/"))
    server.reply = as_json({})
    fetch(server.url)
    assert "proxy-authorization" not in server.requests[0].headers


def test_a_proxy_is_asked_for_a_tunnel_and_hears_no_key(other, monkeypatch):
    heads = []

    def tunnel(request, handler):
        heads.append((handler.command, handler.path, request.headers))
        return 502, {}, b""

    other.reply = tunnel
    monkeypatch.setenv("https_proxy", other.url.replace("//", "//user:word@"))
    handler = other._server.RequestHandlerClass
    monkeypatch.setattr(handler, "do_CONNECT", handler.do_GET, raising=False)
    refusal(f"https://grid.example/path?securityToken={SECRET}", headers={"auth-token": SECRET})
    ((method, target, headers),) = heads
    assert (method, target) == ("CONNECT", "grid.example:443")
    assert SECRET not in str(headers)
    assert headers["proxy-authorization"] == "Basic dXNlcjp3b3Jk"


def test_a_proxy_that_is_none_is_said(monkeypatch):
    monkeypatch.setenv("https_proxy", f"socks5://user:{SECRET}@proxy.example")
    assert "proxy" in str(refusal("https://grid.example/"))


def test_a_certificate_that_nobody_vouches_for_is_refused(server, tmp_path, monkeypatch):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [*CERTIFY.split(), "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.wrap(context)
    server.reply = as_json({})
    error = refusal(f"{server.url}/?key={SECRET}", headers={"auth-token": SECRET})
    assert "certificate" in str(error)
    assert server.requests == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert fetch_json(server.url) == {}

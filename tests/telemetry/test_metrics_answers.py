"""What the page answers, request by request."""

from __future__ import annotations

import pytest
from told import going

from ocarbon_magic.telemetry.answer import answer

NAMES = {"localhost", "gpu-box", "gpu-box.lab.example"}


def ask(line="GET /metrics HTTP/1.1", *headers, host="127.0.0.1:9464"):
    said = [line, *([] if host is None else [f"Host: {host}"]), *headers, "", ""]
    response = answer("\r\n".join(said).encode("latin-1"), NAMES, lambda: [going()])
    head, _, body = response.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    fields = dict(one.split(": ", 1) for one in lines)
    assert int(fields["Content-Length"]) == len(body)
    return int(status.split()[1]), fields, body.decode()


def test_the_format_is_negotiated():
    status, fields, body = ask()
    assert (status, fields["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert "# TYPE ocarbon_run_energy_joules_total counter\n" in body
    wants = "Accept: application/openmetrics-text;version=1.0.0"
    status, fields, body = ask("GET /metrics?x=1 HTTP/1.1", wants, "Accept: text/plain;q=0.5")
    assert (status, fields["Content-Type"]) == (
        200,
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
    )
    assert body.endswith("# EOF\n")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:9464",
        "localhost:9464",
        "LocalHost",
        "localhost.",
        "[::1]:9464",
        "[::1]",
        "192.168.1.7:9464",
        "gpu-box:9464",
        "GPU-Box.lab.example",
    ],
)
def test_who_asks_by_our_name_or_by_an_address_is_answered(host):
    assert ask(host=host)[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example:9464",
        "attacker.example",
        "127.0.0.1.attacker.example",
        "localhost.attacker.example:9464",
        "gpu-box.attacker.example",
        "127.0.0.1@attacker.example",
        "127.1:9464:attacker.example",
        "[::1].attacker.example",
        "",
        ":9464",
    ],
)
def test_who_asks_by_another_name_learns_nothing(host):
    status, _, body = ask(host=host)
    assert status == 421
    assert "ocarbon_run" not in body
    assert ask("GET / HTTP/1.1", host=host)[0] == 421


def test_a_request_names_one_host():
    assert ask(host=None)[0] == 400
    assert ask("GET /metrics HTTP/1.1", "Host: attacker.example")[0] == 400


@pytest.mark.parametrize("path", ["/favicon.ico", "/metrics/", "/../metrics", "//metrics", "*"])
def test_there_is_no_other_page(path):
    status, _, body = ask(f"GET {path} HTTP/1.1")
    assert (status, body) == (404, "The metrics of ocarbon_magic are at /metrics.\n")


def test_the_root_says_where_the_metrics_are():
    assert ask("GET / HTTP/1.1")[0::2] == (200, "The metrics of ocarbon_magic are at /metrics.\n")


@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS", "PUT", "DELETE", "get"])
def test_only_get_is_answered(method):
    status, fields, body = ask(f"{method} /metrics HTTP/1.1")
    assert (status, fields["Allow"]) == (405, "GET")
    assert "ocarbon_run" not in body


@pytest.mark.parametrize(
    ("line", "header"),
    [
        ("GET /metrics", ""),
        ("GET  /metrics HTTP/1.1", ""),
        ("GET /metrics HTTP/2", ""),
        ("\x16\x03\x01", ""),
        ("GET /metrics HTTP/1.1", "no colon"),
        ("GET /metrics HTTP/1.1", "Host : attacker.example"),
        ("GET /metrics HTTP/1.1", " Host: folded"),
        ("GET /metrics HTTP/1.1", ": nothing"),
    ],
)
def test_what_cannot_be_read_is_refused(line, header):
    assert ask(line, *filter(None, [header]))[0] == 400


def test_no_other_page_is_let_read_the_answer():
    for line in ("GET /metrics HTTP/1.1", "OPTIONS /metrics HTTP/1.1", "GET /x HTTP/1.1"):
        fields = ask(line, "Origin: http://attacker.example")[1]
        assert not any(name.lower().startswith("access-control") for name in fields)
        assert fields["Cross-Origin-Resource-Policy"] == "same-origin"
        assert fields["X-Content-Type-Options"] == "nosniff"
        assert fields["Cache-Control"] == "no-store"
        assert fields["Connection"] == "close"

"""The page on a real port, with those who ask slowly, too much, or not at all."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from told import free_port, get, going

from ocarbon_magic.listening import Address, address
from ocarbon_magic.telemetry import server
from ocarbon_magic.telemetry.board import board
from ocarbon_magic.telemetry.server import Page, serve

WAIT_S = 30


@pytest.fixture
def opened():
    """Open pages that later runs of this process do not belong to."""

    def page(host="127.0.0.1", port=0):
        notes = []
        made = Page(Address(host, port), notes.append)
        made.open()
        assert made._ready.wait(WAIT_S)
        return made, notes

    return page


@pytest.fixture
def pages(monkeypatch):
    opened = {}
    monkeypatch.setattr(server, "_pages", opened)
    return opened


def test_the_page_tells_the_runs_of_this_process(opened):
    page, notes = opened()
    board.begin(going("one"))
    board.begin(going("two"))
    status, _, text = get(page.at.port)
    assert status == 200
    assert text.count("ocarbon_run_power_watts{") == 2
    assert notes == [f"The metrics are at http://127.0.0.1:{page.at.port}/metrics."]


def test_a_port_that_is_free_needs_no_word(opened):
    port = free_port()
    page, notes = opened(port=port)
    assert (page.at, notes) == (Address("127.0.0.1", port), [])
    assert get(port)[0] == 200


def test_of_two_kernels_with_one_port_the_second_takes_the_next_and_says_so(opened):
    first, _ = opened()
    second, notes = opened(port=first.at.port)
    assert first.at.port < second.at.port < first.at.port + 20
    assert notes == [
        f"Port {first.at.port} is taken, perhaps by another kernel: the metrics of this one are "
        f"at http://127.0.0.1:{second.at.port}/metrics."
    ]
    assert get(second.at.port)[0] == 200


def test_where_no_port_is_free_there_is_one_line_and_the_next_run_tries_again(monkeypatch, pages):
    monkeypatch.setattr(server, "NEXT_PORTS", 1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        asked = Address("127.0.0.1", other.getsockname()[1])
        told = threading.Event()
        notes = []

        def tell(line):
            notes.append(line)
            told.set()

        serve(asked, tell)
        assert told.wait(WAIT_S)
    assert notes == [
        f"The metrics are not served at {asked}: this port and the 19 after it are taken; "
        "--metrics-port names another."
    ]
    assert pages == {}
    serve(asked, notes.append)
    assert get(asked.port)[0] == 200
    assert len(notes) == 1


def test_a_page_is_opened_once(pages):
    notes = []
    asked = Address("127.0.0.1", 0)
    serve(asked, notes.append)
    page = pages[asked]
    serve(asked, notes.append)
    assert pages == {asked: page}
    assert len(notes) == 1
    assert server.is_open()


def test_a_host_that_is_none_is_told(opened):
    page, notes = opened(host="no-such-host.invalid", port=9464)
    assert page.at is None
    (note,) = notes
    assert note.startswith("The metrics are not served at no-such-host.invalid:9464: ")


def test_whoever_lets_others_read_is_told_what_they_read(opened):
    page, notes = opened(host="0.0.0.0")
    assert notes[-1] == (
        f"Whoever reaches http://0.0.0.0:{page.at.port}/metrics over the network reads the names "
        "and the figures of all runs of this process; --metrics-port "
        f"{page.at.port} shows them on this machine alone."
    )
    assert get(page.at.port)[0] == 200
    assert get(page.at.port, Host=f"{socket.gethostname()}:{page.at.port}")[0] == 200
    assert get(page.at.port, Host="attacker.example")[0] == 421


def test_the_page_may_stand_on_the_other_loopback(opened):
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    page, notes = opened(host="::1")
    assert notes == [f"The metrics are at http://[::1]:{page.at.port}/metrics."]
    assert get(page.at.port, host="::1")[0] == 200


def test_who_asks_slowly_holds_nobody_up_and_is_left(opened, monkeypatch):
    monkeypatch.setattr(server, "DEADLINE_S", 1.0)
    page, _ = opened()
    board.begin(going())
    slow = [socket.create_connection(("127.0.0.1", page.at.port)) for _ in range(10)]
    for number, one in enumerate(slow):
        one.sendall(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "[: 5 + 3 * number])
    for _ in range(20):
        assert get(page.at.port)[0] == 200
    for one in slow:
        one.settimeout(WAIT_S)
        with contextlib.suppress(ConnectionResetError):
            assert one.recv(1) == b""  # the server has closed
        one.close()


def test_who_does_not_read_holds_nobody_up(opened):
    page, _ = opened()
    for number in range(20):
        board.begin(going(f"run {number}", name="x" * 3000))
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    deaf.connect(("127.0.0.1", page.at.port))
    deaf.sendall(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    for _ in range(5):
        assert len(get(page.at.port)[2]) > 100_000
    deaf.close()


def test_more_connections_than_there_may_be_are_closed_at_once(opened, monkeypatch):
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 3)
    page, _ = opened()
    idle = [socket.create_connection(("127.0.0.1", page.at.port)) for _ in range(3)]
    with socket.create_connection(("127.0.0.1", page.at.port)) as one_more:
        one_more.settimeout(WAIT_S)
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            one_more.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert one_more.recv(1) == b""
    for one in idle:
        one.close()


def test_a_request_that_does_not_end_is_refused(opened):
    page, _ = opened()
    with socket.create_connection(("127.0.0.1", page.at.port)) as one:
        one.settimeout(WAIT_S)
        one.sendall(b"GET /metrics HTTP/1.1\r\n" + b"X: " + b"y" * 20_000)
        assert one.recv(100).startswith(b"HTTP/1.1 431 ")


def test_many_scrapers_at_once_are_all_answered(opened):
    page, _ = opened()
    board.begin(going())
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: get(page.at.port)[0], range(80)))
    assert set(statuses) == {200}


def test_one_thread_serves_all(opened):
    before = threading.active_count()
    page, _ = opened()
    for _ in range(30):
        get(page.at.port)
    assert threading.active_count() == before + 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_fork_neither_serves_nor_holds_the_port(opened, pages):
    asked = Address("127.0.0.1", free_port())
    serve(asked, [].append)
    board.begin(going())
    end, begin = os.pipe()
    child = os.fork()
    if child == 0:
        kept = server.is_open() or bool(board.now())
        try:
            socket.create_connection(("127.0.0.1", asked.port)).close()
        except OSError:
            kept = True
        os.write(begin, b"1" if kept else b"0")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(end, 1) == b"0"
    assert get(asked.port)[0] == 200
    os.close(end)
    os.close(begin)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("9464", Address("127.0.0.1", 9464)),
        (9464, Address("127.0.0.1", 9464)),
        (" 0 ", Address("127.0.0.1", 0)),
        ("0.0.0.0:9464", Address("0.0.0.0", 9464)),
        ("[::]:9464", Address("::", 9464)),
        ("::1:9464", Address("::1", 9464)),
        ("gpu-box.lab:80", Address("gpu-box.lab", 80)),
        ("none", None),
        (Address("::1", 5), Address("::1", 5)),
    ],
)
def test_an_address_is_a_port_or_a_host_with_one(said, meant):
    assert address(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "",
        "x",
        "-1",
        "65536",
        "1.5",
        ":9464",
        "[]:1",
        "host:",
        "h/x:1",
        "u@h:1",
        "٣",
        True,
        "1" * 5000,
    ],
)
def test_what_is_no_address_is_refused_with_what_it_must_be(said):
    with pytest.raises(ValueError, match="a port from 0 to 65535, as 9464, or HOST:PORT"):
        address(said)

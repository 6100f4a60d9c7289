"""What a kernel tells a page that was not there when its runs went on."""

from __future__ import annotations

import time

import pytest
from jupyter_client.manager import start_new_kernel

RUN_MIME = "application/vnd.ocarbon.run+json"
WAIT_S = 60


class Page:
    """A front end that opens the comm as our labextension does, and keeps what it is told."""

    def __init__(self, client):
        self.client = client

    def run(self, code, cell_id):
        session, made = self.client.session, self.client.session.msg

        def naming_the_cell(kind, *args, **options):
            message = made(kind, *args, **options)
            if kind == "execute_request":
                message["metadata"]["cellId"] = cell_id
            return message

        session.msg = naming_the_cell
        published = []
        try:
            self.client.execute_interactive(code, output_hook=published.append, timeout=WAIT_S)
        finally:
            session.msg = made
        return published

    def ask(self, target="ocarbon", **data):
        """Open the comm; return what is published until it is closed."""
        content = {"comm_id": "page", "target_name": target, "data": data}
        message = self.client.session.msg("comm_open", content)
        self.client.shell_channel.send(message)
        told, end = [], time.monotonic() + WAIT_S
        while time.monotonic() < end:
            heard = self.client.get_iopub_msg(timeout=WAIT_S)
            if heard["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            if heard["header"]["msg_type"] == "comm_close":
                return told
            told.append(heard)
        pytest.fail("the comm was not closed")

    def finds(self, target="ocarbon"):
        """Return whether the kernel lists a comm of ``target``."""
        sent = self.client.comm_info(target)
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            reply = self.client.get_shell_msg(timeout=WAIT_S)
            if reply["parent_header"].get("msg_id") == sent:
                return len(reply["content"]["comms"]) == 1
        pytest.fail("the kernel did not answer")


@pytest.fixture
def visitor():
    manager, client = start_new_kernel()
    client.execute_interactive("%load_ext ocarbon_magic", timeout=WAIT_S)
    yield Page(client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def records(told):
    content = [m["content"] for m in told if m["header"]["msg_type"] == "comm_msg"]
    return [one["data"]["record"] for one in content]


def outputs(told):
    shown = [m["content"] for m in told if m["header"]["msg_type"] == "update_display_data"]
    return [(one["data"][RUN_MIME]["name"], one["transient"]["display_id"]) for one in shown]


def measured(visitor, name, cell_id, options=""):
    published = visitor.run(f"%%carbon --devices cpu --name {name} {options}\n1", cell_id)
    return next(
        m["content"]["data"][RUN_MIME]["id"]
        for m in published
        if m["header"]["msg_type"] == "display_data"
    )


def test_it_tells_all_runs_oldest_first_and_shows_the_last_one_of_each_cell_again(visitor):
    measured(visitor, "one", "a")
    again = measured(visitor, "two", "a")
    other = measured(visitor, "three", "b")
    told = visitor.ask(open=[], ended=[])
    assert [record["name"] for record in records(told)] == ["one", "two", "three"]
    assert all(record["status"] == "finished" for record in records(told))
    assert outputs(told) == [("two", f"ocarbon-{again}"), ("three", f"ocarbon-{other}")]


def test_it_shows_nothing_again_that_the_page_has_and_all_that_it_shows_as_running(visitor):
    old = measured(visitor, "one", "a")
    new = measured(visitor, "two", "a")
    assert outputs(visitor.ask(open=[], ended=[new])) == []
    assert outputs(visitor.ask(open=[old], ended=[new])) == [("one", f"ocarbon-{old}")]


def test_quiet_runs_are_told_and_never_shown(visitor):
    visitor.run("%%carbon --devices cpu --quiet --name unseen\n1", "a")
    told = visitor.ask(open=[], ended=[])
    assert [record["name"] for record in records(told)] == ["unseen"]
    assert outputs(told) == []


def test_only_so_many_bytes_are_told_the_newest_ones(visitor):
    for name in ("one", "two", "three"):
        measured(visitor, name, name)
    visitor.run("import ocarbon_magic.catchup as c; c.TOLD_BYTES = 4000", "z")
    told = records(visitor.ask())
    names = [record["name"] for record in told]
    assert 0 < len(names) < 3
    assert names == ["one", "two", "three"][-len(names) :]


@pytest.mark.parametrize("data", [{"open": 5}, {"open": [[], None], "ended": {"a": 1}}, {}])
def test_a_strange_question_is_answered_all_the_same(visitor, data):
    measured(visitor, "one", "a")
    assert [record["name"] for record in records(visitor.ask(**data))] == ["one"]


def test_a_kernel_is_found_as_long_as_the_extension_is_loaded(visitor):
    assert visitor.finds()
    visitor.run("%reload_ext ocarbon_magic", "a")
    assert visitor.finds()
    visitor.run("%unload_ext ocarbon_magic", "a")
    assert not visitor.finds()
    assert records(visitor.ask()) == []
    visitor.run("%load_ext ocarbon_magic", "a")
    measured(visitor, "one", "a")
    assert visitor.finds()
    assert len(records(visitor.ask())) == 1

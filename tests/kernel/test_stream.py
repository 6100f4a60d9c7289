"""What a kernel publishes while a measured cell runs, and what becomes of the output."""

from __future__ import annotations

import json
import zlib

import pytest

RUN_MIME = "application/vnd.ocarbon.run+json"
WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
LOOP = "import time\nfor step in range({steps}): time.sleep(0.1)"
UNTIL = """
import time, ocarbon_magic as oc
end = time.monotonic() + 60
for step in range(10_000):
    if told('{what}') or time.monotonic() > end: break
    time.sleep(0.01)
"""
# Counts the messages of ours in the kernel itself, as they are sent.
LISTEN = """
import ocarbon_magic.views.stream as _stream
_told = []
for _kind in (_stream.Messages, _stream.Widget):
    def _send(self, snapshot, kept=_kind.send):
        kept(self, snapshot)
        _told.append(type(self).__name__)
    _kind.send = _send
def told(what): return _told.count(what) >= 3
def again(): _told.clear()
"""


@pytest.fixture(scope="module")
def watched(kernel):
    """Run code as a front end does that names the cell, and keep all that is published."""
    kernel.run(LISTEN)

    def run(code, **metadata):
        kernel.run("again()")
        session, published = kernel.client.session, []
        made = session.msg

        def naming_the_cell(kind, *args, **options):
            message = made(kind, *args, **options)
            if kind == "execute_request":
                message["metadata"].update(metadata)
            return message

        session.msg = naming_the_cell
        try:
            kernel.client.execute_interactive(
                code, output_hook=published.append, timeout=90, stop_on_error=False
            )
        finally:
            session.msg = made
        return published

    return run


def contents(published, *kinds):
    return [m["content"] for m in published if m["header"]["msg_type"] in kinds]


def displays(published):
    return contents(published, "display_data", "update_display_data")


def test_snapshots_are_streamed_while_the_cell_runs_and_the_record_at_its_end(watched):
    published = watched("%%carbon --devices cpu" + UNTIL.format(what="Messages"))
    data = [content["data"] for content in contents(published, "comm_msg")]
    *snapshots, last = data
    assert len(snapshots) >= 3
    assert [one["snapshot"]["number"] for one in snapshots] == [*range(len(snapshots))]
    assert last["record"]["status"] == "finished"
    assert last["record"]["id"] == snapshots[0]["snapshot"]["id"]
    assert snapshots[-1]["snapshot"]["energy_kwh"] <= last["record"]["energy_kwh"] * (1 + 1e-4)
    assert contents(published, "comm_open", "comm_close") == []


def test_what_executes_a_notebook_gets_no_widget(watched):
    published = watched("%%carbon --devices cpu" + UNTIL.format(what="Messages"))
    assert not any(WIDGET_MIME in shown["data"] for shown in displays(published))


def test_a_front_end_that_names_the_cell_gets_a_widget_and_a_final_bundle_without(watched):
    published = watched("%%carbon --devices cpu" + UNTIL.format(what="Widget"), cellId="a")
    first, second, last = displays(published)
    assert WIDGET_MIME not in first["data"]
    assert set(second["data"]) == {WIDGET_MIME, RUN_MIME, "text/html", "text/plain"}
    assert set(last["data"]) == {RUN_MIME, "text/html", "text/plain"}
    assert {shown["transient"]["display_id"] for shown in (first, second, last)} == {
        first["transient"]["display_id"]
    }
    states = [content["data"].get("state", {}) for content in contents(published, "comm_msg")]
    assert any("snapshot" in state for state in states)
    ends = [state["record"]["status"] for state in states if "record" in state]
    assert ends[-1] == "finished"


def test_only_the_last_panels_stay_open(watched):
    opened, closed = [], []
    for _ in range(6):
        published = watched("%%carbon --devices cpu" + UNTIL.format(what="Widget"), cellId="a")
        opened += [
            content["comm_id"]
            for content in contents(published, "comm_open")
            if content["data"]["state"].get("_model_name") == "AnyModel"
        ]
        closed += [content["comm_id"] for content in contents(published, "comm_close")]
    assert len(opened) == 6
    assert len(set(opened) - set(closed)) <= 4


@pytest.mark.parametrize(
    ("break_it", "mend_it", "warnings"),
    [
        ("sys.modules['anywidget'] = None", "del sys.modules['anywidget']", 0),
        ("sys.modules['ipywidgets'] = None", "del sys.modules['ipywidgets']", 1),
        ("kept = traitlets.Dict; del traitlets.Dict", "traitlets.Dict = kept", 1),
    ],
    ids=["anywidget absent", "ipywidgets absent", "traitlets broken"],
)
def test_with_widgets_absent_or_broken_the_cell_ends_with_its_record(
    watched, break_it, mend_it, warnings
):
    watched(
        "import sys, traitlets\n"
        "for name in [n for n in sys.modules if 'widget' in n or 'views.panel' in n]:\n"
        f"    del sys.modules[name]\n{break_it}"
    )
    try:
        published = watched("%%carbon --devices cpu" + UNTIL.format(what="Messages"), cellId="a")
    finally:
        watched(mend_it)
    record = displays(published)[-1]["data"][RUN_MIME]
    assert record["status"] == "finished"
    told = [line for line in record["warnings"] if "widget" in line]
    assert len(told) == warnings
    assert all(line.startswith("The panel could not be opened as a widget: ") for line in told)
    assert contents(published, "error", "stream") == []


def test_a_panel_that_fails_in_the_middle_is_one_warning(watched):
    watched("working, _stream.Messages.send = _stream.Messages.send, lambda *_: 1 / 0")
    try:
        published = watched("%%carbon --devices cpu\n" + LOOP.format(steps=15))
    finally:
        watched("_stream.Messages.send = working")
    record = displays(published)[-1]["data"][RUN_MIME]
    assert record["energy_kwh"] > 0
    assert record["work"]["done"] == 15
    (line,) = [line for line in record["warnings"] if "panel" in line]
    assert line == "The panel stands still: ZeroDivisionError: division by zero"


def test_a_cell_that_clears_its_output_gets_its_panel_back(watched):
    code = (
        "%%carbon --devices cpu\nfrom IPython.display import clear_output, display\nimport time\n"
        "display('before')\nclear_output()\nagain()\n"
        "import ocarbon_magic.views.notebook as nb\n"
        "end = time.monotonic() + 60\n"
        "while time.monotonic() < end and len(_told) < 8: time.sleep(0.05)\n"
    )
    published = watched(code)
    kinds = [m["header"]["msg_type"] for m in published if "display" in m["header"]["msg_type"]]
    assert kinds == ["display_data", "display_data", "display_data", "update_display_data"]
    first, _, again, last = displays(published)
    assert again["data"][RUN_MIME]["status"] == "running"
    assert first["transient"] == again["transient"] == last["transient"]


@pytest.mark.parametrize("option", ["--no-panel", "--quiet"])
def test_without_a_panel_nothing_but_the_record_is_streamed(watched, option):
    published = watched(f"%%carbon --devices cpu {option}\n" + LOOP.format(steps=12))
    (only,) = contents(published, "comm_msg", "comm_open")
    assert only["data"]["record"]["status"] == "finished"
    assert len(displays(published)) == (option == "--no-panel")


def test_the_record_says_which_cell_it_was_and_what_it_ran(watched):
    code = "%%carbon --devices cpu\n1"
    published = watched(code, cellId="named")
    cell = displays(published)[-1]["data"][RUN_MIME]["cell"]
    assert cell == {"id": "named", "source_crc32": zlib.crc32(code.encode())}
    unnamed = displays(watched(code))[-1]["data"][RUN_MIME]["cell"]
    assert unnamed == cell | {"id": None}


def test_the_stream_stays_within_its_bytes(watched):
    published = watched("%%carbon --devices cpu\n" + LOOP.format(steps=60))
    sent = [m for m in published if m["header"]["msg_type"] == "comm_msg"]
    *snapshots, _ = sent
    size = sum(len(json.dumps(m, default=str)) for m in snapshots)
    assert size / 6.0 <= 4000

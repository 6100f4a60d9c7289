"""`%%carbon --live-intensity` in a real notebook: the intensity is there, the key nowhere."""

import json
import os
import time

import answers
import nbformat
import pytest
from loopback import serving, silent
from nbclient import NotebookClient

SECRET = "k3y-0f-the-us3r"
WAIT = "[feed.answered.wait(60) for feed in list(_feeds.values())]"


def executed(cells, server, home):
    """Return a notebook after its cells ran, and everything that was written to the streams."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    env = os.environ | {
        "OCARBON_ELECTRICITYMAPS_KEY": SECRET,
        "OCARBON_ELECTRICITYMAPS_URL": server.url,
        "OCARBON_HOME": str(home),
    }
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True)
    client.execute(env=env)
    return notebook


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with serving() as server:
        server.reply = answers.electricity_maps(time.time(), latest=53, ahead=[53, 40])
        cells = [
            "%load_ext ocarbon_magic\nfrom ocarbon_magic.carbon.live.feed import _feeds",
            "%%carbon --live-intensity electricitymaps --zone FRA --interval 0.05\n"
            f"for _ in range(3):\n    sum(range(10_000))\n    {WAIT}",
            "%%carbon --live-intensity electricitymaps --zone FRA --interval 0.05\n1 / 0",
            "import ocarbon_magic as oc\nprint(vars(list(_feeds.values())[0]), oc.last_run())",
            "%tb Verbose",
            "%carbon status",
        ]
        yield executed(cells, server, home), server, home


def record_of(cell):
    (found,) = [
        output["data"]["application/vnd.ocarbon.run+json"]
        for output in cell["outputs"]
        if "application/vnd.ocarbon.run+json" in output.get("data", {})
    ]
    return json.loads(found) if isinstance(found, str) else found


def test_a_cell_is_counted_at_the_intensity_of_its_hour(told):
    notebook, server, _ = told
    record = record_of(notebook.cells[1])
    assert record["intensity"]["gco2e_per_kwh"] == 53.0
    assert record["intensity"]["source"].startswith("Electricity Maps, live, FR")
    assert record["intensity"]["series"] == {"t_s": [0.0], "gco2e_per_kwh": [53.0]}
    assert record["operational_g"] == record["energy_kwh"] * record["pue"] * 53.0
    assert record["warnings"] == [w for w in record["warnings"] if "Live" not in w]
    assert server.requests[0].headers["auth-token"] == SECRET


def test_cells_of_an_hour_ask_once(told):
    _, server, _ = told
    paths = [request.path.rpartition("/")[2] for request in server.requests]
    assert sorted(paths) == ["forecast", "latest"]


def test_the_key_is_in_nothing_that_is_kept_or_shown(told):
    notebook, _, home = told
    assert "ZeroDivisionError" in nbformat.writes(notebook)
    assert SECRET not in nbformat.writes(notebook)
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        assert SECRET.encode() not in path.read_bytes()


def test_a_cell_does_not_wait_for_a_network_that_is_dead(tmp_path):
    with serving() as server:
        server.reply = silent(server)
        cells = [
            "%load_ext ocarbon_magic\nfrom ocarbon_magic.carbon.live.feed import _feeds",
            "%%carbon --live-intensity electricitymaps --zone FRA\nsum(range(10_000))",
            "print([feed.answered.is_set() for feed in _feeds.values()])",
        ]
        notebook = executed(cells, server, tmp_path)
        # the request is still open when the cell after it runs
        assert notebook.cells[2]["outputs"][0]["text"] == "[False]\n"
    record = record_of(notebook.cells[1])
    assert record["status"] == "finished"
    assert record["intensity"]["source"].startswith("Ember")
    assert any("had not answered when the run ended" in w for w in record["warnings"])


def test_an_unknown_source_is_answered_in_one_sentence(tmp_path):
    with serving() as server:
        cells = ["%load_ext ocarbon_magic", "%%carbon --live-intensity entose\n1"]
        notebook = executed(cells, server, tmp_path)
    (output,) = notebook.cells[1]["outputs"]
    said = output.get("text", "") + str(output.get("evalue", ""))
    assert "--live-intensity must be electricitymaps, gb, entsoe, watttime or none" in said
    assert "Traceback" not in said

"""A language pack for JupyterLab translates what the extension says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from conftest import Server
from live import PATIENT, notebook_of
from playwright.sync_api import expect
from test_extension import badge, measured, run

TEMPLATE = Path(__file__).parents[2] / "labextension" / "locale" / "ocarbon_magic.pot"
PACK = "jupyterlab_language_pack_eo"
DOMAIN = "ocarbon_magic"


def write_pack(folder):
    """An installed language pack in which a phrase is ⟦the phrase⟧."""
    with TEMPLATE.open("rb") as template:
        catalog = read_po(template, locale="eo")
    jed = {"": {"domain": DOMAIN, "language": "eo", "plural_forms": "nplurals=2; plural=(n != 1);"}}
    for message in catalog:
        forms = message.id if isinstance(message.id, tuple) else (message.id,)
        if forms[0]:
            said = [f"⟦{form}⟧" for form in forms]
            message.string = tuple(said) if message.pluralizable else said[0]
            jed["\x04".join([*filter(None, [message.context]), forms[0]])] = said
    messages = folder / PACK / "locale" / "eo" / "LC_MESSAGES"
    messages.mkdir(parents=True)
    (folder / PACK / "__init__.py").touch()
    (messages / f"{DOMAIN}.json").write_text(json.dumps(jed))
    (messages / "jupyterlab.json").write_text(json.dumps({"": {**jed[""], "domain": "jupyterlab"}}))
    with (messages / f"{DOMAIN}.mo").open("wb") as compiled:
        write_mo(compiled, catalog)
    info = folder / f"{PACK}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {PACK}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[jupyterlab.languagepack]\neo = {PACK}\n")


@pytest.fixture
def speaking(front_end, tmp_path):
    """A server whose JupyterLab is set to the made-up language."""
    packages = tmp_path / "packages"
    write_pack(packages)
    server = Server(tmp_path, front_end.labextension)
    server.env["PYTHONPATH"] = str(packages)
    server.set("translation-extension", "plugin", locale="eo")
    with server.running():
        yield server


def test_all_parts_speak_the_language_that_jupyterlab_is_set_to(page, speaking, complaints):
    notebook = notebook_of()
    notebook["cells"] = [measured()]
    speaking.put("rest.ipynb", notebook, trusted=True)
    page.goto(speaking.address("lab", "rest.ipynb"))
    expect(badge(page, 0)).to_have_accessible_name(
        "⟦609 mg emitted by the last run of this cell. Show it⟧", **PATIENT
    )
    expect(page.locator(".ocarbon-statusitem")).to_contain_text("⟦609 mg in 1 run⟧")
    expect(page.locator(".jp-Notebook .ocarbon-view")).to_contain_text("⟦Energy⟧")
    labels = page.evaluate(
        "() => ['measure-cell', 'estimate', 'show-panel', 'copy-report']"
        ".map((name) => jupyterapp.commands.label(`ocarbon:${name}`))"
    )
    assert labels == [
        "⟦Measure This Cell⟧",
        "⟦Estimate Before Running…⟧",
        "⟦Show Carbon Panel⟧",
        "⟦Copy Carbon Report⟧",
    ]
    page.locator(".jp-Dialog .jp-mod-reject").click()  # no, no kernel
    run(page, "ocarbon:show-panel")
    expect(page.locator("#ocarbon-sidebar")).to_contain_text("⟦Go to cell⟧")
    # Asked for by name: JupyterLab's server leaves its list of our settings as it is.
    schema = page.evaluate(
        "async () => (await jupyterapp.serviceManager.settings"
        ".fetch('ocarbon-magic:plugin')).schema"
    )
    assert schema["properties"]["zone"]["title"] == "⟦Default zone⟧"
    assert complaints() == []

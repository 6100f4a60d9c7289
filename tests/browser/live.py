"""Notebooks that are open in a page, with a real kernel behind them."""

from __future__ import annotations

import json

from labs import show
from nbformat import v4
from playwright.sync_api import expect

PATIENT = {"timeout": 60_000}
LOAD = "%load_ext ocarbon_magic"
SAVE = """() => {
    window.isSaved = false;
    jupyterapp.commands.execute("docmanager:save").then(() => { window.isSaved = true; });
}"""
AT_LEISURE = "time.sleep(0.02)"  # where a busy kernel would only slow the page down
RUN_MIME = "application/vnd.ocarbon.run+json"


def cell(work, options="", name="busy"):
    """A cell that works until the test has put a file there."""
    return (
        f"%%carbon --zone FRA --name {name} {options}\n"
        "import pathlib, time, numpy\n"
        "matrix = numpy.random.default_rng(0).random((400, 400))\n"
        "for step in range(2000):\n"
        f"    {work}\n"
        "    if pathlib.Path('enough').exists(): break\n"
    )


class LiveNotebook:
    """A notebook that is open in a page."""

    def __init__(self, page, server, app, name):
        self.page, self.server, self.name = page, server, name
        show(page, server, app, name)
        self.panel = page.locator(".jp-Notebook .ocarbon-view")  # and not the sidebar's
        self.status = self.panel.locator(".ocarbon-status")
        self.outputs = page.locator(".jp-Cell").nth(1).locator(".jp-OutputArea-output")

    def has_kernel(self):
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel"
            "?.status === 'idle'",
            **PATIENT,
        )

    def command(self, name):
        self.page.evaluate("(name) => jupyterapp.commands.execute(name)", name)

    def run(self):
        self.has_kernel()
        # Not awaited: it resolves when the cells have run.
        self.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")

    def save(self):
        # Looked for, since it is never done where JupyterLab first asks a question.
        self.page.evaluate(SAVE)
        self.page.wait_for_function("() => window.isSaved", **PATIENT)

    def saved_outputs(self):
        notebook = json.loads((self.server.root / self.name).read_text())
        return notebook["cells"][1]["outputs"]

    def let_finish(self):
        (self.server.root / "enough").touch()

    def moves(self):
        """Wait for two changes of the status, which tells the time."""
        for _ in range(2):
            before = self.status.first.inner_text()
            expect(self.status.first).not_to_have_text(before, **PATIENT)


def notebook_of(*cells):
    """A notebook file with these code cells."""
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return v4.new_notebook(cells=[v4.new_code_cell(c) for c in cells], metadata=metadata)

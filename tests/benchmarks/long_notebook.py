"""How a notebook of 300 cells, 100 of them measured, feels in JupyterLab with and without ours."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from nbformat import v4
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

import conftest
import sample_runs
from live import notebook_of

from ocarbon_magic.views import summary

CELLS = 300
EDITS = 100
PASSES = 5
BUILT = Path(__file__).parents[2] / "ocarbon_magic" / "static" / "labextension"

# One character at a time, each in a frame of its own, then through the notebook in 40 steps.
WORK = """async (edits) => {
    const { content } = jupyterapp.shell.currentWidget;
    const frame = () => new Promise((done) => requestAnimationFrame(() => done()));
    const spent = async (count, act) => {
        const began = performance.now();
        for (let k = 0; k < count; k += 1) {
            act(k);
            content.node.getBoundingClientRect();
            await frame();
        }
        return (performance.now() - began) / count;
    };
    const cell = content.model.cells.get(0);
    const typed = await spent(edits, (k) => cell.sharedModel.setSource(`x = ${k}`));
    const view = content.node.querySelector(".jp-WindowedPanel-outer") ?? content.node;
    const far = view.scrollHeight / 40;
    const scrolled = await spent(40, (k) => { view.scrollTop = k * far; });
    view.scrollTop = 0;
    return { typed, scrolled };
}"""


def main() -> None:
    """Measure and print."""
    notebook = notebook_of()
    notebook["cells"] = [cell(index) for index in range(CELLS)]
    browser = next(path for name in conftest.CHROMIUM_NAMES if (path := shutil.which(name)))
    figures = {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for way, extension in (("without", None), ("with", BUILT)):
            with tempfile.TemporaryDirectory() as home:
                server = conftest.Server(Path(home), extension)
                server.put("long.ipynb", notebook, trusted=True)
                with server.running():
                    page = chromium.new_page()
                    page.goto(server.address("lab", "long.ipynb"))
                    figures[way] = measure(page)
                    page.close()
        chromium.close()
    print(
        f"A notebook of {CELLS} cells in JupyterLab, ms a frame with and without our labextension"
    )
    for what, ours in figures["with"].items():
        bare = figures["without"][what]
        print(f"  {what:10} {ours:6.1f} {bare:6.1f}   ratio {ours / bare:.2f}   bar 1.2")


def cell(index: int) -> dict:
    """Every third was measured."""
    if index % 3 != 1:
        return v4.new_code_cell(f"x = {index}", id=f"c{index}")
    run = sample_runs.sample(id=f"run-{index}", name=f"run {index}")
    output = v4.new_output("display_data", data=summary.bundle(run))
    return v4.new_code_cell("%%carbon\ntrain()", id=f"c{index}", outputs=[output])


def measure(page: Page) -> dict[str, float]:
    """The medians of some passes, after one that warms up."""
    page.wait_for_function(
        "(count) => window.jupyterapp?.shell.currentWidget?.content?.widgets?.length === count",
        arg=CELLS,
        timeout=120_000,
    )
    page.locator(".jp-Dialog .jp-mod-reject").click()
    page.evaluate(WORK, EDITS)
    passes = [page.evaluate(WORK, EDITS) for _ in range(PASSES)]
    return {what: statistics.median(one[what] for one in passes) for what in passes[0]}

"""How a notebook of 300 cells, 100 of them measured, feels in JupyterLab with and without ours."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from nbformat import v4
from playwright.sync_api import Page, sync_playwright

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


def measure() -> dict[str, Any]:
    """Return milliseconds a frame with the labextension and without, passes in turn."""
    notebook = notebook_of()
    notebook["cells"] = [cell(index) for index in range(CELLS)]
    browser = next(path for name in conftest.CHROMIUM_NAMES if (path := shutil.which(name)))
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        stack.callback(chromium.close)
        pages = {}
        for way, extension in (("without", None), ("with", BUILT)):
            home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            server = conftest.Server(home, extension)
            server.put("long.ipynb", notebook, trusted=True)
            stack.enter_context(server.running())
            pages[way] = chromium.new_page()
            pages[way].goto(server.address("lab", "long.ipynb"))
            warm_up(pages[way])
        passes = [{way: work(page) for way, page in pages.items()} for _ in range(PASSES)]
    return {"cells": CELLS, "passes": PASSES, "work": _compared(passes)}


def lines(measured: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each kind of work."""
    yield (
        f"A notebook of {measured['cells']} cells in JupyterLab, ms a frame with and without "
        "our labextension"
    )
    for what, of in measured["work"].items():
        yield (
            f"  {what:10} {of['with_ms']:6.1f} {of['without_ms']:6.1f}   ratio {of['ratio']:.2f}"
        )


def _compared(passes: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    found = {}
    for what in passes[0]["with"]:
        ours, bare = (
            statistics.median(one[way][what] for one in passes) for way in ("with", "without")
        )
        found[what] = {"with_ms": ours, "without_ms": bare, "ratio": ours / bare}
    return found


def cell(index: int) -> dict:
    """Every third was measured."""
    if index % 3 != 1:
        return v4.new_code_cell(f"x = {index}", id=f"c{index}")
    run = sample_runs.sample(id=f"run-{index}", name=f"run {index}")
    output = v4.new_output("display_data", data=summary.bundle(run))
    return v4.new_code_cell("%%carbon\ntrain()", id=f"c{index}", outputs=[output])


def warm_up(page: Page) -> None:
    """Wait until all cells are there, and do the work once."""
    page.wait_for_function(
        "(count) => window.jupyterapp?.shell.currentWidget?.content?.widgets?.length === count",
        arg=CELLS,
        timeout=120_000,
    )
    page.locator(".jp-Dialog .jp-mod-reject").click()
    work(page)


def work(page: Page) -> dict[str, float]:
    """Do the work in the page that is seen."""
    page.bring_to_front()
    spent_ms: dict[str, float] = page.evaluate(WORK, EDITS)
    return spent_ms

"""Execute notebooks and save them with their outputs: `python notebooks/save.py quickstart ...`.

Without a name, all of them. A notebook that fails, or whose outputs tell of this machine, is left
as it was.
"""

# ruff: noqa: INP001, T201 - a folder of notebooks is no package; and it says what it does

from __future__ import annotations

import getpass
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbclient import NotebookClient

if TYPE_CHECKING:
    from nbformat import NotebookNode

HERE = Path(__file__).resolve().parent

_LONGEST_CELL_S = 1800
_SHORTEST_NAME = 5
"""A shorter name of a user or a machine stands in many a text by chance."""


def execute(notebook: NotebookNode) -> None:
    """Run the cells in this folder, with a journal that nobody else sees."""
    where = {"metadata": {"path": str(HERE)}}
    client = NotebookClient(notebook, timeout=_LONGEST_CELL_S, resources=where)
    with tempfile.TemporaryDirectory() as home:
        client.execute(env={**os.environ, "OCARBON_HOME": home})


def tidy(notebook: NotebookNode) -> None:
    """Take out when each cell ran, and join what a cell printed in pieces."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    whole: list[NotebookNode] = []
    for output in outputs:
        if whole and _of_one_stream(whole[-1], output):
            whole[-1].text += output.text
        else:
            whole.append(output)
    return whole


def _of_one_stream(first: NotebookNode, second: NotebookNode) -> bool:
    both_print = first.output_type == second.output_type == "stream"
    return both_print and bool(first.name == second.name)


def traces(text: str) -> list[str]:
    """Return what in a text tells of this machine or of who uses it."""
    names = [each for each in (platform.node(), getpass.getuser()) if len(each) >= _SHORTEST_NAME]
    places = [str(HERE.parent), str(Path.home()), tempfile.gettempdir()]
    return [each for each in (*names, *places) if each in text]


def save(path: Path) -> None:
    """Execute one notebook and save it.

    Raises
    ------
    CellExecutionError
        If a cell fails.
    ValueError
        If the outputs tell of this machine.
    """
    begin_s = time.monotonic()
    notebook = nbformat.read(path, as_version=4)
    execute(notebook)
    tidy(notebook)
    text = nbformat.writes(notebook)
    if found := traces(text):
        raise ValueError(f"{path.name} tells of this machine: {', '.join(found)}.")
    path.write_text(text + "\n", encoding="utf-8")
    print(f"{path.name}: {time.monotonic() - begin_s:.0f} s", flush=True)


if __name__ == "__main__":
    named = [HERE / f"{name}.ipynb" for name in sys.argv[1:]]
    for each in named or sorted(HERE.glob("*.ipynb")):
        save(each)

"""Execute the quickstart headless and say what it measured: `make demo`."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from ocarbon_magic.run import MIME_TYPE, Run
from ocarbon_magic.views.text import text

HERE = Path(__file__).resolve().parent
QUICKSTART = HERE / "quickstart.ipynb"


def execute(path: Path) -> list[Run]:
    """Execute the notebook and return the runs it displayed; the file is left as it is."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=600,
        resources={"metadata": {"path": str(HERE)}},
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [Run.from_dict(o.data[MIME_TYPE]) for o in outputs if MIME_TYPE in o.get("data", {})]


def main() -> int:
    """Train the quickstart's model under %%carbon and print the record's headline."""
    print(f"Training under %%carbon, for a minute or two: {QUICKSTART.name} ...", flush=True)
    try:
        runs = execute(QUICKSTART)
    except CellExecutionError as error:
        print(error, file=sys.stderr)
        return 1
    if not runs:
        print("The notebook ran, but no run was recorded.", file=sys.stderr)
        return 1
    print(text(runs[-1]))
    print("\nOpen it in JupyterLab:  .venv/bin/jupyter lab notebooks/quickstart.ipynb")
    return 0


if __name__ == "__main__":
    sys.exit(main())

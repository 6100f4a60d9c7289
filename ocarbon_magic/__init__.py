"""Measured power and CO2e of a training cell, under the cell.

In a notebook::

    %load_ext ocarbon_magic

    %%carbon --zone FRA
    for epoch in range(10):
        train(epoch)

In a script::

    import ocarbon_magic as oc

    with oc.measure("training", zone="FRA") as run:
        train()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from ocarbon_magic import throughput
    from ocarbon_magic.block import measure
    from ocarbon_magic.collection import Runs
    from ocarbon_magic.history import last_run, runs
    from ocarbon_magic.progress.tracker import track, update
    from ocarbon_magic.questions.advise import advise
    from ocarbon_magic.questions.compare import compare
    from ocarbon_magic.questions.estimate import estimate
    from ocarbon_magic.questions.export import export
    from ocarbon_magic.questions.report import report
    from ocarbon_magic.questions.whatif import whatif
    from ocarbon_magic.questions.when import when
    from ocarbon_magic.run import Run
    from ocarbon_magic.stopped import BudgetReached

__all__ = [
    "BudgetReached",
    "Run",
    "Runs",
    "advise",
    "compare",
    "estimate",
    "export",
    "last_run",
    "load_ipython_extension",
    "measure",
    "report",
    "runs",
    "throughput",
    "track",
    "unload_ipython_extension",
    "update",
    "whatif",
    "when",
]

_HOMES = {
    "BudgetReached": "ocarbon_magic.stopped",
    # Where they come with their looks.
    "Run": "ocarbon_magic.views",
    "Runs": "ocarbon_magic.views",
    "advise": "ocarbon_magic.questions.advise",
    "compare": "ocarbon_magic.questions.compare",
    "estimate": "ocarbon_magic.questions.estimate",
    "export": "ocarbon_magic.questions.export",
    "last_run": "ocarbon_magic.history",
    "measure": "ocarbon_magic.block",
    "report": "ocarbon_magic.questions.report",
    "runs": "ocarbon_magic.history",
    "track": "ocarbon_magic.progress.tracker",
    "update": "ocarbon_magic.progress.tracker",
    "whatif": "ocarbon_magic.questions.whatif",
    "when": "ocarbon_magic.questions.when",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the public name stands for
    """Import a public name when it is first asked for, so that importing us costs nothing."""
    import importlib  # noqa: PLC0415 - only on first use

    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("ocarbon_magic")
    if name == "throughput":
        return importlib.import_module("ocarbon_magic.throughput")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*(name for name in globals() if name.startswith("__")), *__all__, "__version__"})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Make ``%%carbon`` and ``%carbon`` known to ``shell`` (``%load_ext ocarbon_magic``)."""
    from ocarbon_magic.magics import load  # noqa: PLC0415 - importing us loads nothing

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take the magics out again; a cell being measured is measured to its end."""
    from ocarbon_magic.magics import unload  # noqa: PLC0415 - importing us loads nothing

    unload(shell)

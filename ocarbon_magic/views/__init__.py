"""What is seen. Importing this package tells runs how to show themselves, and how to be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocarbon_magic.collection import Runs
from ocarbon_magic.collection.totals import Totals
from ocarbon_magic.plotted import MissingMatplotlibError
from ocarbon_magic.run import Run

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import ModuleType


def _show(run: Run, include: Collection[str] | None) -> dict[str, Any]:
    from ocarbon_magic.views.summary import bundle  # noqa: PLC0415 - when first shown

    return bundle(run, include)


def _show_all(runs: Runs, include: Collection[str] | None) -> dict[str, Any]:
    from ocarbon_magic.views.listing import table_of  # noqa: PLC0415 - when first shown

    return table_of(runs).bundle(include)


def _show_totals(totals: Totals, include: Collection[str] | None) -> dict[str, Any]:
    from ocarbon_magic.views.totals import table_of  # noqa: PLC0415 - when first shown

    return table_of(totals).bundle(include)


def _plot(run: Run, **options: object) -> object:
    return _figures().plot_run(run, **options)


def _plot_all(runs: Runs, **options: object) -> object:
    return _figures().plot_runs(runs, **options)


def _figures() -> ModuleType:
    """Return what draws, if matplotlib is there."""
    try:
        import matplotlib.figure  # noqa: F401, PLC0415 - heavy, and not a dependency
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        raise MissingMatplotlibError(
            "Figures are drawn by matplotlib, which is not installed: "
            "pip install 'ocarbon_magic[figures]'."
        ) from None
    from ocarbon_magic.views import figures  # noqa: PLC0415 - imports matplotlib

    return figures


Run.render_with(_show)
Runs.render_with(_show_all)
Totals.render_with(_show_totals)
Run.plot_with(_plot)
Runs.plot_with(_plot_all)

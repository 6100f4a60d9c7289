"""Objects that can be drawn as figures, and that do not know how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocarbon_magic.errors import OneSentence

if TYPE_CHECKING:
    from collections.abc import Callable

    Plotter = Callable[..., Any]

_plotters: dict[type, Plotter] = {}


class MissingMatplotlibError(OneSentence, ImportError):
    """Figures need matplotlib, which is not installed."""


class PlotError(OneSentence, ValueError):
    """There is nothing to draw, or it cannot be drawn as asked."""


class Plotted:
    """Drawn by whoever offered to plot its class: figures are made above what they show."""

    __slots__ = ()

    @classmethod
    def plot_with(cls, plotter: Plotter) -> None:
        """Have objects of this class drawn by ``plotter``, which takes one and the options."""
        _plotters[cls] = plotter

    def _plotted(self, **options: object) -> Any:  # noqa: ANN401 - a Figure, or the Axes given
        return _plotters[type(self)](self, **options)

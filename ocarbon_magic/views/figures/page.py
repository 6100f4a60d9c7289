"""A figure that keeps its looks: however it is shown or saved, it is drawn in our style."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from ocarbon_magic.views.figures.style import style

if TYPE_CHECKING:
    from collections.abc import Collection

    from matplotlib.backend_bases import RendererBase

_SCREEN_DPI = 100
_DENSITY = 2
"""Pixels of the picture to one of the screen, which may be dense."""


class Page(Figure):
    """A figure of ours, which `matplotlib.pyplot` does not know of.

    Parameters
    ----------
    size_in : tuple of float
        Width and height in inches.
    title, description : str
        What it shows, in words: kept in files whose format has a place for it, and read out
        where the figure is not seen.
    """

    def __init__(self, size_in: tuple[float, float], title: str, description: str) -> None:
        self.style = style()
        self.title, self.description = title, description
        with mpl.rc_context(self.style):
            super().__init__(figsize=size_in, dpi=_SCREEN_DPI, layout="constrained")

    def draw(self, renderer: RendererBase) -> None:
        """Draw in our style: what is made on drawing, as tick labels are, takes it from there."""
        with mpl.rc_context(self.style):
            super().draw(renderer)

    def savefig(self, fname: Any, **options: Any) -> None:  # noqa: ANN401 - as matplotlib has it
        """Save as `matplotlib.figure.Figure.savefig` does, with text as text and what it shows."""
        with mpl.rc_context(self.style):
            about = self._about(options.get("format") or _suffix(fname))
            options["metadata"] = {**about, **(options.get("metadata") or {})} or None
            super().savefig(fname, **options)

    def _about(self, form: str) -> dict[str, str]:
        """Return what is said of the figure in a file of a format, by the format's own keys."""
        known = {
            "png": {"Title": self.title, "Description": self.description},
            "pdf": {"Title": self.title, "Subject": self.description, "Creator": "ocarbon_magic"},
            "svg": {"Title": self.title, "Description": self.description},
            "ps": {"Creator": "ocarbon_magic"},
        }
        return known.get({"svgz": "svg", "eps": "ps"}.get(form, form), {})

    def _repr_mimebundle_(
        self,
        include: Collection[str] | None = None,  # noqa: ARG002 - IPython's protocol; it filters
        exclude: Collection[str] | None = None,  # noqa: ARG002
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the picture, once, whether or not pyplot has a say in this notebook."""
        picture = io.BytesIO()
        self.savefig(picture, format="png", dpi=_DENSITY * _SCREEN_DPI)
        width_in, height_in = self.get_size_inches()
        seen = {
            "width": round(width_in * _SCREEN_DPI),
            "height": round(height_in * _SCREEN_DPI),
            "alt": self.description,
        }
        forms = {"image/png": picture.getvalue(), "text/plain": self.description}
        return forms, {"image/png": seen}


def _suffix(fname: object) -> str:
    """Return the format that a file's name asks for."""
    if isinstance(fname, str | os.PathLike):
        suffix = os.path.splitext(os.fspath(fname))[1]  # noqa: PTH122 - the name may be bytes
        form = os.fsdecode(suffix).lower().removeprefix(".")
        if form:
            return form
    return str(mpl.rcParams["savefig.format"])

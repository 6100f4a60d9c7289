"""Objects that people look at, and that do not know how they look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    Renderer = Callable[[Any, Collection[str] | None], dict[str, Any]]

_renderers: dict[type, Renderer] = {}


class Shown:
    """Shown by IPython and by `str` as whoever offered to render its class has it.

    What holds figures lies below the views and must not import them, so they come to it.
    """

    __slots__ = ()

    @classmethod
    def render_with(cls, renderer: Renderer) -> None:
        """Have objects of this class shown by ``renderer``; without one, their fields are.

        It takes an object and the MIME types asked for, None for all, and gives a bundle.
        """
        _renderers[cls] = renderer

    def __str__(self) -> str:
        shown = self._repr_mimebundle_(include=("text/plain",))
        return str(shown.get("text/plain", repr(self)))

    def _repr_mimebundle_(
        self,
        include: Collection[str] | None = None,
        exclude: Collection[str] | None = None,  # noqa: ARG002 - IPython's protocol; it filters
    ) -> dict[str, Any]:
        render = _renderers.get(type(self))
        return {} if render is None else render(self, include)

"""A run as a MIME bundle: text, static HTML, and the record itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocarbon_magic.run import MIME_TYPE, Run
from ocarbon_magic.views.html import html
from ocarbon_magic.views.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["bundle", "html", "text"]

_FORMS: dict[str, Callable[[Run], Any]] = {
    "text/plain": text,
    "text/html": html,
    MIME_TYPE: Run.to_dict,
}


def bundle(run: Run, include: Collection[str] | None = None) -> dict[str, Any]:
    """Return ``run`` in the MIME types of ``include``, or in all three."""
    return {mime: form(run) for mime, form in _FORMS.items() if not include or mime in include}

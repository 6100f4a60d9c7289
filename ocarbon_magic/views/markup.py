"""Pieces of HTML that front ends let through: inline styles, and text escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocarbon_magic.units import Amount

HAIRLINE = "1px solid #80808059"
MUTED = "opacity:0.8"

NO_FORMULAS = 'class="mathjax_ignore tex2jax_ignore"'
"""Has front ends that set formulas in outputs leave the dollars in a name alone."""


def tag(name: str, style: str, *content: str, about: str = "") -> str:
    """Return an element of HTML ``content``; ``about`` is further attributes, as they are."""
    return f'<{name}{about and f" {about}"} style="{style}">{"".join(content)}</{name}>'


def text(said: str) -> str:
    """Return text as HTML, with a percentage on one line and the 2 of CO2 lowered."""
    safe = escape(said, quote=False).replace(" %", "\N{NO-BREAK SPACE}%")
    return safe.replace("CO2e", 'CO<sub style="line-height:0">2</sub>e')


def whole(amount: Amount | str) -> str:
    """Return an amount that no narrow column breaks between number and unit."""
    return text(str(amount).replace(" ", "\N{NO-BREAK SPACE}"))


def details(summary: str, content: str) -> str:
    """Return HTML that is folded away below its summary, which is HTML too."""
    return tag("details", "margin-top:10px", tag("summary", "cursor:pointer", summary), content)

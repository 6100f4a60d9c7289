"""What a run is called when nobody named it."""

from __future__ import annotations

import ast

from ocarbon_magic.progress.loops.rewrite import header

_LONGEST = 60


def name_of(source: str) -> str:
    """Return the cell's first comment, else its first loop, else ``"cell"``.

    Parameters
    ----------
    source : str
        The cell below its magics; it need not be plain Python.
    """
    for line in source.splitlines():
        text = line.strip()
        if text.startswith("#") and text.strip("#!%- "):
            return _short(text.strip("#!%- "))
        if text:
            break
    return _short(_first_loop(source) or "cell")


def _first_loop(source: str) -> str | None:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    loops = [n for n in ast.walk(tree) if isinstance(n, ast.For | ast.AsyncFor | ast.While)]
    return header(min(loops, key=lambda loop: loop.lineno)) if loops else None


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"

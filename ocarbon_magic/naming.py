"""What a run is called when nobody named it."""

from __future__ import annotations

import ast

from ocarbon_magic.lines import shortened
from ocarbon_magic.progress.loops.rewrite import LONGEST_LABEL, header
from ocarbon_magic.progress.loops.syntax import Loop


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
            return shortened(text.strip("#!%- "), LONGEST_LABEL)
        if text:
            break
    return _first_loop(source) or "cell"


def _first_loop(source: str) -> str | None:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    loops = [n for n in ast.walk(tree) if isinstance(n, Loop)]
    return header(min(loops, key=lambda loop: loop.lineno)) if loops else None

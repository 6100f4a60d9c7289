"""Figures that stand in README.md, CONTRIBUTING.md and docs, between two marks.

    <!-- benchmark: NAME -->
    ...
    <!-- /benchmark -->

holds what `tables.py` makes of the results. A figure in a sentence has its marks on its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from benchmarks import tables
from benchmarks.results import Results

ROOT = Path(__file__).parents[2]
DOCUMENTS = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md")))
OPENS = re.compile(r"<!-- benchmark: ([a-z0-9-]+) -->")
CLOSES = "<!-- /benchmark -->"


class MarkerError(ValueError):
    """Marks that cannot be followed, with the name of what stands between them."""


def names(text: str) -> list[str]:
    """Return the names of the blocks of a document, in their order."""
    return OPENS.findall(text)


def renewed(text: str, block: Callable[[str], str]) -> str:
    """Return a document with each block as ``block`` makes it by its name.

    Raises
    ------
    MarkerError
        If a mark is not closed, a name is not known, or a figure in a sentence begins a line,
        where Markdown takes the mark for HTML that ends the sentence.
    """
    done, rest = "", text
    while opening := OPENS.search(rest):
        name = opening[1]
        between, closes, after = rest[opening.end() :].partition(CLOSES)
        if not closes or OPENS.search(between):
            raise MarkerError(f"{opening[0]} is not closed by {CLOSES}.")
        if name not in tables.BLOCKS:
            raise MarkerError(f"{name!r} is none of the blocks: {', '.join(tables.BLOCKS)}.")
        before = rest[: opening.start()]
        said = block(name)
        begins_line = (done + before).rpartition("\n")[2].strip() == ""
        if "\n" in said:
            said = f"\n{said}\n"
        elif begins_line:
            raise MarkerError(f"{opening[0]} begins a line: put a word of its sentence before it.")
        done += before + opening[0] + said + CLOSES
        rest = after
    return done + rest


def renew(path: Path, results: Results) -> bool:
    """Renew the blocks of a file; return whether they have changed."""
    old = path.read_text(encoding="utf-8")
    new = renewed(old, lambda name: tables.BLOCKS[name](results))
    if new != old:
        path.write_text(new, encoding="utf-8")
    return new != old

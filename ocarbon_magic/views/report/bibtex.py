"""The works a report cites, as BibTeX entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.views.report.latex import escape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.views.report.sources import Source

_URL = "@preamble{ {\\providecommand{\\url}[1]{\\texttt{#1}}} }\n"
"""So that the addresses are set without the package url, too."""


def bibtex(sources: Iterable[Source]) -> str:
    """Return an entry for each source, in the order in which they are cited."""
    entries = "\n".join(map(_entry, sources))
    return f"{_URL}\n{entries}"


def _entry(source: Source) -> str:
    kind = "article" if source.arxiv is not None else "misc"
    authors = " and ".join(source.authors)
    # A body's name, and a title with its capitals, stay as they are within second braces.
    fields = {
        "author": f"{{{escape(authors)}}}" if source.body else escape(authors),
        "key": "" if source.authors else source.key,  # to be sorted by
        "title": f"{{{escape(source.title)}}}",
        "year": source.year,
        "journal": f"arXiv preprint arXiv:{source.arxiv}" if source.arxiv else "",
        "howpublished": f"\\url{{{source.where}}}" if source.where and not source.arxiv else "",
        "note": escape(source.note),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value.strip("{}")]
    return "\n".join([f"@{kind}{{{source.key},", *lines, "}"]) + "\n"

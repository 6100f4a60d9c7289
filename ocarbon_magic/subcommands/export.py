"""`%carbon export`: runs as a file that others read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.journal.export.formats import FORMATS
from ocarbon_magic.options import Option, any_text, one_of, read_words
from ocarbon_magic.questions.export import export
from ocarbon_magic.subcommands.named import runs_called

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.exported import Export

OPTIONS: dict[str, Option] = {
    option.name: option
    for option in (
        Option(
            "format",
            one_of(*FORMATS),
            "FORMAT",
            "codecarbon, csv, json, jsonl, openmetrics or parquet (default: by the file's name)",
            choices=tuple(FORMATS),
        ),
        Option("since", any_text("a day such as 2026-03-01"), "DAY", "only runs since then"),
        Option("overwrite", bool, None, "replace a file that is not an export of ours, too"),
    )
}


def answer(words: Sequence[str]) -> Export:
    """Return what was exported: ``PATH`` or ``-``, then the runs, all for none.

    Raises
    ------
    ValueError
        If no file is named, a run is not known, or the file cannot be written.
    """
    said, left = read_words(words, OPTIONS)
    if not left:
        raise ValueError("name a file, as in runs.csv, or - for text.")
    path, *names = left
    return export(path, runs_called(names), **said)

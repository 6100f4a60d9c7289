"""`%carbon report`: what a paper, or a model card, says of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.options import Option, any_text, one_of, read_words
from ocarbon_magic.questions.report import report
from ocarbon_magic.subcommands.named import runs_called
from ocarbon_magic.views.report.cards import TRAININGS
from ocarbon_magic.views.report.result import FORMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.views.report.result import Report

OPTIONS: dict[str, Option] = {
    option.name: option
    for option in (
        Option(
            "format",
            one_of(*FORMS),
            "FORMAT",
            "markdown (default), latex (for a .tex file), text (for a .txt file) or model-card",
            choices=FORMS,
        ),
        Option("path", any_text("a file"), "FILE", "save it to a file, too"),
        Option(
            "training_type",
            one_of(*TRAININGS),
            "TYPE",
            "pre-training or fine-tuning, for a model card",
            choices=TRAININGS,
        ),
        Option("overwrite", bool, None, "replace a file that is not a report of ours, too"),
    )
}


def answer(words: Sequence[str]) -> Report:
    """Return the report on the runs named, on the last one for none.

    Raises
    ------
    ValueError
        If a run is not known, an option is wrong, or the file cannot be written.
    """
    said, names = read_words(words, OPTIONS)
    return report(runs_called(names) if names else None, **said)

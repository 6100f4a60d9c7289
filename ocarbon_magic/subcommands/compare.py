"""`%carbon compare`: runs side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ocarbon_magic.options import Option, any_text, one_of, read_words
from ocarbon_magic.questions.compare import compare
from ocarbon_magic.subcommands.named import runs_called

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.planning.comparison.result import Comparison


def _positive(value: object) -> float:
    try:
        number = float(str(value).replace(",", ""))
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise ValueError("a number above 0")
    return number


OPTIONS: dict[str, Option] = {
    option.name: option
    for option in (
        Option(
            "per",
            any_text("a unit of work, as in --per sample, or point"),
            "UNIT",
            "tell emissions for each sample, step, epoch, point of the metric, or other unit",
            choices=("sample", "step", "epoch", "point"),
        ),
        Option(
            "functional_unit",
            any_text("what is counted, as in 'trained model' or '1,000 samples'"),
            "TEXT",
            "score by Software Carbon Intensity (ISO/IEC 21031) for each of these",
        ),
        Option("units", _positive, "N", "how many functional units each run delivered"),
        Option("metric", any_text("an expression of --metric"), "EXPR", "the metric to compare"),
        Option(
            "better",
            one_of("higher", "lower"),
            "HOW",
            "which metrics are better; told by the name without it",
            choices=("higher", "lower"),
        ),
        Option("plot", bool, None, "show the figure, too: the metric against the emissions"),
    )
}


def answer(words: Sequence[str]) -> Comparison:
    """Return the runs that the words call side by side, or those like the newest.

    Raises
    ------
    ValueError
        If a word calls no run, or there is nothing to compare as asked.
    """
    said, names = read_words(words, OPTIONS)
    plot = said.pop("plot", False)
    comparison = compare(runs_called(names) if names else None, **said)
    if plot:
        from IPython.display import display  # noqa: PLC0415 - only where it is asked for

        display(comparison.plot())  # type: ignore[no-untyped-call] # IPython's
    return comparison

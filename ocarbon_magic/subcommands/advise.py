"""`%carbon advise`: what would save emissions, from a run's own figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.options import Option, no_more, read_words
from ocarbon_magic.questions.advise import advise
from ocarbon_magic.subcommands.named import LAST, run_called

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.planning.advice.measure import Advice

OPTIONS: dict[str, Option] = {}


def words() -> list[str]:
    """Return what the tab key offers."""
    return [LAST]


def answer(typed: Sequence[str]) -> Advice:
    """Return the advice for ``RUN``, the last one for none.

    Raises
    ------
    ValueError
        If there is no such run.
    """
    _, left = read_words(typed, OPTIONS)
    no_more(left[1:], OPTIONS)
    return advise(run_called(left[0] if left else LAST, "RUN"))

"""`%carbon when`: when to start, by a publisher's forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import config
from ocarbon_magic.options import Option, no_more, read_words
from ocarbon_magic.questions.when import when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.planning.starts import Starts

OPTIONS: dict[str, Option] = {name: config.OPTIONS[name] for name in ("zone", "live_intensity")}


def answer(typed: Sequence[str]) -> Starts:
    """Return when to start a job of ``DURATION``, of the last run's without one.

    Raises
    ------
    ValueError
        If nobody to ask is named, or they have no forecast that is long enough.
    """
    said, left = read_words(typed, OPTIONS)
    no_more(left[1:], OPTIONS)
    return when(left[0] if left else None, **said)

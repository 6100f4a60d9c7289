"""`%carbon runs`: the runs that were kept, or what they took together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import history
from ocarbon_magic.collection.totals import BY
from ocarbon_magic.collection.wanted import SCOPES, STATUSES
from ocarbon_magic.options import Option, OptionError, any_text, one_of, read_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.collection import Runs
    from ocarbon_magic.collection.totals import Totals

_TIME = any_text("a day such as 2026-03-01, a month such as 2026-03, today or yesterday")
_DAYS = ("today", "yesterday")

OPTIONS: dict[str, Option] = {
    option.name: option
    for option in (
        Option("day", _TIME, "DAY", "started on that day, or in that month", choices=_DAYS),
        Option("since", _TIME, "DAY", "started then or later", choices=_DAYS),
        Option("until", _TIME, "DAY", "started by the end of that day", choices=_DAYS),
        Option("notebook", any_text("a file"), "FILE", "of that notebook or script"),
        Option("project", any_text("a project"), "TEXT", "of that project"),
        Option("zone", any_text("a zone"), "ZONE", "measured there"),
        Option("device", any_text("a device"), "TEXT", "on a device whose name holds that"),
        Option("status", one_of(*STATUSES), "STATUS", "that ended so", choices=STATUSES),
        Option("scope", one_of(*SCOPES), "SCOPE", "with such an intensity", choices=SCOPES),
        Option("metric", any_text("an expression"), "EXPR", "measured with that --metric"),
        Option("user", any_text("a person"), "TEXT", "of that person"),
        Option("totals", one_of(*BY), "BY", "what they took together, per day, ...", choices=BY),
    )
}


def answer(words: Sequence[str]) -> Runs | Totals:
    """Return the runs that are as the options say, newest first, or their totals.

    Words that are no options are a run's name, in which ``*`` and ``?`` stand for anything.

    Raises
    ------
    ValueError
        If an option is wrong.
    """
    said, name = read_words(words, OPTIONS)
    by = said.pop("totals", None)
    if name and any("=" in word for word in name):
        raise OptionError(f"unknown option {name[0]}: known: {', '.join(OPTIONS)}.")
    found = history.runs(name=" ".join(name) or None, **said)
    return found if by is None else found.totals(by)

"""`%carbon status`: the last run of this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.history import last_run
from ocarbon_magic.options import no_more
from ocarbon_magic.views.answers import nothing_measured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.options import Option
    from ocarbon_magic.run import Run
    from ocarbon_magic.views.table import Table

OPTIONS: dict[str, Option] = {}


def answer(words: Sequence[str]) -> Run | Table:
    """Return the last run of this process, or what to type to make one."""
    no_more(words, OPTIONS)
    run = last_run()
    return run if run is not None else nothing_measured()

"""`%carbon doctor`: what can be measured here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ocarbon_magic.config import resolve
from ocarbon_magic.meters.discover import discover
from ocarbon_magic.options import no_more
from ocarbon_magic.shells import configuration, current_shell
from ocarbon_magic.site import site_of
from ocarbon_magic.views.answers import diagnosis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.options import Option
    from ocarbon_magic.views.table import Table

OPTIONS: dict[str, Option] = {}


def answer(words: Sequence[str]) -> Table:
    """Return what can be measured on this machine, what cannot, and the remedy."""
    no_more(words, OPTIONS)
    settings, _ = resolve({}, configuration(current_shell()), os.environ)
    return diagnosis(discover("all").survey(), site_of(settings))

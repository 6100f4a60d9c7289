"""`%carbon zone`: what a kilowatt-hour means somewhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ocarbon_magic.carbon.intensity import all_codes as words
from ocarbon_magic.config import resolve
from ocarbon_magic.shells import configuration, current_shell
from ocarbon_magic.site import site_of
from ocarbon_magic.views.answers import grid_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.options import Option
    from ocarbon_magic.views.table import Table

__all__ = ["OPTIONS", "answer", "words"]

OPTIONS: dict[str, Option] = {}


def answer(typed: Sequence[str]) -> Table:
    """Return the intensity of the zone named, else of the zone a run would take here.

    Raises
    ------
    ValueError
        If the zone is unknown.
    """
    said = {"zone": " ".join(typed)} if typed else {}
    settings, warnings = resolve(said, configuration(current_shell()), os.environ)
    return grid_of(site_of(settings), warnings)

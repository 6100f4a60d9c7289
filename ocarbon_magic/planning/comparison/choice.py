"""Which of the runs there are can stand beside the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.collection import Runs
from ocarbon_magic.planning.comparison.obstacle import obstacle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.run import Run

MOST = 8
"""Runs that are set side by side where nobody named any."""


def like_the_newest(runs: Sequence[Run]) -> Runs:
    """Return the newest run and those before it whose emissions compare with its, oldest first.

    Parameters
    ----------
    runs : sequence of Run
        Newest first.
    """
    if not runs:
        return Runs()
    newest, *others = runs
    alike = [run for run in others if obstacle([newest, run]) is None]
    return Runs(reversed([newest, *alike[: MOST - 1]]))

"""`%carbon runs`: finished runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import history

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.collection import Runs
    from ocarbon_magic.options import Option

OPTIONS: dict[str, Option] = {}


def answer(words: Sequence[str]) -> Runs:
    """Return the finished runs of this process, or those called so, newest first."""
    return history.runs(name=" ".join(words) or None)

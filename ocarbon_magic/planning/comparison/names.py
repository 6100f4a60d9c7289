"""What runs are called beside each other."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ocarbon_magic.moments import moment_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.run import Run


def told_apart(runs: Sequence[Run]) -> list[str]:
    """Return the runs' names, with their start where these are the same, else their ids."""
    names = _where_same([run.name for run in runs], [_start(run) for run in runs])
    return _where_same(names, [run.id[:8] for run in runs])


def _where_same(names: Sequence[str], more: Sequence[str]) -> list[str]:
    count = Counter(names)
    pairs = zip(names, more, strict=True)
    return [f"{name} ({also})" if count[name] > 1 else name for name, also in pairs]


def _start(run: Run) -> str:
    start = moment_of(run.started_at)
    return run.started_at if start is None else f"{start:%Y-%m-%d %H:%M}"

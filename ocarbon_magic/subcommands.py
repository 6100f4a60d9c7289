"""What `%carbon` answers: an object with a rich display for each subcommand."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from IPython.core.error import UsageError

from ocarbon_magic.config import resolve, unknown_name
from ocarbon_magic.measurement import last_run
from ocarbon_magic.meters.discover import discover
from ocarbon_magic.shells import configuration, current_shell
from ocarbon_magic.site import site_of
from ocarbon_magic.views.answers import diagnosis, grid_of, nothing_measured

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.run import Run
    from ocarbon_magic.views.table import Table


def answer(line: str) -> Run | Table:
    """Return what the subcommand on a ``%carbon`` line answers.

    Raises
    ------
    UsageError
        If there is no such subcommand, or its argument is wrong.
    """
    try:
        name, *arguments = shlex.split(line) or ["status"]
    except ValueError:
        raise UsageError("%carbon: a quotation mark is not closed.") from None
    if name not in SUBCOMMANDS:
        raise UsageError(f"%carbon: {unknown_name('subcommand', name, list(SUBCOMMANDS))}")
    try:
        return SUBCOMMANDS[name](arguments)
    except ValueError as error:
        raise UsageError(f"%carbon {name}: {error}") from None


def status(arguments: list[str]) -> Run | Table:
    """Return the last run of this process, or what to type to make one."""
    _no_more(arguments)
    run = last_run()
    return run if run is not None else nothing_measured()


def doctor(arguments: list[str]) -> Table:
    """Return what can be measured on this machine, what cannot, and the remedy."""
    _no_more(arguments)
    settings, _ = resolve({}, configuration(current_shell()), os.environ)
    return diagnosis(discover("all").survey(), site_of(settings))


def zone(arguments: list[str]) -> Table:
    """Return the intensity of the zone named, else of the zone a run would take here.

    Raises
    ------
    ValueError
        If the zone is unknown.
    """
    shell = current_shell()
    said = {"zone": " ".join(arguments)} if arguments else {}
    settings, warnings = resolve(said, configuration(shell), os.environ)
    return grid_of(site_of(settings), warnings)


def _no_more(arguments: list[str]) -> None:
    if arguments:
        raise ValueError(f"takes nothing more, not {' '.join(arguments)!r}.")


SUBCOMMANDS: dict[str, Callable[[list[str]], Run | Table]] = {
    "status": status,
    "doctor": doctor,
    "zone": zone,
}

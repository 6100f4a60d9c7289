"""What `%carbon` answers: an object with a rich display for each subcommand."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from ocarbon_magic.config import resolve, unknown_name
from ocarbon_magic.history import last_run
from ocarbon_magic.history import runs as kept_runs
from ocarbon_magic.meters.discover import discover
from ocarbon_magic.shells import configuration, current_shell
from ocarbon_magic.site import site_of
from ocarbon_magic.views.answers import diagnosis, grid_of, nothing_measured

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.collection import Runs
    from ocarbon_magic.planning.result import Estimate
    from ocarbon_magic.run import Run
    from ocarbon_magic.views.table import Table

    Answer = Run | Runs | Table | Estimate

LAST = "last"
"""What ``--from`` calls the last run of this process."""

_ESTIMATE_USAGE = (
    "say the work and the device, as in --params 7B --tokens 2T --device A100 --count 8 "
    "--zone FRA, or, after a measured run, its whole work, as in --total 50000."
)


def answer(line: str) -> Answer:
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


def runs(arguments: list[str]) -> Runs:
    """Return the finished runs of this process, or those called so, newest first."""
    return kept_runs(name=" ".join(arguments) or None)


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


def estimate(arguments: list[str]) -> Estimate:
    """Return what a training will take: a planned one, or the whole of one that was probed.

    Raises
    ------
    ValueError
        If the words of the line say no plan, or one that cannot be.
    """
    from ocarbon_magic import estimating  # noqa: PLC0415 - when first asked
    from ocarbon_magic.planning.plan import read_words  # noqa: PLC0415

    if not arguments:
        raise ValueError(_ESTIMATE_USAGE)
    said: dict[str, Any] = read_words(arguments)
    if "run" in said:
        said["run"] = _run_called(said["run"])
    return estimating.estimate(**said)


def _run_called(name: str) -> Run:
    """Return the last run, or the one that ``--save`` bound to ``name``."""
    from ocarbon_magic.run import Run  # noqa: PLC0415

    shell = current_shell()
    run = last_run() if name == LAST else shell and shell.user_ns.get(name)
    if isinstance(run, Run):
        return run
    if name == LAST:
        raise ValueError("nothing has been measured yet: run some steps under %%carbon first.")
    raise ValueError(f"--from must be {LAST}, or what --save called a run, not {name!r}.")


def _no_more(arguments: list[str]) -> None:
    if arguments:
        raise ValueError(f"takes nothing more, not {' '.join(arguments)!r}.")


SUBCOMMANDS: dict[str, Callable[[list[str]], Answer]] = {
    "status": status,
    "doctor": doctor,
    "estimate": estimate,
    "runs": runs,
    "zone": zone,
}

"""How a block of code is measured: `oc.measure`, in scripts and tests."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ocarbon_magic.config import resolve
from ocarbon_magic.measurement import Measurement, Surroundings
from ocarbon_magic.moments import utc_now
from ocarbon_magic.options import OptionError
from ocarbon_magic.ranks.rank import measured_by_another
from ocarbon_magic.recorder import Recorder
from ocarbon_magic.shells import configuration, current_shell, status_of
from ocarbon_magic.stopped import end_scripts_in_one_line
from ocarbon_magic.views.inline import display_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocarbon_magic.config import Settings
    from ocarbon_magic.run import Run


@contextmanager
def measure(name: str | None = None, **options: object) -> Iterator[Run]:
    """Measure the energy and the emissions of a block of code.

    In a process with a local rank above 0, as torchrun and its like start several on a machine,
    nothing is measured: local rank 0 measures the machine for all of them.

    Parameters
    ----------
    name : str, optional
        What to call the run.
    **options
        The options of ``%%carbon``, with underscores for dashes: ``zone``, ``intensity``,
        ``live_intensity``, ``pue``, ``embodied``, ``lifetime``, ``total``, ``unit``,
        ``flop_per_unit``, ``forecast``, ``no_flop``, ``devices``, ``interval``, ``cluster``
        (True, a client, a cluster or a view), ``budget``, ``stop_at_budget``, ``metric``,
        ``project``, ``no_journal``, ``no_panel``, ``quiet``, ``metrics_port``,
        ``metrics_file``, ``otel``.

    Yields
    ------
    Run
        The run in the making; finished when the block is left.

    Raises
    ------
    OptionError
        If an option is unknown or has a value it cannot have.
    ValueError
        If the zone or a device does not exist.
    BudgetReached
        If the emissions reach the budget, with ``stop_at_budget``: raised in the block, as a
        `KeyboardInterrupt` that is caught and cleaned up after as any other.

    Examples
    --------
    >>> import ocarbon_magic as oc
    >>> with oc.measure("sum", zone="FRA", quiet=True) as run:
    ...     total = sum(range(1_000_000))
    >>> run.status
    'finished'
    """
    if options.pop("save", None) is not None:
        raise OptionError("save belongs to %%carbon: here, name the run with `as`.")
    shell = current_shell()
    settings, warnings = resolve({"name": name, **options}, configuration(shell), os.environ)
    if (who := measured_by_another(os.environ)) is not None:
        yield from _unmeasured(settings, who)
        return
    caller = sys._getframe(2)  # noqa: SLF001 - past contextlib, to the block being measured

    def evaluate(expression: str) -> object:
        return eval(expression, caller.f_globals, caller.f_locals)  # noqa: S307 - the user's own

    display = display_for(shell, quiet=settings.quiet, live=not settings.no_panel)
    names = {**caller.f_globals, **caller.f_locals} if settings.cluster is not None else {}
    here = Surroundings(display, evaluate, {}, names=names)
    measurement = Measurement(settings, "run", warnings, here)
    measurement.begin()
    try:
        yield measurement.run
    except BaseException as error:
        measurement.end(status_of(error))
        reached = measurement.reached(error)
        if reached is None:
            raise
        end_scripts_in_one_line()
        raise reached from None
    measurement.end("finished")
    if measurement.interrupted:
        raise KeyboardInterrupt


def _unmeasured(settings: Settings, who: str) -> Iterator[Run]:
    """Yield a run in which nothing is measured, and which is neither shown nor kept.

    Of several processes that train together on one machine, each would measure the same devices;
    ``who`` is how this one is called. Raises as `measure` does where the zone does not exist.
    """
    run = Recorder(settings, settings.name or "run").run
    run.warnings.append(
        f"Nothing is measured in {who}: local rank 0 measures this machine for the whole launch."
    )
    began_s = time.monotonic()
    try:
        yield run
    except BaseException as error:
        run.status = status_of(error)
        raise
    else:
        run.status = "finished"
    finally:
        run.duration_s = time.monotonic() - began_s
        run.ended_at = utc_now()

"""One measurement from begin to end: the recorder, what is shown, and the run it leaves."""

from __future__ import annotations

import math
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ocarbon_magic.config import OptionError, resolve
from ocarbon_magic.recorder import Recorder
from ocarbon_magic.run import Metric, Run
from ocarbon_magic.shells import configuration, current_shell, status_of
from ocarbon_magic.views.inline import display_for

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator, MutableMapping

    from ocarbon_magic.config import Settings
    from ocarbon_magic.run import Status
    from ocarbon_magic.views.inline import Display

_last: Run | None = None


def last_run() -> Run | None:
    """Return the last finished run of this process, or None."""
    return _last


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the measured code runs.

    Attributes
    ----------
    display : Display
        Where the run is shown.
    evaluate : callable
        Evaluates the metric's expression where the measured code ran.
    namespace : mutable mapping
        Where ``--save`` binds the finished run.
    flags : int
        Compiler flags of the measured code.
    """

    display: Display
    evaluate: Callable[[str], object]
    namespace: MutableMapping[str, object]
    flags: int = 0


class Measurement:
    """A run being measured, with its display.

    Parameters
    ----------
    settings : Settings
    name : str
        What the run is called where the settings give no name.
    warnings : list of str
        Lines to be kept with the run.
    surroundings : Surroundings

    Raises
    ------
    ValueError
        If the zone of the settings does not exist; nothing was started.
    """

    def __init__(
        self,
        settings: Settings,
        name: str,
        warnings: list[str],
        surroundings: Surroundings,
    ) -> None:
        self._settings = settings
        self._surroundings = surroundings
        self._interrupted = False
        self._recorder = Recorder(settings, settings.name or name)
        for line in warnings:
            self._recorder.warn(line)

    @property
    def run(self) -> Run:
        """The run in the making; it is the same object when it is finished."""
        return self._recorder.run

    @property
    def interrupted(self) -> bool:
        """Whether the user interrupted `end`, which finished all the same."""
        return self._interrupted or self._recorder.interrupted

    def begin(self) -> None:
        """Begin to measure, and show it.

        Raises
        ------
        ValueError
            If a device asked for does not exist; nothing is left running.
        """
        self._recorder.start()
        self._guarded("The panel", lambda: self._surroundings.display.begin(self.run))

    def count_loops(self, tree: ast.Module) -> None:
        """Let the loops of the measured code count, by changing its ``tree`` in place."""
        here = self._surroundings
        self._guarded(
            "Counting loops",
            lambda: self._recorder.observer.count_loops(tree, here.namespace, here.flags),
        )

    def end(self, status: Status) -> Run:
        """End the run, show its summary and keep it as `last_run`; never raises."""
        global _last  # noqa: PLW0603 - the last run of the process is one by its nature
        run = _last = self._recorder.stop(status)
        if status == "finished":
            self._guarded("The metric", self._take_metric)
        if self._settings.save is not None:
            self._surroundings.namespace[self._settings.save] = run
        self._guarded("The summary", lambda: self._surroundings.display.end(run))
        return run

    def _take_metric(self) -> None:
        if self._settings.metric is not None:
            value = self._surroundings.evaluate(self._settings.metric)
            self.run.metric = Metric(self._settings.metric, _storable(value))

    def _guarded(self, what: str, step: Callable[[], None]) -> None:
        try:
            step()
        except KeyboardInterrupt:
            self._interrupted = True
        except Exception as error:  # noqa: BLE001 - measuring never breaks training
            self._recorder.warn(f"{what} failed: {type(error).__name__}: {error}")


def _storable(value: Any) -> float | str:  # noqa: ANN401 - whatever the expression gave
    """Return a metric as a number, or as text where it is none that JSON could hold."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return str(value)
    return number if math.isfinite(number) else str(value)


@contextmanager
def measure(name: str | None = None, **options: object) -> Iterator[Run]:
    """Measure the energy and the emissions of a block of code.

    Parameters
    ----------
    name : str, optional
        What to call the run.
    **options
        The options of ``%%carbon``, with underscores for dashes: ``zone``, ``intensity``,
        ``pue``, ``total``, ``unit``, ``devices``, ``interval``, ``metric``, ``no_panel``,
        ``quiet``.

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
    caller = sys._getframe(2)  # noqa: SLF001 - past contextlib, to the block being measured

    def evaluate(expression: str) -> object:
        return eval(expression, caller.f_globals, caller.f_locals)  # noqa: S307 - the user's own

    display = display_for(shell, quiet=settings.quiet, live=not settings.no_panel)
    measurement = Measurement(settings, "run", warnings, Surroundings(display, evaluate, {}))
    measurement.begin()
    try:
        yield measurement.run
    except BaseException as error:
        measurement.end(status_of(error))
        raise
    measurement.end("finished")
    if measurement.interrupted:
        raise KeyboardInterrupt

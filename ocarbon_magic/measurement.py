"""One measurement from begin to end: the recorder, what is shown, and the run it leaves."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ocarbon_magic.history import keep
from ocarbon_magic.recorder import Recorder
from ocarbon_magic.run import Metric, Run
from ocarbon_magic.running import BlockCode, Code
from ocarbon_magic.shells import cell_of, current_shell
from ocarbon_magic.stopped import BudgetReached, show_as_line
from ocarbon_magic.stopping import Stop
from ocarbon_magic.telemetry.switch import telemetry_of

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping, MutableMapping

    from ocarbon_magic.cluster.engines import EngineFleet
    from ocarbon_magic.cluster.unmeasured import UnmeasuredTasks
    from ocarbon_magic.config import Settings
    from ocarbon_magic.journal.keeping import Keeping
    from ocarbon_magic.run import Status
    from ocarbon_magic.views.inline import Display


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
    code : Code
        Tells whether the measured code runs.
    shell : InteractiveShell or None
        The shell that shows how the measured code ended; None where it ends inside a cell.
    names : mapping
        The user's names, among which ``--cluster`` looks.
    """

    display: Display
    evaluate: Callable[[str], object]
    namespace: MutableMapping[str, object]
    flags: int = 0
    code: Code = field(default_factory=BlockCode)
    shell: Any = None
    names: Mapping[str, object] = field(default_factory=dict)


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
        self._stop: Stop | None = None
        self._show_as_before: Callable[[], None] = lambda: None
        display = surroundings.display
        publish = display.update if display.is_live else None
        self._telemetry = telemetry_of(settings)
        self._keeping: Keeping | None = None
        self._unmeasured: UnmeasuredTasks | None = None
        self._recorder = Recorder(
            settings,
            settings.name or name,
            publish=publish,
            checkpoint=self._checkpoint,
            observe=None if self._telemetry is None else self._telemetry.update,
            fleet=self._fleet(),
        )
        self.run.cell = cell_of(current_shell())
        for line in warnings:
            self._recorder.warn(line)

    def _fleet(self) -> EngineFleet | None:
        if self._settings.cluster is None:
            return None
        from ocarbon_magic.cluster.finding import fleet_of  # noqa: PLC0415 - where asked for

        return fleet_of(self._settings, self._surroundings.names, current_shell())

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
        if not self._settings.no_journal:  # before the first tick, which may come at once
            self._guarded("The journal", self._open_journal)
        self._recorder.start()
        if self._settings.cluster is None and "ipyparallel" in sys.modules:
            self._guarded("Looking for engines", self._watch_engines)
        if self._keeping is not None:
            self._guarded("The journal", self._keeping.begin)
        self._guarded("The panel", lambda: self._surroundings.display.begin(self.run))
        if self._telemetry is not None:
            telemetry, warn = self._telemetry, self._recorder.warn
            self._guarded("Telemetry", lambda: telemetry.begin(self.run, warn))
        if self._settings.stop_at_budget:
            self._guarded("--stop-at-budget", self._arm)

    def count_loops(self, tree: ast.Module) -> None:
        """Let the loops of the measured code count, by changing its ``tree`` in place."""
        here = self._surroundings
        self._guarded(
            "Counting loops",
            lambda: self._recorder.observer.count_loops(tree, here.namespace, here.flags),
        )

    def end(self, status: Status) -> Run:
        """End the run, show its summary and keep it; never raises."""
        self._disarm()
        run = self._recorder.stop(status)
        hint = None if self._unmeasured is None else self._unmeasured.hint()
        if hint is not None:
            self._recorder.warn(hint)
        self._guarded("The budget", self._conclude_budget)
        keep(run, self._keeping)
        if status == "finished":
            self._guarded("The metric", self._take_metric)
        if self._settings.save is not None:
            self._surroundings.namespace[self._settings.save] = run
        if self._telemetry is not None:
            self._guarded("Telemetry", self._telemetry.end)
        self._guarded("The journal", self._end_to_keep)
        told = len(run.warnings)
        self._guarded("The summary", lambda: self._surroundings.display.end(run))
        if len(run.warnings) > told:
            self._guarded("The journal", self._end_to_keep)
        return run

    def reached(self, error: BaseException) -> BudgetReached | None:
        """Return what ``error`` is, if it is how the code was stopped at its budget."""
        if isinstance(error, BudgetReached):
            return error
        return None if self._stop is None else self._stop.reached(error)

    def _watch_engines(self) -> None:
        from ocarbon_magic.cluster.unmeasured import UnmeasuredTasks  # noqa: PLC0415 - with engines

        self._unmeasured = UnmeasuredTasks(current_shell())

    def _open_journal(self) -> None:
        from ocarbon_magic.journal.keeping import Keeping  # noqa: PLC0415 - when first needed

        shell = current_shell()
        namespace = None if shell is None else shell.user_ns
        self._keeping = Keeping(self.run, namespace, self._settings.project)

    def _checkpoint(self, record: dict[str, Any]) -> None:
        if self._keeping is not None:
            self._keeping.checkpoint(record)

    def _end_to_keep(self) -> None:
        why_not = None if self._keeping is None else self._keeping.end()
        if why_not is not None:
            self._recorder.warn(why_not)

    def _arm(self) -> None:
        stop, shell = Stop(self._surroundings.code), self._surroundings.shell
        self._stop = stop
        if not stop.arm():
            self._recorder.warn(
                "--stop-at-budget can only stop code of the main thread, and this runs in another: "
                "passing the budget is told, but stops nothing."
            )
            return
        self._recorder.budget.interrupt = stop.request
        if shell is not None:
            self._show_as_before = show_as_line(shell, lambda: stop.ended_with)

    def _disarm(self) -> None:
        if self._stop is None:
            return
        try:
            self._stop.disarm()
        except KeyboardInterrupt:  # what is in place must be put back
            self._interrupted = True
            self._stop.disarm()
        self._show_as_before()

    def _conclude_budget(self) -> None:
        run, stop = self.run, self._stop
        self._recorder.budget.conclude(
            run.emissions_g, run.projection, run.status, None if stop is None else stop.ended_with
        )

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

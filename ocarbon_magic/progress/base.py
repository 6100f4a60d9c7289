"""What counts: places in a program that count steps, and one pass through such a place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from types import ModuleType


OPTIMIZER = "torch optimizer"
"""Who counts the steps of PyTorch's optimizers, as the record tells it."""


class Precedence(IntEnum):
    """Who counts better, where several count the same work; the higher wins."""

    LOOP = 0
    FRAMEWORK = 1
    HAND = 2


class Duty(IntEnum):
    """What a loop's body is seen to do; of nested loops, the higher is the training loop."""

    EVALUATION = -1
    UNKNOWN = 0
    GRADIENT = 1
    STEP = 2


@dataclass(eq=False, slots=True)
class Site:
    """A place that counts: a loop of the cell, a bar, a framework's training.

    Attributes
    ----------
    label : str
        What a person would call it: ``for batch in loader``, ``Trainer.train``.
    source : str
        Who counts, as the record tells it: ``cell loop``, ``tqdm``, ``keras``.
    precedence : Precedence
    unit : str
        What is counted: step, sample, token.
    duty : Duty
        What the place is seen to do.
    variable : str
        The loop's variable, if it has one.
    units_per_step : float
        Units in one step.
    samples_per_step : float or None
        Samples in one step, where a loader of data says so.
    """

    label: str
    source: str
    precedence: Precedence
    unit: str = "step"
    duty: Duty = Duty.UNKNOWN
    variable: str = ""
    units_per_step: float = 1.0
    samples_per_step: float | None = None


class Pass(Protocol):
    """One pass through a site: a loop from its start to its end, one call of ``fit``.

    Every method may be called from the sampling thread while the work goes on, must cost
    microseconds, and must neither block nor change what it looks at.
    """

    def done(self) -> float:
        """Return the steps of this pass so far, never decreasing."""

    def total(self) -> float | None:
        """Return the steps this pass will have, as known now; None if nobody knows."""

    def is_open(self) -> bool:
        """Return whether the pass may go on; once False, it stays so and `done` is final."""


class Entrance(Protocol):
    """Where passes are announced as they begin."""

    def enter(self, site: Site, one: Pass) -> object:
        """Count ``one`` pass through ``site``, within whatever is being counted now.

        Called in the thread that does the work, before its first step.
        """


class Notice(Protocol):
    """Told in a process whose work another one wants to know."""

    def __call__(self, source: str) -> float:
        """Take note that ``source`` begins to count, or has counted more.

        Called in the thread that does the work; must be quick, and not raise. Returns the time
        of `time.perf_counter` at which it wants to hear again of an optimizer's steps.
        """


def unnoticed(source: str) -> float:  # noqa: ARG001 - as `Notice` has it
    """Take no note, for nobody wants to know."""
    return math.inf


class Hook(Protocol):
    """Watches one framework for the time of a run.

    The framework is imported by the user or not at all. What a hook changes in it must not
    show in results, tracebacks or speed, and `remove` leaves it as it was.

    Attributes
    ----------
    module : str
        The full name of the module that must have been imported before `install`.
    """

    module: str

    def install(self, module: ModuleType, entrance: Entrance) -> None:
        """Begin to watch; called at once, or right after ``module`` has been imported."""

    def remove(self) -> None:
        """Leave the framework as it was; called once, also after a failed `install`."""

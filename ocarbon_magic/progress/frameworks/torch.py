"""Optimizer steps of PyTorch, counted through its own hook for all optimizers."""

from __future__ import annotations

import itertools
import math
import sys
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any

from ocarbon_magic.progress.base import OPTIMIZER, unnoticed
from ocarbon_magic.progress.frameworks.sampling import DUE_STEPS, UNKNOWN, StepSampler
from ocarbon_magic.progress.frameworks.stack import outwards

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType, ModuleType

    from ocarbon_magic.progress.base import Entrance, Notice
    from ocarbon_magic.progress.frameworks.flop import StepFlop

_MANY = 256


class Activity:
    """What one optimizer has done; ``first`` and ``last`` are in the order of all steps."""

    __slots__ = ("first", "last", "nests", "ref", "steps")

    def __init__(self, optimizer: Any) -> None:  # noqa: ANN401 - any optimizer
        self.ref = weakref.ref(optimizer)
        self.steps = 0
        self.first = self.last = -1
        # A subclass whose step calls its parent's makes both tell of one step.
        hooked = (getattr(vars(c).get("step"), "hooked", False) for c in type(optimizer).__mro__)
        self.nests = sum(hooked) > 1


class OptimizerSteps:
    """Counts the steps of every `torch.optim.Optimizer`, and samples the FLOP of a step.

    Optimizers that take turns are one training, which has as many steps as the busiest of
    them; optimizers that follow each other add up.

    Parameters
    ----------
    count_flop : bool
        Whether to sample the FLOP.
    notice : Notice, optional
        Told of the first step of each optimizer, and then as it wants.

    Attributes
    ----------
    module : str
        What has to be imported.
    notes, flop_notes : list of str
        What could not be counted, and what could not be sampled, one line each.
    """

    module = "torch.optim.optimizer"

    def __init__(self, *, count_flop: bool = True, notice: Notice = unnoticed) -> None:
        self.notes: list[str] = []
        self.flop_notes: list[str] = []
        self._notice = notice
        self._due_s = math.inf
        self._activities: list[Activity] = []
        self._latest: dict[int, Activity] = {}
        self._past_steps = 0
        self._published = 0
        self._lock = threading.Lock()
        self._sampler = StepSampler(self.done, self.flop_notes) if count_flop else None
        self._handle: Any = None
        self._callers: set[CodeType] = set()
        self._first_s = self._last_s = 0.0
        self._removed = False

    @property
    def step_flop(self) -> StepFlop | None:
        """What one step computes; None until it is known."""
        return self._sampler.result if self._sampler else None

    def install(self, module: ModuleType, entrance: Entrance) -> None:  # noqa: ARG002 - a flat count
        """Begin to count."""
        self._handle = module.register_optimizer_step_post_hook(self._hook())

    def remove(self) -> None:
        """Stop counting; the hook stays, without effect, only while another thread is in a step."""
        self.done()
        self._removed = True
        try:
            self._take_off()
        except Exception as error:  # noqa: BLE001 - never the user's trouble
            self._note(error)

    def _take_off(self) -> None:
        is_off = self._sampler is None or self._sampler.stop()
        # Taking a hook away under a step that goes through the hooks would break that step.
        if self._handle is not None and is_off and not self._is_stepping_elsewhere():
            self._handle.remove()
        if not is_off and self.step_flop is None:
            self.flop_notes.append(f"{UNKNOWN}: the run ended within it.")

    def done(self) -> int:
        """Return the training steps so far; any thread may ask."""
        # A process forked while another thread held the lock would wait for ever.
        if not self._removed and self._lock.acquire(timeout=1):
            try:
                self._published = max(self._published, self._count())
            finally:
                self._lock.release()
        return self._published

    def restart(self) -> None:
        """Count from nothing, in a process that was forked from the one that counted."""
        self._lock = threading.Lock()  # another thread may have held it
        self._sampler = None
        self._latest.clear()
        self._activities.clear()
        self._past_steps = self._published = 0
        self._first_s = self._last_s = 0.0
        self._due_s = math.inf

    def rate_per_s(self) -> float | None:
        """Return the mean rate from the first step to the last."""
        between_s = self._last_s - self._first_s
        return (self.done() - 1) / between_s if between_s > 0 else None

    def _hook(self) -> Callable[[Any, Any, Any], None]:
        activities, sampler, latest = self._activities, self._sampler, self._latest
        clock = itertools.count()

        def stepped(optimizer: Any, _args: Any, _kwargs: Any) -> None:  # noqa: ANN401 - any optimizer
            try:
                activity = latest.get(id(optimizer))
                if activity is None or activity.ref() is not optimizer:  # an id is used again
                    activity = latest[id(optimizer)] = Activity(optimizer)
                    activity.first = next(clock)
                    self._first_s = self._first_s or time.perf_counter()
                    activities.append(activity)
                    self._due_s = 0.0
                    self._callers.add(sys._getframe(1).f_code)  # noqa: SLF001 - the caller is PyTorch
                if activity.nests and _is_nested(sys._getframe(1), optimizer):  # noqa: SLF001 - the caller
                    return
                activity.last = next(clock)
                activity.steps += 1
                self._last_s = time.perf_counter()
                if self._last_s >= self._due_s:
                    self._due_s = self._notice(OPTIMIZER)
                if sampler is not None and (sampler.on or activity.steps in DUE_STEPS):
                    self._sample(activity)
            except Exception as error:  # noqa: BLE001 - counting never breaks training
                self._note(error)

        _hide_from_compiler(stepped)
        return stepped

    def _sample(self, activity: Activity) -> None:
        if self._sampler is None:
            return
        if not self._removed:
            self._sampler.stepped(activity)
        elif self._sampler.on:
            self._sampler.stop()

    def _note(self, error: Exception) -> None:
        note = f"Optimizer steps are counted in part: {type(error).__name__}: {error}"
        if note not in self.notes:
            self.notes.append(note)

    def _count(self) -> int:
        known = self._activities[:]
        if len(known) > _MANY:
            self._forget(known)
        trainings = _trainings([one for one in known if one.steps > 1])
        steps = self._past_steps + sum(max(one.steps for one in group) for group in trainings)
        return steps or min(len(known), 1)

    def _forget(self, known: list[Activity]) -> None:
        """Drop optimizers that are gone, where nothing to come can change what they count."""
        there = [one for one in known if one.ref() is not None]
        since = min((one.first for one in there), default=math.inf)
        forgotten: set[Activity] = set()
        for group in _trainings(known):
            if max(one.last for one in group) < since:
                busiest = max(one.steps for one in group)
                self._past_steps += busiest if busiest > 1 else 0
                forgotten.update(group)
        widest = max(there, key=lambda one: one.last - one.first, default=None)
        for one in set(known) - forgotten - set(there):
            inside = widest and widest.first < one.first <= one.last < widest.last
            if widest and inside and one.steps <= widest.steps:
                forgotten.add(one)
        kept = [one for one in known if one not in forgotten]
        self._activities[: len(known)] = kept
        known[:] = kept

    def _is_stepping_elsewhere(self) -> bool:
        here = threading.get_ident()
        return any(
            caller.f_code in self._callers
            for ident, frame in sys._current_frames().items()  # noqa: SLF001 - documented
            if ident != here
            for caller in outwards(frame)
        )


def _trainings(activities: list[Activity]) -> list[list[Activity]]:
    """Return the optimizers in groups that were active at the same time."""
    groups: list[list[Activity]] = []
    end = -1
    for one in sorted(activities, key=lambda one: one.first):
        if one.first > end:
            groups.append([])
        groups[-1].append(one)
        end = max(end, one.last)
    return groups


def _is_nested(wrapper: FrameType, optimizer: Any) -> bool:  # noqa: ANN401 - any optimizer
    """Tell whether this step was made by another step of the same optimizer."""
    return any(
        caller.f_code is wrapper.f_code and caller.f_locals.get("self") is optimizer
        for caller in outwards(wrapper.f_back)
    )


def _hide_from_compiler(function: Any) -> None:  # noqa: ANN401 - gets an attribute
    """Let a compiled ``optimizer.step`` call ``function`` as it is, neither traced nor inlined.

    That is `torch.compiler.disable` without its import, which takes seconds.
    """
    function._torchdynamo_disable = True  # noqa: SLF001 - as `torch.compiler.disable` does

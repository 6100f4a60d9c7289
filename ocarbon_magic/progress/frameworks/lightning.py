"""Trainings of Lightning's `Trainer`, counted in optimizer steps where it makes those itself."""

from __future__ import annotations

import contextlib
import math
import weakref
from typing import TYPE_CHECKING, Any

from ocarbon_magic.progress.base import Precedence, Site
from ocarbon_magic.progress.frameworks.calls import Call, CallHook, CallPass, caller

if TYPE_CHECKING:
    from types import ModuleType

    from ocarbon_magic.progress.base import Entrance

_UNLIMITED = -1


class FitPass(CallPass):
    """One run of a trainer's ``fit_loop``, read off its public counters.

    Under manual optimization ``global_step`` counts the steps of every optimizer. It is the
    measure only if ``max_steps`` limits it; else the batches are counted.

    Parameters
    ----------
    call : Call
    trainer : lightning.pytorch.Trainer
        When a checkpoint has been loaded, and no step was made.
    """

    def __init__(self, call: Call, trainer: Any) -> None:  # noqa: ANN401 - no types without the framework
        super().__init__(call)
        self._trainer = weakref.proxy(trainer)
        automatic = trainer.lightning_module.automatic_optimization
        self._limited = trainer.max_steps != _UNLIMITED
        self._by_batch = not automatic and not self._limited
        self._by_epoch = automatic or self._by_batch
        self._first = self._counter()
        loop = trainer.fit_loop
        epochs = loop.epoch_progress.current
        self._epochs = epochs.processed
        resumed = loop.restarting and epochs.ready > epochs.processed
        self._batches = loop.epoch_loop.batch_progress.current.processed if resumed else 0

    def is_of(self, thing: object) -> bool:
        """Return whether this is a run of the loop ``thing``."""
        with contextlib.suppress(ReferenceError):
            return self._trainer.fit_loop is thing
        return False

    def read(self) -> float | None:
        """Return the steps since the training began."""
        return float(self._counter() - self._first)

    def plan(self) -> float | None:
        """Return the steps to make by ``max_epochs`` or ``max_steps``, whichever is fewer."""
        limits: list[float | None] = [self._epoch_steps()] if self._by_epoch else []
        if self._limited:
            limits.append(self._trainer.max_steps - self._first)
        return min((limit for limit in limits if limit is not None), default=None)

    def _epoch_steps(self) -> float | None:
        trainer = self._trainer
        batches, epochs = trainer.num_training_batches, trainer.max_epochs
        if math.isinf(batches) or epochs in {None, _UNLIMITED} or _accumulation_varies(trainer):
            return None
        per_step = 1 if self._by_batch else trainer.accumulate_grad_batches
        steps = (epochs - self._epochs) * math.ceil(batches / per_step)
        return float(max(steps - self._batches // per_step, 0))

    def _counter(self) -> int:
        if self._by_batch:
            return int(self._trainer.fit_loop.epoch_loop.batch_progress.total.processed)
        return int(self._trainer.global_step)


def _accumulation_varies(trainer: Any) -> bool:  # noqa: ANN401 - no types without the framework
    return any(
        len(set(callback.scheduling.values())) > 1
        for callback in trainer.callbacks
        if any(kind.__name__ == "GradientAccumulationScheduler" for kind in type(callback).__mro__)
    )


class LightningTrainings(CallHook):
    """Notices trainings of a Lightning ``Trainer``: runs of its ``fit_loop``.

    The check of the validation that comes before is no part of that, nor are validations.

    Parameters
    ----------
    package : str
        ``lightning.pytorch``, or ``pytorch_lightning``, which is a copy of it.
    """

    def __init__(self, package: str = "lightning.pytorch") -> None:
        super().__init__()
        self.module = f"{package}.trainer.trainer"
        self._site = Site("Trainer.fit", "lightning", Precedence.FRAMEWORK)

    def install(self, module: ModuleType, entrance: Entrance) -> None:
        """Watch the trainers of ``module``.

        Raises
        ------
        AttributeError
            If ``module`` has no such trainers.
        """

        def begin(loop: Any) -> None:  # noqa: ANN401 - no types without the framework
            if (frame := caller()) is not None:
                one = FitPass(Call(frame), loop.trainer)
                self._begun.begin(self._site, one, entrance)

        loop = module._FitLoop  # noqa: SLF001 - the class of the public trainer.fit_loop
        self._watch.method(loop, "run", begin)
        self._watch.method(loop, "teardown", self._end)

    def _end(self, loop: object) -> None:
        """Read the last step before another training may load a checkpoint."""
        for one in self._begun.of(loop):
            one.end()

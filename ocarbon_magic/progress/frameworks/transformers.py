"""Trainings of Hugging Face's `transformers.Trainer`, counted in optimizer steps."""

from __future__ import annotations

import contextlib
import weakref
from typing import TYPE_CHECKING, Any

from ocarbon_magic.progress.base import Precedence, Site
from ocarbon_magic.progress.frameworks.calls import Call, CallHook, CallPass, caller

if TYPE_CHECKING:
    from types import ModuleType

    from ocarbon_magic.progress.base import Entrance


class TrainerPass(CallPass):
    """One training, read off the trainer's public ``state``.

    Every training gets a state of its own, which a checkpoint may have put past step 0.

    Parameters
    ----------
    call : Call
    trainer : transformers.Trainer
        When its state is that of this training, and no step was made.
    """

    def __init__(self, call: Call, trainer: Any) -> None:  # noqa: ANN401 - no types without the framework
        super().__init__(call)
        self._trainer = weakref.proxy(trainer)
        self._state = weakref.proxy(trainer.state)
        self._first = trainer.state.global_step
        self._last = trainer.state.max_steps

    def is_of(self, thing: object) -> bool:
        """Return whether the handler ``thing`` calls the callbacks of this training."""
        with contextlib.suppress(ReferenceError):
            return self._trainer.callback_handler is thing
        return False

    def read(self) -> float | None:
        """Return the optimizer steps since the training began."""
        return float(self._state.global_step - self._first)

    def plan(self) -> float | None:
        """Return the optimizer steps planned; of a resumed training, those still to make."""
        return float(self._last - self._first)


class TransformersTrainings(CallHook):
    """Notices trainings of ``transformers.Trainer`` and of the classes that inherit from it.

    A training begins where the trainer looks up its callbacks' ``on_train_begin``: the state
    is complete then, also when a checkpoint was loaded.
    """

    module = "transformers.trainer"

    def __init__(self) -> None:
        super().__init__()
        self._site = Site("Trainer.train", "transformers", Precedence.FRAMEWORK)
        self._trainers: weakref.WeakSet[Any] = weakref.WeakSet()

    def install(self, module: ModuleType, entrance: Entrance) -> None:
        """Watch the trainers of ``module``.

        Raises
        ------
        AttributeError
            If ``module`` has no such trainers.
        """

        def begin(handler: Any) -> None:  # noqa: ANN401 - no types without the framework
            frame = caller()
            for trainer in tuple(self._trainers):
                if frame is not None and trainer.callback_handler is handler:
                    one = TrainerPass(Call(frame), trainer)
                    self._begun.begin(self._site, one, entrance)

        handler = module.CallbackHandler
        self._watch.method(module.Trainer, "train", self._trainers.add)
        self._watch.method(handler, "on_train_begin", begin)
        self._watch.method(handler, "on_train_end", self._end)

    def remove(self) -> None:
        """Put the methods back."""
        super().remove()
        self._trainers.clear()

    def _end(self, handler: object) -> None:
        """Read the last step while the trainer is sure to live."""
        for one in self._begun.of(handler):
            one.end()

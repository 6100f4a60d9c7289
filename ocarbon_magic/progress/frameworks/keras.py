"""Trainings by Keras 3's `Model.fit`, counted in batches, whatever the backend."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from ocarbon_magic.progress.base import Precedence, Site
from ocarbon_magic.progress.frameworks.calls import Call, CallHook, CallPass, caller

if TYPE_CHECKING:
    from types import ModuleType

    from ocarbon_magic.progress.base import Entrance


class FitPass(CallPass):
    """One training, told of by a `Counter`.

    Parameters
    ----------
    call : Call
    params : dict
        What Keras tells callbacks: ``epochs``, and ``steps`` of an epoch if it knows.
    """

    def __init__(self, call: Call, params: dict[str, Any]) -> None:
        super().__init__(call)
        self._epochs: int | None = params.get("epochs")
        self._steps: int | None = params.get("steps")
        self._count = 0
        self._epoch: tuple[int, int] | None = None

    def begin_epoch(self, epoch: int) -> None:
        """Begin an epoch; the one before tells how many batches an epoch has."""
        if self._epoch is not None and self._steps is None:
            self._steps = self._count - self._epoch[1]
        self._epoch = epoch, self._count

    def end_batch(self, batch: int) -> None:
        """Note that the batches up to number ``batch`` of the epoch are done.

        Several threads may tell it, and in any order.
        """
        done = batch + 1 if self._steps is None else min(batch + 1, self._steps)
        with self._reading:
            self._count = max(self._count, done + (self._epoch[1] if self._epoch else 0))

    def read(self) -> float | None:
        """Return the batches done."""
        return self._count

    def plan(self) -> float | None:
        """Return the batches of all epochs, once the first has begun."""
        if self._epochs is None or self._steps is None or self._epoch is None:
            return None
        epoch, before = self._epoch
        return before + (self._epochs - epoch) * self._steps


class Counter:
    """What is needed of a callback; made one by inheriting from Keras's class, too.

    Attributes
    ----------
    one : FitPass
        What is told.
    """

    async_safe = True
    one: FitPass

    def set_model(self, model: object) -> None:
        """Do not hold the model."""

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002 - Keras's words
        """Note that an epoch begins."""
        self.one.begin_epoch(epoch)

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:  # noqa: ARG002 - Keras's words
        """Note that batches have been trained on."""
        self.one.end_batch(batch)

    def on_train_end(self, logs: object = None) -> None:  # noqa: ARG002 - Keras's words
        """Note that the training has ended."""
        self.one.end()


class KerasFits(CallHook):
    """Notices calls of ``Model.fit``.

    Each makes, or is given, a ``CallbackList`` and looks up its ``on_train_begin`` directly
    before it trains. A callback is added then: the list has by now decided whether it calls
    callbacks from other threads.
    """

    module = "keras.callbacks"

    def __init__(self) -> None:
        super().__init__()
        self._site = Site("Model.fit", "keras", Precedence.FRAMEWORK)
        self._lists: weakref.WeakSet[Any] = weakref.WeakSet()
        self._kind: type[Any] = Counter

    def install(self, module: ModuleType, entrance: Entrance) -> None:
        """Watch the callback lists of ``module``.

        Raises
        ------
        AttributeError
            If ``module`` has no such lists.
        """
        self._kind = type("Counter", (Counter, module.Callback), {})

        def begin(callback_list: Any) -> None:  # noqa: ANN401 - no types without the framework
            if (frame := caller()) is None:
                return
            counter = self._kind()
            counter.one = FitPass(Call(frame), callback_list.params or {})
            self._drop_counters(callback_list)
            callback_list.callbacks = [*callback_list.callbacks, counter]
            self._lists.add(callback_list)
            self._begun.begin(self._site, counter.one, entrance)

        self._watch.method(module.CallbackList, "on_train_begin", begin)

    def remove(self) -> None:
        """Put the method back, and leave no callback in lists that the user keeps."""
        super().remove()
        for callback_list in tuple(self._lists):
            self._drop_counters(callback_list)

    def _drop_counters(self, callback_list: Any) -> None:  # noqa: ANN401 - no types without the framework
        # A new list: Keras may be in the middle of a loop over the old one.
        callback_list.callbacks = [
            callback for callback in callback_list.callbacks if type(callback) is not self._kind
        ]

"""Trainings of fastai's `Learner`, counted in training batches."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from ocarbon_magic.progress.base import Precedence, Site
from ocarbon_magic.progress.frameworks.calls import Call, CallHook, CallPass, around, caller

if TYPE_CHECKING:
    from types import ModuleType

    from ocarbon_magic.progress.base import Entrance


class FitPass(CallPass):
    """One call of ``fit``, read off the learner's public ``train_iter``.

    Parameters
    ----------
    call : Call
    learn : fastai.learner.Learner
    """

    def __init__(self, call: Call, learn: Any) -> None:  # noqa: ANN401 - no types without the framework
        super().__init__(call)
        self._learn = weakref.proxy(learn)
        self._before = 0.0
        self._planned: float | None = None

    def begin_epoch(self) -> None:
        """Plan anew, in the learner's thread, when it is about to train for an epoch."""
        learn = self._learn
        done, count = self.done(), learn.train_iter
        # A learner that validates in the middle of a fit counts from 0 again.
        self._before = max(self._before, done - count)
        planned = done + (learn.n_epoch - learn.epoch) * len(learn.dl)
        finder = vars(learn).get("lr_finder")
        self._planned = planned if finder is None else min(planned, finder.num_it)

    def read(self) -> float | None:
        """Return the batches trained on since the fit began."""
        # Not getattr: a learner passes on to its model what it does not have itself.
        return float(self._before + vars(self._learn)["train_iter"])

    def plan(self) -> float | None:
        """Return the batches of all epochs that are not skipped."""
        return self._planned


class FastaiFits(CallHook):
    """Notices calls of ``Learner.fit``, which all of fastai's ways to train go through.

    ``TrainEvalCallback``, which every learner has, counts the training batches. It sets the
    count to 0 after ``before_fit``, so that a fit is seen from its first ``before_train`` on.
    """

    module = "fastai.learner"

    def __init__(self) -> None:
        super().__init__()
        self._site = Site("Learner.fit", "fastai", Precedence.FRAMEWORK)
        self._starting: weakref.WeakSet[Any] = weakref.WeakSet()
        self._fits: weakref.WeakKeyDictionary[Any, FitPass] = weakref.WeakKeyDictionary()

    def install(self, module: ModuleType, entrance: Entrance) -> None:
        """Watch the learners of ``module``.

        Raises
        ------
        AttributeError
            If ``module`` has no such learners.
        """
        fit = vars(module.Learner)["fit"].__code__

        def begin_epoch(callback: Any) -> None:  # noqa: ANN401 - no types without the framework
            learn = callback.learn
            one = self._fits.get(learn)
            if one is None or (learn in self._starting and not learn.train_iter):
                frame = around(caller(), fit)
                if frame is None:
                    return
                one = self._fits[learn] = FitPass(Call(frame), learn)
                one.begin_epoch()
                self._begun.begin(self._site, one, entrance)
            else:
                one.begin_epoch()
            self._starting.discard(learn)

        counter = module.TrainEvalCallback
        self._watch.method(counter, "before_fit", self._start)
        self._watch.method(counter, "before_train", begin_epoch)

    def remove(self) -> None:
        """Put the methods back."""
        super().remove()
        self._starting.clear()
        self._fits.clear()

    def _start(self, callback: Any) -> None:  # noqa: ANN401 - no types without the framework
        """Read the last step of the fit before; the count is about to be set to 0."""
        if (former := self._fits.get(callback.learn)) is not None:
            former.done()
        self._starting.add(callback.learn)

"""The hooks into training frameworks, opened for the run and closed after it."""

from __future__ import annotations

import importlib
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from ocarbon_magic.progress.frameworks.imports import ImportWatch

if TYPE_CHECKING:
    from types import ModuleType

    from ocarbon_magic.progress.base import Entrance, Hook, Notice
    from ocarbon_magic.progress.frameworks.flop import StepFlop
    from ocarbon_magic.progress.frameworks.torch import OptimizerSteps

_HOOKS = {
    "torch.optim.optimizer": ("torch", "OptimizerSteps"),
    "keras.callbacks": ("keras", "KerasFits"),
    "transformers.trainer": ("transformers", "TransformersTrainings"),
    "lightning.pytorch.trainer.trainer": ("lightning", "LightningTrainings"),
    "pytorch_lightning.trainer.trainer": ("lightning", "LightningTrainings"),
    "fastai.learner": ("fastai", "FastaiFits"),
    "sklearn.base": ("sklearn", "SklearnFits"),
}
"""By the framework's module that a hook waits for: our module, and the class in it."""


class Frameworks:
    """Hooks into those frameworks that the user has imported, or imports during the run.

    Parameters
    ----------
    entrance : Entrance
        Told of every training that begins.
    count_flop : bool
        Whether to count the FLOP of a sampled PyTorch step.
    notice : Notice
        Told of an optimizer's steps.
    """

    def __init__(self, entrance: Entrance, *, count_flop: bool, notice: Notice) -> None:
        self._entrance = entrance
        self._count_flop = count_flop
        self._notice = notice
        self._hooks: dict[str, Hook] = {}
        self._installed: list[Hook] = []
        self._failures: list[str] = []
        self._watch = ImportWatch({name: partial(self._install, name) for name in _HOOKS})

    def start(self) -> None:
        """Install the hooks of what is imported, and wait for the rest."""
        self._watch.start()

    def look(self) -> None:
        """Install the hooks of what has been imported without being noticed."""
        self._watch.look()

    def stop(self) -> None:
        """Take all hooks out again."""
        self._watch.stop()
        while self._installed:
            with suppress(Exception):  # the others must go, too
                self._installed[-1].remove()
            self._installed.pop()

    def restart(self) -> None:
        """Count from nothing, in a process that was forked from the one that counted."""
        steps = self.optimizer_steps()
        if steps is not None:
            steps.restart()

    def optimizer_steps(self) -> OptimizerSteps | None:
        """Return the counter of PyTorch's optimizer steps, None without PyTorch."""
        return self._hooks.get("torch.optim.optimizer")  # type: ignore[return-value]

    @property
    def step_flop(self) -> StepFlop | None:
        """The FLOP of one training step, if one was sampled."""
        steps = self.optimizer_steps()
        return None if steps is None else steps.step_flop

    def notes(self) -> list[str]:
        """Return what could not be counted as it should, one line each."""
        steps = self.optimizer_steps()
        return self._failures if steps is None else [*self._failures, *steps.notes]

    def hint(self) -> str | None:
        """Return which training was seen but could not be counted, and what to do."""
        silent: list[str] = getattr(self._hooks.get("sklearn.base"), "uncounted", [])
        if not silent:
            return None
        return (
            f"scikit-learn's {silent[-1]}.fit does not tell its progress: where the estimator has "
            "partial_fit, loop over that; else only the energy so far is known while it runs."
        )

    def _install(self, name: str, module: ModuleType) -> None:
        ours, kind = _HOOKS[name]
        make: Any = getattr(importlib.import_module(f"{__package__}.{ours}"), kind)
        if ours == "torch":
            hook = make(count_flop=self._count_flop, notice=self._notice)
        elif ours == "lightning":
            hook = make(name.removesuffix(".trainer.trainer"))
        else:
            hook = make()
        self._hooks[name] = hook
        self._installed.append(hook)
        try:
            hook.install(module, self._entrance)
        except Exception as error:  # noqa: BLE001 - of a release that has changed
            self._failures.append(
                f"Trainings of {name.partition('.')[0]} are not counted: {type(error).__name__}: "
                f"{error}; oc.update() after each step counts them."
            )

"""Fits of scikit-learn's estimators: the few that show how far they are, and the rest by name."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, NamedTuple

from ocarbon_magic.progress.base import Precedence, Site
from ocarbon_magic.progress.frameworks.calls import Call, CallHook, CallPass, around, caller

if TYPE_CHECKING:
    from types import CodeType, FrameType, ModuleType

    from ocarbon_magic.progress.base import Entrance


class Growth(NamedTuple):
    """Where an estimator shows how far its fit is.

    Attributes
    ----------
    attribute : str
        What gets longer by one in each step: new in every fit, or going on in a warm start.
    limit : str
        The parameter with the most steps it can make.
    unit : str
    light : bool
        Whether it is a list of mere numbers, which may be held.
    """

    attribute: str
    limit: str
    unit: str
    light: bool = False


_GROWTHS = {
    "BaseMultilayerPerceptron": Growth("loss_curve_", "max_iter", "epoch", light=True),
    "BaseHistGradientBoosting": Growth("_predictors", "max_iter", "step"),
    "BaseGradientBoosting": Growth("estimators_", "n_estimators", "step"),
}


def growth_of(estimator: Any) -> Growth | None:  # noqa: ANN401 - no types without the framework
    """Return where a fit of ``estimator`` shows how far it is, None if nowhere."""
    kinds = (kind for kind in type(estimator).__mro__ if kind.__module__.startswith("sklearn."))
    growth = next((_GROWTHS[kind.__name__] for kind in kinds if kind.__name__ in _GROWTHS), None)
    if growth is None or getattr(estimator, "solver", None) == "lbfgs":
        return None
    if growth.attribute == "estimators_" and estimator.warm_start and hasattr(estimator, "init_"):
        return None  # its array is filled up with the trees of before
    return growth


def _length(grown: Any) -> int:  # noqa: ANN401 - a list or an array
    """Return how many items a list has, or how many rows of an array of trees are filled."""
    if isinstance(grown, list):
        return len(grown)
    low, high = 0, len(grown)
    while low < high:
        middle = (low + high) // 2
        if grown[middle, -1] is None:
            high = middle
        else:
            low = middle + 1
    return low


class FitCall(Call):
    """A call of ``fit``, by the frame that scikit-learn puts around it.

    That is the same for all methods; so ``partial_fit``, which adds to the same attributes,
    must be told from it by name.
    """

    def stands(self, codes: list[CodeType]) -> bool:
        """Return whether the call is still what runs at its place."""
        return super().stands(codes) and (len(codes) == 1 or codes[1].co_name != "partial_fit")


class EstimatorPass(CallPass):
    """One call of ``fit``, read off what the estimator adds to step by step.

    Parameters
    ----------
    call : Call
    estimator : sklearn.base.BaseEstimator
        Before its fit begins.
    growth : Growth
    """

    def __init__(self, call: Call, estimator: Any, growth: Growth) -> None:  # noqa: ANN401 - untyped
        super().__init__(call)
        self._estimator = weakref.ref(estimator)
        self._growth = growth
        self._held: Any = None
        former = vars(estimator).get(growth.attribute)
        goes_on = estimator.warm_start and former is not None
        self._before = _length(former) if goes_on else 0
        self._former = None if goes_on or former is None else id(former)
        if self._former is not None and not isinstance(former, list):
            # Freed before the new one is made, which may get its address.
            self._forgetting = weakref.ref(former, self._forget)
        # Of all, only the multilayer perceptron makes its limit anew in a warm start.
        made = 0 if growth.light else self._before
        self._planned = getattr(estimator, growth.limit) - made

    def is_of(self, thing: object) -> bool:
        """Return whether this is a fit of the estimator ``thing``."""
        return self._estimator() is thing

    def read(self) -> float | None:
        """Return the steps since the fit began."""
        grown = self._held
        if grown is None:
            grown = vars(self._estimator()).get(self._growth.attribute)
            if grown is None or id(grown) == self._former:
                return None
            self._held = grown if self._growth.light else None
        return float(_length(grown) - self._before)

    def plan(self) -> float | None:
        """Return the most steps that the fit can make."""
        return float(self._planned)

    def _forget(self, _: object) -> None:
        self._former = None


class SklearnFits(CallHook):
    """Notices calls of ``fit`` of scikit-learn's own estimators.

    Each validates its parameters first, through a method of the one base class. Of fits
    within fits, all that can be counted are, and of the others only the outermost is named.

    Attributes
    ----------
    uncounted : list of str
        Classes of estimators with a fit that told no progress, in the order of their fits.
    """

    module = "sklearn.base"

    def __init__(self) -> None:
        super().__init__()
        self.uncounted: list[str] = []
        self._sites: dict[type, Site] = {}

    def install(self, module: ModuleType, entrance: Entrance) -> None:
        """Watch the estimators of ``module``.

        Raises
        ------
        AttributeError
            If ``module`` has no such estimators.
        """

        def begin(estimator: Any) -> None:  # noqa: ANN401 - no types without the framework
            if (frame := caller()) is None:
                return
            call = FitCall(frame)
            self._begun.replace(call)
            if not _is_fit(frame):
                return
            growth, kind = growth_of(estimator), type(estimator)
            if growth is not None:
                one = EstimatorPass(call, estimator, growth)
                self._begun.begin(self._site(kind, growth), one, entrance)
            elif kind.__name__ not in self.uncounted and not around(frame.f_back, frame.f_code):
                self.uncounted.append(kind.__name__)

        base = module.BaseEstimator
        self._watch.method(base, "_validate_params", begin)
        self._watch.method(base, "__sklearn_tags__", self._look)

    def _look(self, estimator: object) -> None:
        """Read the last step of an estimator in use again: of a search, it dies soon."""
        for one in self._begun.of(estimator):
            one.is_open()

    def _site(self, kind: type, growth: Growth) -> Site:
        site = Site(f"{kind.__name__}.fit", "scikit-learn", Precedence.FRAMEWORK, growth.unit)
        return self._sites.setdefault(kind, site)


def _is_fit(frame: FrameType) -> bool:
    """Tell whether ``frame`` is the one that scikit-learn puts around calls of ``fit``."""
    if "fit_method" not in frame.f_code.co_freevars:
        return False
    return getattr(frame.f_locals["fit_method"], "__name__", "") == "fit"

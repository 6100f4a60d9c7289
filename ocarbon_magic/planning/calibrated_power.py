"""Mean power that a planned training will draw, as a share of the boards' limit.

ln(W per device) = ln(75 % of the limit) + level + the place + noise, which are 20, 30 and
20 %; where the whole server was measured, the limit counts 1.3 times, give or take 10 %.
Published runs update that. Runs whose energy was reckoned from the limit itself are no
evidence here. Places differ much: graphics processors of the same kind drew 40 % of their
limit at one and nearly all of it at another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ocarbon_magic.planning.calibrated_regression import Effects, Regression, log_normal
from ocarbon_magic.planning.calibrated_runs import PublishedRun, published_runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.hardware import Accelerator
    from ocarbon_magic.run import Projection

_SHARE_OF_TDP = 0.75
_SERVER_OVER_BOARD = 1.3
_NOISE = 0.2


@dataclass(frozen=True, slots=True)
class PowerModel:
    """The fitted model of power."""

    regression: Regression

    @classmethod
    def fit(cls, runs: Iterable[PublishedRun]) -> PowerModel:
        """Return the model that those of ``runs`` with a mean power give."""
        effects, observed = [], []
        for run in runs:
            limit_w = run.accelerator.tdp_w
            if run.mean_power_w is None or limit_w is None:
                continue
            effects.append(_effects(run.family, whole_server=run.whole_server))
            expected = _expected(limit_w, whole_server=run.whole_server)
            observed.append(math.log(run.mean_power_w) - expected)
        return cls(Regression.fit(effects, observed, [_NOISE] * len(observed)))

    def predict(
        self,
        accelerator: Accelerator,
        *,
        level: float = 0.8,
        tdp_w: float | None = None,
        whole_server: bool = False,
    ) -> Projection:
        """Return the mean power per device to expect, in W.

        Parameters
        ----------
        accelerator : Accelerator
        level : float
            Coverage of the interval, between 0 and 1.
        tdp_w : float, optional
            Power limit of the board, where it is not the accelerator's own.
        whole_server : bool
            The server's power, divided by its devices, and not the board's alone, which
            stays within its limit.

        Raises
        ------
        ValueError
            If an argument is out of range, or the power limit of the accelerator is unknown.
        """
        limit_w = accelerator.tdp_w if tdp_w is None else tdp_w
        if limit_w is None:
            raise ValueError(
                f"The power limit of {accelerator.name} is not known: give tdp_w or power_w."
            )
        if not (math.isfinite(limit_w) and limit_w > 0.0):
            raise ValueError(f"tdp_w must be a finite number above zero, not {limit_w}.")
        shift, spread = self.regression.predict(_effects("new", whole_server=whole_server))
        return log_normal(
            _expected(limit_w, whole_server=whole_server) + shift,
            math.hypot(spread, _NOISE),
            level,
            most=math.inf if whole_server else limit_w,
        )

    @property
    def server_over_board(self) -> float:
        """How many times the power of its boards a server draws."""
        with_host, _ = self.regression.predict(_effects("new", whole_server=True))
        without, _ = self.regression.predict(_effects("new", whole_server=False))
        return _SERVER_OVER_BOARD * math.exp(with_host - without)


@cache
def fitted_power() -> PowerModel:
    """Return the model of all published runs."""
    return PowerModel.fit(published_runs())


def _expected(tdp_w: float, *, whole_server: bool) -> float:
    """Return the logarithm of the power expected before any run is seen."""
    return math.log(_SHARE_OF_TDP * tdp_w * (_SERVER_OVER_BOARD if whole_server else 1.0))


def _effects(family: str, *, whole_server: bool) -> Effects:
    return {"level": 0.2, "server": 0.1 * whole_server, f"at {family}": 0.3}

"""`ocarbon_magic.estimate`: the estimate of `planning`, given what this process knows."""

from __future__ import annotations

import os
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

from ocarbon_magic.config import resolve
from ocarbon_magic.history import last_run
from ocarbon_magic.planning.estimate import estimate as planned
from ocarbon_magic.planning.supply import Defaults
from ocarbon_magic.shells import configuration, current_shell
from ocarbon_magic.views import estimates as _shown  # noqa: F401 - estimates then show themselves

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.planning.result import Estimate

_P = ParamSpec("_P")


def _knowing(plan: Callable[_P, Estimate]) -> Callable[_P, Estimate]:
    """Return ``plan`` with the last run and the configuration as its defaults."""

    @wraps(plan)
    def knowing(*args: _P.args, **kwargs: _P.kwargs) -> Estimate:
        kwargs.setdefault("defaults", _defaults())
        return plan(*args, **kwargs)

    return knowing


def _defaults() -> Defaults:
    settings, _ = resolve({}, configuration(current_shell()), os.environ)
    return Defaults(last_run(), settings.zone, settings.intensity, settings.pue)


estimate = _knowing(planned)

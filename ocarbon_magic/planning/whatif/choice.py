"""What is asked of a run: what else could have been chosen."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_CARDS = 1_000_000
"""More than any training had; a larger count is a slip."""


class WhatIfError(ValueError):
    """A choice says nothing of this run; the message is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something else for the same work; None leaves it as it was.

    Attributes
    ----------
    zone : str or None
        A country, subdivision or cloud region, as ``--zone`` takes it.
    device : str or None
        A graphics processor, as drivers report it or as people call it: ``T4``, ``A100``.
    count : int or None
        How many of them.
    hour : int or None
        Hour of start, 0 to 23, as clocks at the place show it.
    pue : float or None
        Power usage effectiveness, 1 or more.
    power_cap_w : float or None
        Power limit of each GPU in watts.
    """

    zone: str | None = None
    device: str | None = None
    count: int | None = None
    hour: int | None = None
    pue: float | None = None
    power_cap_w: float | None = None

    def to_dict(self) -> dict[str, str | float | None]:
        """Return the choice as plain JSON types."""
        return asdict(self)


def checked(choice: Choice) -> Choice:
    """Return a choice that can be.

    Raises
    ------
    WhatIfError
        If a part of it is none that can be chosen.
    """
    for field, can_be, must_be in _RULES:
        value = getattr(choice, field)
        if value is not None and not can_be(value):
            raise WhatIfError(f"{field} must be {must_be}, not {value!r}.")
    return choice


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _number(value: object) -> float:
    """Return a number, NaN for what is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return cast("float", value) if is_number else math.nan


def _is_hour(value: object) -> bool:
    return _number(value) in range(24)


def _is_count(value: object) -> bool:
    number = _number(value)
    return 1 <= number <= _MOST_CARDS and number == int(number)


def _is_pue(value: object) -> bool:
    return 1 <= _number(value) < math.inf


def _is_power(value: object) -> bool:
    return 0 < _number(value) < math.inf


_RULES: tuple[tuple[str, Callable[[object], bool], str], ...] = (
    ("zone", _is_text, "the name of a place"),
    ("device", _is_text, "the name of a graphics processor"),
    ("hour", _is_hour, "a whole number from 0 to 23"),
    ("count", _is_count, "a whole number of at least 1"),
    ("pue", _is_pue, "a number of at least 1"),
    ("power_cap_w", _is_power, "a number of watts above 0"),
)
"""What each part must be."""

"""The end of a ``while`` loop, where its condition compares a counting variable with a limit."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


SURE_AFTER = 3
"""Steps after which a variable that moves by twos is told from one that counts."""


class Condition(NamedTuple):
    """``variable < limit``, or ``<=``; the limit is a number or another variable."""

    variable: str
    limit: int | str
    inclusive: bool


def condition_of(test: ast.expr) -> Condition | None:
    """Return the condition that ``test`` is, None if it is of another kind."""
    match test:
        case ast.Compare(
            left=ast.Name(id=name), ops=[ast.Lt() | ast.LtE() as sign], comparators=[end]
        ):
            inclusive = isinstance(sign, ast.LtE)
            match end:
                case ast.Constant(value=int(limit)):
                    return Condition(name, limit, inclusive)
                case ast.Name(id=limit):
                    return Condition(name, limit, inclusive)
    return None


class Countdown:
    """Steps that a loop will make until its condition fails.

    Known only while the variable counts the loop's steps, one by one; a variable that moves
    otherwise says nothing.

    Parameters
    ----------
    condition : Condition
    names : mapping
        The names that the loop runs with.
    """

    def __init__(self, condition: Condition, names: Mapping[str, Any]) -> None:
        self._condition, self._names = condition, names
        self._start = self._number(condition.variable)

    def now(self) -> int | None:
        """Return the variable's value, None if that is no whole number."""
        return self._number(self._condition.variable)

    def total(self, earlier: int | None, done: float, later: int | None) -> int | None:
        """Return the steps of the whole loop.

        Parameters
        ----------
        earlier, later : int or None
            The variable right before and right after ``done`` was found.
        done : float
            The loop's steps so far.
        """
        limit = self._number(self._condition.limit)
        if self._start is None or earlier is None or later is None or limit is None:
            return None
        if done < SURE_AFTER or not earlier - self._start - 1 <= done <= later - self._start + 1:
            return None
        return max(limit - self._start + self._condition.inclusive, 0)

    def _number(self, what: int | str) -> int | None:
        value = self._names.get(what) if isinstance(what, str) else what
        return value if type(value) is int else None

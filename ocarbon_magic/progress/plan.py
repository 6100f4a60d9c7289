"""How many steps a nest of loops will make in all: those done, and those still to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ocarbon_magic.progress.nest import Node, Round, State

_TRIES = 3


class Look(NamedTuple):
    """A pass of one of the loops around, as it was at one moment.

    Attributes
    ----------
    done : float
        Iterations of all its passes.
    planned : float or None
        Iterations of this pass, if known.
    left, to_come : float
        Iterations of this pass that are not done, and of those the ones not begun.
    is_open : bool
        Whether the pass goes on.
    """

    done: float
    planned: float | None
    left: float
    to_come: float
    is_open: bool


def total_of(node: Node) -> float | None:
    """Return the steps that ``node`` will have made when the loops around it are through.

    What an iteration of a loop around it holds is taken from the last one seen whole, or
    from the lengths of the loops while the first one runs. After an early end, the total is
    still what was planned.

    Returns
    -------
    float or None
        None if a length on the way is not known, if the iterations differ, or if the loops
        move too fast to be looked at.
    """
    nodes = (node, *node.around)
    for _ in range(_TRIES):
        states = [one.state for one in nodes]
        looks = [_look(state) for state in states]
        if all(one.state is state for one, state in zip(nodes, states, strict=True)):
            return _total(states[0], looks[0], looks[1:])
    return None


def _look(state: State) -> Look:
    one = state.span.one
    done, planned, is_open = one.done(), one.total(), state.span.is_open()
    left = 0.0 if planned is None else max(planned - done, 0.0)
    return Look(state.before + done, planned, left, max(left - is_open, 0.0), is_open)


def _total(state: State, look: Look, around: list[Look]) -> float | None:
    if any(round_.varies for round_ in state.rounds):
        return None
    count = look.done
    if not around:
        return None if look.planned is None else count + look.left
    left = _left_in_iteration(look, around[0], state.rounds[0])
    if left is None:
        return None
    whole = left
    for outer, round_ in zip(around, state.rounds, strict=True):
        expected = _expected(outer, round_, count)
        if expected is None:
            expected = count - round_.start + left
        if outer.planned is None:
            return None
        left += outer.to_come * expected
        whole = outer.planned * expected
    if not around[-1].is_open and around[-1].to_come:
        return max(whole, count)  # left early: what was planned
    return count + left


def _left_in_iteration(look: Look, outer: Look, round_: Round) -> float | None:
    """Return the steps to come in the present iteration of the loop next around."""
    if not outer.is_open:
        return 0.0
    expected = _expected(outer, round_, look.done)
    if outer.done != round_.number:
        return expected
    if expected is not None:
        return max(expected - (look.done - round_.start), 0.0)
    if not look.is_open:
        return 0.0
    return None if look.planned is None else look.left


def _expected(outer: Look, round_: Round, count: float) -> float | None:
    """Return the steps of a whole iteration of ``outer``, None before one was seen."""
    if outer.done == round_.number or (not outer.is_open and round_.last is not None):
        return round_.last  # the last of a loop that was left may have been cut short
    return count - round_.start

"""How many steps a nest of loops will make in all: those done, and those still to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocarbon_magic.progress.nest import Node


def total_of(node: Node) -> float | None:
    """Return the steps that ``node`` will have made when the loops around it are through.

    What an iteration of a loop around it holds is taken from the last one seen whole, or
    from the lengths of the loops while the first one runs. After an early end, the total is
    still what was planned.

    Returns
    -------
    float or None
        None if a length on the way is not known, or if the iterations differ.
    """
    if any(round_.varies for round_ in node.rounds):
        return None
    count = node.done()
    left = _left_in_pass(node) if not node.around else _left_in_iteration(node, count)
    if left is None:
        return None
    for outer, round_ in zip(node.around, node.rounds, strict=True):
        planned = outer.span.one.total()
        expected = round_.expected(outer.done(), count)
        if expected is None:
            expected = round_.made(count) + left
        if planned is None:
            return None
        begun = outer.span.one.done() + outer.span.is_open()
        left += max(planned - begun, 0.0) * expected
    return count + left


def _left_in_pass(node: Node) -> float | None:
    one = node.span.one
    planned = one.total()
    if planned is None:
        return None
    return max(planned - one.done(), 0.0)


def _left_in_iteration(node: Node, count: float) -> float | None:
    """Return the steps to come in the present iteration of the loop next around ``node``."""
    outer, round_ = node.around[0], node.rounds[0]
    if not outer.span.is_open():
        return 0.0
    expected = round_.expected(outer.done(), count)
    if not round_.is_at(outer.done()):
        return expected
    if expected is not None:
        return max(expected - round_.made(count), 0.0)
    return _left_in_pass(node) if node.span.is_open() else 0.0

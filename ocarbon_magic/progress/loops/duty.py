"""What the body of a loop is seen to do: make training steps, evaluate, or nobody knows."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ocarbon_magic.progress.base import Duty
from ocarbon_magic.progress.loops.syntax import Loop, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_STEP = frozenset(
    {
        "step", "train_step", "training_step", "train_batch", "train_on_batch", "update_step",
        "apply_gradients", "apply_updates", "minimize", "partial_fit",
    }
)  # fmt: skip
_GRADIENT = frozenset({"backward", "grad", "value_and_grad", "gradient"})
_NO_GRADIENT = frozenset({"no_grad", "inference_mode"})
_LEFT_OUT = Loop | Scope
_OTHER_STEPPERS = re.compile(r"sched|^lr|prof|^ema|bar$", re.IGNORECASE)
"""Whose ``step`` is not the optimizer's: schedulers, profilers, averages, bars."""


def duty_of(loop: Loop) -> Duty:
    """Return what ``loop`` is seen to do in each iteration, apart from the loops inside it."""
    parts = list(_inside(loop.body))
    called = {_name(part) for part in parts if isinstance(part, ast.Call)}
    if called & _STEP:
        return Duty.STEP
    if called & _GRADIENT:
        return Duty.GRADIENT
    if any(without_gradient(part) for part in parts if isinstance(part, ast.With)):
        return Duty.EVALUATION
    return Duty.UNKNOWN


def without_gradient(block: ast.With | ast.AsyncWith) -> bool:
    """Return whether a ``with`` block switches gradients off, as evaluation does."""
    calls = (item.context_expr for item in block.items)
    return any(isinstance(call, ast.Call) and _name(call) in _NO_GRADIENT for call in calls)


def works(statement: ast.stmt) -> bool:
    """Return whether ``statement`` makes a training step, or a part of one."""
    parts = [statement, *_inside([statement])]
    return any(
        isinstance(part, ast.Call) and _name(part) in _STEP | _GRADIENT for part in parts
    ) or isinstance(statement, Loop)


def _inside(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield the nodes below ``body``, but those of inner loops, functions and classes."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, _LEFT_OUT):
            yield node
            waiting += ast.iter_child_nodes(node)


def _name(call: ast.Call) -> str:
    """Return the name that is called; empty for a ``step`` that is not an optimizer's."""
    match call.func:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name, value=owner):
            last = ast.unparse(owner).rpartition(".")[2]
            return "" if _OTHER_STEPPERS.search(last) else name
    return ""

"""Let the loops of a syntax tree tell when they begin and end.

``for x in data:`` becomes ``for x in enter(data):``, and wherever the loop is left,
``leave(True)`` or ``leave(False)`` comes before: the argument says whether the iteration that
was going on is done; it is None where the loop runs out. A ``while`` becomes a ``for`` over an
endless iterator, with its condition first in the body: at the top of a cell that is three
times cheaper than any statement that counts. Every node of ours stands where the user's own
stands, so that tracebacks stay as they are.
"""

from __future__ import annotations

import ast
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, cast

from ocarbon_magic.lines import shortened
from ocarbon_magic.progress.base import Duty, Precedence, Site
from ocarbon_magic.progress.loops.duty import duty_of, without_gradient, works
from ocarbon_magic.progress.loops.syntax import Loop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Refer = Callable[[Site, ast.For | ast.While, Site | None], Callable[[str], ast.expr]]

DEEPEST = 6
"""Loops nested deeper than this are not counted: they are part of a step."""

SOURCE = "cell loop"
LONGEST_LABEL = 60


class _Around(NamedTuple):
    """A loop being rewritten.

    ``worked`` says whether an iteration that is left here has done its work: the training
    step where one is seen, else any statement.
    """

    site: Site
    refer: Callable[[str], ast.expr]
    worked: list[bool]


class LoopRewriter(ast.NodeTransformer):
    """Rewrites the loops of one cell or function, in place; not those of scopes within.

    Parameters
    ----------
    refer : callable
        Given a site, its loop, and the site around it, returns what makes expressions for
        what the loop shall call, by name: ``enter`` and ``leave``.
    """

    def __init__(self, refer: Refer) -> None:
        self._refer = refer
        self._loops: list[_Around | None] = []
        self._evaluating = False

    def rewrite(self, body: list[ast.stmt], *, top: bool = True) -> list[ast.stmt]:
        """Return ``body`` with its loops rewritten; ``top`` if it is that of a loop or scope."""
        changed: list[ast.stmt] = []
        for statement in body:
            result = self.visit(statement)
            changed += result if isinstance(result, list) else [result]
            around = self._loops[-1] if self._loops else None
            if around is not None:
                any_work = top and around.site.duty < Duty.GRADIENT
                around.worked[0] |= any_work or works(statement)
        return changed

    def visit_For(self, node: ast.For) -> ast.stmt:
        """Hand the iterable through ``enter``."""
        with self._within(node) as around:
            node.body = self.rewrite(node.body)
        if around is not None:
            node.iter = _call(around, "enter", node.iter, node.iter)
            node.orelse = [_leaving(around, node, complete=None), *node.orelse]
        node.orelse = self.rewrite(node.orelse)
        return node

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.stmt:
        """Leave the loop as it is, and count those inside it."""
        with self._uncounted():
            node.body = self.rewrite(node.body)
        node.orelse = self.rewrite(node.orelse)
        return node

    def visit_While(self, node: ast.While) -> ast.stmt:
        """Run the loop as a ``for``, if its ``else`` does not jump out of an outer loop."""
        if any(isinstance(part, ast.Break | ast.Continue) for part in _jumps(node.orelse)):
            with self._uncounted():
                node.body = self.rewrite(node.body)
            node.orelse = self.rewrite(node.orelse)
            return node
        with self._within(node) as around:
            node.body = self.rewrite(node.body)
        node.orelse = self.rewrite(node.orelse)
        if around is None:
            return node
        ending = [_leaving(around, node, complete=None), *node.orelse, ast.Break()]
        over = ast.If(ast.UnaryOp(ast.Not(), node.test), ending, [])
        nothing = ast.Tuple([], ast.Load())
        endless = _call(around, "enter", nothing, node.test)
        loop = ast.For(ast.Tuple([], ast.Store()), endless, [over, *node.body], [])
        for made in (over, over.test, ending[-1], loop.target, nothing):
            ast.copy_location(made, node.test)
        return ast.copy_location(loop, node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Rewrite the blocks of a statement; no expression is looked at."""
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                setattr(node, name, self.rewrite(block, top=False))
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            self.generic_visit(part)
        return node

    def visit_Break(self, node: ast.Break) -> ast.stmt | list[ast.stmt]:
        """End the pass first."""
        around = self._loops[-1] if self._loops else None
        if around is None:
            return node
        return [_leaving(around, node, complete=around.worked[0]), node]

    def visit_Return(self, node: ast.Return) -> ast.stmt | list[ast.stmt]:
        """End the passes of all loops that are returned from; the outer ones in mid-iteration."""
        inner_first = [around for around in reversed(self._loops) if around is not None]
        leaving = [
            _leaving(around, node, complete=around is self._loops[-1] and around.worked[0])
            for around in inner_first
        ]
        if node.value is None or not leaving:
            return [*leaving, node]
        # After the value, whose making may fail and be caught within the loop.
        calls = [statement.value for statement in leaving]
        pair = ast.Tuple([node.value, *calls], ast.Load())
        first = ast.Subscript(pair, ast.Constant(0), ast.Load())
        for made in (pair, first, first.slice):
            ast.copy_location(made, node.value)
        node.value = first
        return node

    def visit_With(self, node: ast.With) -> ast.stmt:
        """Take loops without gradients for evaluation."""
        before = self._evaluating
        self._evaluating = before or without_gradient(node)
        self.generic_visit(node)
        self._evaluating = before
        return node

    def visit_scope(self, node: ast.AST) -> ast.AST:
        """Leave another scope alone: what it does is not part of this body."""
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = visit_scope  # noqa: N815 - the visitor's protocol

    @contextmanager
    def _within(self, node: ast.For | ast.While) -> Iterator[_Around | None]:
        """Make the loop's site, unless it is nested too deep, and work inside it."""
        around = None
        outer = [a.site for a in self._loops if a is not None]
        if len(outer) < DEEPEST and not _is_held_back(node.body):
            site = _site(node, evaluating=self._evaluating)
            refer = self._refer(site, node, outer[-1] if outer else None)
            around = _Around(site, refer, [False])
        self._loops.append(around)
        yield around
        self._loops.pop()

    @contextmanager
    def _uncounted(self) -> Iterator[None]:
        self._loops.append(None)
        yield
        self._loops.pop()


def _is_held_back(body: list[ast.stmt]) -> bool:
    """Return whether a ``finally`` may undo a jump out of the loop with this body."""
    blocks = (part for statement in body for part in ast.walk(statement))
    return any(
        isinstance(part, ast.Break | ast.Continue | ast.Return)
        for block in blocks
        if isinstance(block, ast.Try | ast.TryStar)
        for statement in block.finalbody
        for part in ast.walk(statement)
    )


def header(loop: Loop) -> str:
    """Return the line that a person would call a loop by."""
    if isinstance(loop, ast.While):
        text = f"while {ast.unparse(loop.test)}"
    else:
        target = ast.unparse(loop.target)
        if isinstance(loop.target, ast.Tuple):
            target = target[1:-1]
        text = f"for {target} in {ast.unparse(loop.iter)}"
    return shortened(text, LONGEST_LABEL)


def _site(node: ast.For | ast.While, *, evaluating: bool) -> Site:
    duty = duty_of(node)
    if evaluating and duty is Duty.UNKNOWN:
        duty = Duty.EVALUATION
    target = ast.walk(node.target) if isinstance(node, ast.For) else ()
    variable = next((n.id for n in target if isinstance(n, ast.Name)), "")
    return Site(header(node), SOURCE, Precedence.LOOP, duty=duty, variable=variable)


def _jumps(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the statements below ``body`` that could jump out of the loop around it."""
    for node in body:
        if isinstance(node, Loop):
            yield from _jumps(node.orelse)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
            yield from _jumps([n for n in ast.iter_child_nodes(node) if isinstance(n, ast.stmt)])
            for part in ast.iter_child_nodes(node):
                if isinstance(part, ast.ExceptHandler | ast.match_case):
                    yield from _jumps(part.body)


def _call(around: _Around, method: str, argument: ast.expr, place: ast.AST) -> ast.expr:
    made = ast.Call(around.refer(method), [argument], [])
    for node in (made, *ast.walk(made.func)):
        if "lineno" in getattr(node, "_attributes", ()):
            ast.copy_location(cast("ast.expr", node), place)
    return made


def _leaving(around: _Around, place: ast.stmt, *, complete: bool | None) -> ast.Expr:
    argument = ast.copy_location(ast.Constant(complete), place)
    return ast.copy_location(ast.Expr(_call(around, "leave", argument, place)), place)

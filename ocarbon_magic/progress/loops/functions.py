"""The notebook's functions that a cell calls, and a second code for them that counts loops.

A function is given the second code for the time of the cell, and only if that cannot be
noticed: it stands at the top of a cell, has no decorator, is neither a generator nor a coroutine
(whose loops interleave with others), and the cell does nothing with it but call it by its name.
What is handed on, to a compiler, a thread or another process, is handed on as it is.
"""

from __future__ import annotations

import ast
import copy
import linecache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ocarbon_magic.progress.loops.rewrite import LoopRewriter

Definition = ast.FunctionDef

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


class Called(NamedTuple):
    """Functions that a cell calls by name: those it defines itself, and those made before."""

    made_here: list[Definition]
    made_before: list[tuple[FunctionType, Definition]]


def called_functions(tree: ast.Module, namespace: Mapping[str, Any]) -> Called:
    """Return the functions that ``tree`` does nothing with but call."""
    here = {
        node.name: node for node in tree.body if isinstance(node, Definition | ast.AsyncFunctionDef)
    }
    names = _Names()
    for statement in tree.body:
        if here.get(getattr(statement, "name", "")) is not statement:
            names.look_at(statement)
    before: dict[str, tuple[FunctionType, Definition]] = {}
    suited: dict[str, Definition] = {}
    waiting = sorted(names.called)
    while waiting:
        name = waiting.pop()
        node = here.get(name)
        if node is None and name in namespace:
            made = _made_in_a_cell(namespace[name], namespace)
            if made is not None and made[1].name == name:
                before[name], node = made, made[1]
        if not isinstance(node, Definition) or not _is_plain(node):
            continue
        suited[name] = node
        known = set(names.called)
        for statement in node.body:
            names.look_at(statement)
        waiting += sorted(names.called - known)
    for name, node in here.items():
        if name not in suited:
            names.handed_on |= _all_names(node)
    only_called = {name: node for name, node in suited.items() if name not in names.handed_on}
    return Called(
        made_here=[node for name, node in only_called.items() if here.get(name) is node],
        made_before=[made for name, made in before.items() if name in only_called],
    )


def code_with(
    rewriter: LoopRewriter,
    hooks: Mapping[str, object],
    function: FunctionType,
    definition: Definition,
    flags: int,
) -> CodeType | None:
    """Return the code of ``function`` with its loops rewritten.

    Parameters
    ----------
    rewriter : LoopRewriter
        Refers to the hooks by the strings that are the keys of ``hooks``.
    hooks : mapping
        What shall stand in the code in place of those strings; filled by ``rewriter``.
    function, definition
        The function, and the syntax tree that it may have been made from.
    flags : int
        Compiler flags of the notebook.

    Returns
    -------
    code or None
        None if the function was not made from ``definition``, or has no loops.
    """
    own = function.__code__
    if _compiled(definition, own.co_filename, flags) != own:
        return None
    changed = copy.deepcopy(definition)
    changed.body = rewriter.rewrite(changed.body)
    if not hooks:
        return None
    code = _compiled(changed, own.co_filename, flags)
    consts = (hooks.get(c, c) if isinstance(c, str) else c for c in code.co_consts)
    return code.replace(co_consts=tuple(consts))


class _Names:
    """Names that code calls, and names that it does anything else with."""

    def __init__(self) -> None:
        self.called: set[str] = set()
        self.handed_on: set[str] = set()

    def look_at(self, node: ast.AST) -> None:
        """Collect the names of ``node``; all that another scope names is handed on to it."""
        if isinstance(node, _SCOPES):
            self.handed_on |= _all_names(node)
            return
        if isinstance(node, ast.Name):
            self.handed_on.add(node.id)
        parts: Iterable[ast.AST] = ast.iter_child_nodes(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            self.called.add(node.func.id)
            parts = [*node.args, *node.keywords]
        for part in parts:
            self.look_at(part)


def _all_names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _is_plain(node: Definition) -> bool:
    return not node.decorator_list and not _yields(node.body)


def _yields(nodes: Iterable[ast.AST]) -> bool:
    return any(
        isinstance(node, ast.Yield | ast.YieldFrom)
        or (not isinstance(node, _SCOPES) and _yields(ast.iter_child_nodes(node)))
        for node in nodes
    )


def _made_in_a_cell(
    value: object, namespace: Mapping[str, Any]
) -> tuple[FunctionType, Definition] | None:
    """Return a function of the notebook with the definition that its source shows."""
    if type(value) is not FunctionType or value.__globals__ is not namespace:
        return None
    source = "".join(linecache.getlines(value.__code__.co_filename))
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    line = value.__code__.co_firstlineno
    found = (n for n in tree.body if isinstance(n, Definition) and n.lineno == line)
    return next(((value, node) for node in found), None)


def _compiled(definition: Definition, filename: str, flags: int) -> CodeType:
    module = ast.Module([definition], [])
    code = compile(module, filename, "exec", flags=flags, dont_inherit=True)
    return next(c for c in code.co_consts if isinstance(c, CodeType))

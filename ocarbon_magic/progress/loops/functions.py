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
import sys
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from ocarbon_magic.progress.loops.syntax import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ocarbon_magic.progress.loops.rewrite import LoopRewriter

Definition = ast.FunctionDef

_HOLDERS = 3
"""How often a function is held that nobody but the notebook's names holds: by those, and by us."""


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
    trees: dict[str, ast.Module | None] = {}
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
            made = _made_in_a_cell(namespace[name], namespace, trees)
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
    names.handed_on |= _held_elsewhere(namespace, names.handed_on)
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

    def look_at(self, statement: ast.AST) -> None:
        """Collect the names of a statement; what another scope names is handed on to it."""
        waiting: list[ast.AST] = [statement]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Scope):
                self.handed_on |= _all_names(node)
                continue
            if isinstance(node, ast.Name):
                self.handed_on.add(node.id)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                self.called.add(node.func.id)
                waiting += [*node.args, *node.keywords]
            else:
                waiting += ast.iter_child_nodes(node)


def _held_elsewhere(namespace: Mapping[str, Any], handed_on: set[str]) -> set[str]:
    """Return the names that code may use which others than the cell run, or have compiled.

    That is the code of classes, of wrapped functions, of what the cell hands on, and of all
    functions that these name in turn.
    """
    found: set[str] = set()
    waiting: list[Any] = []
    for name, value in list(namespace.items()):
        plain = type(value) is FunctionType and not hasattr(value, "__wrapped__")
        if not plain or name in handed_on:
            waiting.append(value)
    while waiting:
        for code in _codes_of(waiting.pop()):
            for name in set(code.co_names) - found:
                found.add(name)
                value = namespace.get(name)
                if type(value) is FunctionType:
                    waiting.append(value)
    return found


_WRAPPED = ("__wrapped__", "__func__", "_torchdynamo_orig_callable", "py_func", "fn", "func")


def _codes_of(value: Any) -> Iterable[CodeType]:  # noqa: ANN401 - whatever a notebook names
    """Return the code of a function, of what it wraps, or of the methods of a class."""
    if isinstance(value, FunctionType):
        yield value.__code__
    inner: list[Any] = []
    if isinstance(value, type):
        inner = [m for m in vars(value).values() if value.__module__ == "__main__"]
    elif callable(value):
        attributes = getattr(value, "__dict__", {})
        inner = [attributes[name] for name in _WRAPPED if name in attributes]
    for part in inner:
        if part is not value and (isinstance(part, FunctionType) or hasattr(part, "__func__")):
            yield from _codes_of(getattr(part, "__func__", part))


def _all_names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _is_plain(node: Definition) -> bool:
    return not node.decorator_list and not _yields(node.body)


def _yields(nodes: Iterable[ast.AST]) -> bool:
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, Scope):
            waiting += ast.iter_child_nodes(node)
    return False


def _made_in_a_cell(
    value: object, namespace: Mapping[str, Any], trees: dict[str, ast.Module | None]
) -> tuple[FunctionType, Definition] | None:
    """Return a function of the notebook with the definition that its source shows."""
    if type(value) is not FunctionType or value.__globals__ is not namespace:
        return None
    if sys.getrefcount(value) > _HOLDERS:
        return None
    file = value.__code__.co_filename
    if file not in trees:
        trees[file] = _parsed("".join(linecache.getlines(file)))
    tree = trees[file]
    if tree is None:
        return None
    line = value.__code__.co_firstlineno
    found = (n for n in tree.body if isinstance(n, Definition) and n.lineno == line)
    return next(((value, node) for node in found), None)


def _compiled(definition: Definition, filename: str, flags: int) -> CodeType:
    module = ast.Module([definition], [])
    code = compile(module, filename, "exec", flags=flags, dont_inherit=True)
    return next(c for c in code.co_consts if isinstance(c, CodeType))


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None

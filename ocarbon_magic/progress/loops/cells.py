"""The loops of a measured cell, and of the functions it calls, counted while it runs."""

from __future__ import annotations

import ast
import builtins
import itertools
import time
from contextlib import suppress
from functools import partial
from types import CodeType, FunctionType, SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from ocarbon_magic.progress.lengths import samples_in
from ocarbon_magic.progress.loops.condition import Countdown, condition_of
from ocarbon_magic.progress.loops.functions import called_functions, code_with
from ocarbon_magic.progress.loops.rewrite import LoopRewriter
from ocarbon_magic.progress.passes import endless, passed
from ocarbon_magic.progress.tracker import Tracked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ocarbon_magic.progress.base import Site
    from ocarbon_magic.progress.loops.functions import Definition
    from ocarbon_magic.progress.nest import Nest, Node

NAME = "__ocarbon__"
"""What the code of a cell calls its loops by, among the built-in names: not the user's."""

_JUDGED_AFTER = 64
"""Passes after which an inner loop is judged."""

_SHORT_STEPS, _SHORT_S = 100, 1e-3
"""A pass of fewer steps and less time than this is not worth the microseconds it costs."""

_numbers = itertools.count()


class LoopHook:
    """What the code of one loop talks to; `silence` makes it cost next to nothing.

    Wherever its code goes, it works: pickled into another process, it is there what it is
    here when silent.
    """

    __slots__ = ("_nest", "_node", "_site", "_within", "enter", "leave")

    def __init__(self, nest: Nest, site: Site, within: Site | None) -> None:
        self._nest, self._site, self._within = nest, site, within
        self._node: Node | None = None
        self.enter: Callable[[Any], Iterable[Any]] = self._enter
        self.leave: Callable[[bool], object] = self._leave

    def silence(self) -> None:
        """Count no more."""
        self.enter, self.leave = iter, bool

    def _give_up(self) -> None:
        """Count no more, and forget what was counted: it is not all."""
        self.silence()
        if self._node is not None:
            self._node.counted = False

    def _enter(self, iterable: Iterable[Any]) -> Iterable[Any]:
        try:
            if type(iterable) is Tracked:
                items, one = iterable.begin(self._site)
            else:
                items, one = passed(iterable)
                if self._node is None:
                    self._site.samples_per_step = samples_in(iterable)
            self._enter_pass(one)
        except Exception:  # noqa: BLE001 - counting never breaks training
            return iterable
        return items

    def _enter_pass(self, one: Any) -> None:  # noqa: ANN401 - a LoopPass
        node = self._nest.enter(self._site, one, self._within)
        if node is not None:
            self._node = node
            if node.entries == _JUDGED_AFTER:
                self._judge(node)
        elif self._nest.is_own_thread():
            self._give_up()  # a recursion: its loops have no one place in a nest

    def _judge(self, node: Node) -> None:
        """Fall silent in an inner loop that is too short to be worth counting."""
        short = node.done() < _SHORT_STEPS * node.entries
        if short and node.seconds(time.perf_counter()) < _SHORT_S * node.entries:
            self._nest.leave(self._site, complete=False)
            self._give_up()

    def _leave(self, complete: bool) -> None:  # noqa: FBT001 - as the loop's code says it
        with suppress(Exception):  # counting never breaks training
            self._nest.leave(self._site, complete=complete)

    def __reduce__(self) -> tuple[Any, ...]:
        return SimpleNamespace, (), {"enter": iter, "leave": bool}


class WhileHook(LoopHook):
    """What the code of a ``while`` loop talks to; ``begin`` makes its countdown, if it has one."""

    __slots__ = ("_begin",)

    def __init__(
        self,
        nest: Nest,
        site: Site,
        within: Site | None,
        begin: Callable[[], Countdown] | None = None,
    ) -> None:
        super().__init__(nest, site, within)
        self._begin = begin

    def silence(self) -> None:
        """Count no more."""
        LoopHook.silence(self)
        self.enter = itertools.repeat

    def _enter(self, nothing: Iterable[Any]) -> Iterable[Any]:
        try:
            items, one = endless(None if self._begin is None else self._begin())
            self._enter_pass(one)
        except Exception:  # noqa: BLE001 - counting never breaks training
            return itertools.repeat(nothing)
        return items

    def __reduce__(self) -> tuple[Any, ...]:
        return SimpleNamespace, (), {"enter": itertools.repeat, "leave": bool}


class CellLoops:
    """Counts the loops of one cell, and of the notebook's functions that it calls.

    Parameters
    ----------
    nest : Nest
        Where the loops are counted.
    namespace : mapping
        The notebook's names, to find the functions that the cell calls.
    flags : int
        Compiler flags of the notebook (its ``from __future__`` imports).
    """

    def __init__(self, nest: Nest, namespace: Mapping[str, Any], flags: int) -> None:
        self._nest, self._namespace, self._flags = nest, namespace, flags
        self._hooks: list[LoopHook] = []
        self._names: list[int] = []
        self._functions: list[tuple[FunctionType, CodeType, CodeType]] = []

    def count(self, tree: ast.Module) -> None:
        """Let the loops of ``tree`` count, in place, and those of the functions it calls."""
        called = called_functions(tree, self._namespace)
        for function, definition in called.made_before:
            self._give_code(function, definition)
        body: list[ast.stmt] = []
        for statement in LoopRewriter(self._by_name).rewrite(tree.body):
            body.append(statement)
            if statement in called.made_here:
                body.append(self._when_made(statement))
        tree.body = body

    def close(self) -> None:
        """Count no more, and give the functions their own code back."""
        for hook in self._hooks:
            hook.silence()
        for function, own, ours in self._functions:
            if function.__code__ is ours:
                function.__code__ = own
        hooks = getattr(builtins, NAME, {})
        for name in self._names:
            hooks.pop(name, None)
        if not hooks and hasattr(builtins, NAME):
            delattr(builtins, NAME)

    def _kept(self, hook: LoopHook) -> LoopHook:
        self._hooks.append(hook)
        return hook

    def _by_name(
        self, site: Site, loop: ast.For | ast.While, within: Site | None
    ) -> Callable[[], ast.expr]:
        """Refer to a loop of the cell itself, whose code lives no longer than the cell."""
        if isinstance(loop, ast.For):
            return self._named(self._kept(LoopHook(self._nest, site, within)))
        condition = condition_of(loop.test)
        begin = None if condition is None else partial(Countdown, condition, self._namespace)
        return self._named(self._kept(WhileHook(self._nest, site, within, begin)))

    def _named(self, thing: object) -> Callable[[], ast.expr]:
        number = next(_numbers)
        self._names.append(number)
        builtins.__dict__.setdefault(NAME, {})[number] = thing
        return lambda: ast.Subscript(ast.Name(NAME, ast.Load()), ast.Constant(number), ast.Load())

    def _when_made(self, definition: Definition) -> ast.stmt:
        """Return a statement that gives a function of the cell its second code."""

        def made(function: object) -> bool:
            if type(function) is FunctionType:
                self._give_code(function, definition)
            return False

        test = ast.Call(self._named(made)(), [ast.Name(definition.name, ast.Load())], [])
        statement = ast.If(test, [ast.Pass()], [])
        for node in ast.walk(statement):
            if "lineno" in getattr(node, "_attributes", ()):
                ast.copy_location(cast("ast.stmt", node), definition)
        return statement

    def _give_code(self, function: FunctionType, definition: Definition) -> None:
        hooks: dict[str, LoopHook] = {}

        def by_constant(
            site: Site, loop: ast.For | ast.While, within: Site | None
        ) -> Callable[[], ast.expr]:
            key = f"{NAME}{next(_numbers)}"
            kind = LoopHook if isinstance(loop, ast.For) else WhileHook
            hooks[key] = self._kept(kind(self._nest, site, within))
            return lambda: ast.Constant(key)

        try:
            own = function.__code__
            code = code_with(LoopRewriter(by_constant), hooks, function, definition, self._flags)
            if code is not None:
                self._functions.append((function, own, code))  # first, should we be interrupted
                function.__code__ = code
        except Exception:  # noqa: BLE001, S110 - counting never breaks training
            pass

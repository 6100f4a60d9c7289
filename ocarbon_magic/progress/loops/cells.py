"""The loops of a measured cell, and of the functions it calls, counted while it runs."""

from __future__ import annotations

import ast
import builtins
import itertools
import time
from collections import deque
from dataclasses import replace
from functools import partial
from types import CodeType, FunctionType, SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from ocarbon_magic.progress.base import Duty
from ocarbon_magic.progress.lengths import bar_of, samples_in
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

NAME = "__ocarbon_"
"""How the names begin by which a cell's code calls us, among the built-in ones: not the user's."""

_JUDGED_AFTER = 64
"""Passes after which an inner loop is judged, and again each time it has made twice as many."""

_NOTHING = deque[Any](maxlen=0).append
"""Takes anything and returns None, at once and in any process."""

_SHORT_S = {True: 4e-4, False: 1e-3}
"""A pass that takes less time is not worth the 4 µs that it costs to count it, 1 % of a loop
that is seen to train and 0.4 % of any other, such as one inside a training step: of these two."""

_numbers = itertools.count()


class LoopHook:
    """What the code of one loop talks to; `silence` makes it cost next to nothing.

    Wherever its code goes, it works: pickled into another process, it is there what it is
    here when silent.

    Parameters
    ----------
    nest, site, within
        Where the loop is counted, and its place there.
    named : bool
        Whether the code finds ``enter`` and ``leave`` among the built-in names, by `name_of`,
        or has the hook itself among its constants.
    """

    __slots__ = ("_at", "_judged", "_judged_at", "_named", "_nest", "_node", "_number", "_site",
                 "_tracked", "_within", "enter", "leave")  # fmt: skip

    def __init__(self, nest: Nest, site: Site, within: Site | None, *, named: bool) -> None:
        self._nest, self._site, self._within = nest, site, within
        self._at = site
        self._tracked: Site | None = None
        self._node: Node | None = None
        self._judged_at = _JUDGED_AFTER
        self._judged = (0, 0.0)
        self._number, self._named = next(_numbers), named
        self._be(self._enter, self._leave)

    def name_of(self, method: str) -> str:
        """Return the built-in name of ``enter`` or ``leave``."""
        return f"{NAME}{method}_{self._number}"

    def silence(self) -> None:
        """Count no more."""
        self._be(iter, _NOTHING)

    def forget(self) -> None:
        """Count no more, and leave no names behind."""
        self.silence()
        for method in ("enter", "leave"):
            vars(builtins).pop(self.name_of(method), None)

    def _be(
        self, enter: Callable[[Any], Iterable[Any]], leave: Callable[[bool | None], object]
    ) -> None:
        self.enter, self.leave = enter, leave
        if self._named:
            setattr(builtins, self.name_of("enter"), enter)
            setattr(builtins, self.name_of("leave"), leave)

    def _give_up(self) -> None:
        """Count no more, and forget what was counted: it is not all."""
        self.silence()
        self._nest.give_up(self._at)

    def _enter(self, iterable: Iterable[Any]) -> Iterable[Any]:
        try:
            if type(iterable) is Tracked:
                self._tracked = self._tracked or replace(self._site)
                self._at = self._tracked
                items, one = iterable.begin(self._at)
            else:
                self._at = self._site
                items, one = passed(iterable)
                if self._node is None:
                    self._site.samples_per_step = samples_in(iterable)
                bar = bar_of(iterable)
                if bar is not None:
                    self._nest.adopt(bar)
            self._enter_pass(one)
        except Exception:  # noqa: BLE001 - counting never breaks training
            return iterable
        return items

    def _enter_pass(self, one: Any) -> None:  # noqa: ANN401 - a LoopPass
        node = self._nest.enter(self._at, one, self._within)
        if node is not None:
            self._node = node
            if node.entries >= self._judged_at:
                self._judge(node)
        elif self._nest.is_own_thread():
            self._give_up()  # a recursion: its loops have no one place in a nest

    def _judge(self, node: Node) -> None:
        """Give up an inner loop whose passes are too short to be worth counting."""
        self._judged_at *= 2
        entries, seconds = node.entries, node.seconds(time.perf_counter())
        passes, took_s = entries - self._judged[0], seconds - self._judged[1]
        self._judged = entries, seconds
        if took_s < _SHORT_S[self._site.duty >= Duty.GRADIENT] * passes:
            self._give_up()

    def _leave(self, complete: bool | None) -> None:  # noqa: FBT001 - as the loop's code says it
        try:  # noqa: SIM105 - half a microsecond less
            self._nest.leave(self._at, complete=complete)
        except Exception:  # noqa: BLE001, S110 - counting never breaks training
            pass

    def __reduce__(self) -> tuple[Any, ...]:
        return SimpleNamespace, (), {"enter": iter, "leave": _NOTHING}


class WhileHook(LoopHook):
    """What the code of a ``while`` loop talks to; ``begin`` makes its countdown, if it has one."""

    __slots__ = ("_begin",)

    def __init__(
        self,
        nest: Nest,
        site: Site,
        within: Site | None,
        *,
        named: bool,
        begin: Callable[[], Countdown] | None = None,
    ) -> None:
        super().__init__(nest, site, within, named=named)
        self._begin = begin

    def silence(self) -> None:
        """Count no more."""
        self._be(itertools.repeat, _NOTHING)

    def _enter(self, nothing: Iterable[Any]) -> Iterable[Any]:
        try:
            items, one = endless(None if self._begin is None else self._begin())
            self._enter_pass(one)
        except Exception:  # noqa: BLE001 - counting never breaks training
            return itertools.repeat(nothing)
        return items

    def __reduce__(self) -> tuple[Any, ...]:
        return SimpleNamespace, (), {"enter": itertools.repeat, "leave": _NOTHING}


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
        self._makers: list[str] = []
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
            hook.forget()
        for name in self._makers:
            vars(builtins).pop(name, None)
        for function, own, ours in self._functions:
            if function.__code__ is ours:
                function.__code__ = own
        self._functions.clear()  # held by nobody else, they are counted in the next cell too

    def _by_name(
        self, site: Site, loop: ast.For | ast.While, within: Site | None
    ) -> Callable[[str], ast.expr]:
        """Refer to a loop of the cell itself, whose code lives no longer than the cell."""
        if isinstance(loop, ast.For):
            hook = LoopHook(self._nest, site, within, named=True)
        else:
            condition = condition_of(loop.test)
            begin = None if condition is None else partial(Countdown, condition, self._namespace)
            hook = WhileHook(self._nest, site, within, named=True, begin=begin)
        self._hooks.append(hook)
        return lambda method: ast.Name(hook.name_of(method), ast.Load())

    def _when_made(self, definition: ast.stmt) -> ast.stmt:
        """Return a statement that gives a function of the cell its second code."""
        made_of = cast("Definition", definition)
        name = f"{NAME}made_{next(_numbers)}"

        def made(function: object) -> bool:
            if type(function) is FunctionType:
                self._give_code(function, made_of)
            return False

        self._makers.append(name)
        setattr(builtins, name, made)
        called = ast.Name(made_of.name, ast.Load())
        statement = ast.If(ast.Call(ast.Name(name, ast.Load()), [called], []), [ast.Pass()], [])
        for node in ast.walk(statement):
            if "lineno" in getattr(node, "_attributes", ()):
                ast.copy_location(cast("ast.stmt", node), definition)
        return statement

    def _give_code(self, function: FunctionType, definition: Definition) -> None:
        hooks: dict[str, LoopHook] = {}

        def by_constant(
            site: Site, loop: ast.For | ast.While, within: Site | None
        ) -> Callable[[str], ast.expr]:
            kind = LoopHook if isinstance(loop, ast.For) else WhileHook
            hook = kind(self._nest, site, within, named=False)
            self._hooks.append(hook)
            key = hook.name_of("hook")
            hooks[key] = hook
            return lambda method: ast.Attribute(ast.Constant(key), method, ast.Load())

        try:
            own = function.__code__
            code = code_with(LoopRewriter(by_constant), hooks, function, definition, self._flags)
            if code is not None:
                self._functions.append((function, own, code))  # first, should we be interrupted
                function.__code__ = code
        except Exception:  # noqa: BLE001, S110 - counting never breaks training
            pass

"""How a measured cell runs: as the very same cell.

`%%carbon` is no wrapper around the code. Three small parts let IPython run the cell the
way it runs any other, with top-level ``await``, nested magics, the displayed result and the
numbered traceback all its own:

1. an input transformer turns the first line into a marker, a bare string, on the same line;
2. an AST transformer, acting only on a tree that begins with the marker, takes the marker
   out, starts the measurement and has the loops tell how far they are;
3. the ``post_run_cell`` event ends it, whatever happened.
"""

from __future__ import annotations

import ast
import linecache
import re
import sys
import threading
from typing import TYPE_CHECKING, Any, Protocol

from IPython.core.inputtransformer2 import cell_magic

from ocarbon_magic.shells import status_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

    from ocarbon_magic.run import Status

_FIRST_LINE = re.compile(r"%%carbon(?=\s|$)")


class Open(Protocol):
    """A measurement that has begun."""

    @property
    def interrupted(self) -> bool:
        """Whether the user interrupted what we did, and not their own code."""

    def count_loops(self, tree: ast.Module) -> None:
        """Let the loops of ``tree`` count, by changing it in place; never raises."""

    def end(self, status: Status) -> object:
        """End it; never raises."""


class Refused(Exception):  # noqa: N818 - it is no failure of ours, it is an answer
    """The cell must not start; the message is one sentence for the user."""


class CellRuns(ast.NodeTransformer):
    """Runs the measured cells of one shell.

    Parameters
    ----------
    shell : InteractiveShell
    begin : callable
        Begins a measurement, given the rest of the first line and the cell's source;
        raises `Refused` if the cell must not start.
    """

    def __init__(self, shell: InteractiveShell, begin: Callable[[str, str], Open]) -> None:
        self._shell = shell
        self._begin = begin
        self._levels = threading.local()

    def install(self) -> None:
        """Put the hooks into the shell; a second time changes nothing."""
        if mark not in self._shell.input_transformers_cleanup:
            self._shell.input_transformers_cleanup.append(mark)
        if self not in self._shell.ast_transformers:
            self._shell.ast_transformers.insert(0, self)
        self._shell.events.register("pre_run_cell", self._enter)
        self._shell.events.register("post_run_cell", self._leave)

    def uninstall(self) -> None:
        """Take the hooks out; a cell that is running is still measured to its end."""
        if mark in self._shell.input_transformers_cleanup:
            self._shell.input_transformers_cleanup.remove(mark)
        if self in self._shell.ast_transformers:
            self._shell.ast_transformers.remove(self)

    def visit(self, node: ast.AST) -> ast.AST:
        """Start the measurement of a tree that begins with the marker (AST transformer)."""
        line = _marked(node)
        levels = self._running()
        if line is None or not isinstance(node, ast.Module):
            return node
        del node.body[0]
        _show_as_comment(line)
        if not node.body:
            return _raising("UsageError", "%%carbon: there is no code to measure in this cell.")
        if not levels:
            return node  # a silent request: nobody would see the run or end it
        info, runs = levels[-1]
        try:
            run = self._begin(line, _body(info.raw_cell))
            runs.append(run)
            run.count_loops(node)
            if run.interrupted:
                raise KeyboardInterrupt  # noqa: TRY301 - as one that comes a moment earlier
        except Refused as refused:
            return _raising("UsageError", str(refused))
        except KeyboardInterrupt:
            return ast.parse("raise KeyboardInterrupt")
        except Exception as error:  # noqa: BLE001 - IPython would drop us for good, silently
            sys.stderr.write(f"%%carbon: this cell is not measured: {error!r}\n")
        return node

    def _running(self) -> list[tuple[Any, list[Open]]]:
        """Return the cells now running in this thread, outermost first, with their runs."""
        if not hasattr(self._levels, "stack"):
            self._levels.stack = []
        stack: list[tuple[Any, list[Open]]] = self._levels.stack
        return stack

    def _enter(self, info: Any) -> None:  # noqa: ANN401 - IPython's ExecutionInfo
        self._running().append((info, []))

    def _leave(self, result: Any) -> None:  # noqa: ANN401 - IPython's ExecutionResult or None
        stack = self._running()
        error = None if result is None else result.error_before_exec or result.error_in_exec
        depth = next((i for i, (info, _) in enumerate(stack) if info is _info(result)), None)
        if depth is None:
            if not stack or (result is not None and error is None):
                return  # an empty cell, or the cell that loaded the extension
            depth = len(stack) - 1  # a cell that was cancelled, or failed before it was known
        status = "interrupted" if result is None else status_of(error)
        for _, runs in reversed(stack[depth:]):
            for run in reversed(runs):
                run.end(status)
        del stack[depth:]


def mark(lines: list[str]) -> list[str]:
    """Replace a leading ``%%carbon`` line by the marker (input transformer).

    The rest of the cell stays where it is, so that line numbers hold; a cell magic below
    is transformed as it would have been without the first line. A cell that has no second
    line is left to IPython, which says what is missing.
    """
    if len(lines) < 2 or not _FIRST_LINE.match(lines[0]):  # noqa: PLR2004 - two lines
        return lines
    code = next((i for i, line in enumerate(lines[1:], 1) if line.strip()), len(lines))
    below: list[str] = cell_magic(lines[code:])  # type: ignore[no-untyped-call]
    # The u-prefix keeps the marker apart from a string that a user may have written.
    return [f"u{lines[0].strip()!r}\n", *lines[1:code], *below]


def _marked(tree: ast.AST) -> str | None:
    """Return what follows ``%%carbon`` in the marker that ``tree`` begins with, if any."""
    match tree:
        case ast.Module(body=[ast.Expr(value=ast.Constant(value=str(text), kind="u")), *_]):
            return text[len("%%carbon") :].strip() if _FIRST_LINE.match(text) else None
    return None


def _show_as_comment(line: str) -> None:
    """Let a traceback that quotes the marker's line quote what the user typed."""
    typed = f"%%carbon {line}".rstrip()
    marker = f"u{typed!r}\n"
    for _, _, lines, *_ in (e for e in reversed(linecache.cache.values()) if len(e) > 1):
        if lines and lines[0] == marker:
            lines[0] = f"# {typed}\n"
            return


def _body(cell: str) -> str:
    """Return the cell's source below its cell magics."""
    lines = cell.lstrip().splitlines()
    while lines and lines[0].lstrip().startswith("%%"):
        del lines[0]
    return "\n".join(lines)


def _raising(name: str, message: str) -> ast.Module:
    source = f"raise __import__('IPython.core.error', fromlist=[{name!r}]).{name}({message!r})"
    return ast.parse(source)


def _info(result: Any) -> object:  # noqa: ANN401 - IPython's ExecutionResult or None
    return object() if result is None else result.info


def execute(shell: Any, source: str, run: Open) -> object:  # noqa: ANN401 - an InteractiveShell
    """Run ``source``, measured by ``run``, and return its last expression's value.

    For a cell magic that is called by its name, as in an exported script; a cell that a
    person runs goes through `CellRuns`.
    """
    code = shell.transform_cell(source)
    name = shell.compile.cache(code, shell.execution_count)
    tree = shell.compile.ast_parse(code, filename=name)
    run.count_loops(tree)
    body = shell.transform_ast(ast.fix_missing_locations(tree)).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(shell.compile(ast.Module(body, []), name, "exec"), shell.user_ns)  # noqa: S102 - the user's cell
    if last is None:
        return None
    return eval(shell.compile(ast.Expression(last.value), name, "eval"), shell.user_ns)  # noqa: S307 - the user's cell

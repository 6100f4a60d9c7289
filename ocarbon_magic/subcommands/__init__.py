"""What `%carbon` answers: an object with a rich display for each subcommand.

A subcommand is a module of this package: its ``OPTIONS`` say what may stand on its line, its
``answer`` takes the words of the line, and its ``words``, where it has them, returns what the
tab key offers beside the options.
"""

from __future__ import annotations

import shlex
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from IPython.core.error import UsageError

from ocarbon_magic.lines import one_line
from ocarbon_magic.options import unknown_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ocarbon_magic.options import Option

SUBCOMMANDS = {
    "status": "",
    "doctor": "",
    "estimate": "",
    "runs": "[NAME]",
    "compare": "[RUN ...]",
    "whatif": "[RUN]",
    "when": "[DURATION]",
    "advise": "[RUN]",
    "report": "[RUN ...]",
    "export": "PATH [RUN ...]",
    "zone": "[TEXT]",
    "help": "[SUBCOMMAND]",
}
"""What may stand behind each beside its options, in the order in which the help names them."""

_HELP = ("--help", "-h")


class Subcommand(Protocol):
    """What a module of this package offers."""

    OPTIONS: Mapping[str, Option]

    def answer(self, words: Sequence[str]) -> Any:  # noqa: ANN401 - an object with a rich display
        """Return what is shown for the rest of the line; raises `ValueError` for bad input."""


def subcommand(name: str) -> Subcommand:
    """Return the subcommand of that name, which exists."""
    return cast("Subcommand", import_module(f"{__name__}.{name}"))


def answer(line: str) -> object:
    """Return what the subcommand on a ``%carbon`` line answers.

    Raises
    ------
    UsageError
        If there is no such subcommand, or its argument is wrong.
    """
    try:
        name, *words = shlex.split(line) or ["status"]
    except ValueError:
        raise UsageError("%carbon: a quotation mark is not closed.") from None
    if name in _HELP:
        name = "help"
    elif any(word in _HELP for word in words):
        name, words = "help", [name]
    if name not in SUBCOMMANDS:
        raise UsageError(f"%carbon: {unknown_name('subcommand', name, SUBCOMMANDS)}")
    try:
        return subcommand(name).answer(words)
    except ValueError as error:
        raise UsageError(f"%carbon {name}: {one_line(str(error))}") from None

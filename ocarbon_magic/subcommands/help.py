"""`%carbon help`: what can be asked, and with which options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.options import no_more, unknown_name
from ocarbon_magic.subcommands import SUBCOMMANDS, subcommand
from ocarbon_magic.views.answers import options_of, questions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.options import Option
    from ocarbon_magic.views.table import Table

OPTIONS: dict[str, Option] = {}


def words() -> list[str]:
    """Return what the tab key offers."""
    return [*SUBCOMMANDS]


def answer(typed: Sequence[str]) -> Table:
    """Return the options of the subcommand named, else all subcommands.

    Raises
    ------
    ValueError
        If there is no such subcommand.
    """
    no_more(typed[1:], OPTIONS)
    if not typed:
        return questions([(_line(name), _purpose(name)) for name in SUBCOMMANDS])
    name = typed[0]
    if name not in SUBCOMMANDS:
        raise ValueError(unknown_name("subcommand", name, SUBCOMMANDS))
    return options_of(f"%carbon {_line(name)}", _purpose(name), subcommand(name).OPTIONS.values())


def _line(name: str) -> str:
    return f"{name} {SUBCOMMANDS[name]}".rstrip()


def _purpose(name: str) -> str:
    """Return what the first line of a subcommand's module says; nothing under ``python -OO``."""
    first = (subcommand(name).__doc__ or "").partition("\n")[0]
    return first.partition(": ")[2].rstrip(".")

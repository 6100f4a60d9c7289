"""Tab completion of the magics: options and their values, subcommands and theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocarbon_magic.config import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ocarbon_magic.options import Option


def complete_cell(_shell: object, event: Any) -> list[str]:  # noqa: ANN401 - IPython's completion event
    """Complete the first line of a ``%%carbon`` cell (``complete_command`` hook)."""
    return _starting(_after(_done(event), OPTIONS), event.symbol)


def complete_line(_shell: object, event: Any) -> list[str]:  # noqa: ANN401 - IPython's completion event
    """Complete a ``%carbon`` line (``complete_command`` hook)."""
    from ocarbon_magic.subcommands import SUBCOMMANDS, subcommand  # noqa: PLC0415 - when first asked

    _, *done = _done(event)
    if not done:
        return _starting(SUBCOMMANDS, event.symbol)
    if done[0] not in SUBCOMMANDS:
        return []
    asked = subcommand(done[0])
    offered = _after(done, asked.OPTIONS)
    other = getattr(asked, "words", None)
    if other is not None and not _wants_value(done, asked.OPTIONS):
        offered = [*other(), *offered]
    return _starting(offered, event.symbol)


def _done(event: Any) -> list[str]:  # noqa: ANN401 - IPython's completion event
    """Return the words before the one that is typed."""
    words = str(event.line).split()
    return words if str(event.line).endswith(" ") else words[:-1]


def _wants_value(done: list[str], options: Mapping[str, Option]) -> bool:
    return any(o.flag == done[-1] and o.metavar is not None for o in options.values())


def _after(done: list[str], options: Mapping[str, Option]) -> Sequence[str]:
    """Return the values of the option that was typed last, else the options not yet there."""
    for option in options.values():
        wants = option.metavar is not None and not option.optional
        if done and option.flag == done[-1] and wants:
            looked_up = _VALUES.get(option.name)
            return option.choices if looked_up is None else looked_up()
    return [option.flag for option in options.values() if option.flag not in done]


def _devices() -> list[str]:
    """Return names of accelerators that are one word on a line."""
    from ocarbon_magic.planning.devices import single_words  # noqa: PLC0415 - reads the tables

    return single_words()


def _zones() -> list[str]:
    from ocarbon_magic.carbon.intensity import all_codes  # noqa: PLC0415 - reads the tables

    return all_codes()


_VALUES = {"zone": _zones, "device": _devices}
"""Values of options that are too many to stand in a table of options."""


def _starting(words: Iterable[str], typed: str) -> list[str]:
    return [word for word in words if word.lower().startswith(typed.lower())]

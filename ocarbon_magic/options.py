"""Options: what one is, and how a line of words says several.

The magics, the Python API and the environment share one table of options each; what is
typed wrong is answered with one sentence that names it and what it must be.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

ENVIRONMENT_PREFIX = "OCARBON_"

_STDOUT = "-"
"""A word of its own, which stands for the output in place of a file."""


class OptionError(ValueError):
    """An option has a value it cannot have; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option, as the magic, the Python API and the environment know it.

    Attributes
    ----------
    name : str
        The Python name; the magic writes dashes for underscores.
    check : callable
        Turns text or a Python value into the option's value; raises `ValueError` with the
        end of the sentence "--name must be ...".
    metavar : str or None
        What stands for the value in the help; None marks a flag.
    help : str
    configurable : bool
        Whether configuration and environment may set it.
    choices : sequence of str
        Values that the tab key offers.
    optional : bool
        Whether the value may be left out in a cell, which says True.
    """

    name: str
    check: Callable[[Any], Any]
    metavar: str | None
    help: str
    configurable: bool = False
    choices: Sequence[str] = ()
    optional: bool = False

    @property
    def flag(self) -> str:
        """The option as typed in a cell."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return ENVIRONMENT_PREFIX + self.name.upper()

    def parse(self, value: object, label: str | None = None) -> object:
        """Return ``value`` checked, or raise `OptionError` naming ``label``."""
        try:
            return self.check(value)
        except ValueError as error:
            raise OptionError(f"{label or self.flag} must be {error}, not {value!r}.") from None


def unknown_name(kind: str, name: str, known: Iterable[str]) -> str:
    """Return the sentence for a name that is not among ``known``, with the nearest one."""
    import difflib  # noqa: PLC0415 - only for someone who mistyped

    known = list(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    rest = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}."
    return f"unknown {kind} {name}: {rest}"


def any_text(what: str) -> Callable[[Any], str]:
    """Return a check for words: ``what`` is asked for where there are none."""

    def check(value: object) -> str:
        stripped = value.strip() if isinstance(value, str) else str(value).strip()
        if not stripped:
            raise ValueError(what)
        return stripped

    return check


def one_of(*names: str) -> Callable[[Any], str]:
    """Return a check for one of several words, whatever their case."""

    def check(value: object) -> str:
        word = value.strip().lower() if isinstance(value, str) else ""
        if word not in names:
            raise ValueError(", ".join(names[:-1]) + f" or {names[-1]}" if names[1:] else names[0])
        return word

    return check


def number(
    what: str, least: float, most: float = math.inf, *, above: bool = False
) -> Callable[[Any], float]:
    """Return a check for a finite number from ``least`` (or ``above`` it) to ``most``."""

    def check(value: object) -> float:
        try:
            found = float(cast("str | float", value))
        except (TypeError, ValueError):
            raise ValueError(what) from None
        if not (math.isfinite(found) and least <= found <= most) or (above and found == least):
            raise ValueError(what)
        return found

    return check


def read_words(
    words: Sequence[str], options: Mapping[str, Option]
) -> tuple[dict[str, Any], list[str]]:
    """Return what the words of a line say by the keys of ``options``, and the words left over.

    ``--params 7B``, ``--params=7B`` and ``params=7B`` are the same; an option without a
    metavar is a flag, which stands alone and gives True.

    Raises
    ------
    OptionError
        If a word that looks like an option is none, or one has a value it cannot have.
    """
    by_flag = {option.flag: key for key, option in options.items()}
    said: dict[str, Any] = {}
    left: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        typed, equals, value = word.partition("=")
        flag = typed if typed.startswith("-") or not equals else "--" + typed.replace("_", "-")
        if flag not in by_flag:
            if typed.startswith("-") and typed != _STDOUT and not _is_number(typed):
                raise OptionError(unknown_name("option", typed, by_flag))
            left.append(word)
            continue
        key = by_flag[flag]
        if key in said:
            raise OptionError(f"{flag} is given twice: keep one of them.")
        if options[key].metavar is None:
            if equals:
                raise OptionError(f"{flag} takes no value.")
            said[key] = True
            continue
        if not equals and (not rest or rest[0] in by_flag):
            raise OptionError(f"{flag} needs a value.")
        said[key] = options[key].parse(value if equals else rest.pop(0))
    return said, left


def no_more(left: Sequence[str], options: Mapping[str, Option]) -> None:
    """Refuse words that were left over.

    Raises
    ------
    OptionError
        If there are any; it names the option that the first may have been meant as.
    """
    if not left:
        return
    if not options:
        raise OptionError(f"takes nothing more, not {' '.join(left)!r}.")
    name, equals, _ = left[0].partition("=")
    kind = "option" if equals else "word"
    raise OptionError(unknown_name(kind, name, [option.flag for option in options.values()]))


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True

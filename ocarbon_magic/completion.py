"""Tab completion of the magics: options and their values, subcommands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocarbon_magic.config import FORECASTS, OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

SUBCOMMANDS = ("status", "doctor", "estimate", "runs", "zone")


def complete_cell(_shell: object, event: Any) -> list[str]:  # noqa: ANN401 - IPython's completion event
    """Complete the first line of a ``%%carbon`` cell (``complete_command`` hook)."""
    words = str(event.line).split()
    done = words if str(event.line).endswith(" ") else words[:-1]
    last = done[-1] if done else ""
    if last == "--zone":
        return _starting(_zones(), event.symbol)
    if last == "--devices":
        return _starting(["visible", "all", "cpu", "none", "trace:"], event.symbol)
    if last == "--forecast":
        return _starting([*FORECASTS], event.symbol)
    unused = [option.flag for option in OPTIONS.values() if option.flag not in done]
    return _starting(unused, event.symbol)


def complete_line(_shell: object, event: Any) -> list[str]:  # noqa: ANN401 - IPython's completion event
    """Complete a ``%carbon`` line (``complete_command`` hook)."""
    words = str(event.line).split()
    done = words if str(event.line).endswith(" ") else words[:-1]
    if done[-1:] == ["zone"]:
        return _starting(_zones(), event.symbol)
    if done[1:2] == ["estimate"]:
        return _starting(_estimate_words(done), event.symbol)
    return _starting(list(SUBCOMMANDS), event.symbol) if len(done) == 1 else []


def _estimate_words(done: list[str]) -> list[str]:
    """Return what may come next on a ``%carbon estimate`` line."""
    from ocarbon_magic.planning import plan  # noqa: PLC0415 - when first asked

    values: dict[str, Callable[[], list[str]]] = {
        "--zone": _zones,
        "--device": _devices,
        "--method": lambda: list(plan.METHODS),
        "--precision": lambda: list(plan.PRECISIONS),
        plan.FROM: lambda: ["last"],
    }
    if done[-1] in values:
        return values[done[-1]]()
    if done[-1] in plan.FLAGS:
        return []
    return [flag for flag in (*plan.FLAGS, plan.NO_EMBODIED) if flag not in done]


def _devices() -> list[str]:
    """Return names of accelerators that are one word on a line."""
    from ocarbon_magic.planning.devices import single_words  # noqa: PLC0415 - reads the tables

    return single_words()


def _zones() -> list[str]:
    from ocarbon_magic.carbon.intensity import all_places  # noqa: PLC0415 - reads the tables

    return [place.code for place in all_places()]


def _starting(words: list[str], typed: str) -> list[str]:
    return [word for word in words if word.lower().startswith(typed.lower())]

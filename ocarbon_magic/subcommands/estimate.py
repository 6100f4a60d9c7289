"""`%carbon estimate`: what a training will take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.planning.plan import LINE as OPTIONS
from ocarbon_magic.planning.plan import read_line
from ocarbon_magic.questions.estimate import estimate
from ocarbon_magic.subcommands.named import run_called

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.planning.result import Estimate

__all__ = ["OPTIONS", "answer"]

_USAGE = (
    "say the work and the device, as in --params 7B --tokens 2T --device A100 --count 8 "
    "--zone FRA, or, after a measured run, its whole work, as in --total 50000."
)


def answer(words: Sequence[str]) -> Estimate:
    """Return what a training will take: a planned one, or the whole of one that was probed.

    Raises
    ------
    ValueError
        If the words of the line say no plan, or one that cannot be.
    """
    if not words:
        raise ValueError(_USAGE)
    said = read_line(words)
    if "run" in said:
        said["run"] = run_called(str(said["run"]), "--from")
    return estimate(**said)  # type: ignore[arg-type] # the options are its keywords

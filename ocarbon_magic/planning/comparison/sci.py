"""The score of Software Carbon Intensity (ISO/IEC 21031:2024): (E * I + M) / R.

E is the energy with the site's overhead (PUE), I the carbon intensity of electricity, M the
embodied share of the devices by the time used, and R the count of a functional unit. A score is
of a functional unit that someone named, and without one there is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ocarbon_magic.planning.comparison.error import ComparisonError
from ocarbon_magic.planning.comparison.names import told_apart
from ocarbon_magic.planning.comparison.rate import Rate, amount_of, done_in
from ocarbon_magic.progress.units import plural, singular

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.run import Run

_TEXT = re.compile(
    r"(?:per\s+)?(?P<number>\d[\d,_ ]*(?:\.\d+)?)?\s*(?P<prefix>[kMG]\b)?\s*(?P<unit>\D.*)"
)
_PREFIX = {"k": 1e3, "M": 1e6, "G": 1e9}


def functional_units(runs: Sequence[Run], text: str, count: float | None) -> Rate:
    """Return how many functional units each run delivered.

    Parameters
    ----------
    runs : sequence of Run
    text : str
        The functional unit: ``trained model``, ``1,000 samples``.
    count : float, optional
        How many of it each run delivered; the work of the record without it, where that is
        counted in the unit that ``text`` names.

    Raises
    ------
    ComparisonError
        If ``text`` names nothing, or how many there were is not known of any run.
    """
    number, unit = _read(text)
    label = f"{amount_of(number)}{plural(unit) if number != 1 else unit}"
    if count is not None:
        return Rate(label, (count,) * len(runs), _what_is_in(runs))
    done = [done_in(run, unit) for run in runs]
    amounts = tuple(None if amount is None else amount / number for amount in done)
    missing = [run for run, amount in zip(runs, amounts, strict=True) if amount is None]
    if len(missing) == len(runs):
        raise ComparisonError(
            f"no run says how many of {label!r} it delivered: say so with --units N, as in "
            "--units 1 for one trained model."
        )
    unknown = f"SCI is not known of {', '.join(told_apart(missing))}: say --units N. "
    return Rate(label, amounts, (unknown if missing else "") + _what_is_in(runs))


def _read(text: str) -> tuple[float, str]:
    found = _TEXT.fullmatch(text.strip())
    unit = "" if found is None else found["unit"].strip()
    if found is None or not unit:
        raise ComparisonError(
            f"a functional unit is a thing that is counted, as in 'trained model' or "
            f"'1,000 samples', not {text!r}."
        )
    number = float(re.sub(r"[,_ ]", "", found["number"] or "1")) * _PREFIX.get(found["prefix"], 1.0)
    if number <= 0:
        raise ComparisonError(f"a functional unit needs a number above 0, not {text!r}.")
    return number, singular(unit) if number != 1 else unit


def _what_is_in(runs: Sequence[Run]) -> str:
    """Return what the score counts, and of which runs it cannot be made."""
    without = [run for run in runs if run.embodied_g is None]
    missing = f" No score of {', '.join(told_apart(without))}: M is not known." if without else ""
    return (
        "SCI = (E \N{MULTIPLICATION SIGN} I + M) / R, ISO/IEC 21031:2024: E with PUE, I the "
        f"average intensity shown, M the embodied share, of the devices listed.{missing}"
    )

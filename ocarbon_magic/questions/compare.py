"""`ocarbon_magic.compare`: the comparison of `planning`, given the runs there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import history
from ocarbon_magic.planning.comparison.choice import like_the_newest
from ocarbon_magic.planning.comparison.compare import compare as side_by_side
from ocarbon_magic.planning.comparison.error import ComparisonError
from ocarbon_magic.run import Run
from ocarbon_magic.views import comparison as _shown  # noqa: F401 - comparisons then show themselves

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.planning.comparison.metric import Better
    from ocarbon_magic.planning.comparison.result import Comparison


def compare(  # noqa: PLR0913 - what may be asked
    runs: Iterable[Run] | Run | None = None,
    *,
    per: str | None = None,
    functional_unit: str | None = None,
    units: float | None = None,
    metric: str | None = None,
    better: Better | None = None,
) -> Comparison:
    """Return runs side by side, the others held against the first.

    Parameters
    ----------
    runs : iterable of Run, optional
        Without them the newest runs, at most eight, whose emissions compare with those of the
        newest, oldest first.
    per : str, optional
        What emissions are told for each of: ``sample``, ``step``, ``epoch`` or another unit
        that the runs counted, or ``point``: a percentage point of the metric (all emissions
        over all points, counted from 0).
    functional_unit : str, optional
        Of the score of Software Carbon Intensity (ISO/IEC 21031:2024), (E * I + M) / R:
        ``"1,000 samples"``, ``"trained model"``. Without one there is no score.
    units : float, optional
        How many functional units each run delivered, where its record does not count them.
    metric : str, optional
        The ``--metric`` expression to compare; the one that the runs have without it.
    better : str, optional
        Whether ``higher`` or ``lower`` metrics are better; told by the name without it.

    Returns
    -------
    Comparison
        With a rich display, ``plot()`` and ``to_dict()``.

    Raises
    ------
    ValueError
        If there is no run, or none has what was asked; one sentence says what to do.

    Examples
    --------
    >>> import ocarbon_magic as oc
    >>> oc.compare([])
    Traceback (most recent call last):
    ...
    ocarbon_magic.planning.comparison.error.ComparisonError: there is no run to compare: ...
    """
    asked = [runs] if isinstance(runs, Run) else runs
    chosen = like_the_newest(history.runs()) if asked is None else list(asked)
    if not all(isinstance(run, Run) for run in chosen):
        raise ComparisonError("runs must be runs, as in oc.compare(oc.runs(name='net*')).")
    if better not in (None, "higher", "lower"):
        raise ComparisonError(f"better must be 'higher' or 'lower', not {better!r}.")
    return side_by_side(
        chosen,
        per=per,
        functional_unit=functional_unit,
        units=units,
        metric=metric,
        better=better,
    )

"""`ocarbon_magic.export`: the export of `journal`, of all runs where none are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import history
from ocarbon_magic.collection import Runs
from ocarbon_magic.journal.export.writing import export as exported
from ocarbon_magic.options import OptionError
from ocarbon_magic.run import Run
from ocarbon_magic.views import exports as _shown  # noqa: F401 - exports then show themselves

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from ocarbon_magic.collection.wanted import Moment
    from ocarbon_magic.exported import Export


def export(
    path: str | os.PathLike[str] | None = None,
    runs: Run | Iterable[Run] | None = None,
    *,
    format: str | None = None,  # noqa: A002 - what everybody calls it
    since: Moment | None = None,
    overwrite: bool = False,
) -> Export:
    """Write runs to a file that others read.

    Parameters
    ----------
    path : str or path, optional
        The file; it is written whole or not at all. Without it, or with ``-``, the text is in
        the answer (``str(answer)``, ``answer.text``).
    runs : Run or iterable of Run, optional
        All that are kept without it.
    format : str, optional
        ``codecarbon`` (CodeCarbon's ``emissions.csv``; runs are added to a file that is
        there, each once), ``csv``, ``json`` (an array of records), ``jsonl``, ``parquet``
        (needs pyarrow) or ``openmetrics``. Without it the file's name tells:
        ``emissions.csv`` is CodeCarbon's, then ``.csv``, ``.json``, ``.jsonl``, ``.parquet``
        and ``.prom``; text is JSON.
    since : datetime, date or str, optional
        Only runs that began then or later.
    overwrite : bool
        Replace a file that is not an export of ours, too.

    Returns
    -------
    Export

    Raises
    ------
    OptionError
        If there is no such format, or the name of the file tells none.
    NotWrittenError
        If the file cannot be written, or is not ours to replace; it is as it was then.
    MissingPyarrowError
        If Parquet is asked for without pyarrow (``pip install 'ocarbon_magic[parquet]'``).

    Examples
    --------
    >>> import ocarbon_magic as oc
    >>> print(oc.export(runs=[], format="jsonl").runs)
    0
    """
    chosen = history.runs() if runs is None else listed(runs)
    return exported(chosen.only(since=since), path, form=format, overwrite=overwrite)


def listed(runs: Run | Iterable[Run]) -> Runs:
    """Return one run or several as `Runs`, each once.

    Raises
    ------
    OptionError
        If they are no runs.
    """
    if isinstance(runs, Run):
        return Runs([runs])
    if isinstance(runs, Runs):
        return runs
    chosen = [*runs]
    if not all(isinstance(run, Run) for run in chosen):  # a name, say, which is letters
        raise OptionError("runs must be runs, as oc.runs(name='net*') returns them.")
    return Runs({run.id: run for run in chosen}.values())

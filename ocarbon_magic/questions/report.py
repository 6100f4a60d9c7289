"""`ocarbon_magic.report`: the report of `views`, on the last run where none is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ocarbon_magic import history
from ocarbon_magic.collection import Runs
from ocarbon_magic.options import OptionError, unknown_name
from ocarbon_magic.questions.export import listed
from ocarbon_magic.views.report import report_of
from ocarbon_magic.views.report.cards import TRAININGS
from ocarbon_magic.views.report.result import FORMS

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from ocarbon_magic.run import Run
    from ocarbon_magic.views.report.result import Form, Report


_BY_SUFFIX: dict[str, Form] = {".tex": "latex", ".txt": "text"}


def report(
    runs: Run | Iterable[Run] | None = None,
    *,
    format: Form | None = None,  # noqa: A002 - what everybody calls it
    path: str | os.PathLike[str] | None = None,
    training_type: str | None = None,
    overwrite: bool = False,
) -> Report:
    """Write what a paper, or a model card, says of the emissions of runs.

    All runs named are counted, those that failed, were stopped or lost as well. Emissions
    with lifecycle, direct and by-hand intensities are never added up.

    Parameters
    ----------
    runs : Run or iterable of Run, optional
        The last run without it; ``oc.runs()`` for all.
    format : str, optional
        ``markdown`` (unless the path ends in .tex or .txt), ``latex`` (needs no package; the
        BibTeX entries are in ``.bibtex``), ``text``, or ``model-card`` (Hugging Face's
        ``co2_eq_emissions``).
    path : str or path, optional
        Where to save it, too; see `Report.save`.
    training_type : str, optional
        ``pre-training`` or ``fine-tuning``, for a model card.
    overwrite : bool
        Replace a file that is not a report of ours, too.

    Returns
    -------
    Report

    Raises
    ------
    OptionError
        If there is no such format or type of training.
    ValueError
        If there is no run, or a model card would have no single figure.
    NotWrittenError
        If the file cannot be written, or is not ours to replace; it is as it was then.
    """
    form = format or _BY_SUFFIX.get(Path(path or "").suffix.lower(), "markdown")
    if form not in FORMS:
        raise OptionError(unknown_name("format", str(form), FORMS))
    if training_type is not None and training_type not in TRAININGS:
        raise OptionError(unknown_name("type of training", str(training_type), TRAININGS))
    made = report_of(_newest() if runs is None else listed(runs), form, training_type=training_type)
    if path is None:
        return made
    return replace(made, saved=made.save(path, overwrite=overwrite))


def _newest() -> Runs:
    """Return the last run of this process, else the newest that is kept, if there is any."""
    last = history.last_run()
    return history.runs()[:1] if last is None else Runs([last])

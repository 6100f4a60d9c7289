"""Reports on runs: a paragraph for a paper, or the metadata of a model card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.views.report import latex, markdown, plain
from ocarbon_magic.views.report.bibtex import bibtex
from ocarbon_magic.views.report.cards import card
from ocarbon_magic.views.report.facts import facts_of
from ocarbon_magic.views.report.prose import sentences
from ocarbon_magic.views.report.result import Report
from ocarbon_magic.views.report.spelling import Spelling
from ocarbon_magic.views.report.table import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.run import Run
    from ocarbon_magic.views.report.facts import Facts
    from ocarbon_magic.views.report.result import Form


def report_of(runs: Iterable[Run], form: Form, *, training_type: str | None = None) -> Report:
    """Return a report on ``runs``.

    Parameters
    ----------
    runs : iterable of Run
        Looked at one after the other; not all of them are held.
    form : str
        ``latex``, ``markdown``, ``model-card`` or ``text``.
    training_type : str, optional
        ``pre-training`` or ``fine-tuning``, for a model card.

    Raises
    ------
    ValueError
        If there is no run, or no figure for a model card.
    """
    told = facts_of(runs)
    if not told.count:
        raise ValueError("there is no run to report on: measure a cell with %%carbon first.")
    if form == "model-card":
        text, entries = card(told, training_type), ""
    else:
        text, entries = _paper(told, form)
    sums = [*told.sums.values()]
    total = sums[0].emissions_g if len(sums) == 1 else None
    return Report(text, entries, form, told.count, total, told.energy_kwh)


def _paper(told: Facts, form: Form) -> tuple[str, str]:
    """Return the paragraph with its table, and the works that it cites."""
    spell = _SPELLINGS[form]()
    said, rows = sentences(told, spell), rows_of(told, spell)
    if form == "latex":
        text = latex.document(said, rows)
    elif form == "markdown":
        text = markdown.document(said, rows, spell)
    else:
        text = plain.document(said, rows, spell)
    return text, bibtex(spell.cited)


_SPELLINGS: dict[str, type[Spelling]] = {
    "latex": latex.Latex,
    "markdown": markdown.Markdown,
    "text": Spelling,
}

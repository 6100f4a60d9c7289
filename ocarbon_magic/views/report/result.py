"""A report: the text, what it cites, and how it is shown and saved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ocarbon_magic.files import NotWrittenError, not_a_stranger, written
from ocarbon_magic.shown import Shown
from ocarbon_magic.views.report.cards import merged
from ocarbon_magic.views.report.markdown import escape

if TYPE_CHECKING:
    import os
    from collections.abc import Collection
    from typing import BinaryIO

Form = Literal["latex", "markdown", "model-card", "text"]
FORMS: tuple[Form, ...] = ("latex", "markdown", "model-card", "text")

MARK = "Written by ocarbon_magic."
"""What stands in the first line of a file of ours."""

_MARKS: dict[Form, str] = {
    "latex": "% {}\n",
    "markdown": "<!-- {} -->\n\n",
    "text": "{}\n\n",
}


@dataclass(frozen=True, slots=True)
class Report(Shown):
    """A report on one run or several.

    Attributes
    ----------
    text : str
        The report itself, as `str` gives it.
    bibtex : str
        BibTeX entries of all that it cites; empty for a model card.
    format : str
        ``latex``, ``markdown``, ``model-card`` or ``text``.
    runs : int
        How many runs it is about.
    emissions_g : float or None
        Their sum in gCO2e; None where they do not add up, or nothing is known.
    energy_kwh : float or None
        Of the devices, before PUE.
    saved : tuple of str
        The files it was saved to.
    """

    text: str
    bibtex: str
    format: Form
    runs: int
    emissions_g: float | None
    energy_kwh: float | None
    saved: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON types."""
        return {name: getattr(self, name) for name in self.__slots__} | {"saved": [*self.saved]}

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> tuple[str, ...]:
        """Save the report, and for LaTeX its BibTeX entries beside it; return the files' names.

        In a model card that is there, only ``co2_eq_emissions`` is set: the rest stays.

        Parameters
        ----------
        path : str or path
        overwrite : bool
            Replace a file that is not a report of ours, too.

        Raises
        ------
        NotWrittenError
            If a file cannot be written, or is not ours to replace; it is as it was then.
        """
        there = Path(path).expanduser()
        if self.format == "model-card":
            files = {there: merged(self.text, there)}
        else:
            files = self._files(there)
            for file in files if not overwrite else ():
                not_a_stranger(file, _ours, "a report of ours", "add --overwrite (overwrite=True)")
        for file, text in files.items():
            with written(file) as opened:
                opened.write(text.encode("utf-8", "replace"))
        return tuple(map(str, files))

    def _files(self, there: Path) -> dict[Path, str]:
        """Return what is saved where, with a first line by which a file is known as ours."""
        files = {there: _MARKS[self.format].format(MARK) + self.text}
        if self.format == "latex":
            beside = there.with_name(f"{there.stem}.bib")
            if beside == there:
                raise NotWrittenError(f"{there} is where the BibTeX entries go: name a .tex file.")
            files[beside] = _MARKS["latex"].format(MARK) + self.bibtex
        return files

    def bundle(self, include: Collection[str] | None = None) -> dict[str, Any]:
        """Return the report in the MIME types of ``include``, or in all it has."""
        forms = {"text/plain": self.text}
        if self.format == "markdown":
            forms["text/markdown"] = self.text
        elif self.format == "latex":
            blocks = _block(self.text, "latex"), _block(self.bibtex, "bibtex")
            forms["text/markdown"] = "**BibTeX**\n\n".join(blocks)
        elif self.format == "model-card":
            forms["text/markdown"] = _block(self.text, "yaml")
        if self.saved:
            saved = f"Saved to {', '.join(self.saved)}."
            forms["text/plain"] += f"\n{saved}\n"
            if "text/markdown" in forms:
                forms["text/markdown"] += f"\n{escape(saved)}\n"
        return {mime: form for mime, form in forms.items() if not include or mime in include}


def _ours(file: BinaryIO) -> bool:
    return MARK.encode() in file.readline()


def _block(text: str, language: str) -> str:
    """Return text as a block of code, to be copied as it is."""
    longest = max((len(run) for run in re.findall("~+", text)), default=0)
    fence = "~" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n\n"


def _show(report: Report, include: Collection[str] | None) -> dict[str, Any]:
    return report.bundle(include)


Report.render_with(_show)

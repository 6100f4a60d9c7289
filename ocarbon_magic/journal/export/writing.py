"""Runs written to a file, or as text."""

from __future__ import annotations

import io
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from ocarbon_magic.exported import Export
from ocarbon_magic.files import not_a_stranger, written
from ocarbon_magic.journal.export import codecarbon
from ocarbon_magic.journal.export.formats import FORMATS, format_of
from ocarbon_magic.journal.export.reading import backwards
from ocarbon_magic.options import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocarbon_magic.collection import Runs
    from ocarbon_magic.run import Run

STDOUT = "-"
_DEFAULT = "json"


class _Told:
    """Runs on their way out, counted, with what must be said of them.

    Parameters
    ----------
    runs : Runs
    ended : bool
        Whether runs that are still going on are left out.
    """

    def __init__(self, runs: Runs, *, ended: bool) -> None:
        self._runs, self._ended = runs, ended
        self.seen: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Run]:
        # A file that rows are added to grows by time.
        for run in backwards(self._runs) if self._ended else self._runs:
            if self._ended and run.status == "running":
                self.seen["going on"] += 1
                continue
            self.seen["runs"] += 1
            self.seen["of no energy"] += run.energy_kwh is None
            self.seen["failed"] += run.status in ("failed", "interrupted", "lost")
            self.seen[f"scope {run.intensity.scope}"] += 1
            self.seen["embodied"] += bool(run.embodied_g)
            self.seen["within"] += run.within is not None
            yield run


def export(
    runs: Runs,
    path: str | os.PathLike[str] | None,
    *,
    form: str | None = None,
    overwrite: bool = False,
) -> Export:
    """Write ``runs`` to ``path``, or return them as text where it is None or ``-``.

    Parameters
    ----------
    runs : Runs
        Read one after the other; not all of them are held.
    path : str, path or None
    form : str, optional
        One of `FORMATS`; told by the name of the file without it.
    overwrite : bool
        Replace a file that is not an export of ours, too.

    Raises
    ------
    OptionError
        If there is no such format, or none for such a file.
    NotWrittenError
        If the file cannot be written, or is a stranger's; it is as it was then.
    MissingPyarrowError
        If Parquet is asked for, and pyarrow is not installed.
    """
    as_text = path is None or os.fspath(path) == STDOUT
    name = form or (_DEFAULT if path is None or as_text else format_of(path))
    if name not in FORMATS:
        raise OptionError(f"format must be {', '.join(FORMATS)}, not {name!r}.")
    told = _Told(runs, ended=name == "codecarbon")
    if path is None or as_text:
        return _as_text(told, name)
    added = _as_file(told, name, Path(os.fspath(path)).expanduser(), overwrite=overwrite)
    left = told.seen["runs"] + told.seen["going on"] - added
    return Export(name, os.fspath(path), added, left, _notes(name, told.seen))


def _as_text(told: _Told, name: str) -> Export:
    if not FORMATS[name].text:
        raise OptionError(f"{FORMATS[name].what} is not text: name a file for it.")
    buffer = io.BytesIO()
    FORMATS[name].write(told, buffer)
    text = buffer.getvalue().decode()
    left = told.seen["going on"]
    return Export(name, None, told.seen["runs"], left, _notes(name, told.seen), text)


def _as_file(told: _Told, name: str, path: Path, *, overwrite: bool) -> int:
    """Return how many runs were written to the file."""
    form = FORMATS[name]
    if form.ours is None and not overwrite and path.is_file() and path.stat().st_size:
        with written(path) as file:
            return codecarbon.add(told, path, file)
    if form.ours is not None and not overwrite:
        remedy = "add --overwrite (overwrite=True)"
        not_a_stranger(path, form.ours, f"an export of ours ({form.what})", remedy)
    with written(path) as file:
        form.write(told, file)
    return told.seen["runs"]


def _notes(name: str, seen: Counter[str]) -> tuple[str, ...]:
    return tuple(_about_columns(name, seen)) + tuple(_about_runs(seen))


def _about_columns(name: str, seen: Counter[str]) -> Iterator[str]:
    if name != "codecarbon":
        yield _BOUNDARY
        return
    yield _THEIRS
    if seen["embodied"]:
        yield "Embodied carbon is not in the file: CodeCarbon has no column for it."


def _about_runs(seen: Counter[str]) -> Iterator[str]:
    if sum(bool(seen[f"scope {scope}"]) for scope in ("lifecycle", "direct", None)) > 1:
        yield _SCOPES
    if seen["within"]:
        yield f"{seen['within']:,} of the runs were measured within another, which includes them."
    if seen["failed"]:
        yield f"{seen['failed']:,} of the runs failed, were stopped or lost; they count."
    if seen["of no energy"]:
        yield f"{seen['of no energy']:,} of the runs have no energy measured: it is left empty."


_BOUNDARY = (
    "Energy is that of the devices measured, before PUE; GPU boards alone miss 18 to 29 % of a "
    "server's energy."
)
_THEIRS = (
    "As in CodeCarbon, energies and powers hold the PUE, and emissions are of electricity alone."
)
_SCOPES = (
    "Intensities of different scope (lifecycle, direct, by hand) stand in it: do not add up or "
    "compare their emissions."
)

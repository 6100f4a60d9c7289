"""Parquet, if pyarrow is there: the columns of `columns` with their types."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from ocarbon_magic.errors import OneSentence
from ocarbon_magic.journal.export.columns import COLUMNS, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.run import Run

_FOOTER_BYTES = 65_536
"""More than what stands at the end of our files; our schema's name is in it as it is."""

_ROWS = 1000
"""Rows written, and held, at once."""


class MissingPyarrowError(OneSentence, ImportError, ValueError):
    """Parquet needs pyarrow, which is not installed."""


def ours(file: BinaryIO) -> bool:
    """Return whether a file was written here, by the schema that its footer names."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _FOOTER_BYTES))
    return SCHEMA.encode() in file.read()


def write(runs: Iterable[Run], file: BinaryIO) -> None:
    """Write the runs, a thousand at a time.

    Raises
    ------
    MissingPyarrowError
        If pyarrow is not installed.
    """
    pa = _pyarrow()
    schema = _schema(pa)
    with pa.parquet.ParquetWriter(file, schema) as writer:
        rows = ([column.value(run) for column in COLUMNS] for run in runs)
        while some := list(islice(rows, _ROWS)):
            arrays = [
                pa.array(values, type=field.type)
                for values, field in zip(zip(*some, strict=True), schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _schema(pa: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    types = {
        "text": pa.string(),
        "number": pa.float64(),
        "whole": pa.int64(),
        "moment": pa.timestamp("ms", tz="UTC"),
    }
    fields = [pa.field(column.name, types[column.kind]) for column in COLUMNS]
    return pa.schema(fields, metadata={"schema": SCHEMA})


def _pyarrow() -> Any:  # noqa: ANN401 - pyarrow has no types
    try:
        import pyarrow as pa  # noqa: PLC0415 - heavy, and not a dependency
        import pyarrow.parquet  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        raise MissingPyarrowError(
            "Parquet is written by pyarrow, which is not installed: "
            "pip install 'ocarbon_magic[parquet]', or export to a .csv file."
        ) from None
    return pa

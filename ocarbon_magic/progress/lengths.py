"""How long an iterable is, found out without consuming it."""

from __future__ import annotations

import operator
import sys
from types import GeneratorType
from typing import Any

_COMPUTES = frozenset({"dask", "pyspark"})
"""Packages whose ``len`` runs a computation."""

_MADE_OF = {enumerate: slice(0, 1), zip: slice(None), map: slice(1, None)}
"""Where `__reduce__` of a built-in iterator keeps the iterators that it draws from."""


def length_of(iterable: object) -> int | None:
    """Return how many items ``iterable`` will give, as it says itself; None if it does not.

    ``len`` where there is one, the hint of an iterator, the shortest part of a ``zip``, the
    total of a tqdm bar. Whatever it raises is dropped.
    """
    try:
        return _length(iterable)
    except Exception:  # noqa: BLE001 - a length is good to have, no more
        return None


def samples_in(iterable: object) -> float | None:
    """Return how many samples an item of ``iterable`` has on average, None if nobody says.

    PyTorch's ``DataLoader`` does, also within a bar or an ``enumerate``.
    """
    data = sys.modules.get("torch.utils.data")
    if data is None:
        return None
    try:
        return _samples(iterable, data)
    except Exception:  # noqa: BLE001 - good to have, no more
        return None


def drawn_from(iterator: object) -> tuple[Any, ...] | None:
    """Return the iterators that an ``enumerate``, ``zip`` or ``map`` draws from, else None."""
    part = _MADE_OF.get(type(iterator))  # type: ignore[call-overload]
    if part is None:
        return None
    arguments = iterator.__reduce__()[1]
    return tuple(arguments[part])


def bar_of(iterator: object) -> Any:  # noqa: ANN401 - a tqdm bar, or None
    """Return the tqdm bar that is, or stands behind, ``iterator``, else None."""
    base = getattr(sys.modules.get("tqdm.std"), "tqdm", None)
    if base is None:
        return None
    if issubclass(type(iterator), base):
        return iterator
    parts = drawn_from(iterator)
    if parts is not None:
        return next((bar for bar in map(bar_of, parts) if bar is not None), None)
    if type(iterator) is GeneratorType and iterator.gi_code.co_name == "__iter__":
        frame = iterator.gi_frame
        owner = None if frame is None else frame.f_locals.get("self")
        return owner if isinstance(owner, base) else None
    return None


def _length(iterable: object) -> int | None:
    parts = drawn_from(iterable)
    if parts is not None:
        lengths = [_length(part) for part in parts]
        known = [length for length in lengths if length is not None]
        return min(known) if known and len(known) == len(lengths) else None
    bar = bar_of(iterable)
    if bar is not None and bar is not iterable:
        return int(bar.total) if bar.total is not None else None
    kind = type(iterable)
    if kind.__module__.partition(".")[0] in _COMPUTES:
        return None
    if hasattr(kind, "__len__"):
        return _len(iterable)
    hint = operator.length_hint(iterable, -1)
    return hint if hint >= 0 else None


def _len(sized: Any) -> int:  # noqa: ANN401 - whatever has a length
    loader = getattr(sys.modules.get("torch.utils.data"), "DataLoader", None)
    if loader is None or not isinstance(sized, loader):
        return len(sized)
    # A loader that was once asked for its length warns when its data set gives more.
    asked = sized.__dict__.get("_IterableDataset_len_called")
    try:
        return len(sized)
    finally:
        sized.__dict__["_IterableDataset_len_called"] = asked


def _samples(iterable: Any, data: Any) -> float | None:  # noqa: ANN401 - any loader
    parts = drawn_from(iterable)
    bar = bar_of(iterable) if parts is None else None
    if bar is not None:
        parts = (bar.iterable,)
    if parts is not None:
        found = (_samples(part, data) for part in parts)
        return next((samples for samples in found if samples is not None), None)
    if isinstance(iterable, data.DataLoader):
        batches = iterable.batch_sampler
    elif isinstance(iterable, data.dataloader._BaseDataLoaderIter):  # noqa: SLF001 - what iter(loader) is
        batches = iterable._index_sampler  # noqa: SLF001 - its only word of its batches
    else:
        return None
    size = getattr(batches, "batch_size", None)
    if size is None or batches.drop_last:
        return size
    return len(batches.sampler) / len(batches)

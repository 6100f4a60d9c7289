"""Dataclasses as the JSON types they are stored as, and back."""

from __future__ import annotations

import math
import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    """Return ``value`` as JSON types that share nothing with it.

    A number that is not finite is not known, and JSON has no word for it: it is None.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value


@cache
def _types_of(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def rebuilt(hint: Any, value: Any, where: str) -> Any:  # noqa: ANN401 - a value is whatever its hint says
    """Rebuild ``value``, as JSON gives it, to the type that ``hint`` names.

    Parameters
    ----------
    hint : type
        A dataclass, or a list, a dict or a union with None of such or of JSON types.
    value
        What JSON gave; keys that the dataclass lacks are left aside.
    where : str
        What the value is called, for the message of an error.

    Raises
    ------
    ValueError
        If a list or an object stands where ``hint`` has none, or a required key is missing.
    """
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        if value is None:
            return None
        hint = next(option for option in typing.get_args(hint) if option is not types.NoneType)
    origin = typing.get_origin(hint)
    if origin in (list, dict) and not isinstance(value, origin):
        raise ValueError(f"the record is damaged: {where} is not {_JSON_NAME[origin]}")
    if origin is list:
        (item,) = typing.get_args(hint)
        return [*value] if _as_it_is(item) else [rebuilt(item, entry, where) for entry in value]
    if is_dataclass(hint):
        return _rebuilt_dataclass(typing.cast("type", hint), value, where)
    return value


_JSON_NAME = {list: "a list", dict: "an object"}


@cache
def _as_it_is(hint: Any) -> bool:  # noqa: ANN401 - as rebuilt
    """Return whether values of ``hint`` need no rebuilding: a series has a thousand of them."""
    is_union = typing.get_origin(hint) in (types.UnionType, typing.Union)
    options = typing.get_args(hint) if is_union else (hint,)
    return not any(is_dataclass(o) or typing.get_origin(o) in (list, dict) for o in options)


def _rebuilt_dataclass(cls: type, value: Any, where: str) -> Any:  # noqa: ANN401 - as rebuilt
    if not isinstance(value, dict):
        raise ValueError(  # noqa: TRY004 - a damaged record is a bad value, not a wrong call
            f"the record is damaged: {where} is not an object"
        )
    missing = [
        f.name
        for f in fields(cls)
        if f.name not in value and f.default is MISSING and f.default_factory is MISSING
    ]
    if missing:
        raise ValueError(f"the record is incomplete: {where} lacks {', '.join(missing)}")
    hints = _types_of(cls)
    known = [f.name for f in fields(cls) if f.name in value]
    return cls(**{name: rebuilt(hints[name], value[name], name) for name in known})

"""Dataclasses as the JSON types they are stored as, and back."""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from math import isfinite, nan
from typing import Any

MOST_ITEMS = 10_000
MOST_DEPTH = 16
"""More than any record of ours holds: entries, and objects within each other."""


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    """Return ``value`` as JSON types that share nothing with it.

    A number that is not finite is not known, and JSON has no word for it: it is None.
    """
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value


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
        If ``value`` is not what ``hint`` says, a required key is missing, or there is more of
        it than any record holds. A number that is none of a float's is not known: None where
        the hint has it, else not a number.
    """
    options, may_lack = _options(hint)
    if value is None and may_lack:
        return None
    hint = options[0]
    origin = typing.get_origin(hint)
    if origin in (list, dict):
        return _rebuilt_items(hint, origin, value, where)
    if is_dataclass(hint):
        return _rebuilt_dataclass(typing.cast("type", hint), value, where)
    return _rebuilt_scalar(options, value, where, unknown=None if may_lack else nan)


@cache
def _options(hint: Any) -> tuple[tuple[Any, ...], bool]:  # noqa: ANN401 - as rebuilt
    """Return the types that ``hint`` allows, and whether None is allowed besides."""
    if typing.get_origin(hint) not in (types.UnionType, typing.Union):
        return (hint,), False
    options = typing.get_args(hint)
    known = tuple(option for option in options if option is not types.NoneType)
    return known, len(known) < len(options)


def _rebuilt_items(hint: Any, origin: Any, value: Any, where: str) -> Any:  # noqa: ANN401 - as rebuilt
    if not isinstance(value, origin):
        raise _damaged(where, _JSON_NAME[origin])
    if len(value) > MOST_ITEMS:
        raise ValueError(f"the record is damaged: {where} has more than {MOST_ITEMS:,} entries")
    *_, item = typing.get_args(hint)
    if origin is dict:
        return {key: rebuilt(item, entry, where) for key, entry in value.items()}
    if float in _options(item)[0]:  # a series has a thousand of them, and most are as they are
        return [n if type(n) is float and isfinite(n) else rebuilt(item, n, where) for n in value]
    return [rebuilt(item, entry, where) for entry in value]


def _rebuilt_scalar(
    options: tuple[Any, ...],
    value: Any,  # noqa: ANN401 - as rebuilt
    where: str,
    *,
    unknown: float | None,
) -> Any:  # noqa: ANN401 - as rebuilt
    if options == (Any,):
        return _bounded(value, where, MOST_DEPTH)
    if float in options and (value is None or isinstance(value, int | float)):
        return value if value is not None and _is_number(value) else unknown
    if bool in options and not isinstance(value, bool):
        raise _damaged(where, "true or false")
    if int in options and not (type(value) is int and _is_number(value)):
        raise _damaged(where, "a whole number")
    if options == (float,):
        raise _damaged(where, "a number")
    if not {bool, int} & {*options} and not isinstance(value, str):
        raise _damaged(where, "a text")
    return value


def _is_number(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # of an int that no float can be
        return False


def _bounded(value: Any, where: str, depth: int) -> Any:  # noqa: ANN401 - as rebuilt
    """Return JSON of any kind, unless it is nested deeper than anybody writes it."""
    if not depth:
        raise ValueError(f"the record is damaged: {where} is nested too deep")
    inner = value.values() if isinstance(value, dict) else value
    for entry in inner if isinstance(value, dict | list) else ():
        _bounded(entry, where, depth - 1)
    return value


def _damaged(where: str, what: str) -> ValueError:
    return ValueError(f"the record is damaged: {where} is not {what}")


_JSON_NAME = {list: "a list", dict: "an object"}


class _Field(typing.NamedTuple):
    """A field of a dataclass; values of the types in ``as_is`` need no look, nor finite floats."""

    name: str
    hint: Any
    required: bool
    as_is: frozenset[type]
    takes_floats: bool


@cache
def _fields_of(cls: type) -> tuple[_Field, ...]:
    hints = typing.get_type_hints(cls)
    return tuple(
        _field(f.name, hints[f.name], f.default is MISSING and f.default_factory is MISSING)
        for f in fields(cls)
    )


def _field(name: str, hint: Any, required: bool) -> _Field:  # noqa: ANN401, FBT001 - as rebuilt
    options, may_lack = _options(hint)
    as_is = {str, bool} & {*options} | ({types.NoneType} if may_lack else set())
    return _Field(name, hint, required, frozenset(as_is), float in options)


def _rebuilt_dataclass(cls: type, value: Any, where: str) -> Any:  # noqa: ANN401 - as rebuilt
    if not isinstance(value, dict):
        raise _damaged(where, "an object")
    known = _fields_of(cls)
    missing = [field.name for field in known if field.required and field.name not in value]
    if missing:
        raise ValueError(f"the record is incomplete: {where} lacks {', '.join(missing)}")
    return cls(**{f.name: _value(f, value[f.name]) for f in known if f.name in value})


def _value(field: _Field, value: Any) -> Any:  # noqa: ANN401 - as rebuilt
    kind = type(value)
    if kind in field.as_is or (field.takes_floats and kind is float and isfinite(value)):
        return value
    return rebuilt(field.hint, value, field.name)

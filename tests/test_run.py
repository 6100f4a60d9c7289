"""The record: what is stored can be read again, and what is damaged says so."""

from __future__ import annotations

import copy
import json
import math
import types
import typing
from dataclasses import MISSING, fields, is_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_runs import fullest, sample

from ocarbon_magic import shown
from ocarbon_magic.jsontypes import plain
from ocarbon_magic.planning.spread import Spread
from ocarbon_magic.run import SCHEMA, Metric, Run, Work

finite = st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | finite | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def values_of(hint):
    """Any value of a type that a record has."""
    arguments = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return st.builds(hint, **{name: values_of(inner) for name, inner in hints.items()})
    if origin in (types.UnionType, typing.Union):
        return st.one_of(map(values_of, arguments))
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if origin is list:
        return st.lists(values_of(arguments[0]), max_size=2)
    if origin is dict:
        return st.dictionaries(st.text(), values_of(arguments[1]), max_size=2)
    simple = {float: finite, typing.Any: json_values, types.NoneType: st.none()}
    return simple.get(hint, st.from_type(hint))


runs = values_of(Run)

NULL_IS_DAMAGE = (
    "devices",
    "zone",
    "intensity",
    "work",
    "projections",
    "series",
    "host",
    "warnings",
)
REQUIRED = [f.name for f in fields(Run) if f.default is MISSING and f.default_factory is MISSING]


@given(run=runs)
def test_a_record_read_again_is_the_same_run(run):
    stored = json.dumps(run.to_dict(), allow_nan=False)
    again = Run.from_dict(json.loads(stored))
    assert again == run
    assert again.to_dict() == run.to_dict()


@given(run=runs, extra=st.dictionaries(st.text(), json_values, max_size=3))
def test_unknown_keys_are_left_aside(run, extra):
    record = run.to_dict()
    assert Run.from_dict({**extra, **record}) == run


def test_unknown_keys_inside_are_left_aside():
    record = fullest().to_dict()
    record["devices"][0]["colour"] = record["projection"]["emissions_g"]["colour"] = "green"
    assert Run.from_dict(record) == fullest()


@pytest.mark.parametrize("record", [{}, {"schema": "ocarbon.run/2"}, [], None, "run"])
def test_another_document_is_refused(record):
    with pytest.raises(ValueError, match=f"not a record of schema {SCHEMA}"):
        Run.from_dict(record)


@pytest.mark.parametrize("key", REQUIRED)
def test_a_missing_key_is_named(key):
    record = sample().to_dict()
    del record[key]
    with pytest.raises(ValueError, match=f"incomplete: run lacks {key}$"):
        Run.from_dict(record)


def test_a_missing_key_inside_is_named_with_its_place():
    record = sample().to_dict()
    del record["devices"][0]["method"], record["devices"][0]["kind"]
    with pytest.raises(ValueError, match=r"incomplete: devices lacks kind, method$"):
        Run.from_dict(record)


@pytest.mark.parametrize("key", NULL_IS_DAMAGE)
def test_a_null_where_none_may_be_is_refused(key):
    with pytest.raises(ValueError, match=f"damaged: {key} is not"):
        Run.from_dict({**sample().to_dict(), key: None})


@given(key=st.sampled_from([f.name for f in fields(Run)]), value=json_values)
def test_a_damaged_record_gives_a_value_error_or_a_run(key, value):
    try:
        Run.from_dict({**fullest().to_dict(), key: value})
    except ValueError as error:
        assert "record" in str(error)  # noqa: PT017 - a run is as good an answer


def test_keys_that_came_later_may_be_missing():
    record = sample().to_dict()
    for f in fields(Run):
        if f.name not in REQUIRED:
            del record[f.name]
    assert Run.from_dict(record).work == Work()


def test_a_number_that_is_not_finite_is_not_known():
    run = sample(metric=Metric("loss", math.nan), energy_kwh=math.inf)
    record = run.to_dict()
    assert record["metric"]["value"] is None
    assert record["energy_kwh"] is None
    json.dumps(record, allow_nan=False)


def test_a_record_shares_nothing_with_its_run():
    run = fullest()
    before = copy.deepcopy(run.to_dict())
    record = run.to_dict()
    record["host"]["os"] = record["series"]["t_s"][0] = record["devices"][0]["name"] = "changed"
    assert run.to_dict() == before


@pytest.fixture
def no_renderer(monkeypatch):
    monkeypatch.setattr(shown, "_renderers", {})


def test_without_views_a_run_shows_its_fields_but_not_its_series(no_renderer):
    run = sample()
    assert run._repr_mimebundle_() == {}
    assert str(run) == repr(run)
    assert "train_resnet" in str(run)
    assert "Series" not in str(run)


def test_a_run_is_shown_by_whoever_offered_to(no_renderer):
    asked = []

    def renderer(run, include):
        asked.append(include)
        return {"text/plain": f"about {run.name}"}

    Run.render_with(renderer)
    assert str(sample()) == "about train_resnet"
    assert sample()._repr_mimebundle_(include={"text/html"}, exclude=None)
    assert asked == [("text/plain",), {"text/html"}]


def test_a_named_tuple_is_an_object_of_its_fields_and_another_tuple_a_list():
    told = plain({"cost": Spread(1.5, None, math.inf), "ends": (1, 2)})
    assert told == {"cost": {"value": 1.5, "low": None, "high": None}, "ends": [1, 2]}

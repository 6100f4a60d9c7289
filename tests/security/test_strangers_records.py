"""A record of a stranger is data: it is a run that shows itself, or one clear sentence."""

from __future__ import annotations

import copy
import json
import math
from contextlib import suppress

import pytest
from hostile import plainest

import ocarbon_magic as oc
from ocarbon_magic.jsontypes import MOST_DEPTH, MOST_ITEMS
from ocarbon_magic.planning.advice.advise import advise
from ocarbon_magic.run import Run

RECORD = plainest().to_dict()


def nested(depth, inner=0):
    for _ in range(depth):
        inner = [inner]
    return inner


VALUES = {
    "null": None,
    "true": True,
    "nothing": "",
    "text": "many",
    "number": 1,
    "below nothing": -1.5,
    "tiny": 5e-324,
    "huge": 1.7e308,
    "not a number": math.nan,
    "more than any number": json.loads("1e400"),
    "a long whole number": 10**400,
    "list": [],
    "list of nulls": [None],
    "list of texts": ["a"],
    "list of lists": [[1], [2]],
    "object": {},
    "object of its own": {"toString": 1, "__class__": "x", "__proto__": {}},
    "deep": nested(200),
    "many": [1.0] * (MOST_ITEMS + 1),
}


def places(value, path=()):
    """Yield the path of every value of a record, of lists the first alone."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*path, 0))


PLACES = [path for path in places(RECORD) if path != ("schema",)]


def with_value(path, value):
    record = copy.deepcopy(RECORD)
    *way, last = path
    at = record
    for step in way:
        at = at[step]
    at[last] = value
    return record


def read(record):
    """Return the run, or what is said of it."""
    try:
        return Run.from_dict(record), ""
    except ValueError as error:
        return None, str(error)


def look_at(run):
    """Show a run in every way in which one is shown."""
    oc.Runs([run])._repr_mimebundle_()
    for form in ("csv", "openmetrics"):
        oc.export(runs=run, format=form)
    for form in ("markdown", "model-card"):
        with suppress(ValueError):  # a card needs a figure
            oc.report(run, format=form)
    advise(run, oc.Runs([]))._repr_mimebundle_()
    return run._repr_mimebundle_()


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_value_of_any_kind_anywhere_is_a_run_or_a_sentence(value):
    for path in PLACES:
        run, said = read(with_value(path, value))
        if run is None:
            assert said.startswith("the record is ")
            assert len(said) < 200
            continue
        shown = look_at(run)
        assert "The summary failed" not in shown["text/plain"], path
        json.dumps(run.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("name",), {"a": 1}, "name is not a text"),
        (("id",), None, "id is not a text"),
        (("duration_s",), "long", "duration_s is not a number"),
        (("devices", 0, "measured"), 1, "measured is not true or false"),
        (("devices", 0, "count"), 1.5, "count is not a whole number"),
        (("devices", 0, "count"), True, "count is not a whole number"),
        (("warnings",), ["a", 1], "warnings is not a text"),
        (("host", "system"), nested(MOST_DEPTH + 1), "host is nested too deep"),
        (("versions", "python"), [3, 11], "versions is not a text"),
        (("series", "t_s"), [0.0] * (MOST_ITEMS + 1), "t_s has more than 10,000 entries"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(path, value, sentence):
    with pytest.raises(ValueError, match=f"^the record is damaged: {sentence}$"):
        Run.from_dict(with_value(path, value))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400])
def test_a_number_that_is_none_is_not_known(value):
    run = Run.from_dict({**with_value(("pue",), value), "energy_kwh": value})
    assert math.isnan(run.pue)
    assert run.energy_kwh is None


def test_a_class_that_a_record_names_is_not_made():
    record = with_value(("zone",), {**RECORD["zone"], "__class__": "os.system", "run": "x"})
    assert Run.from_dict(record).zone == plainest().zone

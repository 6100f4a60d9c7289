"""The JSON Schema says what the record is: no more, no less."""

from __future__ import annotations

import copy
import json
import typing
from dataclasses import fields, is_dataclass

import jsonschema
import pytest
from sample_runs import (
    STATUSES,
    cluster,
    fullest,
    just_begun,
    large_cluster,
    live_intensity,
    many_gpus,
    of_status,
    sample,
)

from ocarbon_magic.run import DeviceReading, Intensity, Run, run_schema

CHECK = jsonschema.Draft202012Validator(
    run_schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)
ADDED = {
    "hint", "law", "duration_error_pct", "energy_error_pct", "emissions_error_pct", "budget_g",
    "cell", "busy_share", "power_limit_w", "embodied", "within", "hosts",
}  # fmt: skip
"""Keys that the contract of the record does not ask for: a reader must do without them."""
ADDED_TO = {DeviceReading: {"host", "count"}, Intensity: {"series"}}
"""Such keys whose names are those of required keys elsewhere."""
RECORD = fullest().to_dict()


def broken(*path, value):
    record = copy.deepcopy(RECORD)
    *way, last = path
    target = record
    for step in way:
        target = target[step]
    target[last] = value
    return record


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(run_schema())


@pytest.mark.parametrize("status", STATUSES)
def test_a_record_of_every_status_is_valid(status):
    CHECK.validate(of_status(status).to_dict())


@pytest.mark.parametrize(
    "run", [just_begun(), fullest(), sample(devices=[]), cluster(), live_intensity()]
)
def test_empty_and_full_records_are_valid(run):
    CHECK.validate(run.to_dict())


def test_a_record_that_went_through_text_is_valid():
    CHECK.validate(json.loads(json.dumps(RECORD, allow_nan=False)))


def test_keys_of_later_versions_are_allowed():
    CHECK.validate({**RECORD, "colour": "green"})
    CHECK.validate(broken("work", "colour", value="green"))


@pytest.mark.parametrize("key", sorted(RECORD.keys() - ADDED))
def test_no_key_may_be_missing(key):
    record = {name: value for name, value in RECORD.items() if name != key}
    with pytest.raises(jsonschema.ValidationError, match=f"'{key}' is a required property"):
        CHECK.validate(record)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "ocarbon.run/2"),
        (("id",), "the first one"),
        (("name",), None),
        (("status",), "done"),
        (("started_at",), "yesterday"),
        (("started_at",), "2026-03-01T14:02:11+01:00"),
        (("ended_at",), None),
        (("duration_s",), -1),
        (("duration_s",), "02:14"),
        (("devices",), None),
        (("devices", 0, "kind"), "tpu"),
        (("devices", 0, "method"), "guess"),
        (("devices", 0, "measured"), None),
        (("devices", 0, "energy_j"), -1.0),
        (("devices", 0, "uncertainty_pct"), "5 %"),
        (("energy_kwh",), -0.1),
        (("pue",), 0.9),
        (("pue",), None),
        (("zone", "how"), "geoip"),
        (("zone", "code"), ""),
        (("intensity", "gco2e_per_kwh"), None),
        (("intensity", "scope"), "market"),
        (("intensity", "year"), "2024"),
        (("emissions_g",), "1.84 g"),
        (("work",), None),
        (("work", "done"), "100"),
        (("throughput", "utilisation"), -0.1),
        (("projection", "emissions_g"), None),
        (("projection", "emissions_g", "level"), 80),
        (("projections", 0, "at_fraction"), 1.5),
        (("series", "t_s"), [None]),
        (("series", "power_w"), [-1.0]),
        (("series", "work"), [0.0] * 241),
        (("host",), None),
        (("versions", "numpy"), 2),
        (("metric", "value"), [1]),
        (("budget_g",), 0),
        (("warnings",), "one"),
        (("warnings",), [None]),
    ],
)
def test_a_wrong_value_is_refused(path, value):
    with pytest.raises(jsonschema.ValidationError):
        CHECK.validate(broken(*path, value=value))


def test_a_running_record_has_no_end():
    record = of_status("running").to_dict()
    with pytest.raises(jsonschema.ValidationError):
        CHECK.validate({**record, "ended_at": "2026-03-01T14:04:25Z"})


def resolved(part):
    if "oneOf" in part:
        part = next(option for option in part["oneOf"] if option.get("type") != "null")
    if "$ref" in part:
        part = run_schema()["$defs"][part["$ref"].removeprefix("#/$defs/")]
    return part


def pairs(cls=Run, part=None):
    """Every dataclass of the record with its part of the schema."""
    part = run_schema() if part is None else part
    yield cls, part
    for name, hint in typing.get_type_hints(cls).items():
        inner = resolved(part["properties"][name])
        found = [c for c in (hint, *typing.get_args(hint)) if is_dataclass(c)]
        if found:
            is_list = typing.get_origin(hint) is list
            yield from pairs(found[0], resolved(inner["items"]) if is_list else inner)


PARTS = list({cls.__name__: (cls, part) for cls, part in pairs()}.values())


@pytest.mark.parametrize(("cls", "part"), PARTS, ids=lambda x: getattr(x, "__name__", ""))
def test_the_schema_has_the_keys_of_the_record_and_no_others(cls, part):
    keys = {f.name for f in fields(cls)} | ({"schema"} if cls is Run else set())
    assert set(part["properties"]) == keys
    assert set(part["required"]) == keys - ADDED - ADDED_TO.get(cls, set())


@pytest.mark.parametrize(("cls", "part"), PARTS, ids=lambda x: getattr(x, "__name__", ""))
def test_the_schema_lists_the_same_words_as_the_types(cls, part):
    for name, hint in typing.get_type_hints(cls).items():
        literal = [
            o for o in (hint, *typing.get_args(hint)) if typing.get_origin(o) is typing.Literal
        ]
        if literal:
            words = set(typing.get_args(literal[0]))
            enum = set(part["properties"][name]["enum"]) - {None}
            assert enum == words
        else:
            assert "enum" not in part["properties"][name]


def test_a_full_record_stays_below_16_kilobytes():
    assert len(RECORD["series"]["t_s"]) == 240
    assert len(RECORD["devices"]) == 9
    assert len(json.dumps(RECORD)) <= 16_000


@pytest.mark.parametrize("run", [many_gpus(64), large_cluster(1000)], ids=["64 GPUs", "8,000"])
def test_a_full_record_of_many_devices_stays_below_16_kilobytes_and_is_valid(run):
    record = run.to_dict()
    assert len(record["series"]["t_s"]) == 240
    assert len(json.dumps(record)) <= 16_000
    CHECK.validate(record)
    assert Run.from_dict(record) == run

"""When the figures of a run are told, tick by tick."""

from __future__ import annotations

import pytest
from told import going

from ocarbon_magic.config import resolve
from ocarbon_magic.options import OptionError
from ocarbon_magic.telemetry.board import board
from ocarbon_magic.telemetry.reporting import Telemetry
from ocarbon_magic.telemetry.switch import telemetry_of


def settings_of(**options):
    return resolve(options, {}, {})[0]


@pytest.fixture
def begun():
    """A run that is told of, and what tells of it."""
    run = going().run
    telemetry = Telemetry(settings_of())
    telemetry.begin(run, [].append)
    return run, telemetry


def told(run):
    figures = board.of(run.id)
    return figures.run.status, figures.run.duration_s, figures.power_w


def test_each_tick_is_told_and_the_end(begun):
    run, telemetry = begun
    run.duration_s = 5.0
    telemetry.update([300.0, None])
    assert told(run) == ("running", 5.0, (300.0, None))
    run.status, run.duration_s = "finished", 6.0
    telemetry.end()
    assert told(run) == ("finished", 6.0, ())


def test_a_tick_while_the_run_is_being_ended_does_not_end_it_too_early(begun):
    run, telemetry = begun
    run.status, run.duration_s = "finished", 5.0
    telemetry.update([300.0])  # the last readings are not in the record yet
    assert told(run)[0] == "running"
    run.duration_s = 6.0
    telemetry.end()
    assert told(run) == ("finished", 6.0, ())


def test_what_comes_after_the_end_is_not_told(begun):
    run, telemetry = begun
    run.status = "failed"
    telemetry.end()
    run.status = "running"
    telemetry.update([300.0])
    assert told(run)[0] == "failed"


def test_a_tick_before_the_beginning_is_not_told():
    telemetry = Telemetry(settings_of())
    telemetry.update([1.0])
    telemetry.end()
    assert board.now() == []


def test_a_way_that_fails_leaves_the_others(tmp_path):
    stranger = tmp_path / "node.prom"
    stranger.write_text("node_load1 1\n")
    run, warnings = going().run, []
    telemetry = Telemetry(settings_of(metrics_file=str(stranger)))
    telemetry.begin(run, warnings.append)
    assert told(run)[0] == "running"
    assert warnings == [
        f"--metrics-file: {stranger.name} exists and is not a file of metrics of ours: "
        "name another file, or remove it to replace it."
    ]


def test_nobody_is_told_who_did_not_ask():
    assert telemetry_of(settings_of()) is None


def test_a_cell_may_turn_off_what_the_machine_turns_on():
    environ = {"OCARBON_METRICS_PORT": "9464", "OCARBON_METRICS_FILE": "/somewhere"}
    on, _ = resolve({}, {}, environ)
    assert (on.metrics_port, on.metrics_file) == (("127.0.0.1", 9464), "/somewhere")
    off, _ = resolve({"metrics_port": "none", "metrics_file": "none"}, {}, environ)
    assert (off.metrics_port, off.metrics_file) == (None, None)
    assert resolve({}, {"otel": True}, {})[0].otel


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("metrics_port", "x", "--metrics-port must be a port from 0 to 65535"),
        ("metrics_file", " ", "--metrics-file must be a folder, or a file that ends with .prom"),
        ("otel", "maybe", "--otel must be 1 or 0"),
    ],
)
def test_what_is_typed_wrong_is_one_sentence(option, value, sentence):
    with pytest.raises(OptionError, match=sentence):
        resolve({option: value}, {}, {})

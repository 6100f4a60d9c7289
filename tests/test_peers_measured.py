"""What the benchmark beside other packages makes of what they tell; no other package runs here."""

import os
import random
import sys

import pytest
from benchmarks.peers import children, energy, lines, measure, projecting, selecting, venvs
from benchmarks.peers.children import Outcome, Place, Way
from benchmarks.peers.stand import Stand
from benchmarks.peers.versions import PACKAGES, Package
from nvml_standin import have_compiler

DRAWN_J = {(): 0.0, (0,): 400.0, (1,): 1600.0, (0, 1): 2000.0}
BARE = Way("bare")


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(children, "bare_python", lambda: sys.executable)
    return Place(tmp_path)


@pytest.mark.parametrize(
    ("energy_j", "choice"),
    [(2090.0, [0, 1]), (1600.0, [1]), (401.0, [0]), (0.0, []), (1000.0, None), (50.0, [])],
)
def test_an_energy_tells_which_gpus_were_counted(energy_j, choice):
    assert selecting.chosen(energy_j, DRAWN_J) == choice


@pytest.mark.skipif(not have_compiler(), reason="needs a C compiler")
def test_the_error_is_of_what_was_drawn_in_the_same_time(tmp_path):
    scene = Stand(tmp_path, random.Random(1)).scene(["power const 100", "power const 300"])

    told = energy.error_of({"gpu_energy_j": 420.0, "start_s": 5.0, "end_s": 6.0}, scene, [0, 1])

    assert told["error_pct"] == pytest.approx(5.0)


def test_an_energy_that_is_not_told_has_no_error_in_per_cent():
    told = energy.error_of({"gpu_energy_j": None, "error": "stop raises TypeError"}, None, [0])

    assert told == {"error": "stop raises TypeError"}


def test_a_projection_that_was_too_high_has_a_positive_error():
    found = {"projected_s": 20.0, "actual_s": 10.0, "projected_kwh": 3.0, "actual_kwh": 4.0}

    told = projecting.with_errors(found)

    assert told["duration_error_pct"] == pytest.approx(100.0)
    assert told["energy_error_pct"] == pytest.approx(-25.0)


def test_a_task_tells_what_it_found_apart_from_what_it_printed(place):
    outcome = place.run(BARE, "stretches", {"durations_s": [0.0, 0.0]}, limit_s=60)

    assert outcome.failed is None
    assert [one["end_s"] >= one["start_s"] for one in outcome.found] == [True, True]
    assert outcome.printed == ""


def test_tasks_in_turn_begin_one_after_the_other_and_tell_the_same(place):
    ways = [Way("bare", label=f", number {number}") for number in range(2)]
    options = {"durations_s": [0.0], "in_turn": True}

    outcomes = place.run_all(ways, "stretches", options, limit_s=60)

    (one,), (other,) = (outcomes[str(way)].found for way in ways)
    assert one["start_s"] < other["start_s"]


def test_a_task_that_ends_early_is_told_by_its_exit_code_and_last_line(place):
    outcome = place.run(BARE, "no such task", {}, limit_s=60)

    assert outcome == Outcome(
        [], outcome.printed, "the process ends with exit code 1: KeyError: 'no such task'"
    )


def test_a_task_that_does_not_end_is_killed_and_keeps_what_it_told(place):
    child = place.start(BARE, "endless", {"epoch_s": 60.0})
    assert "start_s" in child.next_told()

    assert child.outcome(0).failed == "not back after 0 s"


def test_a_package_that_cannot_be_installed_is_one_line(place, tmp_path, monkeypatch):
    monkeypatch.setenv(venvs.FOLDER, str(tmp_path / "venvs"))
    missing = Package(str(tmp_path / "no such package"), "import missing")
    monkeypatch.setitem(PACKAGES, "missing", missing)

    outcome = place.run(Way("missing"), "stretches", {"durations_s": [0.0]}, limit_s=60)

    assert outcome.found == []
    assert outcome.failed.startswith("missing is not installed: ")
    assert "\n" not in outcome.failed


def test_two_measurements_do_not_share_their_environments(tmp_path, monkeypatch):
    monkeypatch.setenv(venvs.FOLDER, str(tmp_path))

    refused = pytest.raises(venvs.UnavailableError, match="Another measurement runs in")
    with venvs.taken(), refused:
        measure("features")
    with venvs.taken():
        pass


def test_a_task_sees_none_of_the_users_settings(place, monkeypatch):
    monkeypatch.setenv("CODECARBON_MEASURE_POWER_SECS", "1")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")

    kept = children.base_environment(place.home)

    assert kept["HOME"] == str(place.home)
    assert kept["PATH"] == os.environ["PATH"]
    assert not {"CODECARBON_MEASURE_POWER_SECS", "CUDA_VISIBLE_DEVICES"} & {*kept}


def test_what_a_package_could_not_tell_is_said_beside_what_others_told():
    measured = {
        "versions": {"ours": "1.0", "theirs": "2.0"},
        "losses": {
            "killed_after_s": 10.5,
            "by_package": {"ours": {"lost_s": 0.5}, "theirs": {"error": "it ended by itself"}},
        },
        "selection": {
            "UUID": {
                "expected": [1],
                "told": {
                    "ours": {"indices": [1]},
                    "theirs": {"indices": None, "share_of_expected": 0.625},
                    "others": {"error": "start raises ValueError"},
                    "viewer": {"indices": []},
                },
            }
        },
    }

    told = [" ".join(line.split()) for line in lines(measured)]

    assert "ours 0.5 s" in told
    assert "theirs ; it ended by itself" in told
    assert "ours 1" in told
    assert "theirs no choice of GPUs, 0.62 of the energy" in told
    assert "others start raises ValueError" in told
    assert "viewer none WRONG" in told

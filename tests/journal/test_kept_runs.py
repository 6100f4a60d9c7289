"""Runs are kept, found again in another process, filtered and added up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journals import DEVICES, NAMES, fill, filled, journal, sheet, some_origin, written
from sample_runs import sample

import ocarbon_magic as oc
from ocarbon_magic import Runs
from ocarbon_magic.collection import MissingPandasError
from ocarbon_magic.collection.entry import Origin
from ocarbon_magic.collection.shelf import Pile
from ocarbon_magic.collection.totals import BY
from ocarbon_magic.meters.base import Device, Reading
from ocarbon_magic.recorder import Recorder
from ocarbon_magic.run import Intensity
from ocarbon_magic.subcommands.named import run_called, runs_called

MANY = 120


def measured(name, **options):
    with oc.measure(name, devices="none", zone="FRA", quiet=True, **options) as run:
        pass
    return run


def elsewhere(expression, **env):
    """Evaluate in another process of the same home, when all is written."""
    written()
    code = f"import json, ocarbon_magic as oc\nprint(json.dumps({expression}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def piled(homes):
    """The same runs in a journal and in memory, newest first."""
    path, runs = filled(MANY, homes / "piled" / "runs-ada.db")
    numbers = range(MANY - 1, -1, -1)
    pile = Pile([runs[n] for n in numbers], [some_origin(n) for n in numbers])
    return path.parent, Runs.on(pile, range(MANY))


@pytest.fixture
def both(piled, monkeypatch):
    monkeypatch.setenv("OCARBON_HOME", str(piled[0]))
    return oc.runs(), piled[1]


# Kept


def test_a_run_is_found_by_another_process_as_it_was():
    run = measured("first")
    assert elsewhere("[run.to_dict() for run in oc.runs()]") == [run.to_dict()]


def test_what_the_first_tick_tells_is_kept_however_early_it_comes(monkeypatch):
    start = Recorder.start
    card = Device("gpu", "NVIDIA L4", "GPU-1", "nvml-energy-counter", measured=True)

    def ticking(recorder):
        start(recorder)
        recorder._tick(recorder._clock(), [Reading(card, 10.0)])

    monkeypatch.setattr(Recorder, "start", ticking)
    with oc.measure("early", devices="none", zone="FRA", quiet=True):
        (kept,) = elsewhere("[run.to_dict() for run in oc.runs(status='running')]")
    assert (kept["status"], kept["energy_kwh"]) == ("running", pytest.approx(10 / 3.6e6))
    assert len(kept["series"]["t_s"]) > 1


def test_a_run_of_this_process_is_that_very_object():
    run = measured("first")
    assert oc.runs()[0] is run
    assert oc.runs()[:][0] is run
    assert [found is run for found in oc.runs()] == [True]


def test_a_run_that_goes_on_is_listed_only_when_asked_for():
    with oc.measure("going on", devices="none", quiet=True):
        written()
        assert [known.name for known in oc.runs(status="running")] == ["going on"]
        assert len(oc.runs()) == len(oc.runs(status="lost")) == 0
    assert [known.status for known in oc.runs()] == ["finished"]


def test_a_list_stays_as_it_was_while_more_is_measured():
    measured("first")
    before = oc.runs()
    measured("second")
    assert [run.name for run in before] == ["first"]
    assert [run.name for run in before.only(zone="FRA")] == ["first"]


def test_a_run_that_is_not_for_the_journal_is_of_this_process_alone():
    run = measured("secret", no_journal=True)
    assert run in oc.runs()
    assert not journal().exists()
    assert elsewhere("len(oc.runs())") == 0


def test_the_journal_can_be_switched_off(monkeypatch):
    measured("kept")
    monkeypatch.setenv("OCARBON_NO_JOURNAL", "1")
    run = measured("not kept")
    assert oc.runs()[0] is run
    assert elsewhere("len(oc.runs())", OCARBON_NO_JOURNAL="0") == 1


def test_a_failed_cell_is_kept_as_failed():
    with pytest.raises(ZeroDivisionError), oc.measure("broken", devices="none", quiet=True):
        _ = 1 / 0
    assert elsewhere("[run.status for run in oc.runs()]") == ["failed"]


def test_where_a_run_comes_from_is_told_by_the_journal_and_not_by_its_record(tmp_path):
    (tmp_path / "vision" / "deep").mkdir(parents=True)
    (tmp_path / "vision" / "pyproject.toml").touch()
    script = tmp_path / "vision" / "deep" / "train.py"
    script.write_text(
        "import ocarbon_magic as oc\n"
        "with oc.measure('net', devices='none', quiet=True): pass\n"
        "with oc.measure('net', devices='none', quiet=True, project='said'): pass\n"
    )
    subprocess.run([sys.executable, script], check=True, cwd=tmp_path)
    second, first = oc.runs().entries()
    assert (first.project, second.project) == ("vision", "said")
    assert first.notebook == str(script)
    assert first.user
    assert first.host
    assert [len(oc.runs(notebook=name)) for name in (str(script), "train.py", "eval.py")] == [
        2,
        2,
        0,
    ]
    kept = json.dumps([run.to_dict() for run in oc.runs()])
    for private in ("vision", str(tmp_path), first.host):
        assert private not in kept


def test_records_and_the_rows_of_others_are_listed_together(tmp_path, monkeypatch):
    monkeypatch.setenv("OCARBON_HOME", str(tmp_path))
    for person, day in (("ada", 1), ("grace", 3), ("ada@left", 2)):
        stamp = f"2026-03-0{day}T10:00:00.000Z"
        run = sample(id=f"{person}", name=person, started_at=stamp)
        fill(tmp_path / f"runs-{person}.db", [sheet(run, Origin(person, "left"))])
    assert [run.name for run in oc.runs()] == ["grace", "ada@left", "ada"]
    assert [run.name for run in oc.runs(user="grace")] == ["grace"]
    assert oc.runs().totals("user")["ada"].runs == 1
    assert oc.runs()[1:].totals("day").whole.runs == 2


# Filtered: by SQL as in memory

FILTERS = {
    "name": st.sampled_from([*NAMES, "net*", "*e*", "tree[*]", "net[[]2]", "[!n]*", "none", ""]),
    "zone": st.sampled_from(["FRA", "fra", "US-*", "France", "DEU"]),
    "device": st.sampled_from(["h100", *DEVICES, "NVIDIA*", "T4", "*T4", "TPU"]),
    "status": st.sampled_from(["finished", "failed", "interrupted", "lost"]),
    "scope": st.sampled_from(["lifecycle", "direct", "by-hand", "by hand"]),
    "metric": st.sampled_from(["accuracy", "loss", "f1"]),
    "user": st.sampled_from(["ada", "g*", "nobody"]),
    "project": st.sampled_from(["vision", "s*", "none"]),
    "notebook": st.sampled_from(["train.ipynb", "/srv/vision/eval.py", "*.py", "/srv/*", "x"]),
    "since": st.sampled_from(["2026-01-01", "2026-01", "2025-12-31", "2026-01-01T05:00:00+01:00"]),
    "until": st.sampled_from(["2026-01-01", "2026-01", datetime(2026, 1, 1, 7, tzinfo=UTC)]),
}


@given(said=st.fixed_dictionaries({}, optional=FILTERS))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_journal_and_memory_choose_the_same_runs(both, said):
    _, memory = both
    if "zone" in said and said["zone"] == "France":
        expected = memory.only(**{**said, "zone": "FRA"})
    else:
        expected = memory.only(**said)
    found = oc.runs(**said)
    assert [entry.id for entry in found.entries()] == [entry.id for entry in expected.entries()]
    if "zone" not in said:
        assert [e.id for e in both[0].only(**said).entries()] == [e.id for e in found.entries()]


def test_every_line_of_the_journal_is_that_of_its_record(both):
    kept, memory = both
    assert kept.entries() == memory.entries()
    assert kept == memory
    assert [run.id for run in kept[3:30:4]] == [run.id for run in memory[3:30:4]]
    assert kept[-1] == memory[-1]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"day": "soon"}, "a time is a day such as 2026-03-01, a month such as 2026-03, today"),
        ({"since": "2026-13-01"}, "not '2026-13-01'"),
        ({"day": "today", "since": "today"}, "day goes without since and until"),
        ({"status": "done"}, "status must be running, finished, failed, interrupted or lost"),
        ({"scope": "both"}, "scope must be lifecycle, direct or by-hand, not 'both'"),
    ],
)
def test_a_filter_that_cannot_be_is_answered_in_one_sentence(said, sentence):
    for ask in (oc.runs, Runs().only):
        with pytest.raises(ValueError, match=sentence):
            ask(**said)


def test_days_are_those_of_utc():
    at = ("2026-03-01T00:00:00.000Z", "2026-03-01T23:59:59.999Z", "2026-03-02T00:00:00Z")
    fill(journal(), [sheet(sample(id=stamp, started_at=stamp)) for stamp in at])
    assert len(oc.runs(day="2026-03-01")) == 2
    assert len(oc.runs(since="2026-03-02")) == 1
    assert len(oc.runs(until="2026-03-01")) == 2
    assert len(oc.runs(day="2026-03")) == 3
    assert {row.key: row.runs for row in oc.runs().totals("day")} == {
        "2026-03-02": 1,
        "2026-03-01": 2,
    }


def test_runs_are_called_by_name_variable_and_id(both):
    kept, _ = both
    newest = next(run for run in kept if run.name == "resnet")
    assert run_called("resnet", "--run").id == newest.id
    assert run_called("resn?t", "--run").id == newest.id
    assert run_called(kept[5].id[:8], "--run").id == kept[5].id
    assert len(runs_called(["resnet", "probe"])) == len(oc.runs(name="resnet")) + len(
        oc.runs(name="probe")
    )
    assert len(runs_called([])) == MANY
    with pytest.raises(ValueError, match=r"^--run must be last, or what --save called a run"):
        run_called("no such run", "--run")
    with pytest.raises(ValueError, match=r"^no run is called 'nothing'"):
        runs_called(["nothing"])


def test_an_id_that_could_be_of_several_runs_is_refused():
    fill(journal(), [sheet(sample(id=f"abcd-{n}")) for n in range(2)])
    with pytest.raises(ValueError, match=r"^2 runs have an id that begins with 'abcd': type more"):
        run_called("abcd", "--run")
    assert run_called("ABCD-1", "--run").id == "abcd-1"


# Added up


def test_totals_are_the_sums_of_their_runs_each_scope_for_itself(both):
    kept, memory = both
    sums = defaultdict(float)
    for run in memory:
        if run.emissions_g is not None:
            sums[run.started_at[:10], run.intensity.scope] += run.emissions_g
    for row in kept.totals("day"):
        told = {"lifecycle": row.lifecycle_g, "direct": row.direct_g, None: row.by_hand_g}
        for scope, grams in told.items():
            assert grams == pytest.approx(sums.get((row.key, scope))), (row.key, scope)
    whole = kept.totals().whole
    assert whole.runs == MANY
    assert whole.unknown == sum(run.energy_kwh is None for run in memory) > 0
    assert whole.energy_kwh == pytest.approx(sum(run.energy_kwh or 0 for run in memory))


@pytest.mark.parametrize("by", BY)
def test_the_journal_adds_up_as_memory_does(both, by):
    kept, memory = both
    for some in (slice(None), slice(7, 60, 3), slice(0, 0)):
        ours, theirs = kept[some].totals(by), memory[some].totals(by)
        assert {row.key for row in ours} == {row.key for row in theirs}
        for row in ours:
            for name in ("runs", "unknown", "energy_kwh", "lifecycle_g", "direct_g", "by_hand_g"):
                assert getattr(row, name) == pytest.approx(getattr(theirs[row.key], name))


def test_a_scope_that_no_run_has_is_not_told_as_nothing():
    runs = Runs([sample(), sample(intensity=Intensity(50.0, 2024, "lifecycle", "a table"))])
    (row,) = runs.totals("zone")
    assert (row.direct_g, row.by_hand_g) == (None, None)
    assert row.lifecycle_g == pytest.approx(sum(run.emissions_g for run in runs))
    assert runs.totals("zone").to_dict()["rows"][0]["direct_g"] is None


def test_totals_are_a_table_that_never_adds_scopes(both):
    shown = str(both[0].totals("zone"))
    assert shown.startswith("120 runs by zone\n")
    head = shown.splitlines()[1].split("  ")
    assert [word for word in head if word][-3:] == ["lifecycle", "direct", "by hand"]
    assert "these do not compare, and are not added up." in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 80
    html = both[0].totals("zone")._repr_mimebundle_()["text/html"]
    assert html.count("<tr") == 1 + 3 + 1
    assert "nothing to add up" in str(Runs().totals())


def test_a_run_within_another_is_added_up_once():
    whole, part, lone = sample(id="whole"), sample(id="part", within="whole"), sample(id="lone")
    orphan = sample(id="orphan", within="gone")
    fill(journal(), [sheet(run) for run in (whole, part, lone, orphan)])
    for runs in (oc.runs(), Runs([whole, part, lone, orphan])):
        totals = runs.totals("zone")
        assert (totals.whole.runs, totals.parts) == (3, 1)
        assert totals.whole.energy_kwh == pytest.approx(3 * whole.energy_kwh)
        assert "1 run was measured within another, which includes it" in " ".join(
            str(totals).split()
        )
        without = Runs([run for run in runs if run.id != "whole"])
        assert (without.totals("zone").whole.runs, without.totals("zone").parts) == (3, 0)


def test_totals_by_what_there_is_not_are_answered_with_the_nearest():
    with pytest.raises(ValueError, match=r"^unknown total dya: did you mean day\?"):
        Runs().totals("dya")


# A data frame


def test_a_data_frame_has_a_row_for_each_run(both):
    kept, memory = both
    frame = kept.to_pandas()
    assert len(frame) == MANY
    assert frame["energy_kwh"].sum() == pytest.approx(sum(r.energy_kwh or 0 for r in memory))
    assert frame["energy_kwh"].isna().sum() == sum(r.energy_kwh is None for r in memory)
    assert str(frame["started_at"].dt.tz) == "UTC"
    assert list(frame["id"]) == [run.id for run in memory]
    assert list(Runs().to_pandas().columns) == list(frame.columns)


def test_without_pandas_one_sentence_tells_what_to_install(both, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingPandasError, match="pip install pandas"):
        both[0].to_pandas()

"""What the environment is told for the time of a run, and that it is put back."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ocarbon_magic as oc
from ocarbon_magic.ranks.environment import RANKS, STARTUP, Lent, folders

FOLDER = Path("/nowhere/own")
PATHS = st.lists(st.sampled_from(["", "/a", "/b c", "/ü", STARTUP]), max_size=4).map(
    os.pathsep.join
)
ENVIRONS = st.fixed_dictionaries(
    {}, optional={"PYTHONPATH": PATHS, RANKS: st.just("/x"), "A": PATHS}
)


def lent(environ):
    made = Lent(FOLDER, environ)
    made.lend()
    return made


@given(ENVIRONS)
def test_it_is_put_back_exactly(environ):
    before = dict(environ)
    made = lent(environ)
    assert STARTUP in environ["PYTHONPATH"].split(os.pathsep)
    assert environ[RANKS].split(os.pathsep)[0] == str(FOLDER)
    for _ in range(2):
        made.restore()
        assert environ == before


@given(ENVIRONS)
def test_it_is_put_back_though_it_was_never_said(environ):
    before = dict(environ)
    Lent(FOLDER, environ).restore()
    assert environ == before


@given(ENVIRONS.filter(lambda e: STARTUP not in e.get("PYTHONPATH", "")))
def test_what_the_code_put_into_the_path_stays(environ):
    former = environ.get("PYTHONPATH") or None
    made = lent(environ)
    environ["PYTHONPATH"] = "/new" + os.pathsep + environ["PYTHONPATH"]
    made.restore()
    assert environ["PYTHONPATH"] == os.pathsep.join(filter(None, ["/new", former]))


@pytest.mark.parametrize("former", [None, "/old"])
def test_what_the_code_took_away_stays_away(former):
    environ = {} if former is None else {"PYTHONPATH": former}
    made = lent(environ)
    del environ["PYTHONPATH"], environ[RANKS]
    made.restore()
    assert "PYTHONPATH" not in environ


def test_an_empty_path_does_not_become_the_present_folder():
    environ = {"PYTHONPATH": ""}
    lent(environ)
    assert environ["PYTHONPATH"] == STARTUP


def test_runs_within_runs_are_named_the_nearest_first(tmp_path):
    around, gone = tmp_path / "around", tmp_path / "gone"
    around.mkdir()
    environ = {RANKS: os.pathsep.join([str(around), str(gone), "relative", ""])}
    assert folders(environ) == [around]
    lent(environ)
    assert environ[RANKS] == os.pathsep.join([str(FOLDER), str(around)])


@pytest.mark.parametrize("error", [None, ArithmeticError, KeyboardInterrupt, SystemExit])
def test_a_run_puts_it_back_however_it_ends(error):
    before = dict(os.environ)
    with (
        contextlib.nullcontext() if error is None else pytest.raises(error),
        oc.measure(devices="none", quiet=True, no_journal=True),
    ):
        with oc.measure(devices="none", quiet=True, no_journal=True):
            folder = Path(os.environ[RANKS])
            assert folder.stat().st_mode & 0o077 == 0
        assert os.environ[RANKS] == str(folder)  # it is that of both
        exec("" if error is None else "raise error", {"error": error})
    assert dict(os.environ) == before
    assert not folder.exists()


def test_a_run_that_is_refused_leaves_nothing():
    before = dict(os.environ)
    with (
        pytest.raises(ValueError, match="99"),
        oc.measure(devices="99", quiet=True, no_journal=True),
    ):
        pass
    assert dict(os.environ) == before


def test_where_no_folder_can_be_made_the_run_says_so(monkeypatch):
    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkdtemp", full)
    with oc.measure(devices="none", quiet=True, no_journal=True) as run:
        pass
    assert run.status == "finished"
    assert [w for w in run.warnings if "not counted" in w] == [
        "Processes that this cell starts are not counted: No space left on device. TMPDIR names "
        "another folder for what they tell."
    ]

"""A disk that is full, a file that is locked, read-only or newer: no run stops for it."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from journals import fill, filled, is_intact, journal, sheet, written
from sample_runs import sample

import ocarbon_magic as oc
from ocarbon_magic.journal import pending, writer
from ocarbon_magic.journal.database import open_to_write
from ocarbon_magic.journal.folder import home
from ocarbon_magic.journal.schema import VERSION
from ocarbon_magic.run import Metric

OLD = Path(__file__).parent / "version-1.sql"
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def measured(name="run"):
    with oc.measure(name, devices="none", zone="FRA", quiet=True) as run:
        pass
    return run


def said_of_the_journal(run):
    return [line for line in run.warnings if "journal" in line]


def in_a_process(code, **env):
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def _nothing_left(monkeypatch):
    """A writer of the test's own, which takes no runs over from the test before."""
    made = writer.Writer()
    writer._writers.append(made)
    writer.notes.clear()
    yield
    made._unwritten.clear()
    made.close()
    writer._writers.remove(made)


@contextmanager
def mounted(folder, options):
    """A small file system of its own on ``folder``."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def read_only(folder):
    """What is in ``folder``, which nobody may change; permissions do not bind root."""
    if not ROOT:
        folder.chmod(0o555)
        try:
            yield
        finally:
            folder.chmod(0o755)
        return
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def mounts_are_allowed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mount")
    try:
        with mounted(folder, "size=64k"):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory):
    """A disk of 256 kB; where none may be mounted, files of this process that stay small."""
    if ROOT and mounts_are_allowed(tmp_path_factory):
        folder = tmp_path_factory.mktemp("disk")
        with mounted(folder, "size=256k"):
            yield folder
    else:
        yield None


# A full disk


def fill_up(folder):
    with (folder / "ballast").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError as full:
            assert full.errno == errno.ENOSPC  # noqa: PT017 - it always comes


LIMITED = """
import resource, sys, ocarbon_magic as oc
with oc.measure("before", devices="none", quiet=True): pass
oc.runs()
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with oc.measure("no room", devices="none", quiet=True) as run: pass
print([line for line in run.warnings if "journal" in line], len(oc.runs()))
"""


def test_a_full_disk_is_one_line_and_loses_nothing_that_was_there(small_disk, monkeypatch):
    if small_disk is None:
        said = in_a_process(LIMITED)
        assert said.startswith("['This run is not in the journal: ")
        assert said.endswith(" 2")
        assert [run.name for run in oc.runs(status="finished")] == ["before"]
        return
    monkeypatch.setenv("OCARBON_HOME", str(small_disk / "home"))
    before = measured("before")
    written()
    fill_up(small_disk)
    run = measured("no room")
    assert run.status == "finished"
    (line,) = said_of_the_journal(run)
    assert line.startswith("This run is not in the journal: ")
    assert str(small_disk) not in line
    assert [known.name for known in oc.runs()] == ["no room", "before"]
    assert oc.runs()[0] is run
    assert in_a_process(
        "import ocarbon_magic as oc; print([r.name for r in oc.runs(status='finished')])"
    ) == str(["before"])
    (small_disk / "ballast").unlink()
    measured("after")
    written()
    assert is_intact(journal())
    names = "import ocarbon_magic as oc; print(sorted(r.name for r in oc.runs()))"
    assert in_a_process(names) == str(["after", "before", "no room"])
    assert oc.runs()[-1] is before


def test_a_full_disk_at_the_first_run_stops_nothing(small_disk, monkeypatch):
    if small_disk is None:
        pytest.skip("no disk may be mounted here; the other test limits the size of files")
    fill_up(small_disk)
    monkeypatch.setenv("OCARBON_HOME", str(small_disk / "another" / "home"))
    run = measured("no room")
    assert len(said_of_the_journal(run)) == 1
    assert list(oc.runs()) == [run]
    (small_disk / "ballast").unlink()


# A folder that may not be written


def test_a_read_only_folder_is_one_line_and_is_read_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("OCARBON_HOME", str(tmp_path))
    filled(3)
    with read_only(tmp_path):
        run = measured("not kept")
        (line,) = said_of_the_journal(run)
        assert "OCARBON_HOME names another folder" in line
        assert len(oc.runs()) == 4
        assert oc.runs().notes == ()
        assert oc.runs()[0] is run
    assert is_intact(journal())


def test_a_read_only_folder_with_a_log_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("OCARBON_HOME", str(tmp_path))
    filled(3)
    with closing(open_to_write(journal())) as going_on:
        going_on.execute("BEGIN IMMEDIATE")
        going_on.execute("UPDATE runs SET name = 'new'")
        going_on.execute("COMMIT")
        with read_only(tmp_path):
            assert len(oc.runs()) == 3


@pytest.mark.parametrize("home_name", ["file", "file/below", "x" * 5000, "~nobody-of-that-name"])
def test_a_home_that_cannot_be_is_one_line(tmp_path, home_name, monkeypatch):
    (tmp_path / "file").touch()
    below = home_name if home_name.startswith("~") else str(tmp_path / home_name)
    monkeypatch.setenv("OCARBON_HOME", below)
    run = measured()
    assert len(said_of_the_journal(run)) == 1
    assert list(oc.runs()) == [run]


# A file that others hold


@contextmanager
def locked():
    with closing(sqlite3.connect(journal(), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_locked_file_delays_no_cell_and_the_run_is_written_later(monkeypatch):
    monkeypatch.setattr(writer, "LOCKED_PATIENCE_S", 0.1)
    filled(1)
    with locked():
        run = measured("waits")
        assert said_of_the_journal(run) == []
        written()
        assert [path.stem for path in pending.waiting(journal())] == [run.id]
        assert oc.runs(name="waits")[0] is run
        note = "1 run waits to be written to"
        assert note in str(oc.runs())
    names = "import ocarbon_magic as oc; print(len(oc.runs(name='waits')), oc.runs().notes)"
    assert in_a_process(names) == "1 ()"
    assert pending.waiting(journal()) == []
    assert len(oc.runs(name="waits")) == 1
    assert oc.runs(name="waits")[0] is run


def test_what_waits_does_not_take_the_place_of_what_is_newer():
    fill(journal(), [sheet(sample(id="a", duration_s=2.0), revision=2)])
    pending.put_aside(journal(), sheet(sample(id="a", duration_s=1.0), revision=1))
    pending.put_aside(journal(), sheet(sample(id="b", duration_s=3.0), revision=1))
    assert {run.id: run.duration_s for run in oc.runs()} == {"a": 2.0, "b": 3.0}


def test_a_waiting_file_that_holds_no_run_is_set_apart():
    filled(1)
    folder = pending.folder_of(journal())
    folder.mkdir()
    texts = ("", "{", "[]", "{}", '{"record": {}, "origin": {}}', "null", "\xff")
    for number, text in enumerate(texts):
        (folder / f"{number}.json").write_bytes(text.encode("latin-1"))
    assert len(oc.runs()) == 1
    assert len(list(folder.glob("*.unreadable"))) == len(texts)
    assert oc.runs().notes == ()


def test_a_process_that_ends_at_once_has_its_run_written():
    code = (
        "import ocarbon_magic as oc\nwith oc.measure('short', devices='none', quiet=True): pass\n"
    )
    in_a_process(code)
    assert [run.status for run in oc.runs()] == ["finished"]


def test_the_end_of_a_locked_process_puts_its_run_aside():
    filled(1)
    code = (
        "import ocarbon_magic as oc\nwith oc.measure('short', devices='none', quiet=True): pass\n"
    )
    with locked():
        in_a_process(code)
        (waiting,) = pending.waiting(journal())
    assert len(oc.runs(name="short")) == 1
    assert not waiting.exists()


def test_a_fork_of_a_measuring_process_leaves_the_journal_alone():
    code = """
import os, ocarbon_magic as oc
with oc.measure("parent", devices="none", quiet=True) as run:
    oc.runs(status="running")
    child = os.fork()
    if not child:
        with oc.measure("child", devices="none", quiet=True): pass
if child:
    assert os.waitpid(child, 0)[1] == 0
    print(run.status)
"""
    if not hasattr(os, "fork"):
        pytest.skip("no fork on this system")
    assert in_a_process(code, PYTHONWARNINGS="ignore") == "finished"
    assert sorted(run.name for run in oc.runs(status="finished")) == ["child", "parent"]
    assert is_intact(journal())


def test_no_fork_happens_in_the_midst_of_a_write():
    # SQLite's own locks would be held in the child for ever, by a thread that is not there.
    code = """
import os, threading, ocarbon_magic as oc
from ocarbon_magic.journal import writer
told, inside, goes_on, write = [], threading.Event(), threading.Event(), writer._File.write
def slowly(*arguments):
    inside.set()
    goes_on.wait(30)
    write(*arguments)
    told.append("written")
writer._File.write = slowly
with oc.measure("parent", devices="none", quiet=True) as run:
    inside.wait(30)
    threading.Timer(0.05, goes_on.set).start()
    child = os.fork()
if not child:
    os._exit(len(told))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    if not hasattr(os, "fork"):
        pytest.skip("no fork on this system")
    assert in_a_process(code, PYTHONWARNINGS="ignore") == "1"


def test_a_writer_that_hangs_at_the_end_of_its_process_loses_no_run():
    code = """
import threading, ocarbon_magic as oc
from ocarbon_magic.journal import writer
writer._File.write = lambda *_: threading.Event().wait()
with oc.measure("hung", devices="none", quiet=True): pass
"""
    in_a_process(code)
    assert [(run.name, run.status) for run in oc.runs()] == [("hung", "finished")]


# Versions


def old_journal(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as old:
        old.executescript(OLD.read_text("utf-8"))
    return path


def test_a_journal_of_version_1_is_brought_forward():
    path = old_journal(journal())
    runs = oc.runs()
    assert [(run.name, run.status) for run in runs] == [
        ("third", "lost"),
        ("second", "failed"),
        ("first", "finished"),
    ]
    assert [entry.metric for entry in runs.entries()] == [None, "loss", "accuracy"]
    assert [run.name for run in oc.runs(metric="accuracy")] == ["first"]
    assert runs[2].metric == Metric("accuracy", 0.91)
    assert runs.entries()[1].metric_value == "nan"
    assert is_intact(path)
    measured("fourth")
    written()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (4,)


def test_a_journal_of_version_1_tells_which_runs_are_parts_when_it_is_brought_forward():
    path = old_journal(journal())
    with closing(sqlite3.connect(path)) as old:
        (first,) = old.execute("SELECT id FROM runs WHERE number = 1").fetchone()
        old.execute(
            "UPDATE records SET record = json_set(record, '$.within', ?) WHERE number = 2", (first,)
        )
        old.commit()
    assert [entry.within for entry in oc.runs().entries()] == [None, first, None]
    assert oc.runs().totals("day").parts == 1


def test_a_journal_of_version_1_of_another_person_is_read_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("OCARBON_HOME", str(tmp_path))
    path = old_journal(tmp_path / "runs-grace.db")
    before = path.read_bytes()
    assert len(oc.runs()) == 3
    assert len(oc.runs(metric="accuracy")) == 0
    assert oc.runs().totals("metric").whole.runs == 3
    assert path.read_bytes() == before


def test_two_processes_bring_a_journal_forward_at_once():
    old_journal(journal())
    code = (
        "import sys, ocarbon_magic as oc; sys.stdin.read(); print(len(oc.runs()), oc.runs().notes)"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True)
        for _ in range(4)
    ]
    for process in both:
        process.stdin.close()
    for process in both:
        assert process.stdout.read().strip() == "3 ()"
        assert process.wait(60) == 0
        process.stdout.close()


def test_a_journal_of_a_newer_version_is_left_alone_and_said_so():
    path, _ = filled(2)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    run = measured("kept for later")
    written()
    assert path.read_bytes() == before
    assert list(oc.runs()) == [run]
    assert any("newer version of ocarbon_magic" in note for note in oc.runs().notes)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION}")
    assert in_a_process("import ocarbon_magic as oc; print(len(oc.runs()))") == "3"


# What is told, and when


def test_a_failure_that_comes_too_late_is_told_by_the_next_list(monkeypatch, tmp_path):
    monkeypatch.setattr("ocarbon_magic.journal.keeping.END_PATIENCE_S", 0.0)
    (tmp_path / "file").touch()
    monkeypatch.setenv("OCARBON_HOME", str(tmp_path / "file" / "below"))
    run = measured()
    written()
    assert said_of_the_journal(run) == []
    assert "A run is not in the journal: " in str(oc.runs())
    assert "A run is not in the journal: " not in str(oc.runs())


def test_a_home_that_is_removed_while_runs_are_measured_is_made_again():
    measured("first")
    written()
    shutil.rmtree(home())
    run = measured("second")
    written()
    assert list(oc.runs()) == [run]
    assert said_of_the_journal(run) == []


def test_the_writing_thread_ends_when_it_has_nothing_to_do(monkeypatch):
    monkeypatch.setattr(writer, "IDLE_S", 0.01)
    measured("first")
    thread = writer.writer()._thread
    if thread is not None:
        thread.join(30)
    assert writer.writer()._thread is None
    measured("second")
    written()
    assert len(oc.runs(status="finished")) == 2
    assert time.time() > 0

"""Files for node_exporter's textfile collector."""

from __future__ import annotations

import os
import stat
import threading

import pytest
from told import PARSERS, going, samples

from ocarbon_magic.files import NotWrittenError
from ocarbon_magic.telemetry import textfile
from ocarbon_magic.telemetry.board import board
from ocarbon_magic.telemetry.textfile import LEFT_BEHIND_S, Files, RunFile

WAIT_S = 30


class Told(list):
    """Warnings, and an event for the first."""

    def __init__(self):
        super().__init__()
        self.came = threading.Event()

    def __call__(self, line):
        self.append(line)
        self.came.set()


@pytest.fixture
def told():
    return Told()


def begun(path, told, figures=None):
    figures = figures or going()
    board.begin(figures)
    file = RunFile(str(path), figures, told)
    file.begin()
    file.write()
    return file


def status_in(path):
    found = samples(PARSERS["classic"](path.read_text(encoding="utf-8")))
    return [labels["status"] for labels, _ in found["ocarbon_run_status"]]


def test_a_run_has_a_file_in_the_folder_that_others_may_read(tmp_path, told):
    begun(tmp_path, told)
    (path,) = tmp_path.iterdir()
    assert path.name == "ocarbon_run-1.prom"
    assert status_in(path) == ["running"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert told == []


def test_each_run_has_a_file_of_its_own(tmp_path, told):
    begun(tmp_path, told, going("one"))
    begun(tmp_path, told, going("two"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ocarbon_one.prom", "ocarbon_two.prom"]


def test_a_file_that_is_named_is_that_file(tmp_path, told):
    path = tmp_path / "lab.prom"
    begun(path, told)
    assert status_in(path) == ["running"]
    begun(path, told, going("another"))  # one of ours may be replaced
    assert "another" in path.read_text()


def test_a_strangers_file_is_left_as_it_is(tmp_path, told):
    path = tmp_path / "node.prom"
    path.write_text("node_boot_time_seconds 1\n")
    with pytest.raises(NotWrittenError, match="exists and is not a file of metrics of ours"):
        begun(path, told)
    assert path.read_text() == "node_boot_time_seconds 1\n"


def test_the_file_says_how_the_run_ended_and_goes_when_it_is_told_of_no_longer(tmp_path, told):
    file = begun(tmp_path, told)
    board.update(going(status="failed"))
    assert file.write()
    assert status_in(file.path) == ["failed"]
    board.forget()
    assert not file.write()
    assert list(tmp_path.iterdir()) == []


def test_what_has_not_changed_is_not_written_again(tmp_path, told):
    file = begun(tmp_path, told)
    os.utime(file.path, (1.0, 1.0))
    file.write()
    assert file.path.stat().st_mtime == 1.0
    board.update(going())
    file.write()
    assert file.path.stat().st_mtime > 1.0


def test_what_was_taken_away_does_not_come_back(tmp_path, told):
    file = begun(tmp_path, told)
    file.remove()
    board.update(going())
    file.write()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_behind_is_taken_away_by_the_next(tmp_path, told):
    old = tmp_path / "ocarbon_2f1f9c1e-6f0a-4a57-9d57-0f0b3c1d2e4f.prom"
    fresh = tmp_path / "ocarbon_7d0d9e42-35e6-4a0c-8f57-6f1f5a0c9b11.prom"
    others = [tmp_path / "node.prom", tmp_path / "ocarbon_notes.txt"]
    for path in (old, fresh, *others):
        path.write_text("# TYPE ocarbon_run_status gauge\n")
    long_ago = fresh.stat().st_mtime - LEFT_BEHIND_S - 60
    for path in (old, *others):
        os.utime(path, (long_ago, long_ago))
    begun(tmp_path, told)
    assert {p.name for p in tmp_path.iterdir()} == {
        fresh.name,
        "node.prom",
        "ocarbon_notes.txt",
        "ocarbon_run-1.prom",
    }


@pytest.mark.parametrize("path", ["no/such/folder", "no/such/file.prom"])
def test_a_file_that_cannot_be_written_is_one_line_on_the_run(tmp_path, told, path):
    begun(tmp_path / path, told).write()
    assert len(set(told)) == 1
    assert told[0].startswith("--metrics-file: the folder ")
    assert told[0].endswith("does not exist: make it first, or name another one.")


def test_a_folder_that_is_called_like_a_file_is_refused(tmp_path, told):
    (tmp_path / "folder.prom").mkdir()
    with pytest.raises(NotWrittenError, match="is a folder: name a file in it"):
        begun(tmp_path / "folder.prom", told)


# In a thread


def test_files_are_written_from_a_thread_and_at_once_at_the_end(tmp_path, told, monkeypatch):
    monkeypatch.setattr(textfile, "EVERY_S", 3600.0)
    wrote = threading.Semaphore(0)
    write = RunFile._write

    def noticed(self, figures):
        write(self, figures)
        wrote.release()

    monkeypatch.setattr(RunFile, "_write", noticed)
    files = Files()
    board.begin(going())
    file = RunFile(str(tmp_path), going(), told)
    files.begin(file)
    assert wrote.acquire(timeout=WAIT_S)
    assert status_in(file.path) == ["running"]
    board.update(going(status="finished"))
    files.hurry()
    assert wrote.acquire(timeout=WAIT_S)
    assert status_in(file.path) == ["finished"]
    files.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_fork_leaves_the_files_to_the_process_that_measures(tmp_path, told):
    file, files = begun(tmp_path, told), Files()
    files._files.append(file)
    files.forget()
    files.remove()
    assert file.path.exists()

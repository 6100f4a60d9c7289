"""What processes tell in the folder of a run, whole, damaged and malicious."""

from __future__ import annotations

import json
import os
import time

import pytest

from ocarbon_magic.ranks import leftovers
from ocarbon_magic.ranks.folder import MOST_FILES, Folder, launched
from ocarbon_magic.ranks.rank import ProcessRank, measured_by_another, process_rank
from ocarbon_magic.ranks.report import MOST_BYTES, Report, read, write

TOLD = Report(
    pid=os.getpid(),
    rank=0,
    world=2,
    launch="a|b|1",
    done=5,
    total=40.0,
    unit="step",
    source="torch optimizer",
    what="The optimizer",
    any_unit=False,
    from_s=1.0,
    to_s=2.0,
    ended=False,
)


def test_what_is_told_is_what_is_read(tmp_path):
    file = tmp_path / "1-a.count"
    write(TOLD, file)
    assert read(str(file)) == TOLD
    assert [path.name for path in tmp_path.iterdir()] == ["1-a.count"]


def test_long_words_are_cut(tmp_path):
    file = tmp_path / "1-a.count"
    write(TOLD._replace(what="x" * 100_000), file)
    assert read(str(file)).what == "x" * 200


DAMAGED = {
    "empty": "",
    "cut": json.dumps({"v": 1, **TOLD._asdict()})[:-9],
    "no JSON": "\x00\xff" * 40,
    "no object": "[1, 2]",
    "another version": json.dumps({"v": 2, **TOLD._asdict()}),
    "deep": "[" * 5000,
    "long": json.dumps({"v": 1, **TOLD._asdict(), "more": "x" * MOST_BYTES}),
    "NaN": json.dumps({"v": 1, **TOLD._asdict(), "done": float("nan")}),
    "endless": json.dumps({"v": 1, **TOLD._asdict(), "total": float("inf")}),
    "negative": json.dumps({"v": 1, **TOLD._asdict(), "done": -1}),
    "a switch": json.dumps({"v": 1, **TOLD._asdict(), "done": True}),
    "a text": json.dumps({"v": 1, **TOLD._asdict(), "done": "5"}),
    "no process": json.dumps({"v": 1, **TOLD._asdict(), "pid": -1}),
    "all processes": json.dumps({"v": 1, **TOLD._asdict(), "pid": 0}),
    "no unit": json.dumps({"v": 1, **TOLD._asdict(), "unit": None}),
    "a huge number": json.dumps({"v": 1, **TOLD._asdict(), "rank": 10**40}),
    "digits without end": '{"v": 1, "done": ' + "9" * 8000 + "}",
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_none(tmp_path, text):
    file = tmp_path / "1-a.count"
    file.write_text(text, errors="surrogateescape", encoding="latin-1")
    assert read(str(file)) is None
    assert Folder(tmp_path).read() == {}


def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "1-fifo.count")
    (tmp_path / "1-folder.count").mkdir()
    write(TOLD, tmp_path / "elsewhere")
    (tmp_path / "1-link.count").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "1-dangling.count").symlink_to(tmp_path / "nothing")
    assert Folder(tmp_path).read() == {}


def test_a_damaged_file_leaves_what_was_told_before(tmp_path):
    folder, file = Folder(tmp_path), tmp_path / "1-a.count"
    write(TOLD, file)
    assert folder.read() == {"1-a.count": TOLD}
    file.write_text("{")
    assert folder.read() == {"1-a.count": TOLD}
    write(TOLD._replace(done=6), file)
    assert folder.read()["1-a.count"].done == 6


def test_a_file_is_read_once(tmp_path, monkeypatch):
    folder, opened = Folder(tmp_path), []
    monkeypatch.setattr(
        "ocarbon_magic.ranks.folder.read", lambda file: opened.append(file) or read(file)
    )
    write(TOLD, tmp_path / "1-a.count")
    folder.read()
    folder.read()
    assert len(opened) == 1


def test_a_folder_that_is_gone_still_says_what_it_said(tmp_path):
    place_, folder = tmp_path / "folder", None
    place_.mkdir()
    folder = Folder(place_)
    write(TOLD, place_ / "1-a.count")
    folder.read()
    (place_ / "1-a.count").unlink()
    place_.rmdir()
    assert folder.read() == {"1-a.count": TOLD}


def test_of_too_many_files_some_are_read(tmp_path):
    for number in range(MOST_FILES + 5):
        (tmp_path / f"{number}.count").touch()
    folder = Folder(tmp_path)
    folder.read()
    assert len(folder._stamps) <= MOST_FILES + 5
    (tmp_path / "new.count").write_text(json.dumps({"v": 1, **TOLD._asdict()}))
    assert folder.read() == {}


def test_of_a_launch_the_lowest_rank_counts():
    one = [("a", TOLD), ("b", TOLD._replace(rank=1)), ("c", TOLD._replace(rank=4))]
    assert [work.key for work in launched(one)] == [("process", "a")]
    assert launched(one)[0].where == "rank 0 of 2"
    # The second machine of a launch has no rank 0.
    (second,) = launched([("c", TOLD._replace(rank=4, world=8))])
    assert second.where == "rank 4 of 8"
    alone = [("a", TOLD._replace(rank=None, world=None)), ("b", TOLD._replace(rank=None))]
    assert [work.where for work in launched(alone)] == ["another process"] * 2


def test_a_process_that_is_gone_goes_on_no_longer(tmp_path):
    assert launched([("a", TOLD)])[0].goes_on
    assert not launched([("a", TOLD._replace(ended=True))])[0].goes_on
    pid = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(pid, 0)
    assert not launched([("a", TOLD._replace(pid=pid))])[0].goes_on


@pytest.mark.parametrize(
    ("environ", "rank", "leads"),
    [
        ({}, None, True),
        ({"RANK": "0", "WORLD_SIZE": "2"}, 0, True),
        ({"RANK": "1", "WORLD_SIZE": "2"}, 1, False),
        ({"RANK": "8", "WORLD_SIZE": "16", "LOCAL_RANK": "0"}, 8, True),
        ({"RANK": "9", "WORLD_SIZE": "16", "LOCAL_RANK": "1"}, 9, False),
        ({"RANK": "0", "WORLD_SIZE": "1"}, None, True),
        ({"RANK": "0"}, None, True),
        ({"RANK": "x", "WORLD_SIZE": "²"}, None, True),
        ({"OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_SIZE": "4"}, 3, False),
    ],
)
def test_the_place_among_others(environ, rank, leads):
    found = process_rank(environ)
    assert (found.rank, found.leads) == (rank, leads)


def test_a_place_has_a_name():
    assert (ProcessRank().name, ProcessRank(0, 8).name) == ("another process", "rank 0 of 8")


def test_another_process_of_the_machine_measures():
    assert measured_by_another({}) is None
    assert measured_by_another({"LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "4"}) is None
    assert measured_by_another({"LOCAL_RANK": "1"}) is None
    assert measured_by_another({"LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "1"}) is None
    assert measured_by_another({"LOCAL_RANK": "3", "LOCAL_WORLD_SIZE": "4"}) == "local rank 3 of 4"


def test_what_killed_processes_left_is_removed_after_a_day(tmp_path):
    pid = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(pid, 0)
    names = {
        "old": f"ocarbon-ranks-{pid}-a",
        "new": f"ocarbon-ranks-{pid}-b",
        "of a process that lives": f"ocarbon-ranks-{os.getpid()}-c",
        "another's": "own-files",
    }
    for name in names.values():
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.count").touch()
    (tmp_path / f"ocarbon-ranks-{pid}-link").symlink_to(tmp_path / "own-files")
    long_ago = time.time() - leftovers.KEPT_S - 60
    for kind in ("old", "of a process that lives", "another's"):
        os.utime(tmp_path / names[kind], (long_ago, long_ago))
    leftovers.sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        *names.values(),
        f"ocarbon-ranks-{pid}-link",
    } - {names["old"]}
    assert (tmp_path / "own-files" / "1.count").exists()


def test_a_folder_in_which_nothing_has_changed_is_not_looked_through(tmp_path, monkeypatch):
    folder, looks = Folder(tmp_path), []
    really = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: looks.append(path) or really(path))
    write(TOLD, tmp_path / "1-a.count")
    assert [folder.read()["1-a.count"].done for _ in range(3)] == [5, 5, 5]
    assert len(looks) == 3, "another change may bear the same time"
    long_ago_ns = time.time_ns() - 60_000_000_000
    os.utime(tmp_path, ns=(long_ago_ns, long_ago_ns))
    assert [folder.read()["1-a.count"].done for _ in range(3)] == [5, 5, 5]
    assert len(looks) == 4
    write(TOLD._replace(done=6), tmp_path / "1-a.count")
    assert folder.read()["1-a.count"].done == 6

"""Where the journal stands, and where runs come from."""

from __future__ import annotations

import os
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from journals import filled, journal, sheet
from sample_runs import sample

import ocarbon_magic as oc
from ocarbon_magic.journal import folder, pending
from ocarbon_magic.journal.database import open_to_write
from ocarbon_magic.journal.origin import Whereabouts
from ocarbon_magic.journal.state import state
from ocarbon_magic.subcommands import doctor


class Mount(NamedTuple):
    mountpoint: str
    fstype: str


@pytest.fixture
def mounts(monkeypatch):
    """Mount what the test says."""

    def mount(kinds):
        there = [Mount(*one) for one in kinds.items()]
        monkeypatch.setattr(psutil, "disk_partitions", lambda **_: there)
        folder._is_network.cache_clear()

    yield mount
    folder._is_network.cache_clear()


def test_the_folder_is_the_users_own_or_the_one_that_was_named(monkeypatch):
    assert folder.home({"OCARBON_HOME": "/srv/carbon"}) == Path("/srv/carbon")
    assert folder.home({"OCARBON_HOME": "~/carbon"}) == Path.home() / "carbon"
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert folder.home({}).name == "ocarbon_magic"
    assert folder.home({"OCARBON_HOME": ""}) == folder.home({})


@pytest.mark.parametrize("name", ["ada", "DOMAIN\\ada", "ada@lab", "a/b", "訓練", "..", "", "a=2"])
def test_a_name_of_any_kind_is_a_file_of_its_own_in_the_folder(name, monkeypatch, tmp_path):
    monkeypatch.setattr(folder, "user", lambda: name)
    file = folder.own_file(tmp_path)
    assert file.parent == tmp_path
    assert not set(file.name) & set("/\\@=")
    file.touch()
    assert folder.all_files(tmp_path) == [file]
    again = folder.successor(file)
    again.touch()
    assert folder.own_file(tmp_path) == again
    assert folder.successor(again) == folder.successor(again)
    assert pending.folder_of(again) == pending.folder_of(file)


def test_a_person_without_a_name_is_known_by_number(monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: {}["LOGNAME"])
    assert folder.user() == str(os.getuid())


@pytest.mark.parametrize(
    ("kind", "shared"),
    [("ext4", False), ("nfs4", True), ("CIFS", True), ("fuse.sshfs", True), ("fuseblk", False)],
)
def test_a_disk_of_several_machines_is_known_by_its_kind(mounts, tmp_path, kind, shared):
    mounts({"/": "ext4", str(tmp_path): kind})
    assert folder.is_on_network(tmp_path / "not" / "yet" / "there") is shared
    assert ("@" in folder.own_file(tmp_path).name) is shared


def test_the_last_mount_of_a_place_counts(mounts, monkeypatch, tmp_path):
    there = [Mount("/", "ext4"), Mount(str(tmp_path), "nfs"), Mount(str(tmp_path), "ext4")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: there)
    assert not folder.is_on_network(tmp_path)


def test_every_machine_has_a_file_of_its_own_there_without_a_shared_log(mounts, monkeypatch):
    home = folder.home()
    home.mkdir(parents=True)
    mounts({"/": "ext4", str(home): "nfs4"})
    for host in ("left", "right"):
        monkeypatch.setattr(folder, "host", lambda host=host: host)
        with oc.measure(host, devices="none", quiet=True):
            pass
        assert oc.runs()[0].name == host
        while not folder.own_file(home).exists():
            pass
    assert sorted(run.name for run in oc.runs()) == ["left", "right"]
    for path in folder.all_files(home):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert len(folder.all_files(home)) == 2


def test_a_local_journal_has_a_log_that_its_writers_share():
    with closing(open_to_write(journal())) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_default_folder_is_its_owners_alone(monkeypatch, tmp_path):
    monkeypatch.delenv("OCARBON_HOME")
    folder.make(tmp_path / "new" / "ocarbon_magic")
    assert (tmp_path / "new" / "ocarbon_magic").stat().st_mode & 0o077 == 0


def test_who_has_no_home_is_told_so_in_one_sentence(monkeypatch):
    monkeypatch.setattr("os.path.expanduser", str)  # as where nobody knows the user
    monkeypatch.setenv("OCARBON_HOME", "~/kept")
    assert line_of_the_doctor()[::2] == (
        "\N{EN DASH}",
        "this user has no home folder: OCARBON_HOME names another folder",
    )
    monkeypatch.delenv("OCARBON_HOME")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert line_of_the_doctor()[2].startswith("this user has no home folder: ")


# Where runs come from


def origin_of(namespace, environ=None, project=None):
    return Whereabouts.now(namespace, project, environ or {}).origin()


def test_a_notebook_is_told_by_its_front_end(tmp_path):
    notebook = str(tmp_path / "train.ipynb")
    assert origin_of({"__vsc_ipynb_file__": notebook}).notebook == notebook
    assert origin_of({}, {"JPY_SESSION_NAME": notebook}).notebook == notebook
    assert origin_of({}, {"JPY_SESSION_NAME": "console-1-4f0c"}).notebook is None
    assert origin_of({"__vsc_ipynb_file__": 7}).notebook is None
    assert origin_of({}).notebook is None


def test_a_project_is_the_nearest_folder_that_looks_like_one(tmp_path, monkeypatch):
    deep = tmp_path / "outer" / "inner" / "deep"
    deep.mkdir(parents=True)
    (tmp_path / "outer" / ".git").mkdir()
    named = {"__vsc_ipynb_file__": str(deep / "train.ipynb")}
    assert origin_of(named).project == "outer"
    (tmp_path / "outer" / "inner" / "pyproject.toml").touch()
    assert origin_of(named).project == "inner"
    assert origin_of(named, project="said").project == "said"
    monkeypatch.chdir(deep)
    assert origin_of({}).project == "inner"


def test_a_folder_that_is_no_project_gives_its_name(tmp_path, monkeypatch):
    (tmp_path / "notes").mkdir()
    monkeypatch.chdir(tmp_path / "notes")
    origin = origin_of({})
    assert origin.project == "notes"
    assert origin.host == socket.gethostname()


def test_a_folder_that_was_removed_stops_nothing(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert origin_of({}).project is None


# Facts


def test_the_state_of_the_journal_is_told():
    empty = state()
    assert (empty.runs, empty.size_bytes, empty.waiting, empty.others) == (0, 0, 0, 0)
    path, _ = filled(3)
    filled(1, path.with_name("runs-somebody.db"))
    pending.put_aside(path, sheet(sample(id="waits")))
    told = state()
    assert (told.file, told.runs, told.waiting, told.others) == (path, 3, 1, 1)
    assert told.size_bytes > 0
    assert told.notes == ()
    path.write_bytes(b"garbage" * 999)
    assert len(state().notes) == 1


def line_of_the_doctor():
    return next(row for row in doctor.answer([]).rows if row[1] == "Journal")


def test_the_doctor_tells_where_the_journal_is_and_how_it_stands(monkeypatch, tmp_path):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setenv("OCARBON_HOME", str(tmp_path / "kept"))
    path = filled(3)[0]
    size = path.stat().st_size / 1e3
    assert line_of_the_doctor() == (
        "\N{CHECK MARK}",
        "Journal",
        f"3 runs, {size:.0f} kB",
        str(Path("~") / "kept"),
    )
    with monkeypatch.context() as read_only:
        read_only.setattr("os.access", lambda *_: False)
        assert line_of_the_doctor()[::2] == (
            "\N{EN DASH}",
            f"{Path('~') / 'kept'} cannot be written: OCARBON_HOME names another folder",
        )
    path.write_bytes(b"no journal" * 1000)
    assert line_of_the_doctor()[:2] == ("\N{EN DASH}", "Journal")
    assert f"{path.name} cannot be read" in line_of_the_doctor()[2]
    monkeypatch.setenv("OCARBON_NO_JOURNAL", "1")
    assert line_of_the_doctor()[2] == "turned off"

"""A damaged journal is never in anybody's way, and what can be read of it is kept."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journals import filled, is_intact, journal, written

import ocarbon_magic as oc
from ocarbon_magic.journal.folder import home, own_file
from ocarbon_magic.journal.mending import inode_of, mend

PAGE = 4096
RUNS = 40


@pytest.fixture(scope="module")
def sound(homes):
    """A journal of runs as they are, large enough to be damaged in many places."""
    path, runs = filled(RUNS, homes / "sound" / journal().name, points=60)
    return path, {run.id for run in runs}


@pytest.fixture
def damaged(sound, monkeypatch, tmp_path_factory):
    """Make a damaged copy, in a home of its own."""

    def make(damage):
        folder = tmp_path_factory.mktemp("damaged")
        monkeypatch.setenv("OCARBON_HOME", str(folder))
        content = bytearray(sound[0].read_bytes())
        damage(content)
        (folder / sound[0].name).write_bytes(content)
        return sound[1]

    return make


def look_at_all():
    runs = oc.runs()
    found = {entry.id for entry in runs.entries()}
    for run in runs:
        run.to_dict()
    str(runs)
    str(runs.totals("device"))
    runs.to_pandas()
    oc.runs(name="*e*", zone="FRA", device="H100", metric="loss")
    return found


def measured():
    with oc.measure("after", devices="none", quiet=True) as run:
        pass
    return run


@given(
    where=st.floats(0.0, 1.0, exclude_max=True),
    what=st.binary(min_size=1, max_size=300),
    more=st.lists(st.tuples(st.floats(0.0, 0.99), st.binary(max_size=40)), max_size=2),
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_bytes_overwritten_anywhere_are_never_an_exception(damaged, where, what, more):
    def overwrite(content):
        for share, text in [(where, what), *more]:
            at = int(share * len(content))
            content[at : at + len(text)] = text[: len(content) - at]

    damaged(overwrite)
    look_at_all()
    run = measured()
    assert run.status == "finished"
    assert any(known is run for known in oc.runs())
    assert len([line for line in run.warnings if "journal" in line]) <= 1


@pytest.mark.parametrize("seed", range(6))
def test_runs_elsewhere_in_a_damaged_file_are_saved(damaged, seed):
    dice = random.Random(seed)

    def tear(content):
        pages = len(content) // PAGE
        page = dice.randrange(1, pages)  # the first tells what the file is
        content[page * PAGE : (page + 1) * PAGE] = dice.randbytes(PAGE)

    ids = damaged(tear)
    mend(journal(), inode_of(journal()))
    saved = look_at_all()
    assert saved <= ids
    assert len(saved) > RUNS // 2
    assert is_intact(own_file(home()))
    (kept,) = home().glob("damaged-*.db")
    assert kept.stat().st_size > 0


@pytest.mark.parametrize("size", [16, 100, PAGE])
def test_a_file_without_its_head_still_has_its_runs(damaged, size):
    ids = damaged(lambda content: content.__setitem__(slice(0, size), b"?" * size))
    assert look_at_all() == ids
    assert is_intact(own_file(home()))
    assert len([*home().glob("damaged-*")]) == 1


LENGTHS = [0, 1, 15, 16, 99, 100, 101, 512, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 5 * PAGE, 20 * PAGE]


@pytest.mark.parametrize("length", [*LENGTHS, -PAGE, -1])
def test_a_file_cut_short_is_no_obstacle(damaged, length):
    ids = damaged(lambda content: content.__delitem__(slice(length, None)))
    assert look_at_all() <= ids
    run = measured()
    assert [line for line in run.warnings if "journal" in line] == []
    assert any(known is run for known in oc.runs())
    written()
    names = "import ocarbon_magic as oc; print(*(run.name for run in oc.runs(name='after')))"
    assert subprocess.check_output([sys.executable, "-c", names], text=True) == "after\n"


@pytest.mark.parametrize(
    "content", [b"garbage " * 2000, bytes(9000), b"SQLite format 3\0" + bytes(90)]
)
def test_garbage_is_set_aside_and_a_new_journal_begun(content):
    home().mkdir(parents=True)
    journal().write_bytes(content)
    run = measured()
    written()
    assert [line for line in run.warnings if "journal" in line] == []
    assert [known.id for known in oc.runs()] == [run.id]
    kept = [*home().glob("damaged-*.db")]
    assert [path.read_bytes() for path in kept] == [content]
    assert is_intact(own_file(home()))


def test_what_was_saved_is_told_once(damaged):
    damaged(lambda content: content.__setitem__(slice(0, 16), b"no longer a file"))
    notes = oc.runs().notes
    assert len(notes) == 1
    assert notes[0].startswith("The journal was damaged: ")
    assert oc.runs().notes == ()


def test_two_processes_that_find_the_damage_at_once_do_no_harm(damaged):
    def tear(content):
        content[3 * PAGE : 4 * PAGE] = bytes(PAGE)

    ids = damaged(tear)
    code = (
        "import sys, ocarbon_magic as oc\n"
        "sys.stdin.read()  # all begin at once\n"
        "for number in range(5):\n"
        "    with oc.measure(sys.argv[1], devices='none', quiet=True) as run: pass\n"
        "    len([*oc.runs()])\n"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(n)], stdin=subprocess.PIPE)
        for n in range(3)
    ]
    for process in both:
        process.stdin.close()
    assert [process.wait(120) for process in both] == [0, 0, 0]
    runs = oc.runs()
    assert sorted(e.name for e in runs.entries() if e.id not in ids) == sorted("012" * 5)
    assert len({entry.id for entry in runs.entries()}) == len(runs)
    assert is_intact(own_file(home()))


def test_a_writer_notices_that_its_file_was_set_aside(damaged):
    damaged(lambda content: None)
    measured()
    mend(journal(), inode_of(journal()))
    run = measured()
    assert [line for line in run.warnings if "journal" in line] == []
    written()
    names = "import ocarbon_magic as oc; print(len(oc.runs()), len(oc.runs(name='after')))"
    assert subprocess.check_output([sys.executable, "-c", names], text=True).split() == [
        str(RUNS + 2),
        "2",
    ]
    assert is_intact(own_file(home()))


def test_a_file_that_may_not_be_mended_is_read_as_far_as_it_goes(damaged, monkeypatch):
    damaged(lambda content: content.__delitem__(slice(5 * PAGE, None)))
    stranger = home() / "runs-stranger.db"
    shutil.move(journal(), stranger)
    before = stranger.read_bytes()
    assert any("runs-stranger.db cannot be read" in note for note in noted())
    assert stranger.read_bytes() == before
    assert not [*home().glob("damaged-*")]


def noted():
    runs = oc.runs()
    runs.entries()
    return runs.notes

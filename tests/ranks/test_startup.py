"""What a process sees of being started from a measured cell: nothing, but two variables."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import ocarbon_magic as oc
from ocarbon_magic.progress.frameworks.hooks import _HOOKS
from ocarbon_magic.ranks.environment import STARTUP
from ocarbon_magic.ranks.startup import _ocarbon_waiting

LOOK = """
import sys
seen = dict(modules=sorted(sys.modules), path=sys.path, caches=sorted(sys.path_importer_cache))
import json, os, threading
seen.update(environ=dict(os.environ), threads=threading.active_count(), argv=sys.orig_argv[1:])
seen.update(read=sys.stdin.read(), finders=[type(f).__name__ for f in sys.meta_path])
try:
    import sitecustomize
    seen["hidden"] = sitecustomize.__file__
except ImportError as error:
    seen["hidden"] = repr(error)
print(json.dumps(seen))
print("heard", file=sys.stderr)
sys.exit(3)
"""
BAR = """
import sys
sys.path.append({tqdm!r})
try:
    import ocarbon_magic
    print(ocarbon_magic.__file__)
except ImportError:
    print("none")
from tqdm import tqdm
with tqdm(total=7, file=open({null!r}, "w")) as bar:
    for _ in range(7):
        bar.update()
    {wait}
"""
TQDM = sysconfig.get_paths()["purelib"]
UNFELT = {"OCARBON_RANKS", "PYTHONPATH"}


def run(command, **options):
    return subprocess.run(
        [str(word) for word in command],
        input="some words",
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def measured(command, **options):
    """Run a command in a measured block; return what it showed, and the run."""
    with oc.measure(devices="none", quiet=True, no_journal=True) as measuring:
        shown = run(command, **options)
    return shown, measuring


def both(command, **options):
    """Run a command outside a measured block, and in one."""
    return run(command, **options), measured(command, **options)[0]


@pytest.fixture
def bare(tmp_path):
    """A Python with nothing installed, as a virtual environment of another project is."""
    folder = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder / "bin" / "python"


@pytest.fixture
def library(tmp_path):
    """A folder with tqdm in it, and nothing else."""
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "tqdm").symlink_to(Path(TQDM) / "tqdm")
    return folder


def bar(library):
    # The process that measures lets it end when it was heard: nobody waits for a time.
    wait = (
        "import os, pathlib\n"
        "    folder = os.environ.get('OCARBON_RANKS')\n"
        "    while folder and not list(pathlib.Path(folder).glob('*.count')): pass"
    )
    return BAR.format(tqdm=str(library), null=os.devnull, wait=wait)


def test_a_script_sees_what_it_would_see():
    plain, counted = both([sys.executable, "-c", LOOK])
    assert (
        (plain.returncode, plain.stderr) == (counted.returncode, counted.stderr) == (3, "heard\n")
    )
    before, after = json.loads(plain.stdout), json.loads(counted.stdout)
    assert after["environ"]["PYTHONPATH"] == STARTUP
    assert {k: v for k, v in after["environ"].items() if k not in UNFELT} == before["environ"]
    assert set(after["modules"]) - set(before["modules"]) == {"_ocarbon_waiting", "__future__"}
    assert after["finders"] == ["Waiting", *before["finders"]]
    for same in ("path", "caches", "threads", "argv", "read", "hidden"):
        assert after[same] == before[same], same
    assert before["read"] == "some words"


def test_the_sitecustomize_that_ours_hides_is_run(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.hidden = __name__, __file__")
    code = "import sys, sitecustomize; print(sys.hidden, sys.hidden[1] == sitecustomize.__file__)"
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    plain, counted = both([sys.executable, "-c", code], env=env)
    # The environment is of the child alone, so ours has to be put in front of it here.
    assert plain.stdout == counted.stdout
    with oc.measure(devices="none", quiet=True, no_journal=True):
        path = os.environ["PYTHONPATH"] + os.pathsep + str(tmp_path)
        chained = run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path})
    assert chained.stdout == plain.stdout
    assert chained.stdout.endswith("True\n")


def test_a_hidden_sitecustomize_that_fails_says_the_same(tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text("raise ArithmeticError('own trouble')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    plain, counted = both([sys.executable, "-c", "print(1)"])
    assert "own trouble" in plain.stderr
    assert (counted.stdout, counted.stderr) == (plain.stdout, plain.stderr)


@pytest.mark.parametrize("flag", ["-E", "-I", "-S", "-P", "-O", "-B"])
def test_pythons_flags_mean_what_they_mean(flag):
    code = "import sys; print(sys.path, 'sitecustomize' in sys.modules)"
    plain, counted = both([sys.executable, flag, "-c", code])
    if flag == "-S":  # nobody is there to take the folder off the path
        assert counted.stdout.replace(f"{STARTUP!r}, ", "") == plain.stdout
    else:
        assert counted.stdout == plain.stdout
    assert counted.stderr == plain.stderr == ""


def test_an_error_is_shown_as_ever():
    plain, counted = both([sys.executable, "-c", "import nothing_of_this_name"])
    assert (counted.returncode, counted.stderr) == (plain.returncode, plain.stderr)
    assert plain.returncode == 1


def test_all_that_is_watched_is_waited_for():
    assert {*_HOOKS, "tqdm.std", oc.track.__module__} == _ocarbon_waiting.WANTED


def test_a_bar_of_a_script_is_counted():
    shown, measuring = measured([sys.executable, "-c", bar(TQDM)])
    assert shown.stderr == ""
    work = measuring.work
    assert (work.done, work.total, work.source) == (7, 7, "tqdm in another process")


def test_what_a_script_tracks_and_updates_is_counted():
    code = "import ocarbon_magic as oc\nfor _ in oc.track([0] * 9, unit='sample'): pass"
    _, measuring = measured([sys.executable, "-c", code])
    work = measuring.work
    assert (work.done, work.total, work.unit) == (9, 9, "sample")
    assert work.source == "oc.track in another process"
    with oc.measure(devices="none", quiet=True, no_journal=True, unit="token", total=50) as run_:
        run([sys.executable, "-c", "import ocarbon_magic as oc; oc.update(20); oc.update(5)"])
    assert (run_.work.done, run_.work.total, run_.work.unit) == (25, 50, "token")
    assert run_.work.hint is None


def test_a_python_without_the_package_is_counted_and_still_has_none(bare, library):
    shown, measuring = measured([bare, "-P", "-c", bar(library)])
    assert (shown.stdout, shown.stderr) == ("none\n", "")
    assert (measuring.work.done, measuring.work.total) == (7, 7)


def test_another_package_of_that_name_is_what_a_script_imports(bare, library):
    other = library / "ocarbon_magic"
    other.mkdir()
    (other / "__init__.py").write_text("progress = 'another'")
    shown, measuring = measured([bare, "-P", "-c", bar(library)])
    assert (shown.stdout, shown.stderr) == (f"{other / '__init__.py'}\n", "")
    assert measuring.work.done == 7


# Debian's own has a sitecustomize, the old ones cannot read what is new.
INSTALLED = sorted(Path("~/.pyenv/versions").expanduser().glob("*/bin/python"))
OTHERS = [path for path in (Path("/usr/bin/python3"), *INSTALLED) if path.exists()]


@pytest.mark.skipif(not OTHERS, reason="there is no other Python")
@pytest.mark.parametrize("python", OTHERS, ids=str)
def test_every_python_starts_as_ever(python):
    code = "import sys; print(sys.path, 'sitecustomize' in sys.modules, 'threading' in sys.modules)"
    plain, counted = both([python, "-c", code])
    assert (counted.stdout, counted.stderr) == (plain.stdout, plain.stderr)
    assert plain.returncode == counted.returncode == 0


def test_workers_of_joblib_are_left_alone():
    code = "import sys; print([type(f).__name__ for f in sys.meta_path][0])"
    first, _ = measured([sys.executable, "-c", code, "joblib.externals.loky.backend.popen"])
    assert first.stdout != "Waiting\n"
    other, _ = measured([sys.executable, "-c", code, "--model", "loky"])
    assert other.stdout == "Waiting\n"


def test_who_wants_none_of_it_says_off(monkeypatch):
    monkeypatch.setenv("OCARBON_RANKS", "off")
    before = dict(os.environ)
    with oc.measure(devices="none", quiet=True, no_journal=True) as measuring:
        assert dict(os.environ) == before
        run([sys.executable, "-c", "import ocarbon_magic as oc; oc.update(20)"])
    assert measuring.work.done is None


def test_pip_lists_as_ever_and_counts_nothing():
    if shutil.which("pip") is None and not (Path(TQDM) / "pip").is_dir():
        pytest.skip("there is no pip")
    plain, counted = both([sys.executable, "-m", "pip", "--version"])
    assert (counted.stdout, counted.stderr) == (plain.stdout, plain.stderr)


def test_a_process_that_outlives_the_block_is_not_disturbed():
    code = (
        "import os, sys, time\n"
        "import ocarbon_magic as oc\n"
        "oc.update()\n"
        "print('up', flush=True)\n"
        "sys.stdin.readline()\n"
        "oc.update()\n"
        "import subprocess\n"
        "print(subprocess.run([sys.executable, '-c', 'print(5)'], capture_output=True).stdout)\n"
    )
    with oc.measure(devices="none", quiet=True, no_journal=True) as measuring:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout.readline() == "up\n"
        folder = Path(os.environ["OCARBON_RANKS"])
    assert not folder.exists()
    out, err = process.communicate("\n", timeout=60)
    assert (out, err, process.returncode) == ("b'5\\n'\n", "", 0)
    assert measuring.status == "finished"

"""Files are written whole or not at all, and take no stranger's place."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys

import pytest
from reported import an_hour

import ocarbon_magic as oc
from ocarbon_magic.files import NotWrittenError, written
from ocarbon_magic.journal.export.formats import FORMATS
from ocarbon_magic.journal.export.parquet import MissingPyarrowError

NAMES = {
    "csv": "runs.csv", "json": "runs.json", "jsonl": "runs.jsonl", "parquet": "runs.parquet",
    "openmetrics": "runs.prom", "codecarbon": "emissions.csv",
}  # fmt: skip
every_format = pytest.mark.parametrize("form", FORMATS)


def broken_off(after=1):
    """Runs whose reading fails, as a disk may, after some of them."""
    yield from (an_hour(n) for n in range(after))
    raise OSError(errno.EIO, os.strerror(errno.EIO))


class Breaks:
    """A run that cannot be told."""

    def __getattr__(self, name):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@every_format
def test_the_name_of_a_file_tells_the_format(tmp_path, form):
    export = oc.export(tmp_path / NAMES[form], an_hour())
    assert export.format == form
    assert (export.runs, export.path) == (1, str(tmp_path / NAMES[form]))
    assert [*tmp_path.iterdir()] == [tmp_path / NAMES[form]]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("EMISSIONS.CSV", "codecarbon"),
        ("my_emissions.csv", "csv"),
        ("a.ndjson", "jsonl"),
        ("a.b.JSON", "json"),
        ("a.om", "openmetrics"),
    ],
)
def test_other_names_tell_it_too(tmp_path, name, form):
    assert oc.export(tmp_path / name, an_hour()).format == form


def test_a_format_that_is_said_wins_over_the_name(tmp_path):
    oc.export(tmp_path / "runs.txt", an_hour(), format="jsonl")
    assert json.loads((tmp_path / "runs.txt").read_text())["schema"] == "ocarbon.run/1"


@every_format
def test_a_failure_leaves_what_was_there(tmp_path, form, monkeypatch):
    path = tmp_path / NAMES[form]
    oc.export(path, an_hour(1))
    before = path.read_bytes()

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotWrittenError, match="was not written, for the disk is full: make room"):
        oc.export(path, [an_hour(1), an_hour(2)])
    assert path.read_bytes() == before
    assert [*tmp_path.iterdir()] == [path]


def test_a_file_that_grows_too_large_leaves_what_was_there(tmp_path):
    code = (
        "import resource, signal, sys\n"
        "sys.path[:0] = sys.argv[2:]\n"
        "import ocarbon_magic as oc\n"
        "from reported import an_hour\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "oc.export(sys.argv[1], an_hour(1))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "try:\n"
        "    oc.export(sys.argv[1], [an_hour(n) for n in range(100)])\n"
        "except ValueError as error:\n"
        "    print(error)\n"
    )
    path = tmp_path / "runs.json"
    here = [p for p in sys.path if "tests" in p]
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), *here], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{path} was not written: File too large.\n"
    assert len(json.loads(path.read_text())) == 1
    assert [*tmp_path.iterdir()] == [path]


def test_a_folder_that_may_not_be_written_is_named(tmp_path):
    code = (
        "import os, sys\n"
        "sys.path[:0] = sys.argv[2:]\n"
        "import ocarbon_magic as oc\n"
        "from reported import an_hour\n"
        "oc.export(format='csv', runs=an_hour())\n"
        "if os.geteuid() == 0:\n"  # nothing is forbidden to root
        "    os.seteuid(65534)\n"
        "try:\n"
        "    oc.export(sys.argv[1], an_hour())\n"
        "except ValueError as error:\n"
        "    print(error)\n"
    )
    tmp_path.chmod(0o555)
    path = tmp_path / "runs.csv"
    here = [p for p in sys.path if "tests" in p]
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), *here], capture_output=True, text=True, check=True
    )
    tmp_path.chmod(0o755)
    assert done.stdout == f"{path} may not be written by you: name a file in a folder of yours.\n"
    assert not path.exists()


def test_what_is_in_the_way_is_said_in_one_sentence(tmp_path):
    run = an_hour()
    with pytest.raises(ValueError, match=r"the folder .*/none does not exist: make it first"):
        oc.export(tmp_path / "none" / "runs.csv", run)
    with pytest.raises(ValueError, match="is a folder: name a file in it"):
        oc.export(tmp_path, run, format="csv")
    with pytest.raises(ValueError, match=r"the name runs.xls tells no format: say one with"):
        oc.export("runs.xls", run)
    with pytest.raises(ValueError, match=r"format must be codecarbon, csv, .*, not 'xls'"):
        oc.export(tmp_path / "runs.csv", run, format="xls")
    with pytest.raises(ValueError, match="Parquet is not text: name a file for it"):
        oc.export(format="parquet", runs=run)
    with pytest.raises(ValueError, match="was not written: File name too long"):
        oc.export(tmp_path / ("x" * 300 + ".csv"), run)
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"the folder .*/file does not exist"):
        oc.export(tmp_path / "file" / "runs.csv", run)
    os.mkfifo(tmp_path / "pipe.prom")
    with pytest.raises(ValueError, match="is not a file that can be replaced"):
        oc.export(tmp_path / "pipe.prom", run, overwrite=True)
    assert {p.name for p in tmp_path.iterdir()} == {"file", "pipe.prom"}


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "codecarbon"])
@pytest.mark.parametrize("there", [b"a,b\n1,2\n", b'[{"a": 1}]', b"PAR1 of somebody else PAR1"])
def test_a_file_that_is_not_ours_is_not_replaced_unless_told(tmp_path, form, there):
    path = tmp_path / NAMES[form]
    path.write_bytes(there)
    with pytest.raises(NotWrittenError, match=r"is not an export of ours .*add --overwrite"):
        oc.export(path, an_hour())
    assert path.read_bytes() == there
    oc.export(path, an_hour(), overwrite=True)
    oc.export(path, [an_hour(1), an_hour(2)])  # now it is ours
    assert oc.export(path, []).runs == 0
    assert oc.export(path, an_hour()).runs == 1


def test_an_empty_file_is_nobodys(tmp_path):
    path = tmp_path / "runs.csv"
    path.touch()
    assert oc.export(path, an_hour()).runs == 1


def test_without_pyarrow_the_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingPyarrowError, match=r"pip install 'ocarbon_magic\[parquet\]'"):
        oc.export(tmp_path / "runs.parquet", an_hour())
    assert not [*tmp_path.iterdir()]


def test_a_link_stays_and_its_target_is_replaced(tmp_path):
    real = tmp_path / "real.csv"
    oc.export(real, an_hour())
    link = tmp_path / "link.csv"
    link.symlink_to(real)
    oc.export(link, [an_hour(1), an_hour(2)])
    assert link.is_symlink()
    assert len(real.read_text().splitlines()) == 3


def test_permissions_are_those_of_the_file_before_else_what_is_usual(tmp_path):
    path = tmp_path / "runs.csv"
    oc.export(path, an_hour())
    usual = os.umask(0)
    os.umask(usual)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~usual
    path.chmod(0o640)
    oc.export(path, an_hour())
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_an_error_of_the_writers_is_not_hidden_and_leaves_no_part(tmp_path):
    path = tmp_path / "file"

    def spoilt():
        with written(path) as file:
            file.write(b"half")
            raise RuntimeError("stopped in the middle")

    with pytest.raises(RuntimeError, match="stopped in the middle"):
        spoilt()
    assert not [*tmp_path.iterdir()]


def test_a_home_folder_is_known(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    oc.export("~/runs.csv", an_hour())
    assert (tmp_path / "runs.csv").exists()


# Reports


def test_a_latex_report_comes_with_its_bibtex_beside_it(tmp_path):
    path = tmp_path / "footprint.tex"
    report = oc.report(an_hour(), path=path)
    assert report.format == "latex"
    assert report.saved == (str(path), str(tmp_path / "footprint.bib"))
    assert path.read_text() == "% Written by ocarbon_magic.\n" + str(report)
    assert report.bibtex in (tmp_path / "footprint.bib").read_text()
    shown = report._repr_mimebundle_()
    assert "Saved to" in shown["text/markdown"]
    assert "Saved to" in shown["text/plain"]
    assert "Saved to" not in str(report)
    oc.report([an_hour(1), an_hour(2)], path=path)  # ours is replaced
    assert r"\begin{tabular}" in path.read_text()


def test_a_paper_and_its_bibliography_are_not_replaced(tmp_path):
    paper, bibliography = tmp_path / "paper.tex", tmp_path / "paper.bib"
    bibliography.write_text("@book{mine, title={Mine}}\n")
    with pytest.raises(NotWrittenError, match=r"paper.bib exists and is not a report of ours"):
        oc.report(an_hour(), path=paper)
    assert not paper.exists()
    assert bibliography.read_text() == "@book{mine, title={Mine}}\n"
    with pytest.raises(NotWrittenError, match=r"is where the BibTeX entries go: name a \.tex"):
        oc.report(an_hour(), path=bibliography, format="latex")


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.md", "markdown"), ("a.txt", "text"), ("a.tex", "latex"), ("a", "markdown")],
)
def test_the_name_of_a_report_tells_its_format(tmp_path, name, form):
    report = oc.report(an_hour(), path=tmp_path / name)
    assert report.format == form
    assert "Written by ocarbon_magic." in (tmp_path / name).read_text().splitlines()[0]
    again = oc.report(an_hour(), format=form).save(tmp_path / name)
    assert again == report.saved
    (tmp_path / name).write_text("my own words\n")
    with pytest.raises(NotWrittenError, match="is not a report of ours: name another file"):
        report.save(tmp_path / name)
    report.save(tmp_path / name, overwrite=True)


def test_a_report_that_cannot_be_saved_is_one_sentence(tmp_path):
    with pytest.raises(ValueError, match=r"the folder .*none does not exist"):
        oc.report(an_hour(), path=tmp_path / "none" / "a.tex")
    for form in ("latex", "markdown", "model-card"):
        with pytest.raises(ValueError, match=r"is a folder: name a file in it|cannot be read"):
            oc.report(an_hour(), path=tmp_path, format=form)
    (tmp_path / "a.md").write_text("---\nlicense: mit\n---\n")
    before = (tmp_path / "a.md").stat().st_mtime_ns
    with pytest.raises(ValueError, match="is not a report of ours"):
        oc.report(an_hour(), path=tmp_path / "a.md")
    assert (tmp_path / "a.md").stat().st_mtime_ns == before

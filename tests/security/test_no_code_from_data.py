"""Nothing that is read is run: who makes code of text, or starts a program, stands in a list."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ocarbon_magic.cluster.link import _CALL

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ocarbon_magic"
PAGE = ROOT / "labextension" / "src"

CALLS = {
    "eval", "exec", "compile", "__import__", "system", "popen", "spawnv", "execv", "execve",
    "execvp", "Popen", "check_output", "check_call", "getoutput", "loads", "load", "Unpickler",
    "shell_cmd", "enable_load_extension", "executescript", "run_code", "run_cell", "ex",
}  # fmt: skip
BUILTINS = {"eval", "exec", "compile", "__import__"}
"""Whose mention is enough: they may be handed on."""

MODULES = {
    "pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml", "subprocess", "ctypes",
    "pty", "code", "codeop", "xmlrpc", "telnetlib", "ftplib", "smtplib", "xml",
}  # fmt: skip
HARMLESS = {"json.loads", "json.load", "re.compile", "platform.system"}
"""What is called as those are, and does no such thing."""

ALLOWED = {
    ("cell.py", "exec"): "the user's own cell",
    ("cell.py", "eval"): "the value of the last line of the user's own cell",
    ("cell.py", "shell.compile"): "the user's own cell",
    ("config.py", "compile"): "--metric, as the user typed it: looked at, not run",
    ("block.py", "eval"): "--metric, in the user's own namespace",
    ("progress/loops/functions.py", "compile"): "the user's own function, its loops counted",
    ("__init__.py", "load"): "the magics, into the user's shell",
    (
        "carbon/live/generation.py",
        "xml.etree",
    ): "ENTSO-E's answers, refused if they declare entities",
    ("ranks/startup/_ocarbon_apart.py", "builtins.__import__"): "modules of this package",
    ("ranks/startup/_ocarbon_waiting.py", "apart.load"): "modules of this package",
    ("cluster/link.py", "eval"): "a call of ours, its argument a literal, in the user's engines",
    ("hardware/processors.py", "subprocess"): "sysctl by its path, with fixed words, on macOS",
}
"""Who may, and why."""


def name_of(node):
    """Return what is called, with the name it is reached by."""
    if isinstance(node, ast.Attribute):
        before = node.value.id if isinstance(node.value, ast.Name) else ""
        return f"{before}.{node.attr}" if before else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def found_in(file):
    """Yield what a file calls, names or imports that can make a program of data."""
    place = file.relative_to(PACKAGE).as_posix()
    for node in ast.walk(ast.parse(file.read_bytes())):
        yield from ((place, name) for name in (*called(node), *imported(node)))


def called(node):
    if isinstance(node, ast.Name) and node.id in BUILTINS:
        yield node.id
    if not isinstance(node, ast.Call):
        return
    name = name_of(node.func)
    if name not in HARMLESS and name.rpartition(".")[2] in CALLS:
        yield name
    for keyword in node.keywords:
        if keyword.arg == "shell" and isinstance(keyword.value, ast.Constant):
            yield "shell="


def imported(node):
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    if isinstance(node, ast.ImportFrom):
        modules = [node.module or ""]
    return [module for module in modules if module.partition(".")[0] in MODULES]


def test_no_code_is_made_of_data_and_no_program_started():
    found = {one for file in PACKAGE.rglob("*.py") for one in found_in(file)}
    assert found == {*ALLOWED}


def test_an_engine_is_sent_its_argument_as_a_literal():
    hostile = {"run": "x'); import os; os.system('y') #", "devices": '"{0}"'}
    code = _CALL.format(module="m", function="f", argument=hostile, package="p")
    literals = [
        ast.literal_eval(n)
        for n in ast.walk(ast.parse(code, mode="eval"))
        if isinstance(n, ast.Dict)
    ]
    assert hostile in literals
    assert "system" not in {
        n.attr for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Attribute)
    }


def test_sql_is_made_of_names_of_ours_alone():
    """A statement that is put together names columns; values are parameters."""
    files = sorted((PACKAGE / "journal").rglob("*.py"))
    put_in = {
        ast.unparse(part.value)
        for file in files
        for call in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(call, ast.JoinedStr)
        and re.search(r"\b(SELECT|INSERT|PRAGMA)\b", ast.unparse(call))
        for part in call.values
        if isinstance(part, ast.FormattedValue)
    }
    assert not [said for said in put_in if re.search(r"value|text|run\.|wanted\.|record\[", said)]


SINKS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|"
    r"srcdoc|\beval\b|new Function|\bFunction\(|setTimeout\(\s*[\"'`]|\bimport\(|"
    r"\.cssText|javascript:|dangerously|postMessage|localStorage|document\.cookie|\bfetch\(|"
    r"XMLHttpRequest|WebSocket|sendBeacon|\.src\s*="
)
ALLOWED_IN_PAGE = {
    ("lab/otherpages.ts", "postMessage"): "to other windows of the same JupyterLab",
}


@pytest.mark.parametrize("suffix", ["*.ts", "*.mjs"])
def test_the_page_makes_no_markup_no_code_and_no_request_of_data(suffix):
    found = {
        (file.relative_to(PAGE).as_posix(), hit)
        for file in PAGE.rglob(suffix)
        for hit in SINKS.findall(without_comments(file.read_text(encoding="utf-8")))
    }
    assert found == ({*ALLOWED_IN_PAGE} if suffix == "*.ts" else set())


def without_comments(source):
    return re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", source, flags=re.DOTALL)


def test_attributes_are_named_by_ours_and_addresses_are_of_files_that_are_saved():
    """Elements are made in one place, whose names of attributes are written in the source."""
    makers = {
        file.relative_to(PAGE).as_posix()
        for file in PAGE.rglob("*.ts")
        if "createElement" in file.read_text(encoding="utf-8")
    }
    assert makers <= {"view/dom.ts", "view/view.ts", "frontend.ts", "sidebar/keyed.ts"}
    hrefs = {
        file.relative_to(PAGE).as_posix()
        for file in PAGE.rglob("*.ts")
        if re.search(r"\bhref\b", without_comments(file.read_text(encoding="utf-8")))
    }
    assert hrefs == {"lab/runfile.ts"}

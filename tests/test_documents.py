"""What the documents tell a reader to type, follow or set is there."""

from __future__ import annotations

import ast
import dataclasses
import re
import shlex
from pathlib import Path

import pytest

import ocarbon_magic
from ocarbon_magic.config import OPTIONS, Settings, resolve
from ocarbon_magic.magics import parse
from ocarbon_magic.options import ENVIRONMENT_PREFIX, read_words
from ocarbon_magic.subcommands import SUBCOMMANDS, subcommand

ROOT = Path(__file__).parents[1]
PACKAGE = Path(ocarbon_magic.__file__).parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("notebooks/*.md")])
OTHERS = ("pip ", "accelerate ", "git ", "python ", ".venv/bin/", "node ", "make ")

each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)


def blocks(text):
    """The indented and fenced blocks of a document, without their indent."""
    found = re.findall(r"(?:^    .*\n(?:\s*\n(?=    ))?)+", text, re.MULTILINE)
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in found] + fenced


def typed(text):
    """What a reader may type: lines of blocks, and what stands between backticks."""
    spans = [" ".join(span.split()) for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]
    lines = [line.split("  #")[0].strip() for block in blocks(text) for line in block.splitlines()]
    return lines + spans


def slug(heading):
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(path):
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {slug(heading) for heading in headings}


@each_document
def test_links_and_pictures_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src(?:set)?="([^"]+)"', text)
    for target in targets:
        if re.match(r"https?:", target):
            continue
        name, _, anchor = target.partition("#")
        there = path.parent / name if name else path
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


@each_document
def test_lines_of_ours_can_be_typed(path):
    for line in typed(path.read_text(encoding="utf-8")):
        magic, _, rest = line.partition(" ")
        if "..." in line or "[" in rest:
            continue
        if magic == "%%carbon":
            resolve(parse(rest), {}, {})
        elif magic == "%carbon" and rest:
            name, *words = shlex.split(rest)
            assert name in SUBCOMMANDS, line
            read_words(words, subcommand(name).OPTIONS)


@each_document
def test_every_flag_is_an_option_of_ours_or_named_as_anothers(path):
    ours = {option.flag for option in OPTIONS.values()}
    ours |= {"--help"} | {o.flag for name in SUBCOMMANDS for o in subcommand(name).OPTIONS.values()}
    for line in typed(path.read_text(encoding="utf-8")):
        if not line.startswith(OTHERS) and "-->" not in line:
            assert set(re.findall(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*(?!-)\b", line)) <= ours, line


@each_document
def test_targets_of_make_and_parts_of_the_benchmarks_exist(path):
    text = path.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for line in typed(text):
        if line.startswith("make "):
            assert set(re.findall(r"[a-z]+", line.removeprefix("make "))) <= targets, line
        for script in re.findall(r"python (tests/\S+)", line):
            assert (ROOT / script).exists(), line


def test_every_option_of_the_magic_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for field in dataclasses.fields(Settings):
        if "check" in field.metadata:
            assert f"--{field.name.replace('_', '-')}" in readme, field.name


@each_document
def test_every_variable_is_one_that_is_read(path):
    source = "".join(p.read_text(encoding="utf-8") for p in PACKAGE.rglob("*.py"))
    source += "".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("*.py"))
    configurable = {
        ENVIRONMENT_PREFIX + field.name.upper()
        for field in dataclasses.fields(Settings)
        if field.metadata.get("configurable")
    }
    for name in set(re.findall(r"OCARBON_[A-Z_]+[A-Z]", path.read_text(encoding="utf-8"))):
        assert name in configurable or name in source, name


@each_document
def test_python_that_is_shown_compiles_and_names_what_is_public(path):
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"\boc\.(\w+)", text):
        assert name in ocarbon_magic.__all__, name
    for block in blocks(text):
        if re.search(r"^(import|from|with|oc\.|run\.)", block, re.MULTILINE) and "%" not in block:
            ast.parse(re.sub(r"\.\.\.$", "pass", block, flags=re.MULTILINE))

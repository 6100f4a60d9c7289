"""The template for translators holds every phrase of the sources, and names what cannot be one."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "labextension" / "locale" / "ocarbon_magic.pot"


def run_locale(front_end, *arguments):
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    hatch_build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hatch_build)
    node = hatch_build.node_folder() / "node"
    return subprocess.run(
        [node, front_end.sources / "locale.mjs", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_template_holds_every_phrase_of_the_sources(front_end, tmp_path):
    written = tmp_path / "written.pot"
    done = run_locale(front_end, front_end.sources / "src", written)
    assert (done.returncode, done.stderr) == (0, "")
    assert written.read_text() == TEMPLATE.read_text(), "run: node labextension/locale.mjs"
    assert '\nmsgid "Carbon record of %1"\n' in written.read_text()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("trans.__(said);", "the msgid of trans.__ must be a string literal."),
        ("trans.__(`${n} left`);", "the msgid of trans.__ must be a string literal."),
        ('trans._n("one", many, n);', "the plural of trans._n must be a string literal."),
        ("trans._p(of, 'lost');", "the context of trans._p must be a string literal."),
        ('trans.__("%1 of %2", n);', '"%1 of %2" asks for 2 values, and is given 1.'),
        (
            'trans.gettext("lost");',
            "trans.gettext is not known here: use trans.__, trans._n or trans._p.",
        ),
    ],
)
def test_a_phrase_that_nobody_can_translate_is_named_with_its_place(
    front_end, tmp_path, line, fault
):
    source = tmp_path / "src" / "view" / "said.ts"
    source.parent.mkdir(parents=True)
    source.write_text(f"/** Says. */\n{line}\n")
    done = run_locale(front_end, tmp_path / "src", tmp_path / "made.pot")
    assert (done.returncode, done.stderr) == (1, f"src/view/said.ts:2: {fault}\n")
    assert not (tmp_path / "made.pot").exists()


def test_a_phrase_is_written_once_with_its_context_its_plural_and_where_it_is_used(
    front_end, tmp_path
):
    (tmp_path / "src").mkdir()
    first, second = tmp_path / "src" / "a.ts", tmp_path / "src" / "b.ts"
    first.write_text('trans.__("say " +\n  "\\"so\\"");\ntrans._n("%1 run", "%1 runs", n);\n')
    second.write_text('trans.__(`say "so"`);\ntrans._p("of the day", "Start");\n')
    assert run_locale(front_end, tmp_path / "src", tmp_path / "made.pot").returncode == 0
    _, *entries = (tmp_path / "made.pot").read_text().strip().split("\n\n")
    assert entries == [
        '#: src/a.ts\n#: src/b.ts\nmsgid "say \\"so\\""\nmsgstr ""',
        '#: src/a.ts\nmsgid "%1 run"\nmsgid_plural "%1 runs"\nmsgstr[0] ""\nmsgstr[1] ""',
        '#: src/b.ts\nmsgctxt "of the day"\nmsgid "Start"\nmsgstr ""',
    ]

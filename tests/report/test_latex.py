"""LaTeX and BibTeX that their own programs read, whatever runs and sources are called."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reported import AWKWARD, an_hour, charged, in_california, of_each_status

import ocarbon_magic as oc
from ocarbon_magic.run import Intensity, Zone
from ocarbon_magic.views.report.latex import escape

DOCUMENT = r"""\documentclass{article}
\begin{document}
%s
\bibliographystyle{plain}
\bibliography{all}
\end{document}
"""


@pytest.fixture(scope="module")
def typeset(tmp_path_factory):
    """Typeset LaTeX with its BibTeX entries, as an author does; return the log and the list."""
    for program in ("pdflatex", "bibtex"):
        if shutil.which(program) is None:
            if os.environ.get("CI"):
                pytest.fail(f"no {program} on PATH, and nothing is skipped with CI set")
            pytest.skip(f"no {program} on PATH")

    def run(text, entries):
        folder = tmp_path_factory.mktemp("tex")
        (folder / "all.tex").write_text(DOCUMENT % text, encoding="utf-8")
        (folder / "all.bib").write_text(entries, encoding="utf-8")
        latex = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "all"]
        for command in (latex, ["bibtex", "all"], latex, latex):
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, errors="replace", check=False
            )
            assert done.returncode == 0, done.stdout[-3000:]
        log = (folder / "all.log").read_text(encoding="utf-8", errors="replace")
        assert "Missing character" not in log
        assert "undefined" not in log
        assert "Warning--" not in (folder / "all.blg").read_text(errors="replace")
        assert (folder / "all.pdf").stat().st_size > 10_000
        return log, (folder / "all.bbl").read_text(encoding="utf-8", errors="replace")

    return run


def test_a_paragraph_a_table_and_the_references_are_set_without_a_package(typeset):
    one = oc.report(charged(an_hour()), format="latex")
    several = oc.report([*of_each_status(), in_california()], format="latex")
    assert r"\usepackage" not in one.text + several.text
    log, references = typeset(one.text + several.text, several.bibtex)
    assert "OpenCarbonEval" in references
    assert "arXiv:2405.12843" in references
    assert "HGX H100 Product Carbon Footprint" in references
    too_wide = [float(points) for points in re.findall(r"\((\d+\.\d+)pt too wide", log)]
    assert max(too_wide, default=0) < 10


def test_names_and_sources_of_every_kind_are_set_in_one_document(typeset):
    names = [*AWKWARD]

    @settings(max_examples=120, database=None, deadline=None)
    @given(st.text(max_size=40))
    def more(name):
        names.append(name)

    more()
    runs = [
        an_hour(
            number,
            name=name,
            zone=Zone(name[:10] or "X", name, "given"),
            intensity=Intensity(50.0, 2024, "lifecycle", f"Grid: {name}"),
            versions={"ocarbon_magic": "0.1.0"},
        )
        for number, name in enumerate(names)
    ]
    reports = [oc.report(run, format="latex") for run in runs]
    table = oc.report(runs[:30], format="latex").text
    entries = {}
    for report in reports:
        for entry in re.findall(r"^@(?!preamble).*?^}$", report.bibtex, re.MULTILINE | re.DOTALL):
            entries[entry.split("{")[1].split(",")[0]] = entry
    typeset("\n\n".join([r.text for r in reports] + [table]), "\n".join(entries.values()))


@pytest.mark.parametrize(
    ("text", "set_as"),
    [
        ("train_resnet", r"train\_resnet"),
        ("50% & #1", r"50\% \& \#1"),
        ("a{b}c", r"a\textbraceleft{}b\textbraceright{}c"),
        ("C:\\x", r"C:\textbackslash{}x"),
        ("x^2 ~ $y", r"x\textasciicircum{}2 \textasciitilde{} \$y"),
        ("--no-panel", r"-{}-no-panel"),
        ("don''t", r"don'{}'t"),
        ("naïve Łódź", r"na\"{{\i}}ve {\L}\'{o}d\'{z}"),
        ("façade", r"fa\c{c}ade"),
        ("\N{GREEK SMALL LETTER ALPHA} = 10 µ", r"$\alpha$ = 10 $\mu$"),
        ("訓", "U+8A13"),
        ("*first", "{*}first"),
        ("[x]", "{[}x]"),
    ],
)
def test_a_name_is_set_letter_by_letter(text, set_as):
    assert escape(text) == set_as


@given(st.text())
def test_nothing_that_latex_obeys_is_left_in_a_name(text):
    set_as = escape(text)
    assert set_as.isascii()
    assert set_as.count("{") == set_as.count("}")
    for ours in (
        r"\\[a-zA-Z]+|\\.",
        r"\$[^$]*\$",
        "\N{NO-BREAK SPACE}|~" if "\xa0" in text else " ",
    ):
        set_as = re.sub(ours, "", set_as)
    assert not re.search(r"[%&#_~^$\\]", set_as)
    assert not re.search("--|''|,,", set_as.replace("{}", "|"))


def test_an_unknown_source_is_cited_by_its_own_words():
    run = an_hour(intensity=Intensity(50.0, 2024, "lifecycle", "Réseau d'État, 2024 {draft}"))
    report = oc.report(run, format="latex")
    (key,) = re.findall(r"~\\cite\{(reseau-d-etat-[0-9a-f]{8})\}", report.text)
    assert f"@misc{{{key}," in report.bibtex
    assert r"R\'{e}seau d'\'{E}tat, 2024 \textbraceleft{}draft\textbraceright{}" in report.bibtex


def test_what_is_cited_has_an_entry_and_the_reverse():
    report = oc.report([*of_each_status(), in_california()], format="latex")
    cited = {k for keys in re.findall(r"\\cite\{([^}]*)\}", report.text) for k in keys.split(",")}
    assert cited == set(re.findall(r"^@(?:misc|article)\{([^,]*),", report.bibtex, re.MULTILINE))
    assert {
        "opencarboneval",
        "ember-owid",
        "epa-egrid",
        "nvidia-h100-pcf",
        "ocarbon-magic",
    } <= cited

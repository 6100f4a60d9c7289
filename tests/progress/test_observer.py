"""All ways of counting together: opened for a run, closed after it, and who wins."""

from __future__ import annotations

import subprocess
import sys
import types

import pytest
from measured_cells import Notebook

import ocarbon_magic as oc
from ocarbon_magic.progress.base import Precedence, Site
from ocarbon_magic.progress.choice import Count, best
from ocarbon_magic.progress.observer import WorkObserver


class Fit:
    """A training of a framework that is as far as it says."""

    def __init__(self, done=0.0, total=None):
        self.steps, self.planned, self.going = done, total, True

    def done(self):
        return self.steps

    def total(self):
        return self.planned

    def is_open(self):
        return self.going


@pytest.fixture
def notebook():
    """A notebook with a framework in it: `fit(n)` makes n steps, and tells of them."""
    made = Notebook()
    site = Site("Model.fit", "framework", Precedence.FRAMEWORK)

    def fit(steps, planned=None):
        one = Fit(total=steps if planned is None else planned)
        made.observer._nest.enter(site, one)
        one.steps = steps
        one.going = False

    made.names["fit"] = fit
    return made


def said(notebook, cell):
    count = notebook.count(cell)
    return count.source, count.done, count.total


def test_a_fit_is_what_counts_not_the_loop_around_it(notebook):
    assert said(notebook, "fit(10)") == ("framework", 10, 10)
    assert said(notebook, "for fold in range(3): fit(10)") == ("framework", 30, 30)
    assert said(notebook, "for x in range(99): pass\nfit(10)") == ("framework", 10, 10)


def test_two_fits_one_after_another_add_up(notebook):
    assert said(notebook, "fit(10)\nfit(5)") == ("framework", 15, 15)


def test_a_fit_that_stopped_early_keeps_its_plan(notebook):
    assert said(notebook, "fit(4, 10)") == ("framework", 4, 10)


def test_by_hand_wins_over_a_fit(notebook):
    notebook.names["oc"] = oc
    assert said(notebook, "fit(10)\nfor i in oc.track(range(3)): pass")[0] == "oc.track"


def test_the_first_that_knows_its_total_is_chosen_else_the_first():
    without = Count(("a",), 3, None, "step", "a")
    with_total = Count(("b",), 7, 9, "step", "b")
    assert best([without, with_total]) is with_total
    assert best([without, without._replace(source="c")]) is without
    assert best([]) is None


def test_a_run_imports_no_framework():
    code = (
        "import sys\n"
        "from ocarbon_magic.progress.observer import WorkObserver\n"
        "observer = WorkObserver(None, None)\n"
        "observer.start()\nobserver.read()\nobserver.stop()\n"
        "print(*sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert "ocarbon_magic.progress.observer" in loaded
    assert not loaded & {"torch", "keras", "tqdm", "transformers", "lightning", "sklearn", "numpy"}
    assert not {m for m in loaded if m.startswith("ocarbon_magic.progress.frameworks.k")}


def test_a_hook_that_fails_leaves_the_others(monkeypatch):
    broken = types.ModuleType("keras.callbacks")
    monkeypatch.setitem(sys.modules, "keras.callbacks", broken)
    finders = list(sys.meta_path)
    observer = WorkObserver(None, None)
    observer.start()
    assert observer.read().count is None
    observer.stop()
    assert sys.meta_path == finders


def test_a_hook_that_cannot_be_installed_is_told(monkeypatch):
    changed = types.ModuleType("keras.callbacks")  # of a release to come, without what we look for
    monkeypatch.setitem(sys.modules, "keras.callbacks", changed)
    observer = WorkObserver(None, None)
    observer.start()
    observer.stop()
    (note,) = [note for note in observer.notes() if "keras" in note]
    assert note.startswith("Trainings of keras are not counted: AttributeError: ")
    assert note.endswith("; oc.update() after each step counts them.")


def test_stop_without_start_and_twice():
    observer = WorkObserver(None, None)
    observer.stop()
    observer.start()
    observer.stop()
    observer.stop()
    assert observer.read().count is None

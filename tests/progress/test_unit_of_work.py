"""The unit that the user names: taken where it is known, and said where it is not."""

from __future__ import annotations

import pytest
from fit_cases import framework
from measured_cells import Notebook

import ocarbon_magic as oc

EPOCHS = "for epoch in range(3):\n    for batch in range(4): pass"


def said(cell, *, total=None, unit=None, names=None):
    notebook = Notebook()
    notebook.names.update(names or {})
    count = notebook.count(cell, total=total, unit=unit)
    return count.done, count.total, count.unit, notebook.observer.hint(count)


@pytest.mark.parametrize("unit", ["step", "steps", "batch", "batches", "iteration", "it"])
def test_a_step_goes_by_other_names(unit):
    assert said(EPOCHS, unit=unit) == (12, 12, unit, None)


@pytest.mark.parametrize("cell", [EPOCHS, EPOCHS.replace("epoch", "e")])
@pytest.mark.parametrize("unit", ["epoch", "epochs"])
def test_epochs_are_the_outermost_loop(cell, unit):
    assert said(cell, unit=unit) == (3, 3, unit, None)


def test_any_loop_can_be_named_by_its_variable():
    cell = "for lr in (1, 2):\n    for fold in range(5):\n        for x in range(7): pass"
    assert said(cell, unit="fold") == (10, 10, "fold", None)
    assert said(cell, unit="lr") == (2, 2, "lr", None)


def test_a_planned_total_is_in_the_unit_that_is_named():
    assert said(EPOCHS, unit="epoch", total=90) == (3, 90, "epoch", None)
    assert said(EPOCHS, unit="step", total=900) == (12, 900, "step", None)


def test_a_unit_that_nobody_counts_in_is_said_and_its_total_left():
    done, total, unit, hint = said(EPOCHS, unit="token", total=1e9)
    assert (done, total, unit) == (12, 12, "step")
    assert "counted in steps, and not in token: call oc.update(n)" in hint


def test_by_hand_counts_in_whatever_is_named():
    cell = "for e in range(3): oc.update(512)"
    assert said(cell, unit="token", total=4096, names={"oc": oc}) == (1536, 4096, "token", None)


LOADERS = {
    "loader": ("for e in range(3):\n    for b in loader: pass", 300),
    "enumerated": ("for e in range(3):\n    for i, b in enumerate(loader): pass", 300),
    "zipped": ("for e in range(3):\n    for b, i in zip(loader, range(99)): pass", 300),
    "dropping the last": ("for e in range(3):\n    for b in dropping: pass", 288),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("cell", "samples"), LOADERS.values(), ids=LOADERS)
@pytest.mark.parametrize("unit", ["sample", "images"])
def test_a_loader_knows_its_samples(cell, samples, unit):
    torch = framework("torch")
    data = torch.utils.data
    names = {
        "loader": data.DataLoader(list(range(100)), batch_size=32),
        "dropping": data.DataLoader(list(range(100)), batch_size=32, drop_last=True),
    }
    done, total, called, hint = said(cell, unit=unit, names=names)
    assert (done, total) == pytest.approx((samples, samples))
    assert (called, hint) == (unit, None)


@pytest.mark.filterwarnings("ignore")
def test_a_loader_without_batches_says_nothing_of_samples():
    torch = framework("torch")
    loader = torch.utils.data.DataLoader(list(range(5)), batch_size=None)
    done, _, unit, hint = said("for b in loader: pass", unit="sample", names={"loader": loader})
    assert (done, unit) == (5, "step")
    assert "oc.update" in hint

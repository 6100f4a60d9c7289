"""Every notebook that ships is executed, and the quickstart is saved with its outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from jsonschema import Draft202012Validator
from nbclient import NotebookClient

from ocarbon_magic.run import MIME_TYPE, Run, run_schema

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


# A training of minutes is saved in the notebook; here it runs from top to bottom, only shorter.
SHORTER = {
    "predict_before_training.ipynb": {
        "STEPS = 450_000": "STEPS = 60_000",
        "--total 450000": "--total 60000",
        "begin > 60": "begin > 8",
        "t_s < 60": "t_s < 8",
    }
}


def shortened(notebook, changes):
    """Change what the cells of a notebook say; each change must be of something."""
    for old, new in changes.items():
        cells = [cell for cell in notebook.cells if old in cell.source]
        assert cells, f"no cell says {old}"
        for cell in cells:
            cell.source = cell.source.replace(old, new)
    return notebook


def records(notebook):
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return [o.data[MIME_TYPE] for o in outputs if MIME_TYPE in o.get("data", {})]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_a_notebook_runs_from_top_to_bottom(path):
    notebook = shortened(nbformat.read(path, as_version=4), SHORTER.get(path.name, {}))
    NotebookClient(notebook, timeout=900, resources={"metadata": {"path": FOLDER}}).execute()
    found = records(notebook)
    assert found, "a notebook of ours measures something"
    for record in found:
        Draft202012Validator(run_schema()).validate(record)
        run = Run.from_dict(record)
        assert run.status == "finished"
        assert run.energy_kwh > 0
        assert run.emissions_g > 0


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_a_notebook_is_saved_with_its_outputs_and_without_traces_of_a_machine(path):
    notebook = nbformat.read(path, as_version=4)
    assert records(notebook), "execute it, then save it"
    measured = [cell for cell in notebook.cells if cell.source.startswith("%%carbon")]
    assert all(cell.outputs for cell in measured)
    text = path.read_text()
    assert str(Path.home()) not in text
    assert str(FOLDER.parent) not in text
    assert '"output_type": "error"' not in text


def test_the_quickstart_trains_a_real_classifier():
    notebook = nbformat.read(FOLDER / "quickstart.ipynb", as_version=4)
    (record,) = records(notebook)
    assert record["metric"]["expression"] == "accuracy"
    assert record["metric"]["value"] > 0.95
    assert len(record["series"]["t_s"]) > 10


def test_the_prediction_is_held_against_a_training_that_really_ran():
    notebook = nbformat.read(FOLDER / "predict_before_training.ipynb", as_version=4)
    probe, training = (Run.from_dict(record) for record in records(notebook))
    assert (probe.name, training.name) == ("probe", "training")
    assert training.work.done == training.work.total == probe.work.total
    assert training.duration_s > 2 * probe.duration_s
    assert len(training.projections) == 6
    assert all(made.emissions_error_pct is not None for made in training.projections)
    promised_s = probe.projection.duration_s
    assert promised_s.value == pytest.approx(training.duration_s, rel=0.3)

"""`notebooks/save.py`: what is saved with a notebook, and what is not."""

import importlib.util
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

SCRIPT = Path(__file__).parents[1] / "notebooks" / "save.py"


@pytest.fixture(scope="module")
def saving():
    spec = importlib.util.spec_from_file_location("notebook_saving", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def a_notebook_of(tmp_path, monkeypatch):
    """Write a notebook of one cell; the environment that saving changes is put back."""
    monkeypatch.setenv("OCARBON_HOME", str(tmp_path / "home"))

    def write(source):
        path = tmp_path / "lesson.ipynb"
        kernel = {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
        }
        nbformat.write(new_notebook(cells=[new_code_cell(source)], metadata=kernel), path)
        return path

    return write


def test_what_a_cell_prints_is_saved_in_one_piece_and_without_the_time_it_ran_at(
    saving, a_notebook_of
):
    path = a_notebook_of("for word in 'one', 'two':\n    print(word, flush=True)")
    saving.save(path)
    (cell,) = nbformat.read(path, as_version=4).cells
    (output,) = cell.outputs
    assert output.text == "one\ntwo\n"
    assert "execution" not in cell.metadata


@pytest.mark.parametrize(
    ("source", "error"),
    [("import os\nos.environ['OCARBON_HOME']", ValueError), ("1 / 0", CellExecutionError)],
    ids=["telling", "failing"],
)
def test_a_notebook_that_fails_or_tells_of_the_machine_is_left_as_it_was(
    saving, a_notebook_of, source, error
):
    path = a_notebook_of(source)
    before = path.read_text()
    with pytest.raises(error):
        saving.save(path)
    assert path.read_text() == before


def test_folders_and_names_of_a_machine_are_found_in_a_text(saving, monkeypatch):
    monkeypatch.setattr(saving.platform, "node", lambda: "machine-7")
    monkeypatch.setattr(saving.getpass, "getuser", lambda: "nobody-else")
    told = ["machine-7", "nobody-else", str(SCRIPT.parents[1]), str(Path.home())]
    for each in told:
        assert each in saving.traces(f"kept in {each}/runs")
    assert saving.traces("1.20 mgCO2e") == []

"""Every notebook that ships is executed, and saved with its outputs."""

from __future__ import annotations

import re
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
        "STEPS = 40_000": "STEPS = 8_000",
        "--total 40000": "--total 8000",
        "PROBE_S = 5": "PROBE_S = 2",
    },
    "green_ai.ipynb": {
        "epochs=5": "epochs=2",
        "TIMES = 8": "TIMES = 2",
        "second in range(8)": "second in range(2)",
    },
    "where_and_when.ipynb": {"second in range(8)": "second in range(2)"},
    "reading_a_record.ipynb": {"range(250)": "range(40)"},
    "budget_and_frameworks.ipynb": {
        "EPOCHS = 150": "EPOCHS = 60",
        "--total 6300": "--total 2520",
        "total=6300": "total=2520",
        "in range(10)]": "in range(3)]",
        "n_estimators=200": "n_estimators=40",
    },
}

# What a notebook concludes from its own figures, whatever they are.
CONCLUSIONS = {
    "quickstart.ipynb": [
        r"the lamp shines for \S+ seconds",
        r"Poland: \S+ mg, \d+ times as much",
    ],
    "reading_a_record.ipynb": [
        r"source: Ember[^\n]+\nby hand: (\S+) mg, record: \1 mg",
        r"years\n  source: [^\n]+\nby hand: (\S+) mg, record: \1 mg",
        r" = (\S+) mg\nrecord: \1 mg",
        r"The total lies between \S+ and \S+ mg",
    ],
    "predict_before_training.ipynb": [
        *(
            rf"{name}: said \S+ {unit} \(\S+ to \S+\),\n    came \S+ {unit}: .+side the interval"
            for name, unit in (("time", "min"), ("energy", "mWh"), ("emissions", "mg"))
        ),
        r"at [ \d.]+ % of the work: \d+ s \(\d+ to \d+\), [+-][\d.]+ %",
        r"our 80 % interval holds the truth in \d+ of \d+ runs",
    ],
    "budget_and_frameworks.ipynb": [
        r"boosting: (\d+) of \1 steps\ncounted by scikit-learn",
        r"a few epochs: 420 of nobody knows how many steps\ncounted by torch optimizer",
        r"search: \d+ of \d+ trials\ncounted by oc\.track",
        r"interrupted after [\d,]+ of [\d,]+ steps",
    ],
    "green_ai.ipynb": [
        r"large emitted [\d.]+ times as much as bag,\n    for [+-][\d.]+ points of accuracy",
        r"with its teacher, [\d.]+ times as much",
        r"By the what-if, the A100 emits [\d.]+ times as much as the T4",
        r"By the estimate, the A100 emits [\d.]+ times as much as the T4",
        r"1\. Size\.\n   Best: (longer bag|distilled|large), with [\d.]+ points",
        r"2\. Teaching\.\n   distilled scores (as well as|better than|worse than) large",
        r"3\. GPUs\.\n   A100 SXM4 40GB:[^.]+CO2e\s+than\s+the\s+T4",
    ],
    "where_and_when.ipynb": [
        r"India emits [\d.]+ times as much as Norway",
        r"California has no lifecycle figure",
        r"PUE 1\.56: [\d.]+ mg",
        r"Great Britain: \d\d:00 emits \d+ % less than \d\d:00",
        r"The place matters more",
        r"1\. Norway in place of India: \d+ % less CO2e",
        r"4\. Within 10 % of the time: .*H200",
        r"5\. Half the grams, in at most three times the time:\n   aws:eu-north-1, H200",
    ],
}


# What is ended by its budget, as it should be.
STOPPED = {"within a budget"}

# A learner reads a cell at a glance, and a page of GitHub shows a line of this length whole.
MOST_LINES = 24
LONGEST_LINE = 110


def shortened(notebook, changes):
    """Change what the cells of a notebook say; each change must be of something."""
    for old, new in changes.items():
        cells = [cell for cell in notebook.cells if old in cell.source]
        assert cells, f"no cell says {old}"
        for cell in cells:
            cell.source = cell.source.replace(old, new)
    return notebook


def records(notebook):
    return [o.data[MIME_TYPE] for o in outputs(notebook) if MIME_TYPE in o.get("data", {})]


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def figures(notebook):
    return [each for each in outputs(notebook) if "image/png" in each.get("data", {})]


def check_what_it_says(notebook, name):
    """No warning or error of anybody, and all conclusions."""
    streams = [each for each in outputs(notebook) if each.output_type == "stream"]
    assert [each.text for each in streams if each.name == "stderr"] == []
    assert not [each for each in outputs(notebook) if each.output_type == "error"]
    said = "".join(each.text for each in streams)
    for conclusion in CONCLUSIONS.get(name, []):
        assert re.search(conclusion, said), conclusion


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_a_notebook_runs_from_top_to_bottom(path):
    notebook = shortened(nbformat.read(path, as_version=4), SHORTER.get(path.name, {}))
    NotebookClient(notebook, timeout=900, resources={"metadata": {"path": FOLDER}}).execute()
    check_what_it_says(notebook, path.name)
    found = records(notebook)
    assert found, "a notebook of ours measures something"
    for record in found:
        Draft202012Validator(run_schema()).validate(record)
        run = Run.from_dict(record)
        assert run.status == ("interrupted" if run.name in STOPPED else "finished")
        assert run.energy_kwh > 0
        assert run.emissions_g > 0


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_a_notebook_is_saved_with_its_outputs_and_without_traces_of_a_machine(path):
    notebook = nbformat.read(path, as_version=4)
    assert records(notebook), "execute it, then save it"
    shown = [set(o.data) for o in outputs(notebook) if MIME_TYPE in o.get("data", {})]
    assert all(each == {MIME_TYPE, "text/html", "text/plain"} for each in shown)
    measured = [cell for cell in notebook.cells if cell.source.startswith("%%carbon")]
    assert all(cell.outputs for cell in measured)
    text = path.read_text()
    assert str(Path.home()) not in text
    assert str(FOLDER.parent) not in text
    check_what_it_says(notebook, path.name)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_a_notebook_is_a_path_of_small_steps(path):
    notebook = nbformat.read(path, as_version=4)
    first, *_, last = notebook.cells
    assert "**The question.**" in first.source
    assert "**What is needed.**" in first.source
    assert "## To try" in last.source
    assert any("## What we learnt" in cell.source for cell in notebook.cells)
    code = [cell.source.splitlines() for cell in notebook.cells if cell.cell_type == "code"]
    assert max(map(len, code)) <= MOST_LINES
    assert max(len(line) for lines in code for line in lines) <= LONGEST_LINE


def test_the_readme_leads_to_every_notebook_and_every_link_to_a_file():
    pages = {path.name: path.read_text() for path in NOTEBOOKS}
    pages["README.md"] = (FOLDER / "README.md").read_text()
    links = {name: set(re.findall(r"\]\(([\w.]+)\)", page)) for name, page in pages.items()}
    assert {path.name for path in NOTEBOOKS} <= links["README.md"]
    broken = {
        (name, link) for name in links for link in links[name] if not (FOLDER / link).exists()
    }
    assert broken == set()


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
    assert promised_s.low < training.duration_s < promised_s.high, "save one that is no exception"
    assert promised_s.value == pytest.approx(training.duration_s, rel=0.3)


def test_the_green_ai_study_trains_three_models_of_different_size():
    notebook = nbformat.read(FOLDER / "green_ai.ipynb", as_version=4)
    runs = {record["name"]: Run.from_dict(record) for record in records(notebook)}
    names = ("large", "distilled", "longer bag", "bag")
    large, distilled, longer_bag, bag = (runs[name] for name in names)
    for run, epochs in ((large, 5), (distilled, 5), (longer_bag, 10), (bag, 5)):
        assert run.metric.value > 0.8, "a guess is right for a quarter"
        assert run.work.done == run.work.total == epochs * (1400 // 32)
    assert large.emissions_g > distilled.emissions_g > longer_bag.emissions_g > bag.emissions_g
    assert runs["large reads"].energy_kwh > runs["distilled reads"].energy_kwh
    assert len(figures(notebook)) == 2


@pytest.mark.parametrize("name", ["green_ai.ipynb", "where_and_when.ipynb"])
def test_cards_are_asked_of_a_run_that_was_on_a_card(name):
    notebook = nbformat.read(FOLDER / name, as_version=4)
    (run,) = [run for run in map(Run.from_dict, records(notebook)) if run.name == "BERT-large"]
    (card,) = run.devices
    assert (card.name, card.method, card.measured) == ("NVIDIA H100 80GB HBM3", "trace", False)
    # 870 W, the log's mean, for eight seconds and the moments around them.
    assert card.energy_j == pytest.approx(870 * run.duration_s, rel=0.01)
    assert run.work.done == 8 * 1027
    assert run.work.unit == "sample"


def test_the_places_and_hours_are_drawn():
    notebook = nbformat.read(FOLDER / "where_and_when.ipynb", as_version=4)
    assert len(figures(notebook)) == 4


def test_the_budget_ends_the_training_a_moment_after_it_is_used_up():
    notebook = nbformat.read(FOLDER / "budget_and_frameworks.ipynb", as_version=4)
    runs = {run.name: run for run in map(Run.from_dict, records(notebook))}
    whole, stopped = runs["whole"], runs["within a budget"]
    assert stopped.budget_g == pytest.approx(whole.emissions_g / 2)
    assert stopped.budget_g <= stopped.emissions_g < 1.3 * stopped.budget_g
    assert stopped.work.done < stopped.work.total == whole.work.done == 150 * 42


def test_the_figures_that_are_read_closely_are_drawn():
    drawn = {"reading_a_record.ipynb": 1, "predict_before_training.ipynb": 2}
    for name, count in drawn.items():
        assert len(figures(nbformat.read(FOLDER / name, as_version=4))) == count, name

"""A function that one measured cell called is counted in the next, whoever keeps the first run."""

from measured_cells import Notebook


def test_a_function_is_counted_in_each_cell_that_calls_it():
    notebook = Notebook()
    notebook.run("def train(steps):\n    for step in range(steps):\n        pass", measured=False)
    kept = []
    for steps in (3, 5, 7):
        observer, error = notebook.run(f"train({steps})")
        kept.append(observer)  # as a run's record and its panel may keep it
        assert error is None
        count = observer.read().count
        assert (count.done, count.total) == (steps, steps)

"""Inner loops that are over before counting them would pay."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from measured_cells import Notebook

from ocarbon_magic.progress import nest
from ocarbon_magic.progress.loops import cells


@pytest.mark.parametrize(
    ("call", "pass_s", "worth_it"),
    [
        ("work", 6e-4, False),  # 4 µs would slow a step's own loop by 0.7 %
        ("work", 1.5e-3, True),
        ("model.partial_fit", 3e-4, False),
        ("model.partial_fit", 6e-4, True),
    ],
)
def test_inner_loops_that_counting_would_slow_are_given_up(monkeypatch, call, pass_s, worth_it):
    now_s = [0.0]

    def work():
        now_s[0] += pass_s / 3

    stand_in = SimpleNamespace(perf_counter=lambda: now_s[0], time=time.time)
    for module in (nest, cells):
        monkeypatch.setattr(module, "time", stand_in)
    notebook = Notebook()
    notebook.names |= {"work": work, "model": SimpleNamespace(partial_fit=work)}
    observer, error = notebook.run(
        f"for step in range(200):\n    for layer in range(3):\n        {call}()"
    )
    assert error is None
    counted_loops = {node.site.variable: node.counted for node in observer.read().steps}
    assert counted_loops == {"step": True, "layer": worth_it}

"""What a run is called when nobody named it."""

from __future__ import annotations

import pytest

from ocarbon_magic.naming import name_of

NAMES = [
    ("# fine-tune the tagger\nfor x in y: pass", "fine-tune the tagger"),
    ("#%% section\nx = 1", "section"),
    ("#!\nfor i in range(3):\n    pass", "for i in range(3)"),
    ("x = 1\n# later comment\nfor epoch in range(10):\n    pass", "for epoch in range(10)"),
    ("def fit():\n    while not done():\n        step()", "while not done()"),
    ("async for batch in stream():\n    pass", "for batch in stream()"),
    ("model.fit(X, y)", "cell"),
    ("!python train.py", "cell"),
    ("", "cell"),
    ("# " + "long " * 30, "long long long long long long long long long long long long…"),
]


@pytest.mark.parametrize(("source", "name"), NAMES)
def test_a_run_is_named_after_its_first_comment_or_loop(source, name):
    assert name_of(source) == name

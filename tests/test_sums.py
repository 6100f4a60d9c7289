"""Sums of figures of which some may not be known."""

import pytest

from ocarbon_magic.sums import known_sum, whole_sum


@pytest.mark.parametrize(
    ("values", "known", "whole"),
    [
        ([1.0, 2.0], 3.0, 3.0),
        ([1.0, None], 1.0, None),
        ([None], None, None),
        ([0.0], 0.0, 0.0),
        ([], None, 0.0),
    ],
)
def test_what_is_not_known_is_never_a_zero(values, known, whole):
    assert known_sum(iter(values)) == known
    assert whole_sum(iter(values)) == whole

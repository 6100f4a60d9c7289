"""What-ifs of a run whose intensity changed with time: its mean is of its own hours."""

from dataclasses import replace

import pytest
from sample_runs import sample

from ocarbon_magic.planning.advice.advise import advise
from ocarbon_magic.planning.whatif.choice import Choice
from ocarbon_magic.planning.whatif.outcome import what_if
from ocarbon_magic.run import IntensitySeries


@pytest.fixture
def live():
    run = sample()
    series = IntensitySeries([0.0, 60.0], [40.0, 60.0])
    run.intensity = replace(run.intensity, year=2026, scope="lifecycle", series=series)
    return run


def test_a_mean_day_has_no_part_in_another_start_of_it(live):
    found = what_if(live, Choice(hour=3))
    assert found.operational_g == what_if(live, Choice()).operational_g
    assert any("that of its own hours, not a mean day's" in note for note in found.notes)
    advice = advise(live)
    assert not any(measure.title.startswith("Start at") for measure in advice.measures)


def test_another_place_is_compared_by_its_year_and_that_is_said(live):
    found = what_if(live, Choice(zone="SWE"))
    said = [note for note in found.notes if "own hours" in note]
    assert len(said) == 1
    assert "that of Sweden is the mean of 20" in said[0]
    assert not any("own hours" in note for note in what_if(sample(), Choice(zone="SWE")).notes)

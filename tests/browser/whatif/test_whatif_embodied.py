"""The same work elsewhere, where the total holds no embodied carbon."""

from __future__ import annotations

import pytest
from asking import what_if
from whatif_runs import run


def test_a_total_without_embodied_carbon_is_compared_without_it(modules):
    left_out = run(embodied_g=None, emissions_g=300.0)
    made = what_if(modules, left_out, zone="SWE")
    beside = what_if(modules, run(), zone="SWE")
    assert made["basisG"] == 300.0
    assert made["embodiedG"] is None
    assert made["emissionsG"]["value"] == pytest.approx(beside["operationalG"])


def test_other_cards_bring_no_embodied_carbon_into_a_total_without_it(modules):
    made = what_if(modules, run(embodied_g=None, emissions_g=300.0), device="NVIDIA L4")
    assert made["embodiedG"] is None
    assert made["emissionsG"]["value"] == pytest.approx(made["operationalG"])

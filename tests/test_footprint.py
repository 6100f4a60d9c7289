"""Grams from kilowatt-hours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocarbon_magic.carbon.footprint import footprint, operational_alone, operational_g

energies = st.floats(0, 1e9)
pues = st.floats(1, 3)
intensities = st.floats(0, 2000)
factors = st.floats(0, 1e3)


def test_a_kilowatt_hour_in_a_hall_in_france():
    run = footprint(1.0, 1.15, 41.44, 4.68)
    assert run.operational_g == pytest.approx(47.656)
    assert run.embodied_g == 4.68
    assert run.emissions_g == pytest.approx(52.336)


@given(energies, pues, intensities, factors)
def test_grams_are_linear_in_energy_pue_and_intensity(energy, pue, intensity, factor):
    expected = pytest.approx(factor * operational_g(energy, pue, intensity), rel=1e-12)
    assert operational_g(factor * energy, pue, intensity) == expected
    assert operational_g(energy, factor * pue, intensity) == expected
    assert operational_g(energy, pue, factor * intensity) == expected


@given(energies, energies, pues, intensities)
def test_the_grams_of_two_stretches_add_up(first, second, pue, intensity):
    apart = operational_g(first, pue, intensity) + operational_g(second, pue, intensity)
    assert operational_g(first + second, pue, intensity) == pytest.approx(apart, rel=1e-12)


@given(energies, pues, intensities, st.floats(0, 1e9))
def test_emissions_are_the_sum_of_their_parts(energy, pue, intensity, embodied):
    run = footprint(energy, pue, intensity, embodied)
    assert run.emissions_g == run.operational_g + run.embodied_g


def test_unknown_energy_is_unknown_grams_and_never_zero():
    run = footprint(None, 1.0, 41.44, 2.0)
    assert (run.operational_g, run.embodied_g, run.emissions_g) == (None, 2.0, None)


def test_an_unknown_embodied_part_leaves_the_sum_unknown():
    run = footprint(2.0, 1.0, 50.0, None)
    assert (run.operational_g, run.embodied_g, run.emissions_g) == (100.0, None, None)


def test_energy_of_zero_is_known():
    assert footprint(0.0, 1.0, 41.44, 0.0).emissions_g == 0.0


@given(energies, pues, intensities)
def test_without_the_embodied_part_the_sum_is_the_operational_one(energy, pue, intensity):
    run = operational_alone(energy, pue, intensity)
    assert run.embodied_g is None
    assert run.emissions_g == run.operational_g == operational_g(energy, pue, intensity)

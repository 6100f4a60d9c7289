"""What a kilowatt-hour means at a place."""

import math

import pytest

from ocarbon_magic.carbon import intensity
from ocarbon_magic.carbon.intensity import all_places, of_place
from ocarbon_magic.carbon.zones import resolve
from ocarbon_magic.tables import table


@pytest.mark.parametrize("place", all_places(), ids=lambda place: place.code)
def test_every_place_has_a_figure_with_year_scope_and_source(place):
    grid = of_place(place)
    figure = grid.intensity
    assert 1 <= figure.gco2e_per_kwh <= 1310
    assert 2009 <= figure.year <= 2026
    assert figure.scope in {"lifecycle", "direct"}
    assert figure.source
    assert grid.lifecycle.scope == "lifecycle"
    if figure.scope == "lifecycle":
        assert grid.lifecycle == figure
    assert 1.0 <= grid.pue.value < 2.0
    assert grid.pue.basis


def test_the_places_are_those_of_the_tables_each_once():
    places = all_places()
    codes = [place.code for place in places]
    assert len(set(codes)) == len(codes)
    assert len(codes) > 470
    shown = set(codes)
    for name in ("carbon_intensity_subnational", "carbon_intensity_cloud_region"):
        assert set(table(name)) <= shown


def test_a_country_has_its_lifecycle_figure_and_no_overhead():
    grid = of_place(resolve("FRA"))
    assert grid.intensity.gco2e_per_kwh == 41.44
    assert (grid.intensity.year, grid.intensity.scope) == (2025, "lifecycle")
    assert grid.intensity.source.startswith("Ember")
    assert (grid.pue.value, grid.pue.year) == (1.0, None)
    assert grid.notes == ()


def test_a_subdivision_has_its_direct_figure_beside_its_countrys_lifecycle_one():
    quebec, canada = of_place(resolve("CA-QC")), of_place(resolve("CAN"))
    assert (quebec.intensity.gco2e_per_kwh, quebec.intensity.scope) == (1.7, "direct")
    assert quebec.lifecycle.gco2e_per_kwh == canada.intensity.gco2e_per_kwh
    assert quebec.lifecycle.source.endswith("; figure of Canada (CAN)")


def test_a_google_region_has_the_figure_that_google_publishes():
    paris = of_place(resolve("gcp:europe-west9"))
    assert (paris.intensity.gco2e_per_kwh, paris.intensity.scope) == (16.3, "direct")
    assert paris.intensity.source.startswith("Google region-carbon-info")
    assert paris.lifecycle.gco2e_per_kwh == of_place(resolve("FRA")).intensity.gco2e_per_kwh


@pytest.mark.parametrize(
    ("region", "grid", "named"),
    [
        ("aws:us-east-1", "eGRID-SRVC", "SERC Virginia/Carolina (eGRID-SRVC)"),
        ("aws:ca-central-1", "CA-QC", "Quebec (CA-QC)"),
        ("azure:francecentral", "FRA", "France (FRA)"),
        ("azure:chinaeast", "CN-EAST", "East China grid (CN-EAST)"),
    ],
)
def test_a_region_without_a_published_figure_has_that_of_its_grid_and_says_so(region, grid, named):
    own, of_grid = of_place(resolve(region)).intensity, of_place(resolve(grid)).intensity
    assert own.gco2e_per_kwh == of_grid.gco2e_per_kwh
    assert (own.year, own.scope) == (of_grid.year, of_grid.scope)
    assert own.source == f"{of_grid.source}; figure of {named}"


@pytest.mark.parametrize(
    ("region", "value", "year", "basis"),
    [
        ("aws:us-east-1", 1.15, 2024, "region, published by the provider"),
        ("aws:us-gov-east-1", 1.15, 2024, "AWS global average"),
        ("gcp:europe-west9", 1.09, 2024, "Google fleet average"),
        ("azure:francecentral", 1.17, 2025, "Microsoft, owned data centres, fiscal year 2025"),
    ],
)
def test_a_cloud_region_brings_its_pue_with_its_basis(region, value, year, basis):
    assert of_place(resolve(region)).pue == intensity.Pue(value, year, basis)


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("UKR", ["The latest figure for Ukraine is of 2022."]),
        ("FLK", ["The figure for Falkland Islands is a flat factor for oil, not its mix."]),
        (
            "UZB",
            [
                "The figure for Uzbekistan is a round value: take it as rough.",
                "The figure for Uzbekistan is about twice that of another publisher.",
            ],
        ),
        ("aws:me-south-1", ["The figure for Bahrain is about twice that of another publisher."]),
        (
            "US-DC",
            [
                (
                    "The figure for District of Columbia leaves out imports, "
                    "which are large there: its eGRID subregion says more."
                )
            ],
        ),
        (
            "aws:us-gov-east-1",
            [
                (
                    "The grid of AWS US-East (GovCloud, Ohio area) is a guess: "
                    "its site is not published."
                )
            ],
        ),
        ("LIE", ["No carbon intensity is known for Liechtenstein: that of Switzerland is used."]),
        ("SWE", []),
    ],
)
def test_what_the_reader_must_know_is_one_line_each(text, notes):
    assert list(of_place(resolve(text)).notes) == notes


def test_a_borrowed_figure_names_its_owner_in_the_source():
    andorra, spain = of_place(resolve("AND")).intensity, of_place(resolve("ESP")).intensity
    assert andorra.gco2e_per_kwh == spain.gco2e_per_kwh
    assert andorra.source == f"{spain.source}; figure of Spain (ESP)"


def test_the_implausible_zero_of_a_country_is_not_used():
    assert of_place(resolve("CAF")).intensity.gco2e_per_kwh == 27.64


def test_a_figure_given_by_hand_has_neither_year_nor_scope():
    given = intensity.given(53)
    assert (given.gco2e_per_kwh, given.year, given.scope, given.source) == (53, None, None, "given")
    assert intensity.given(0).gco2e_per_kwh == 0


@pytest.mark.parametrize("wrong", [-1, math.nan, math.inf])
def test_an_impossible_figure_given_by_hand_is_refused(wrong):
    with pytest.raises(ValueError, match="the intensity must be a number of gCO2e per kWh"):
        intensity.given(wrong)

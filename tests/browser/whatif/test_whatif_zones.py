"""The same work in another zone, beside the package's own tables."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path

import pytest
from asking import BY_HAND, DIRECT, asked, choice, run, values, what_if

from ocarbon_magic.carbon.intensity import all_places, of_place
from ocarbon_magic.run import Intensity, Zone
from ocarbon_magic.tables import table


def test_a_zone_and_a_pue_are_factors_of_the_operational_grams_alone(modules):
    sweden = float(table("carbon_intensity_country")["SWE"]["gco2e_per_kwh"])
    made = what_if(modules, run(), zone="SWE")
    assert made["operationalG"] == pytest.approx(2.0 * 1.5 * sweden)
    assert made["embodiedG"] == 10.0
    assert made["emissionsG"]["value"] == pytest.approx(3.0 * sweden + 10.0)
    assert made["changePct"] == pytest.approx(100 * ((3.0 * sweden + 10.0) / 310.0 - 1.0))
    assert made["notes"][0].startswith(f"Sweden: {sweden:.3g} gCO₂e/kWh (2025, lifecycle; Ember")
    made = what_if(modules, run(), zone="SWE", pue=1.0)
    assert made["operationalG"] == pytest.approx(2.0 * sweden)


def test_a_cloud_region_brings_its_pue_unless_another_is_chosen(modules):
    germany = float(table("carbon_intensity_country")["DEU"]["gco2e_per_kwh"])
    made = what_if(modules, run(), zone="aws:eu-central-1")
    assert made["operationalG"] == pytest.approx(2.0 * 1.35 * germany)
    assert "PUE 1.35, the region's of 2024." in made["notes"]
    fleet = what_if(modules, run(), zone="aws:eu-west-3")
    assert "PUE 1.15: AWS global average, 2024." in fleet["notes"]
    chosen = what_if(modules, run(), zone="aws:eu-central-1", pue=1.1)
    assert chosen["operationalG"] == pytest.approx(2.0 * 1.1 * germany)
    assert not any("PUE" in note for note in chosen["notes"])


def test_a_run_on_electricity_of_no_carbon_is_compared_by_its_energy(modules):
    clean = Intensity(0.0, None, None, "given")
    record = run(intensity=clean, operational_g=0.0, emissions_g=10.0)
    sweden = float(table("carbon_intensity_country")["SWE"]["gco2e_per_kwh"])
    assert what_if(modules, record, zone="SWE")["operationalG"] == pytest.approx(3.0 * sweden)
    nothing = run(intensity=clean, operational_g=0.0, embodied_g=0.0, emissions_g=0.0)
    assert what_if(modules, nothing, zone="SWE")["changePct"] is None


def test_all_lifecycle_places_have_the_figures_of_the_package(modules):
    grids = {place.code: of_place(place) for place in all_places()}
    wanted = {
        code: grid for code, grid in grids.items() if grid.place.kind in ("country", "aggregate")
    }
    wanted = {
        **{code: grid for code, grid in wanted.items() if grid.intensity.scope == "lifecycle"},
        **{code: grid for code, grid in grids.items() if grid.place.kind == "cloud"},
    }
    record = run(zone=Zone("unknown", "nowhere", "given"))
    assert set(values(modules, "zones", record)) == set(wanted)
    answers = asked(modules, "whatIf", [(record, choice(zone=code)) for code in wanted])
    for (code, grid), made in zip(wanted.items(), answers, strict=True):
        cloud = grid.place.kind == "cloud"
        pue = grid.pue.value if cloud else 1.5
        figure = grid.lifecycle
        assert made["operationalG"] == pytest.approx(2.0 * pue * figure.gco2e_per_kwh), code
        said = f"({figure.year}, lifecycle; {figure.source})."
        assert made["notes"][0].endswith(said), code
        assert made["notes"][0].startswith(f"{grid.place.name}: ")
        if not cloud:
            assert made["notes"][1:] == list(grid.notes), code


def test_all_direct_places_have_the_figures_of_the_package(modules):
    grids = {place.code: of_place(place) for place in all_places()}
    wanted = {code: grid for code, grid in grids.items() if grid.intensity.scope == "direct"}
    record = run(zone=Zone("unknown", "nowhere", "given"), intensity=DIRECT)
    assert set(values(modules, "zones", record)) == set(wanted)
    answers = asked(modules, "whatIf", [(record, choice(zone=code)) for code in wanted])
    for (code, grid), made in zip(wanted.items(), answers, strict=True):
        pue = grid.pue.value if grid.place.kind == "cloud" else 1.5
        figure = grid.intensity
        assert made["operationalG"] == pytest.approx(2.0 * pue * figure.gco2e_per_kwh), code
        assert made["notes"][0].startswith(f"{grid.place.name}: ")
        assert made["notes"][0].endswith(f"({figure.year}, direct; {figure.source}).")
        about = [note for note in made["notes"][1:] if not note.startswith("PUE")]
        assert about == list(grid.notes), code


def test_scopes_are_never_mixed(modules):
    lifecycle, direct = run(zone=Zone("FRA", "France", "given")), run(intensity=DIRECT)
    assert what_if(modules, lifecycle, zone="US-CA") is None
    assert what_if(modules, lifecycle, zone="eGRID-CAMX") is None
    assert what_if(modules, direct, zone="SWE") is None
    assert what_if(modules, direct, zone="aws:eu-north-1") is None
    by_hand = what_if(modules, run(intensity=BY_HAND), zone="SWE")
    assert "The run's intensity was given by hand and has no known scope" in by_hand["notes"][1]
    unknown = what_if(modules, run(intensity=Intensity(100.0, 2024, "x", "")), zone="SWE")
    assert unknown["notes"][1].startswith("The run's intensity has no known scope")


def test_places_stand_in_groups_by_name_and_the_runs_own_is_not_among_them(modules):
    (options,) = asked(modules, "zones", [(run(), choice())])
    assert list(dict.fromkeys(each["group"] for each in options)) == [
        *("Countries", "Averages", "AWS", "Google Cloud", "Azure"),
    ]
    labels = [each["label"] for each in options if each["group"] == "Countries"]
    assert labels == sorted(labels)
    assert "France" not in labels
    assert {"value": "SWE", "label": "Sweden", "group": "Countries"} in options
    assert {
        "value": "gcp:asia-east1",
        "label": "Changhua County, Taiwan (asia-east1)",
        "group": "Google Cloud",
    } in options
    (options,) = asked(modules, "zones", [(run(intensity=DIRECT), choice())])
    assert list(dict.fromkeys(each["group"] for each in options)) == [
        *("Averages", "States and provinces", "Grid regions", "AWS", "Google Cloud", "Azure"),
    ]
    assert "FRA" in values(modules, "zones", run(intensity=BY_HAND))


def test_the_tables_in_the_bundle_are_those_of_the_package_now(modules, front_end):
    """What is written has the rows of the package's files, whatever their quoting."""
    data = resources.files("ocarbon_magic") / "data"
    with (Path(str(data)) / "carbon_intensity_cloud_region.csv").open(newline="") as file:
        locations = [row["location"] for row in csv.DictReader(file)]
    read = modules.evaluate(
        """async () => {
            const { rows } = await import("/lib/whatif/tables.js");
            return rows("regions").map(({ location }) => location);
        }"""
    )
    assert read == locations

"""Model cards, read by the library of the hub that shows them."""

from __future__ import annotations

import pytest
import yaml
from huggingface_hub import ModelCard, ModelCardData
from huggingface_hub.hf_api import ModelInfo
from huggingface_hub.repocard import metadata_load
from huggingface_hub.utils.endpoint_helpers import _is_emission_within_threshold
from hypothesis import given
from hypothesis import strategies as st
from reported import AWKWARD, BY_HAND, an_hour, in_california
from sample_runs import gpu, sample

import ocarbon_magic as oc
from ocarbon_magic.run import Intensity, Zone
from ocarbon_magic.views.words import clean


def told(runs, **options):
    """What the hub reads of a model card's emissions."""
    card = ModelCard(
        str(oc.report(runs, format="model-card", **options)), ignore_metadata_errors=False
    )
    return card.data.to_dict()["co2_eq_emissions"]


def test_the_hub_reads_grams_source_place_and_hardware():
    emissions = told(an_hour(), training_type="fine-tuning")
    assert list(emissions) == [
        "emissions", "source", "training_type", "geographical_location", "hardware_used",
    ]  # fmt: skip
    assert emissions["emissions"] == pytest.approx(54.0)
    assert emissions["training_type"] == "fine-tuning"
    assert emissions["geographical_location"] == "France"
    assert emissions["hardware_used"] == "NVIDIA H100 80GB HBM3"
    source = emissions["source"]
    assert source.startswith("ocarbon_magic 0.1.0: energy of gpu (nvml-energy-counter, ±5.1 %)")
    assert "PUE 1, grid FRA 50 gCO2e/kWh (2024, lifecycle, Ember; Our World in Data" in source
    assert source.endswith("embodied carbon of the devices included")


def test_it_goes_through_the_library_unchanged(tmp_path):
    path = tmp_path / "README.md"
    oc.report(an_hour(), path=path, format="model-card")
    data = metadata_load(path)
    kept = ModelCardData(license="mit", **data)
    assert yaml.safe_load(kept.to_yaml())["co2_eq_emissions"] == data["co2_eq_emissions"]
    assert path.read_text(encoding="utf-8").startswith(
        "---\nco2_eq_emissions:\n  emissions: 54.0000\n"
    )


@pytest.mark.parametrize("grams", [1e-3, 0.123456, 54.0, 999_999.4, 1.23e9, 5e14])
def test_the_hub_finds_a_model_by_its_emissions(grams):
    run = an_hour(operational_g=grams, embodied_g=0.0, emissions_g=grams)
    info = ModelInfo(id="a/b", cardData={"co2_eq_emissions": told(run)})
    assert _is_emission_within_threshold(info, 0.999 * grams, 1.001 * grams)
    assert not _is_emission_within_threshold(info, 1.001 * grams, 2 * grams)


def test_several_runs_are_summed_and_counted():
    runs = [an_hour(1), an_hour(2, status="failed"), sample(id="none", devices=[])]
    emissions = told(runs)
    assert emissions["emissions"] == pytest.approx(108.0)
    assert "sum of 2 runs" in emissions["source"]
    assert "training_type" not in emissions


def test_places_are_as_exact_as_they_are_known():
    assert told(in_california())["geographical_location"] == "California, United States"
    cloud = an_hour(zone=Zone("aws:eu-west-3", "AWS Paris", "given"))
    assert told(cloud)["geographical_location"] == "AWS Paris, France"
    assert (
        "a guess" in told(an_hour(zone=Zone("FRA", "France", "timezone")))["geographical_location"]
    )
    unknown = an_hour(zone=Zone("WLD", "World", "default"))
    assert "geographical_location" not in told(unknown)
    by_hand = told(an_hour(intensity=BY_HAND))
    assert by_hand["geographical_location"] == "France"
    assert "grid 200 gCO2e/kWh by hand" in by_hand["source"]


def test_eight_gpus_are_counted():
    run = an_hour(devices=[gpu(n, uuid=str(n)) for n in range(8)])
    assert told(run)["hardware_used"] == "8 x NVIDIA H100 80GB HBM3"


def test_a_card_needs_one_figure():
    with pytest.raises(ValueError, match="do not add up to one figure"):
        told([an_hour(1), in_california()])
    with pytest.raises(ValueError, match="no energy was measured in these runs"):
        told(sample(devices=[]))


@given(name=st.text(max_size=30) | st.sampled_from(AWKWARD))
def test_no_name_breaks_the_yaml(name):
    run = an_hour(
        zone=Zone("X", name, "given"),
        devices=[gpu(name=name, energy_j=3.6e6)],
        intensity=Intensity(50.0, 2024, "lifecycle", name),
    )
    emissions = told(run)
    assert emissions["emissions"] == pytest.approx(54.0)
    assert emissions.get("geographical_location", "") == clean(name)
    assert emissions.get("hardware_used", "") == clean(name, 60)


CARD = """---
license: mit
co2_eq_emissions:
  emissions: 1
  source: "old"

  training_type: pre-training
tags:
- a
---
# My model

---
co2_eq_emissions: not this one
"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "kept"),
    [
        (CARD, {"license": "mit", "tags": ["a"]}),
        ("---\nlicense: mit\n---\n# My model\n", {"license": "mit"}),
        ("---\nco2_eq_emissions: 3\nlicense: mit\n---\n", {"license": "mit"}),
        ("---\n---\n# My model\n", {}),
        ("# My model\n\nWords.\n", {}),
        ("", {}),
    ],
)
def test_in_a_card_that_is_there_only_the_emissions_change(tmp_path, before, kept, line_end):
    path = tmp_path / "README.md"
    path.write_bytes(before.replace("\n", line_end).encode())
    for _ in range(2):  # the second time finds its own
        oc.report(an_hour(), path=path, format="model-card")
        data = metadata_load(path)
        assert data.pop("co2_eq_emissions")["emissions"] == pytest.approx(54.0)
        assert data == kept
    after = path.read_bytes().decode()
    prose = before.split("---\n", 2)[2] if before.startswith("---\n") else before
    assert after.endswith(prose.replace("\n", line_end))
    assert after.count("co2_eq_emissions") == 1 + prose.count("co2_eq_emissions")


def test_what_is_no_card_is_left_alone(tmp_path):
    script = tmp_path / "train.py"
    script.write_text("print('training')\n")
    with pytest.raises(ValueError, match=r"is no model card: name a \.md file"):
        oc.report(an_hour(), path=script, format="model-card")
    picture = tmp_path / "README.md"
    picture.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(ValueError, match="is not text"):
        oc.report(an_hour(), path=picture, format="model-card")
    assert script.read_text() == "print('training')\n"
    assert picture.read_bytes() == b"\x89PNG\xff\xfe"

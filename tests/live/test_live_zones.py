"""Our zones, as each source calls them."""

import pytest

from ocarbon_magic.carbon.live.entsoe import intensities
from ocarbon_magic.carbon.live.sources import NotCoveredError, source_of, zone_there
from ocarbon_magic.carbon.zones import resolve
from ocarbon_magic.config import LIVE_SOURCES
from ocarbon_magic.config import resolve as settle
from ocarbon_magic.options import OptionError
from ocarbon_magic.tables import rows, table


@pytest.mark.parametrize(
    ("zone", "electricitymaps", "entsoe", "gb", "watttime"),
    [
        ("FR", "FR", "10YFR-RTE------C", None, None),
        ("DEU", "DE", "10Y1001A1001A83F", None, None),
        ("GB", "GB", None, "GB", None),
        ("US-CA", "US-CAL-CISO", None, None, "37.34,-121.89"),
        ("CA-QC", "CA-QC", None, None, None),
        ("eGRID-ERCT", "US-TEX-ERCO", None, None, None),
        ("aws:us-east-1", "US-MIDA-PJM", None, None, "39.04,-77.49"),
        ("gcp:europe-west9", "FR", "10YFR-RTE------C", None, None),
        ("azure:uksouth", "GB", None, "GB", None),
        ("USA", "US", None, None, None),
        ("WLD", None, None, None, None),
        ("EU27", None, None, None, None),
    ],
)
def test_a_zone_has_its_names(zone, electricitymaps, entsoe, gb, watttime):
    place = resolve(zone)
    named = [zone_there(name, place) for name in ("electricitymaps", "entsoe", "gb", "watttime")]
    assert named == [electricitymaps, entsoe, gb, watttime]


def test_what_is_not_covered_is_one_sentence_that_names_the_way_out():
    with pytest.raises(NotCoveredError) as caught:
        source_of("entsoe", resolve("US-CA"))
    assert str(caught.value) == (
        "ENTSO-E is not known to cover California (US-CA); if it does, name its own zone: "
        "--live-intensity entsoe:ZONE."
    )
    assert source_of("entsoe:10YDK-1--------W", resolve("DNK")).zone == "10YDK-1--------W"


def test_the_factors_are_medians_of_the_ipcc():
    factors = {row["psr_type"]: row["gco2e_per_kwh"] for row in rows("lifecycle_factor")}
    assert factors["B05"] == "820"
    assert factors["B04"] == "490"
    assert factors["B14"] == "12"
    assert factors["B16"] == "48"
    assert factors["B19"] == "11"
    assert len(table("lifecycle_factor")) == 21
    # a mix of 1 MW each of coal, gas, nuclear and wind: (820 + 490 + 12 + 11) / 4
    (point,) = intensities({0.0: {"B05": 1.0, "B04": 1.0, "B14": 1.0, "B19": 1.0}})
    assert point.g_per_kwh == pytest.approx(333.25)


@pytest.mark.parametrize("said", [*LIVE_SOURCES, "gb:13", "GB", "electricitymaps:DK-DK1"])
def test_a_source_is_an_option(said):
    settings, _ = settle({"live_intensity": said}, {}, {})
    assert settings.live_intensity.lower() == said.lower()


def test_none_turns_off_what_is_configured():
    settings, _ = settle({"live_intensity": "none"}, {}, {"OCARBON_LIVE_INTENSITY": "gb"})
    assert settings.live_intensity is None
    settings, _ = settle({}, {}, {"OCARBON_LIVE_INTENSITY": "gb"})
    assert settings.live_intensity == "gb"


@pytest.mark.parametrize("said", ["", "wattime", "gb:", "gb:a b", "none:1", "gb:" + "1" * 41])
def test_another_word_is_one_sentence(said):
    with pytest.raises(OptionError, match="--live-intensity must be electricitymaps, gb"):
        settle({"live_intensity": said}, {}, {})

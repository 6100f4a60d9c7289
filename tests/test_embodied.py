"""A run's share of the carbon of making its devices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocarbon_magic.carbon.embodied import of_device
from ocarbon_magic.tables import table

YEAR_S = 365 * 24 * 3600
GENERIC = "generic data-centre GPU"
CARD = "generic consumer graphics card"

seconds = st.floats(0, 1e9)


@pytest.mark.parametrize(
    ("reported", "product", "kg"),
    [
        ("NVIDIA A100-SXM4-40GB", "NVIDIA A100 SXM4 40GB", 127.6),
        ("A100-SXM4-80GB", "NVIDIA A100 SXM4 80GB", 127.6),
        ("NVIDIA A100 80GB PCIe", "NVIDIA A100 SXM4 80GB", 127.6),
        ("NVIDIA H100 80GB HBM3", "NVIDIA H100 SXM5 80GB", 164),
        ("NVIDIA H100 PCIe", "NVIDIA H100 SXM5 80GB", 164),
        ("NVIDIA H200", "NVIDIA H200 SXM 141GB", 164),
        ("NVIDIA B200", "NVIDIA B200", 284.25),
    ],
)
def test_a_known_product_is_charged_its_own_footprint(reported, product, kg):
    whole_life = of_device("gpu", reported, 4 * YEAR_S)
    assert whole_life.product == product
    assert whole_life.grams == pytest.approx(1000 * kg)
    assert whole_life.source


@pytest.mark.parametrize(
    ("reported", "product"),
    [
        ("NVIDIA GH200 480GB", GENERIC),
        ("NVIDIA GB200", GENERIC),
        ("NVIDIA H20", GENERIC),
        ("NVIDIA A10", GENERIC),
        ("NVIDIA A1000", GENERIC),
        ("Tesla T4", GENERIC),
        ("NVIDIA A100-SXM4-40GB MIG 1g.5gb", GENERIC),
        ("GRID A100X-40C", GENERIC),
        ("NVIDIA RTX 2000 Ada Generation", CARD),
        ("NVIDIA RTX A6000", CARD),
        ("NVIDIA GeForce RTX 4090", CARD),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", CARD),
        ("TPU v4", GENERIC),
        ("something nobody has heard of", GENERIC),
        ("", GENERIC),
    ],
)
def test_any_other_gpu_is_a_generic_card_of_its_class(reported, product):
    assert of_device("gpu", reported, 3600).product == product


def test_an_unknown_gpu_has_the_wide_range():
    unknown = of_device("gpu", "something nobody has heard of", 4 * YEAR_S)
    grams = (unknown.low_grams, unknown.grams, unknown.high_grams)
    assert grams == pytest.approx((60_000, 150_000, 285_000))


def test_an_hour_of_an_h100_is_its_footprint_over_its_hours_of_life():
    hour = of_device("gpu", "NVIDIA H100 80GB HBM3", 3600)
    assert hour.grams == pytest.approx(164_000 / (4 * 8760))
    assert hour.lifetime_years == 4
    assert (hour.low_grams, hour.high_grams) == (None, None)


def test_a_processor_is_charged_the_share_of_it_that_the_run_used():
    quarter = of_device("cpu", "AMD EPYC 7B13", 3600 * 4 / 16)
    assert quarter.grams == pytest.approx(100_000 / (4 * 8760) / 4)
    assert "CPU" in quarter.product


def test_memory_has_no_charge_of_its_own():
    assert of_device("dram", "DRAM", 3600) is None


@given(seconds, st.floats(0, 100))
def test_the_charge_is_linear_in_time(time_s, factor):
    once = of_device("gpu", "NVIDIA H200", time_s)
    more = of_device("gpu", "NVIDIA H200", factor * time_s)
    assert more.grams == pytest.approx(factor * once.grams, rel=1e-12)
    assert more.high_grams == pytest.approx(factor * once.high_grams, rel=1e-12)


@given(seconds, st.floats(0.5, 20))
def test_a_longer_life_makes_an_hour_cheaper_in_proportion(time_s, years):
    chosen = of_device("gpu", "NVIDIA B200", time_s, lifetime_years=years)
    default = of_device("gpu", "NVIDIA B200", time_s)
    assert chosen.grams * years == pytest.approx(default.grams * default.lifetime_years, rel=1e-12)
    assert chosen.lifetime_years == years


def test_bounds_lie_around_the_figure():
    for name in ("NVIDIA H200", "NVIDIA A100-SXM4-80GB", "NVIDIA L4", "NVIDIA GeForce RTX 3090"):
        charge = of_device("gpu", name, 3600)
        assert charge.low_grams <= charge.grams
        assert charge.high_grams is None or charge.grams <= charge.high_grams


def test_no_figure_is_that_of_a_bare_die():
    assert min(float(row["kgco2e"]) for row in table("embodied").values()) >= 60

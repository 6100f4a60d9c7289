"""A run's share of the carbon of making its devices."""

import json
import subprocess
import sys
from dataclasses import asdict

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import Constant
from sample_runs import charges_of, fullest, gpu, sample

from ocarbon_magic.carbon.embodied import Terms, charges, of_device
from ocarbon_magic.config import resolve
from ocarbon_magic.options import OptionError
from ocarbon_magic.run import Run, run_schema
from ocarbon_magic.site import site_of
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
    assert whole_life.embodied_g == pytest.approx(1000 * kg)
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
    grams = (unknown.low_g, unknown.embodied_g, unknown.high_g)
    assert grams == pytest.approx((60_000, 150_000, 285_000))


def test_an_hour_of_an_h100_is_its_footprint_over_its_hours_of_life():
    hour = of_device("gpu", "NVIDIA H100 80GB HBM3", 3600)
    assert hour.embodied_g == pytest.approx(164_000 / (4 * 8760))
    assert hour.lifetime_years == 4
    assert (hour.low_g, hour.high_g) == (None, None)


def test_a_processor_is_charged_the_share_of_it_that_the_run_used():
    quarter = of_device("cpu", "AMD EPYC 7B13", 3600 * 4 / 16)
    assert quarter.embodied_g == pytest.approx(100_000 / (4 * 8760) / 4)
    assert "CPU" in quarter.product


def test_memory_has_no_charge_of_its_own():
    assert of_device("dram", "DRAM", 3600) is None


@given(seconds, st.floats(0, 100))
def test_the_charge_is_linear_in_time(time_s, factor):
    once = of_device("gpu", "NVIDIA H200", time_s)
    more = of_device("gpu", "NVIDIA H200", factor * time_s)
    assert more.embodied_g == pytest.approx(factor * once.embodied_g, rel=1e-12)
    assert more.high_g == pytest.approx(factor * once.high_g, rel=1e-12)


@given(seconds, st.floats(0.5, 20))
def test_a_longer_life_makes_an_hour_cheaper_in_proportion(time_s, years):
    chosen = of_device("gpu", "NVIDIA B200", time_s, lifetime_years=years)
    default = of_device("gpu", "NVIDIA B200", time_s)
    assert chosen.embodied_g * years == pytest.approx(
        default.embodied_g * default.lifetime_years, rel=1e-12
    )
    assert chosen.lifetime_years == years


def test_bounds_lie_around_the_figure():
    for name in ("NVIDIA H200", "NVIDIA A100-SXM4-80GB", "NVIDIA L4", "NVIDIA GeForce RTX 3090"):
        charge = of_device("gpu", name, 3600)
        assert charge.low_g <= charge.embodied_g
        assert charge.high_g is None or charge.embodied_g <= charge.high_g


def test_no_figure_is_that_of_a_bare_die():
    rows = table("embodied").values()
    assert min(float(row["kgco2e"]) for row in rows if "on a board" not in row["product"]) >= 60


A100 = "NVIDIA A100-SXM4-40GB"
EPYC = "AMD EPYC 7B13"


def test_an_hour_of_an_a100_worked_by_hand():
    (charge,) = charges([("gpu", A100, 3600.0)], Terms())
    # 127.6 kg over 4 years of 8760 hours: 127600 g / 35040 h = 3.6416 g for one hour
    assert charge.embodied_g == pytest.approx(3.6416, abs=5e-5)
    assert asdict(charge) == {
        "device": A100,
        "count": 1,
        "device_s": 3600.0,
        "product": "NVIDIA A100 SXM4 40GB",
        "product_kgco2e": 127.6,
        "low_kgco2e": None,
        "high_kgco2e": None,
        "boundary": "cradle-to-gate, teardown LCA with primary data; without the host",
        "lifetime_years": 4.0,
        "source": "Falk et al. 2025, arXiv:2509.00093",
        "embodied_g": charge.embodied_g,
        "low_g": None,
        "high_g": None,
    }


def test_the_range_of_a_generic_card_is_that_of_its_charge():
    (charge,) = charges([("gpu", "NVIDIA L4", 7200.0)], Terms())
    # 150 (60 to 285) kg / 35040 h * 2 h = 8.562 (3.425 to 16.267) g
    grams = (charge.low_g, charge.embodied_g, charge.high_g)
    assert grams == pytest.approx((3.425, 8.562, 16.267), abs=5e-4)
    assert (charge.low_kgco2e, charge.product_kgco2e, charge.high_kgco2e) == (60, 150, 285)


def test_devices_of_one_name_are_charged_together():
    devices = [("gpu", A100, 100.0), ("cpu", EPYC, 12.5), ("gpu", A100, 60.0), ("dram", "DRAM", 9)]
    cards, processor = charges(devices, Terms())
    assert (cards.device, cards.count, cards.device_s) == (A100, 2, 160.0)
    assert (processor.device, processor.count, processor.device_s) == (EPYC, 1, 12.5)
    assert processor.boundary == "manufacture incl. mainboard share"


@pytest.mark.parametrize(
    ("reported", "whole_kg", "on_the_board"),
    [("Tesla K80", 150, 2), ("Tesla M60", 150, 2), ("NVIDIA A16", 150, 4)],
)
def test_the_gpus_of_one_board_are_charged_one_board_together(reported, whole_kg, on_the_board):
    (charge,) = charges([("gpu", reported, 4 * YEAR_S)] * on_the_board, Terms())
    assert charge.embodied_g == pytest.approx(1000 * whole_kg)
    assert (charge.low_g, charge.high_g) == pytest.approx((60_000, 285_000))


@pytest.mark.parametrize(
    "module", ["NVIDIA GH200 480GB", "NVIDIA GB200", "NVIDIA GB10", "AMD Instinct MI300A"]
)
def test_a_processor_on_the_module_of_a_gpu_is_not_charged_again(module):
    (charge,) = charges([("gpu", module, 60.0), ("cpu", "Neoverse-V2", 30.0)], Terms())
    assert charge.device == module
    assert charge.boundary.endswith("with its processor")
    (alone,) = charges([("cpu", "Neoverse-V2", 30.0)], Terms())
    assert alone.embodied_g > 0


def test_a_figure_and_a_lifetime_by_hand_are_those_of_the_charge_and_say_so():
    terms = Terms(gpu_kgco2e=200.0, lifetime_years=5.0)
    card, processor = charges([("gpu", "NVIDIA L4", 3600.0), ("cpu", EPYC, 3600.0)], terms)
    assert card.embodied_g == pytest.approx(200_000 / (5 * 8760))
    assert (card.source, card.low_g, card.high_g) == ("given", None, None)
    assert card.boundary == "whole product, as given; without the host"
    assert processor.embodied_g == pytest.approx(100_000 / (5 * 8760))
    assert processor.source == "Cloud Carbon Footprint / Teads; lifetime given"


def test_a_gpu_said_to_cost_nothing_is_charged_nothing_and_its_processor_as_ever():
    card, processor = charges([("gpu", A100, 3600.0), ("cpu", EPYC, 3600.0)], Terms(0.0))
    assert (card.embodied_g, card.source) == (0.0, "given")
    assert processor.embodied_g == pytest.approx(100_000 / 35_040)


names = st.sampled_from([A100, "NVIDIA L4", "NVIDIA GeForce RTX 4090", "Tesla K80", "unheard of"])
used = st.lists(st.tuples(st.just("gpu"), names, st.floats(0, 1e7)), max_size=12)
lives = st.floats(0.5, 20)


@given(used)
def test_charges_are_the_sum_of_what_each_device_is_charged(devices):
    total_g = sum(charge.embodied_g for charge in charges(devices, Terms()))
    apart_g = sum(of_device(kind, name, used_s).embodied_g for kind, name, used_s in devices)
    assert total_g == pytest.approx(apart_g, rel=1e-9)
    assert sum(charge.count for charge in charges(devices, Terms())) == len(devices)


@given(used, lives, st.one_of(st.none(), st.floats(0, 10_000)))
def test_a_charge_is_seconds_over_lifetime_times_the_figure(devices, years, kg):
    for charge in charges(devices, Terms(kg, years)):
        share = charge.device_s / (charge.lifetime_years * YEAR_S)
        assert charge.embodied_g == pytest.approx(1000 * charge.product_kgco2e * share, rel=1e-9)
        assert charge.lifetime_years == years


@given(used, lives, st.floats(1, 10))
def test_twice_the_time_or_half_the_lifetime_is_twice_the_charge(devices, years, factor):
    longer = [(kind, name, factor * used_s) for kind, name, used_s in devices]
    once = charges(devices, Terms(lifetime_years=years))
    more = charges(longer, Terms(lifetime_years=years))
    sooner = charges(devices, Terms(lifetime_years=years / factor))
    for one, two, three in zip(once, more, sooner, strict=True):
        assert two.embodied_g == pytest.approx(factor * one.embodied_g, rel=1e-9)
        assert three.embodied_g == pytest.approx(factor * one.embodied_g, rel=1e-9)


def test_a_run_says_what_it_is_charged_and_the_charges_add_up(record, clock):
    run = record(
        Constant(clock, name=A100),
        Constant(clock, 30.0, kind="cpu", name=EPYC),
        Constant(clock, 5.0, kind="dram", name="DRAM"),
    )
    card, processor = run.embodied
    # 10 s of each: 127600 g and 100000 g * 10 s / (4 * 31536000 s)
    assert card.embodied_g == pytest.approx(0.0101154, abs=1e-7)
    assert processor.embodied_g == pytest.approx(0.0079274, abs=1e-7)
    assert run.embodied_g == card.embodied_g + processor.embodied_g
    assert run.emissions_g == run.operational_g + run.embodied_g


def test_a_run_is_charged_by_the_figure_and_the_lifetime_of_its_options(record, clock):
    run = record(Constant(clock, name=A100), embodied="500", lifetime="2")
    assert run.embodied_g == pytest.approx(500_000 * 10 / (2 * YEAR_S))
    assert run.embodied[0].source == "given"


def test_embodied_carbon_that_is_left_out_is_null_and_the_total_is_the_rest(record, clock):
    run = record(Constant(clock, name=A100), embodied="none")
    assert (run.embodied, run.embodied_g) == ([], None)
    assert run.emissions_g == run.operational_g > 0
    assert any("left out of the total, as asked" in line for line in run.warnings)
    assert run.series.emissions_g[-1] == pytest.approx(run.emissions_g, rel=1e-4)
    jsonschema.validate(run.to_dict(), run_schema())


def test_a_run_without_a_reading_has_no_charges(record):
    run = record()
    assert (run.embodied, run.embodied_g, run.emissions_g) == ([], None, None)


@pytest.mark.parametrize("value", ["none", "NONE", " none ", False])
def test_none_leaves_embodied_carbon_out(value):
    settings, _ = resolve({"embodied": value}, {}, {})
    assert not site_of(settings).terms.counted


@pytest.mark.parametrize("value", [-1, "150 kg", "150000", True, "nan", "nothing"])
def test_what_is_no_figure_is_refused_in_a_sentence(value):
    with pytest.raises(OptionError, match="--embodied must be kgCO2e of one GPU from 0 to 10000"):
        resolve({"embodied": value}, {}, {})


@pytest.mark.parametrize("value", [0.4, 21, "four", "inf"])
def test_what_is_no_lifetime_is_refused_in_a_sentence(value):
    with pytest.raises(OptionError, match=r"--lifetime must be a number of years from 0\.5 to 20"):
        resolve({"lifetime": value}, {}, {})


def test_the_environment_and_the_configuration_may_set_both():
    settings, warnings = resolve({}, {"embodied": 150.0}, {"OCARBON_LIFETIME": "6"})
    assert site_of(settings).terms == Terms(gpu_kgco2e=150.0, lifetime_years=6.0)
    settings, _ = resolve({}, {"embodied": 150.0}, {"OCARBON_EMBODIED": "none"})
    assert not site_of(settings).terms.counted
    assert warnings == []


def test_the_configuration_of_ipython_takes_a_figure_and_the_word_none():
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "from traitlets.config import Config\n"
        "from ocarbon_magic.shells import configuration\n"
        "said = {'embodied': 150, 'lifetime': 5}\n"
        "shell = InteractiveShell.instance(config=Config({'CarbonMagics': said}))\n"
        "shell.run_line_magic('load_ext', 'ocarbon_magic')\n"
        "print(*(configuration(shell)[name] for name in said))\n"
        "shell.run_line_magic('config', 'CarbonMagics.embodied = \"none\"')\n"
        "print(configuration(shell)['embodied'])\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    figures, word = result.stdout.split("\n")[:2]
    assert [float(figure) for figure in figures.split()] == [150.0, 5.0]
    assert word == "none"


def test_a_record_of_an_earlier_version_loads_without_charges():
    record = sample().to_dict()
    del record["embodied"], record["within"]
    run = Run.from_dict(record)
    assert (run.embodied, run.embodied_g, run.within) == ([], 0.041, None)


def test_a_record_brings_its_charges_back():
    run = fullest()
    assert run.embodied
    assert Run.from_dict(json.loads(json.dumps(run.to_dict()))).embodied == run.embodied


def test_64_gpus_take_no_more_room_than_one():
    one, many = (
        len(json.dumps([asdict(c) for c in charges_of([gpu(i) for i in range(n)])]))
        for n in (1, 64)
    )
    assert many - one <= 40
    assert many <= 700

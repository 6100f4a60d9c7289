"""The tables that ship: whole, small, credited."""

import csv
import re
from importlib import resources
from pathlib import Path

import pytest

from ocarbon_magic.carbon.intensity import _FLAGS
from ocarbon_magic.hardware import accelerators
from ocarbon_magic.tables import number, parts, table

DATA = resources.files("ocarbon_magic") / "data"
TABLES = sorted(path for path in DATA.iterdir() if path.name.endswith(".csv"))
NOTICE = " ".join((Path(__file__).parents[1] / "NOTICE").read_text(encoding="utf-8").split())


def rows(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


each_table = pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)


def test_the_tables_are_small_enough_for_the_wheel():
    assert sum(len(path.read_bytes()) for path in TABLES) <= 600_000


@each_table
def test_every_table_is_credited_in_the_notice(path):
    assert path.name in NOTICE
    for source in {row.get("source") for row in rows(path)} - {None, "", "convention"}:
        assert re.split(r"[,;(]| / ", source)[0].strip() in NOTICE


def test_the_licences_that_ask_for_their_text_have_it():
    assert "CC-BY-4.0 is the Creative Commons Attribution 4.0 International licence" in NOTICE
    assert "licensed under the Open Government Licence - Canada" in NOTICE
    assert "Permission is hereby granted, free of charge" in NOTICE
    assert "Copyright (c) 2023 Code Carbon NGO" in NOTICE


@each_table
def test_no_table_is_under_a_share_alike_licence(path):
    text = path.read_text(encoding="utf-8").lower()
    assert not re.search(r"odbl|electricity ?maps|boavizta|share.?alike", text)


@each_table
def test_rows_are_whole_and_only_a_blank_cell_is_missing(path):
    lines = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert len({len(line) for line in lines}) == 1
    cells = {cell for line in lines for cell in line}
    assert not cells & {"nan", "NaN", "None", "null", "N/A", "n/a", "-"}
    assert all(cell == cell.strip() for cell in cells)


@each_table
def test_tables_name_no_web_or_file_address(path):
    assert not re.search(r"https?:|www\.|(?m:^|[,| ])/\w+/", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "name",
    [
        "carbon_intensity_country",
        "carbon_intensity_subnational",
        "carbon_intensity_cloud_region",
        "embodied",
        "pue_defaults",
        "timezone_country",
    ],
)
def test_the_first_column_is_a_key(name):
    listed = [next(iter(row.values())) for row in rows(DATA / f"{name}.csv")]
    assert listed == list(table(name))


def test_namibia_is_not_missing():
    assert table("carbon_intensity_country")["NAM"]["iso2"] == "NA"


def test_a_blank_cell_is_unknown_and_a_zero_is_not():
    assert number("") is None
    assert number("0") == 0.0
    assert parts("") == []
    assert parts("a|b") == ["a", "b"]


def test_every_stand_in_has_a_figure_of_its_own():
    countries = table("carbon_intensity_country")
    for row in countries.values():
        assert not (row["gco2e_per_kwh"] and row["stand_in"])
        if row["stand_in"]:
            assert countries[row["stand_in"]]["gco2e_per_kwh"]


def test_every_flag_has_its_sentence_and_every_sentence_its_flag():
    names = [path.name.removesuffix(".csv") for path in TABLES if "intensity" in path.name]
    flags = {
        flag
        for name in names
        for row in table(name).values()
        for flag in parts(row["quality_flag"])
    }
    assert flags == set(_FLAGS)


def test_every_time_zone_lies_in_a_country_of_the_table():
    assert {row["iso3"] for row in table("timezone_country").values()} <= set(
        table("carbon_intensity_country")
    )


def test_every_product_is_keyed_to_accelerators_that_exist_each_once():
    keys = [name for row in table("embodied").values() for name in parts(row["accelerators"])]
    assert len(set(keys)) == len(keys)
    assert set(keys) <= {accelerator.name for accelerator in accelerators()}


def test_every_accelerator_class_is_one_that_a_generic_card_stands_for():
    classes = {accelerator.device_class for accelerator in accelerators()}
    assert classes <= {
        *("datacenter", "tpu", "asic"),
        *("consumer", "workstation", "mobile", "desktop", "soc"),
    }

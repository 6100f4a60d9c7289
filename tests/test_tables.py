"""The tables that ship keep the rules of `validation.datatables`, and each rule can fail."""

import os
import shutil
import subprocess

import pytest
from validation import tables as script
from validation.datatables import cells, credit, relations
from validation.datatables.changes import changes
from validation.datatables.reading import DATA, Tables, in_commit, in_folder, parse
from validation.datatables.rules import FORMS, RULES, findings
from validation.datatables.schema import SCHEMAS

from ocarbon_magic.carbon.intensity import _FLAGS
from ocarbon_magic.tables import number, parts, table

COUNTRY = "carbon_intensity_country"
PART = "carbon_intensity_subnational"
REGION = "carbon_intensity_cloud_region"
HOURS = "hourly_profile"
WHOLE = in_folder()
YEAR = max(held for one in WHOLE.tables.values() for _, _, held in relations._dated(one))
"""The year of the newest figure, in whose eyes the tables do not age."""

FAULTS = [
    # cells: form, range, blank
    (cells.cells, COUNTRY, "FRA", "gco2e_per_kwh", "4250", "above 0, up to 1500"),
    (cells.cells, COUNTRY, "FRA", "gco2e_per_kwh", "0", "above 0, up to 1500"),
    (cells.cells, COUNTRY, "FRA", "gco2e_per_kwh", "53,2", "a number"),
    (cells.cells, COUNTRY, "FRA", "gco2e_per_kwh", "nan", "a number"),
    (cells.cells, COUNTRY, "FRA", "gco2e_per_kwh", "1e400", "a number"),
    (cells.cells, COUNTRY, "FRA", "name", " France", "spaces"),
    (cells.cells, COUNTRY, "FRA", "name", "N/A", "words"),
    (cells.cells, COUNTRY, "FRA", "name", "", "is blank"),
    (cells.cells, COUNTRY, "FRA", "year", "24", "a year"),
    (cells.cells, COUNTRY, "FRA", "quality_flag", "doubtful", "one of"),
    (cells.cells, COUNTRY, "FRA", "iso2", "UK", "alpha-2"),
    (cells.cells, PART, "US-CA", "level", "county", "one of"),
    (cells.cells, PART, "US-CA", "parent_iso3", "US", "alpha-3"),
    (cells.cells, REGION, "aws:eu-west-1", "pue", "0.98", "1 to 2.5"),
    (cells.cells, REGION, "aws:eu-west-1", "pue", "11.1", "1 to 2.5"),
    (cells.cells, "accelerators", "NVIDIA T4", "tdp_w", "70 W", "a number"),
    (cells.cells, "accelerators", "NVIDIA T4", "tdp_w", "70000", "up to 30000 W"),
    (cells.cells, "accelerators", "NVIDIA T4", "fp16_tflops", "65000", "up to 20000 TFLOP/s"),
    (cells.cells, "accelerators", "NVIDIA T4", "energy_counter", "yes", "one of"),
    (cells.cells, "embodied", "NVIDIA B200", "kgco2e", "284250", "up to 2000 kg"),
    (cells.cells, "embodied", "NVIDIA B200", "lifetime_years", "48", "1 to 15 years"),
    (cells.cells, "cloud_price", "aws g4dn.xlarge", "usd_per_gpu_hour", "526", "0.05 to 20"),
    (cells.cells, "electricity_price", "FRA", "price_per_kwh", "29.26", "0.01 to 1"),
    (cells.cells, "hourly_place", "FRA", "timezone", "Europe/Lyon", "IANA"),
    (cells.cells, HOURS, "France direct 7", "of_annual_mean_12_utc", "42", "0.1 to 2"),
    (cells.cells, "live_zone", "FRA", "eic", "FR", "an EIC"),
    # rows: what stands together, what lies between what
    (cells.together, COUNTRY, "FRA", "year", "", "all or none"),
    (cells.together, COUNTRY, "FRA", "stand_in", "BEL", "one of the two"),
    (cells.together, REGION, "gcp:us-east1", "grid_code", "eGRID-SRVC", "one of the two"),
    (cells.rising, "embodied", "generic consumer graphics card", "low_kgco2e", "75", "at most"),
    (cells.rising, "accelerators", "NVIDIA L4", "fp16_tflops", "500", "is above fp8_tflops"),
    (cells.check_letters, "live_zone", "FRA", "eic", "10YFR-RTE------K", "to be C"),
    (cells.patterns, "cpus", "family xeon silver", "name", "xeon (silver", "regular expression"),
    (cells.patterns, "cpus", "family xeon silver", "name", "Xeon Silver", "capitals"),
    (cells.no_addresses, COUNTRY, "FRA", "source", "https://ember.org", "an address"),
    (cells.no_addresses, COUNTRY, "FRA", "source", "Ember, /tmp/ember", "an address"),
    (cells.no_share_alike, COUNTRY, "FRA", "source", "Electricity Maps", "share-alike"),
    (cells.no_share_alike, COUNTRY, "FRA", "source", "Ember (ODbL)", "share-alike"),
    # what refers to what
    (relations.references, COUNTRY, "MCO", "stand_in", "AND", "that has a figure"),
    (relations.references, REGION, "aws:eu-west-1", "grid_code", "IE-D", "is not known"),
    (relations.references, REGION, "aws:eu-west-1", "country_iso3", "AND", "has a figure"),
    (relations.references, "timezone_country", "Europe/Paris", "iso3", "FRX", "is not known"),
    (relations.references, "hourly_place", "FRA", "grid", "Corsica", "hourly_profile.csv"),
    (relations.references, "hourly_place", "FRA", "code", "FR-20R", "three tables"),
    (relations.references, "embodied", "NVIDIA B200", "accelerators", "NVIDIA B20", "B20 is not"),
    (relations.references, "cloud_price", "aws g4dn.xlarge", "accelerator", "T4", "a name of"),
    (relations.references, "published_runs", "Llama 2 70B", "device", "A100", "a name of"),
    (relations.references, "pue_defaults", "gcp", "key", "aws", "for gcp"),
    (relations.countries, COUNTRY, "FRA", "iso2", "FX", "expected FR"),
    (relations.countries, COUNTRY, "FRA", "code", "FRX", "all of ISO 3166-1"),
    (relations.countries, PART, "US-CA", "parent_iso3", "CAN", "lies in US"),
    (relations.countries, REGION, "aws:eu-west-1", "grid_code", "GBR", "a grid in IRL"),
    (relations.time_zones, "timezone_country", "Europe/Paris", "timezone", "UTC", "is missing"),
    # what is compared, and when it held
    (relations.scopes, COUNTRY, "FRA", "scope", "direct", "expected lifecycle"),
    (relations.scopes, PART, "US-CA", "scope", "lifecycle", "expected direct"),
    (relations.scopes, REGION, "gcp:us-east1", "scope", "lifecycle", "expected direct"),
    (relations.years, COUNTRY, "FRA", "year", str(YEAR + 1), "in the future"),
    (relations.years, COUNTRY, "FRA", "year", str(YEAR - 9), "flag old_year"),
    (relations.years, COUNTRY, "LSO", "quality_flag", "", "flag old_year"),
    (relations.years, COUNTRY, "FRA", "quality_flag", "old_year", "no flag old_year"),
    (relations.one_year, PART, "US-CA", "year", "2022", "expected 2023"),
    (relations.one_year, "electricity_price", "FRA", "period", "2023-H2", "expected 2024-H2"),
    (relations.names, COUNTRY, "FRA", "aliases", "Gaul|Deutschland|germany", "germany is also"),
    (relations.names, "accelerators", "NVIDIA T4", "aliases", "nvidia l4", "is also"),
    (relations.names, "embodied", "NVIDIA B200", "accelerators", "NVIDIA H200 NVL 141GB", "also"),
    (relations.families, "cpus", "family xeon silver", "cores", "20", "expected 11"),
    (relations.families, "cpus", "family xeon silver", "tdp_w", "205", "expected 22"),
    (relations.hours, HOURS, "France direct 7", "month", "6", "the twelve months"),
    (relations.hours, HOURS, "France direct 7", "scope", "lifecycle", "the twelve months"),
    (relations.hours, HOURS, "France direct 7", "of_annual_mean_12_utc", "1.99", "the mean"),
    (relations.hours, "hourly_place", "FRA", "grid", "Great Britain", "expected a place"),
    # what is owed
    (credit.credited, COUNTRY, "FRA", "source", "A friend, by telephone", "not credited"),
]


def with_table(name, text):
    return Tables({**WHOLE.tables, name: parse(name, text)}, WHOLE.notice)


def with_cell(name, key, column, value):
    """Return the tables with one cell changed."""
    old = WHOLE[name]
    changed = [{**row, column: value} if cells.key_of(old, row) == key else row for row in old.rows]
    assert changed != old.rows
    return Tables({**WHOLE.tables, name: old._replace(rows=changed)}, WHOLE.notice)


def text_of(name):
    return (DATA / f"{name}.csv").read_text(encoding="utf-8")


def test_the_tables_keep_all_rules():
    assert [str(finding) for finding in findings(WHOLE, YEAR)] == []


@pytest.mark.parametrize(
    ("rule", "cell", "expected"),
    [(rule, cell, expected) for rule, *cell, expected in FAULTS],
    ids=["-".join((rule.__name__, *cell[1:])) for rule, *cell, _ in FAULTS],
)
def test_a_fault_is_found(rule, cell, expected):
    found = list(rule(with_cell(*cell), YEAR))
    assert found
    assert expected in " ".join(map(str, found))
    assert all(finding.wrong for finding in found)


def test_a_key_that_stands_twice_is_found():
    text = text_of(COUNTRY)
    doubled = with_table(COUNTRY, text + text.splitlines()[1])
    (found,) = cells.keys(doubled, YEAR)
    assert str(found) == (
        "carbon_intensity_country.csv, row ABW, column code: 'ABW': stands twice; expected once"
    )


def test_a_column_or_a_cell_too_few_is_found_and_alone_is_told():
    text = text_of("pue_defaults")
    (column,) = findings(with_table("pue_defaults", text.replace("pue,", "PUE,", 1)), YEAR)
    assert "expected the columns key, pue, year" in str(column)
    (cell,) = findings(with_table("pue_defaults", text.replace("1.15,2024", "1.15", 1)), YEAR)
    assert "row of line 2" in str(cell)
    malformed = findings(with_cell(HOURS, "France direct 7", "month", "July"), YEAR)
    assert {finding.value for finding in malformed} == {"July"}


def test_a_table_too_many_and_one_too_few_are_found():
    (extra,) = findings(with_table("coal", "code\nFRA"), YEAR)
    assert "coal.csv" in str(extra)
    without = {name: one for name, one in WHOLE.tables.items() if name != "embodied"}
    (gone,) = findings(Tables(without, WHOLE.notice), YEAR)
    assert "is missing" in str(gone)


def test_figures_grow_stale():
    later = YEAR + 1 + max(schema.oldest_years or 0 for schema in SCHEMAS.values())
    stale = {found.table for found in relations.years(WHOLE, later)}
    assert stale == {name for name, schema in SCHEMAS.items() if schema.oldest_years}


def test_what_is_not_credited_or_not_permitted_is_found():
    def rid_of(words):
        return Tables(WHOLE.tables, WHOLE.notice.replace(words, ""))

    assert list(credit.licence_texts(rid_of(credit.TEXTS[1]), YEAR))
    (uncredited,) = credit.credited(rid_of("pue_defaults.csv"), YEAR)
    assert "is not in NOTICE" in str(uncredited)
    words = "IANA time zone database. Public domain."
    (groundless,) = credit.credited(rid_of(words), YEAR)
    assert "names no permissive licence" in str(groundless)


def test_tables_too_large_for_the_wheel_are_found():
    large = WHOLE["cpus"]._replace(size_bytes=credit.MOST_BYTES)
    (found,) = credit.size(Tables({**WHOLE.tables, "cpus": large}, WHOLE.notice), YEAR)
    assert "too many bytes" in str(found)


def test_each_rule_is_seen_to_fail():
    elsewhere = {cells.tables_and_columns, cells.keys, credit.licence_texts, credit.size}
    assert {rule for rule, *_ in FAULTS} | elsewhere == {*FORMS, *RULES}


def test_a_figure_that_jumps_is_worth_a_look_and_one_that_moves_is_not():
    (row,) = [row for row in WHOLE[COUNTRY].rows if row["code"] == "FRA"]
    g = float(row["gco2e_per_kwh"])

    def looks(value):
        now = with_cell(COUNTRY, "FRA", "gco2e_per_kwh", value).tables
        return [str(change) for change in changes(WHOLE.tables, now)]

    assert looks(f"{1.29 * g}") == []
    assert looks(f"{0.71 * g}") == []
    (jump,) = looks(f"{2 * g}")
    assert jump.startswith("carbon_intensity_country.csv, row FRA, column gco2e_per_kwh: ")
    assert jump.endswith("(+100%)")
    (gone,) = looks("")
    assert gone.endswith(f"{row['gco2e_per_kwh']} -> blank")


def test_what_is_malformed_is_told_by_the_rules_and_is_no_change():
    malformed = with_cell(COUNTRY, "FRA", "gco2e_per_kwh", "53,2").tables
    renamed = with_table("pue_defaults", text_of("pue_defaults").replace("pue,", "PUE,", 1)).tables
    assert list(changes(WHOLE.tables, malformed)) == []
    assert list(changes(WHOLE.tables, renamed)) == []


def test_rows_that_come_and_go_are_worth_a_look():
    renamed = with_cell("pue_defaults", "gcp", "key", "google").tables
    assert {str(change) for change in changes(WHOLE.tables, renamed)} == {
        "pue_defaults.csv, row gcp: is gone",
        "pue_defaults.csv, row google: is new",
    }


def test_the_script_tells_faults_and_changes_and_fails(tmp_path, capsys):
    same = ["--against", str(DATA), "--year", str(YEAR)]
    assert script.main(same) == 0
    said = capsys.readouterr().out
    assert ": 0 faults." in said
    assert "0 changes" in said
    shutil.copytree(DATA, tmp_path / "data")
    path = tmp_path / "data" / "pue_defaults.csv"
    path.write_text(text_of("pue_defaults").replace("gcp,1.09", "gcp,10.9"), encoding="utf-8")
    assert script.main(["--data", str(path.parent), *same]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == (
        "pue_defaults.csv, row gcp, column pue: '10.9': expected a number from 1 to 2.5"
    )
    assert said[-1].strip() == "pue_defaults.csv, row gcp, column pue: 1.09 -> 10.9 (+900%)"


@pytest.mark.skipif(not shutil.which("git") and "CI" not in os.environ, reason="no git")
def test_tables_are_compared_with_those_of_a_commit(tmp_path, capsys):
    folder = tmp_path / "ocarbon_magic" / "data"
    folder.mkdir(parents=True)
    shutil.copy(DATA / "pue_defaults.csv", folder)

    def git(*words):
        who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", "-C", tmp_path, *who, *words], check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "--message", "Tables")
    assert in_commit("HEAD", tmp_path) == {"pue_defaults": WHOLE["pue_defaults"]}
    script.main(["--against", "no-such-commit", "--year", str(YEAR)])
    assert "Not compared with no-such-commit: " in capsys.readouterr().out


def test_namibia_is_not_missing():
    assert table("carbon_intensity_country")["NAM"]["iso2"] == "NA"


def test_a_blank_cell_is_unknown_and_a_zero_is_not():
    assert number("") is None
    assert number("0") == 0.0
    assert parts("") == []
    assert parts("a|b") == ["a", "b"]


def test_every_sentence_of_a_flag_has_a_figure_that_bears_it():
    flags = {
        flag
        for name in (COUNTRY, PART, REGION)
        for row in table(name).values()
        for flag in parts(row["quality_flag"])
    }
    assert flags == set(_FLAGS)

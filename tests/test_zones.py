"""From what people type, or from the time zone, to a place."""

import os
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocarbon_magic.carbon.intensity import all_places
from ocarbon_magic.carbon.zones import UnknownZoneError, default_place, resolve
from ocarbon_magic.tables import table

COUNTRIES = [
    row
    for row in table("carbon_intensity_country").values()
    if row["gco2e_per_kwh"] or row["stand_in"]
]


@pytest.mark.parametrize("row", COUNTRIES, ids=lambda row: row["code"])
def test_every_country_resolves_by_both_codes_and_by_name_in_any_case(row):
    for text in filter(None, (row["code"], row["iso2"], row["name"])):
        for typed in (text, text.lower(), text.upper(), f" {text} "):
            assert resolve(typed).code == row["code"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("UK", "GBR"),
        ("Great Britain", "GBR"),
        ("England", "GBR"),
        ("USA", "USA"),
        ("U.S.", "USA"),
        ("United States of America", "USA"),
        ("South Korea", "KOR"),
        ("Korea, Republic of", "KOR"),
        ("Czech Republic", "CZE"),
        ("Česko", "CZE"),
        ("Deutschland", "DEU"),
        ("Österreich", "AUT"),
        ("España", "ESP"),
        ("The Netherlands", "NLD"),
        ("Holland", "NLD"),
        ("Türkiye", "TUR"),
        ("Côte d\N{RIGHT SINGLE QUOTATION MARK}Ivoire", "CIV"),
        ("Ivory Coast", "CIV"),
        ("Viet Nam", "VNM"),
        ("Burma", "MMR"),
        ("St. Lucia", "LCA"),
        ("Trinidad & Tobago", "TTO"),
        ("Curaçao", "CUW"),
        ("日本", "JPN"),
        ("NA", "NAM"),
        ("world", "WLD"),
        ("EU", "EU27"),
        ("European Union", "EU27"),
        ("California", "US-CA"),
        ("us_ca", "US-CA"),
        ("Québec", "CA-QC"),
        ("New South Wales", "AU-NSW"),
        ("Western Australia", "AU-WA"),
        ("Washington, D.C.", "US-DC"),
        ("East China grid", "CN-EAST"),
        ("eGRID-CAMX", "eGRID-CAMX"),
        ("camx", "eGRID-CAMX"),
        ("ERCOT", "eGRID-ERCT"),
        ("us-east-1", "aws:us-east-1"),
        ("us-east1", "gcp:us-east1"),
        ("eastus", "azure:eastus"),
        ("AWS Frankfurt", "aws:eu-central-1"),
    ],
)
def test_other_names_and_spellings_resolve(text, code):
    assert resolve(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CA", "CAN"),
        ("DE", "DEU"),
        ("GA", "GAB"),
        ("Georgia", "GEO"),
        ("US-GA", "US-GA"),
        ("Congo", "COG"),
        ("Guinea", "GIN"),
        ("AND", "AND"),
    ],
)
def test_where_a_text_could_mean_two_places_the_country_wins(text, code):
    assert resolve(text).code == code


def test_every_place_resolves_by_its_code_and_its_name():
    for place in all_places():
        assert resolve(place.code) == place
        if place.kind != "cloud" and place.code != "US-GA":
            assert resolve(place.name) == place


def test_every_cloud_region_resolves_with_and_without_its_provider():
    others = {"aws": "amazon", "gcp": "google", "azure": "microsoft"}
    regions = [place for place in all_places() if place.kind == "cloud"]
    assert len(regions) == 147
    for place in regions:
        provider, _, region = place.code.partition(":")
        for text in (place.code, f"{others[provider]}:{region}", place.code.upper(), region):
            assert resolve(text) == place


def test_places_know_their_kind_and_country():
    kinds = {
        text: (place.kind, place.parent_iso3)
        for text in ("FRA", "WLD", "CA-QC", "eGRID-CAMX", "eGRID-PRMS", "azure:francecentral")
        if (place := resolve(text))
    }
    assert kinds == {
        "FRA": ("country", None),
        "WLD": ("aggregate", None),
        "CA-QC": ("subdivision", "CAN"),
        "eGRID-CAMX": ("egrid", "USA"),
        "eGRID-PRMS": ("egrid", "PRI"),
        "azure:francecentral": ("cloud", "FRA"),
    }


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("Farnce", "FRA"),
        ("Frnace", "FRA"),
        ("Germnay", "DEU"),
        ("Deutchland", "DEU"),
        ("Swedn", "SWE"),
        ("Sweeden", "SWE"),
        ("Untied Kingdom", "GBR"),
        ("Unites States", "USA"),
        ("Phillipines", "PHL"),
        ("Switzerlnad", "CHE"),
        ("Norwya", "NOR"),
        ("Chian", "CHN"),
        ("Iarn", "IRN"),
        ("Ieland", "IRL"),
        ("Ieland", "ISL"),
        ("Brzail", "BRA"),
        ("Argentinia", "ARG"),
        ("Columbia", "COL"),
        ("Nethrelands", "NLD"),
        ("Kazakstan", "KAZ"),
        ("korea", "KOR"),
        ("korea", "PRK"),
        ("FRX", "FRA"),
        ("DE-BY", "DEU"),
        ("SE-SE3", "SWE"),
        ("FR-IDF", "FRA"),
        ("united", "ARE"),
        ("virgin islands", "VGB"),
        ("tokyo", "gcp:asia-northeast1"),
        ("Califronia", "US-CA"),
        ("Massachussetts", "US-MA"),
        ("TX", "US-TX"),
        ("Quebek", "CA-QC"),
        ("CAQC", "CA-QC"),
        ("Tasmnia", "AU-TAS"),
        ("eGRID-CAMZ", "eGRID-CAMX"),
        ("aws:us-esat-1", "aws:us-east-1"),
        ("aws:useast1", "aws:us-east-1"),
        ("gpc:europe-west9", "gcp:europe-west9"),
        ("europe-west-9", "gcp:europe-west9"),
        ("azure:francecental", "azure:francecentral"),
        ("frankfurt", "azure:germanywestcentral"),
    ],
)
def test_a_clear_typo_finds_the_wanted_zone_among_three(typed, wanted):
    with pytest.raises(UnknownZoneError) as error:
        resolve(typed)
    near = re.fullmatch(
        rf"unknown zone {typed!r}: did you mean (\S+) \(.+\), (\S+) \(.+\), (\S+) \(.+\)\?",
        str(error.value),
    )
    assert wanted in near.groups()


def test_a_name_that_several_cloud_regions_share_is_not_silently_one_of_them():
    with pytest.raises(UnknownZoneError, match="Azure Virginia"):
        resolve("Azure Virginia")


@pytest.mark.parametrize("text", ["", "  ", "-", "\n"])
def test_an_empty_zone_is_met_with_examples(text):
    with pytest.raises(UnknownZoneError, match="the zone is empty: name a country"):
        resolve(text)


@given(st.text(max_size=12))
def test_any_text_is_a_place_or_one_sentence(text):
    try:
        answer = resolve(text).name
    except UnknownZoneError as error:
        answer = str(error)
    assert len(answer.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "parent"),
    [
        ("Andorra", "Spain"),
        ("LI", "Switzerland"),
        ("MCO", "France"),
        ("San Marino", "Italy"),
        ("Vatican", "Italy"),
        ("Jersey", "France"),
        ("GGY", "France"),
        ("Isle of Man", "United Kingdom"),
        ("CAF", "Democratic Republic of Congo"),
    ],
)
def test_a_territory_without_a_figure_keeps_its_name_and_says_whose_it_borrows(text, parent):
    place = resolve(text)
    assert place.note == f"No carbon intensity is known for {place.name}: that of {parent} is used."


def test_a_place_with_neither_figure_nor_neighbour_is_named_with_the_remedy():
    with pytest.raises(UnknownZoneError, match=r"known for Antarctica \(ATA\): name another zone"):
        resolve("Antarctica")


def machine(tmp_path, *, localtime=None, timezone=None):
    (tmp_path / "etc").mkdir()
    if localtime:
        (tmp_path / "etc/localtime").symlink_to(localtime)
    if timezone:
        (tmp_path / "etc/timezone").write_text(timezone)
    return tmp_path


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("Europe/Paris", "FRA"),
        (":Europe/Paris", "FRA"),
        ("/usr/share/zoneinfo/Europe/Paris", "FRA"),
        ("/usr/share/zoneinfo/posix/Europe/Amsterdam", "NLD"),
        ("America/Argentina/Buenos_Aires", "ARG"),
        ("Asia/Calcutta", "IND"),
        ("US/Eastern", "USA"),
        ("Europe/Kiev", "UKR"),
        ("Asia/Saigon", "VNM"),
        ("Iceland", "ISL"),
        ("Africa/Windhoek", "NAM"),
        ("Europe/Vaduz", "LIE"),
    ],
)
def test_the_country_of_the_time_zone_is_the_default_place(tmp_path, setting, code):
    place, how = default_place(None, environ={"TZ": setting}, root=tmp_path)
    assert (place.code, how) == (code, "timezone")


@pytest.mark.parametrize(
    "setting", ["", "UTC", "Etc/UTC", "Etc/GMT+5", "GMT", "CET-1CEST", "EST5EDT", "Mars/Olympus"]
)
def test_a_time_zone_of_no_country_means_the_world(tmp_path, setting):
    place, how = default_place(None, environ={"TZ": setting}, root=tmp_path)
    assert (place.code, how) == ("WLD", "default")


def test_a_country_without_a_figure_means_the_world(tmp_path):
    place, how = default_place(None, environ={"TZ": "Antarctica/Vostok"}, root=tmp_path)
    assert (place.code, how) == ("WLD", "default")


@pytest.mark.parametrize(
    "link",
    [
        "/usr/share/zoneinfo/Europe/Stockholm",
        "../usr/share/zoneinfo/Europe/Stockholm",
        "/var/db/timezone/zoneinfo/Europe/Stockholm",
    ],
)
def test_the_link_of_localtime_tells_the_time_zone(tmp_path, link):
    root = machine(tmp_path, localtime=link, timezone="Asia/Tokyo\n")
    assert default_place(None, environ={}, root=root)[0].code == "SWE"


def test_etc_timezone_tells_where_localtime_is_a_copy(tmp_path):
    root = machine(tmp_path, timezone="Asia/Tokyo\n")
    (root / "etc/localtime").write_bytes(b"TZif2")
    assert default_place(None, environ={}, root=root)[0].code == "JPN"


def test_a_shell_set_to_utc_still_finds_the_machines_own_country(tmp_path):
    root = machine(tmp_path, localtime="/usr/share/zoneinfo/Europe/Paris")
    assert default_place(None, environ={"TZ": "UTC"}, root=root)[0].code == "FRA"


def test_nothing_known_of_the_machine_means_the_world_and_never_a_country(tmp_path):
    place, how = default_place(None, environ={}, root=tmp_path)
    assert (place.code, how) == ("WLD", "default")


def test_the_configured_zone_wins_over_the_time_zone(tmp_path):
    place, how = default_place("SE", environ={"TZ": "Europe/Paris"}, root=tmp_path)
    assert (place.code, how) == ("SWE", "configured")


def test_a_configured_zone_that_does_not_exist_is_an_error(tmp_path):
    with pytest.raises(UnknownZoneError, match="FRA"):
        default_place("Farnce", environ={}, root=tmp_path)


def test_resolving_a_country_loads_nothing_heavy():
    code = (
        "import sys; from ocarbon_magic.carbon.zones import resolve; resolve('FRA');"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"numpy", "pandas", "difflib", "socket", "ssl", "http", "requests"}

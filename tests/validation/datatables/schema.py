"""What each table holds: its columns, its key, and how old its figures may be.

Bounds are there to find slips (a factor of 1000, pounds for kilograms, two columns changed over),
so each is wide of all that is known: what is at its end is worth a look, not impossible.
"""

from __future__ import annotations

from typing import NamedTuple

from validation.datatables import codes
from validation.datatables.columns import (
    Column,
    above,
    choice,
    form,
    known,
    number,
    text,
    whole,
)

from ocarbon_magic.carbon.intensity import _FLAGS

G_PER_KWH = 1500
"""The dirtiest grids, of old lignite or shale plants, are at 1,300 g CO2e a kWh, lifecycle."""
PUE_MOST = 2.5
"""Halls without care were at 2.5 in the first surveys; below 1.0 nothing can be."""
YEAR_FIRST = 2005
"""No figure of a grid, a hall or a product is older."""

_PROVIDERS = ("aws", "azure", "gcp")
_FLAG = choice(*_FLAGS, blank=True, several=True)
_ISO3 = known({*codes.ALPHA3, *codes.OURS}, "an ISO 3166-1 alpha-3 code, XKX, EU27 or WLD")
_PLACE = form(
    f"[A-Z]{{3}}|EU27|{codes.PART_OF_COUNTRY}|{codes.CLOUD_REGION}",
    "the code of a place: FRA, US-CA, eGRID-CAMX, aws:us-east-1",
)
_TIME_ZONE = known(codes.TIME_ZONES, "a time zone of the IANA database")
_LOG10_ALPHA = number(-10, 300, "(log10 of alpha)", blank=True)
_HOURS = {f"of_annual_mean_{hour:02}_utc": number(0.1, 2) for hour in range(24)}


def _year(*, blank=False):
    return whole(YEAR_FIRST, 2100, "(a year)", blank=blank)


class Schema(NamedTuple):
    """One table: its columns in order, those that make its key, and the age of its figures."""

    columns: dict[str, Column]
    key: tuple[str, ...]
    oldest_years: int | None = None
    """How old the newest figure of each source may be, in years; None where age is no matter."""
    one_year_a_source: bool = False
    scope: str | None = None
    """The one scope of its figures: what is compared is of one scope."""


SCHEMAS = {
    "carbon_intensity_country": Schema(
        {
            "code": _ISO3,
            "iso2": known({*codes.ALPHA3.values(), "XK", "EU"}, "an alpha-2 code", blank=True),
            "name": text(),
            "kind": choice("country", "aggregate"),
            "year": _year(blank=True),
            "gco2e_per_kwh": above(0, G_PER_KWH, "g", blank=True),
            "scope": choice("lifecycle", "direct", blank=True),
            "source": text(blank=True),
            "quality_flag": _FLAG,
            "stand_in": known(codes.ALPHA3, "an ISO 3166-1 alpha-3 code", blank=True),
            "aliases": text(blank=True, several=True),
        },
        key=("code",),
        oldest_years=3,
        scope="lifecycle",
    ),
    "carbon_intensity_subnational": Schema(
        {
            "code": form(
                codes.PART_OF_COUNTRY,
                "ISO 3166-2 (US-CA), CN-NORTH, CA-national or eGRID-CAMX",
            ),
            "parent_iso3": known(codes.ALPHA3, "an ISO 3166-1 alpha-3 code"),
            "level": choice("state", "province", "grid_region", "egrid_subregion", "national"),
            "name": text(),
            "year": _year(),
            "gco2e_per_kwh": above(0, G_PER_KWH, "g"),
            "scope": choice("lifecycle", "direct"),
            "source": text(),
            "quality_flag": _FLAG,
            "aliases": text(blank=True, several=True),
        },
        key=("code",),
        oldest_years=5,
        one_year_a_source=True,
        scope="direct",
    ),
    "carbon_intensity_cloud_region": Schema(
        {
            "code": form(codes.CLOUD_REGION, "aws:us-east-1, azure:eastus or gcp:us-east1"),
            "location": text(),
            "country_iso3": known(codes.ALPHA3, "an ISO 3166-1 alpha-3 code"),
            "grid_code": text(blank=True),
            "year": _year(blank=True),
            "gco2e_per_kwh": above(0, G_PER_KWH, "g", blank=True),
            "scope": choice("lifecycle", "direct", blank=True),
            "source": text(blank=True),
            "pue": number(1.0, PUE_MOST, blank=True),
            "pue_year": _year(blank=True),
            "quality_flag": _FLAG,
        },
        key=("code",),
        oldest_years=4,
        one_year_a_source=True,
        scope="direct",
    ),
    "pue_defaults": Schema(
        {
            "key": choice(*_PROVIDERS, "local_workstation"),
            "pue": number(1.0, PUE_MOST),
            "year": _year(blank=True),
            "applies_to": text(),
            "source": text(),
        },
        key=("key",),
        oldest_years=4,
    ),
    "timezone_country": Schema({"timezone": _TIME_ZONE, "iso3": _ISO3}, key=("timezone",)),
    "hourly_place": Schema({"code": _PLACE, "grid": text(), "timezone": _TIME_ZONE}, key=("code",)),
    "hourly_profile": Schema(
        {
            "grid": text(),
            "scope": choice("lifecycle", "direct"),
            "year": _year(),
            "month": whole(1, 12),
            "source": text(),
            **_HOURS,
        },
        key=("grid", "scope", "month"),
        oldest_years=10,
        one_year_a_source=True,
    ),
    "live_zone": Schema(
        {
            "code": _PLACE,
            "em_zone": form(
                codes.ELECTRICITY_MAPS, "a zone of Electricity Maps: FR, US-CAL-CISO", blank=True
            ),
            "eic": form(
                codes.ENERGY_IDENTIFICATION, "an EIC of 16 characters: 10YFR-RTE------C", blank=True
            ),
            "latitude": number(18, 72, "degrees", blank=True),  # WattTime: of North America
            "longitude": number(-170, -66, "degrees", blank=True),
        },
        key=("code",),
    ),
    "lifecycle_factor": Schema(
        {
            "psr_type": form(r"B\d\d", "a type of plant of ENTSO-E, B01 to B25"),
            "name": text(),
            "gco2e_per_kwh": above(0, 1200, "g", blank=True),
            "technology": text(blank=True),
            "source": text(blank=True),
        },
        key=("psr_type",),
    ),
    "embodied": Schema(
        {
            "product": text(),
            "accelerators": text(blank=True, several=True),
            "kgco2e": above(0, 2000, "kg"),
            "low_kgco2e": above(0, 2000, "kg", blank=True),
            "high_kgco2e": above(0, 2000, "kg", blank=True),
            "lifetime_years": number(1, 15, "years", blank=True),
            "year": _year(),
            "boundary": text(),
            "source": text(),
        },
        key=("product",),
    ),
    "accelerators": Schema(
        {
            "vendor": text(),
            "name": text(),
            "aliases": text(several=True),
            "device_class": choice(
                *("datacenter", "tpu", "asic"),
                *("consumer", "workstation", "mobile", "desktop", "soc"),
            ),
            "arch": text(),
            "tdp_w": above(10, 30_000, "W", blank=True),  # a wafer of Cerebras: 23 kW
            "fp32_tflops": above(0, 1000, "TFLOP/s", blank=True),
            "tf32_tflops": above(0, 5000, "TFLOP/s", blank=True),
            "fp16_tflops": above(0, 20_000, "TFLOP/s", blank=True),
            "fp8_tflops": above(0, 40_000, "TFLOP/s", blank=True),
            "memory_gb": above(0, 2000, "GB", blank=True),
            "memory_bandwidth_gb_per_s": above(10, 3e7, "GB/s"),  # on-wafer memory: 20 PB/s
            "energy_counter": choice("true", "false", blank=True),
            "oce_log10_alpha_low": _LOG10_ALPHA,
            "oce_log10_alpha_high": _LOG10_ALPHA,
            "oce_table1_log10_alpha_low": _LOG10_ALPHA,
            "oce_table1_log10_alpha_high": _LOG10_ALPHA,
        },
        key=("name",),
    ),
    "cpus": Schema(
        {
            "match": choice("exact", "family", "default"),
            "name": text(),
            "tdp_w": number(1, 600, "W"),
            "tdp_low_w": number(1, 600, "W", blank=True),
            "tdp_high_w": number(1, 600, "W", blank=True),
            "cores": whole(1, 512, "cores", blank=True),
        },
        key=("match", "name"),
    ),
    "cloud_price": Schema(
        {
            "accelerator": text(),
            "provider": choice(*_PROVIDERS, "lambda", "nebius", "runpod", "verda"),
            "instance": text(),
            "gpu_count": whole(1, 16, "GPUs"),
            "usd_per_gpu_hour": number(0.05, 20, "USD"),
            "region": text(),
            "as_of": form(r"20\d\d(-(0[1-9]|1[0-2]|20\d\d))?", "2023, 2023-11 or 2025-2026"),
            "quality_flag": choice("estimate", blank=True),
            "source": text(),
        },
        key=("provider", "instance"),
        oldest_years=4,
        one_year_a_source=True,
    ),
    "electricity_price": Schema(
        {
            "code": _PLACE,
            "name": text(),
            "currency": choice("USD", "EUR"),
            "price_per_kwh": number(0.01, 1, "of the currency"),
            "consumer": choice("household"),
            "period": form(r"20\d\d(-H[12])?", "2023 or 2024-H2"),
            "source": text(),
        },
        key=("code",),
        oldest_years=4,
        one_year_a_source=True,
    ),
    "opencarboneval": Schema(
        {
            "device": text(),
            "names": text(blank=True, several=True),
            "tdp_w": number(50, 2000, "W"),
            "peak_tflops": above(0, 5000, "TFLOP/s", blank=True),
            "log10_alpha_low": _LOG10_ALPHA._replace(may_be_blank=False),
            "log10_alpha_high": _LOG10_ALPHA._replace(may_be_blank=False),
            "embodied_g_per_device_hour": above(0, 20, "g", blank=True),
            "source": text(),
        },
        key=("device",),
    ),
    "published_runs": Schema(
        {
            "model": text(),
            "family": text(),
            "device": text(),
            "flop": number(1e12, 1e28, "FLOP", blank=True),
            "device_hours": above(0, 1e9, "hours", blank=True),
            "runs": whole(1, 1000, "runs"),
            "precision": choice("fp8", "fp16", "tf32", "fp32", blank=True),
            "mean_power_w": number(10, 3000, "W", blank=True),
            "power_scope": choice("server", "board", blank=True),
            "source": text(),
        },
        key=("model",),
    ),
}

YEAR_COLUMNS = ("year", "pue_year", "as_of", "period")
"""Columns that say when a figure held; of a span the end counts."""

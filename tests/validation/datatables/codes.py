"""Codes that others assign: countries, subdivisions, cloud regions, areas of a grid, time zones."""

import re
import zoneinfo

from babel import Locale
from babel.core import get_global

_RESERVED = {"AC", "CP", "CQ", "DG", "EA", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
"""What CLDR knows and ISO 3166-1 does not assign: places within others, tests, groups."""

_GIVEN_UP = {"BUR", "DDR", "FXX", "QUU", "TMP", "XKK", "YMD", "ZAR"}

ALPHA3 = {
    alpha3: assigned[0]
    for alpha3, assigned in get_global("territory_aliases").items()
    if re.fullmatch("[A-Z]{3}", alpha3)
    and alpha3 not in _GIVEN_UP
    and len(assigned) == 1
    and assigned[0] in Locale("en").territories
    and assigned[0] not in _RESERVED
}
"""ISO 3166-1: the alpha-2 code by the alpha-3 code, as CLDR has them."""

OURS = {"XKX": "XK", "EU27": "EU", "WLD": ""}
"""Codes that ISO 3166-1 does not assign: Kosovo's in use, the European Union, the world."""

PART_OF_COUNTRY = (
    r"[A-Z]{2}-[A-Z0-9]{1,3}"  # ISO 3166-2
    r"|CN-(NORTH|NORTHEAST|NORTHWEST|EAST|CENTRAL|SOUTH|SOUTHWEST)"  # China's regional grids
    r"|[A-Z]{2}-national"
    r"|eGRID-([A-Z]{4}|US)"
)
CLOUD_REGION = (
    r"aws:[a-z]{2}(-gov)?-[a-z]+-\d"
    r"|azure:[a-z]+\d?"
    r"|gcp:[a-z]+-[a-z]+\d{1,2}"
)
ELECTRICITY_MAPS = r"[A-Z]{2}(-[A-Z0-9]{2,5})*"
ENERGY_IDENTIFICATION = r"\d\dY[A-Z0-9-]{12}[A-Z0-9]"  # EIC of an area: 16 characters

TIME_ZONES = zoneinfo.available_timezones()


def check_letter(eic):
    """Return the last character of an Energy Identification Code, which follows from the others.

    So ENTSO-E's reference manual of the codes has it.
    """
    values = [int(letter, 36) if letter != "-" else 36 for letter in eic[:15]]
    weighted = sum(value * (16 - place) for place, value in enumerate(values))
    return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"[36 - (weighted - 1) % 37]

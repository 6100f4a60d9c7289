"""Quantities as people read them: three significant digits, the right prefix, the unit.

Every function takes a value in the unit its name or parameter states, or None; what is not
known, or not a finite number, reads "unknown".
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeGuard

from ocarbon_magic.conversions import J_PER_KWH

Scale = tuple[tuple[float, str], ...]

MASS_G: Scale = (
    (1e-6, "µgCO2e"),
    (1e-3, "mgCO2e"),
    (1.0, "gCO2e"),
    (1e3, "kgCO2e"),
    (1e6, "tCO2e"),
)
_ENERGY_KWH: Scale = (
    (1e-9, "µWh"),
    (1e-6, "mWh"),
    (1e-3, "Wh"),
    (1.0, "kWh"),
    (1e3, "MWh"),
    (1e6, "GWh"),
)
POWER_W: Scale = ((1e-3, "mW"), (1.0, "W"), (1e3, "kW"), (1e6, "MW"))
COUNT: Scale = ((1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T"))
_FLOP_RATE_TFLOPS: Scale = (
    (1e-6, "MFLOP/s"),
    (1e-3, "GFLOP/s"),
    (1.0, "TFLOP/s"),
    (1e3, "PFLOP/s"),
)
_STEP = 1e3
_DIGITS = 3

_READS_ONE = 0.9995
_MINUTE_S = 60.0
_DAY_S = 86400.0
_PERIODS = ((1.0, "s"), (_MINUTE_S, "min"), (3600.0, "h"), (_DAY_S, "d"))

_MILLISECONDS_BELOW_S = 0.095
_TWO_DECIMALS_BELOW_S = 9.995
_TWO_DIGITS_BELOW = 9.95

_LEAST_MONEY = 0.01

_EXACT_BELOW = 100_000
"""Whole numbers below this are written out: a step counter should not jump in hundreds."""

_FIXED_BELOW = 1e9
"""Past the largest prefix, numbers below this are grouped; then they are powers of ten."""


class Amount(NamedTuple):
    """A number and its unit, apart so that a view can set them in different sizes."""

    number: str
    unit: str

    def __str__(self) -> str:
        return f"{self.number} {self.unit}".rstrip()


UNKNOWN = Amount("unknown", "")


def mass(value_g: float | None, digits: int = _DIGITS) -> Amount:
    """Return grams of CO2e as µg, mg, g, kg or t."""
    return _scaled(value_g, MASS_G, "gCO2e", digits)


def plain_mass(value_g: float | None, digits: int = _DIGITS) -> Amount:
    """Return grams beside words that say of what they are: g, and not gCO2e."""
    number, unit = mass(value_g, digits)
    return Amount(number, unit.removesuffix("CO2e"))


def energy(value_kwh: float | None) -> Amount:
    """Return kilowatt hours as µWh to GWh."""
    return _scaled(value_kwh, _ENERGY_KWH, "Wh")


def energy_of_joules(value_j: float | None) -> Amount:
    """Return joules as µWh to GWh."""
    return energy(None if value_j is None else value_j / J_PER_KWH)


def power(value_w: float | None) -> Amount:
    """Return watts as mW, W, kW or MW."""
    return _scaled(value_w, POWER_W, "W")


def intensity(value_g_per_kwh: float | None) -> Amount:
    """Return a carbon intensity; 53, not 53.0, for the tables give whole grams."""
    unit = "gCO2e/kWh"
    return given(_scaled(value_g_per_kwh, ((1.0, unit),), unit))


def count(value: float | None) -> Amount:
    """Return a count: whole numbers exactly up to five digits, else with k, M, G or T."""
    if value is not None and abs(value) < _EXACT_BELOW and value == int(value):
        return Amount(_signed(value, f"{abs(int(value)):,}"), "")
    return _scaled(value, COUNT, "")


def rate(value_per_s: float | None, unit: str | None) -> Amount:
    """Return a pace per second; a slow one per minute, hour or day."""
    if not _known(value_per_s):
        return UNKNOWN
    seconds, period = pace_period(value_per_s)
    amount = _scaled(value_per_s * seconds, COUNT, "")
    return Amount(amount.number, f"{amount.unit} {unit or ''}/{period}".strip())


def pace_period(value_per_s: float) -> tuple[float, str]:
    """Return the time a pace is told by, in seconds and in letters: a slow one by the hour."""
    size = abs(value_per_s) or math.inf
    return next((p for p in _PERIODS if size * p[0] >= _READS_ONE), _PERIODS[-1])


def prefix(value: float, scale: Scale, digits: int = _DIGITS) -> tuple[float, str]:
    """Return the factor and the unit of ``scale`` that keep ``value`` below 1000."""
    # Rounded first and judged then, so that 999.6 g is 1.00 kg and never 1000 g.
    return next((s for s in scale if float(f"{abs(value) / s[0]:.{digits}g}") < _STEP), scale[-1])


def flop_rate(value_tflops: float | None) -> Amount:
    """Return TFLOP per second as MFLOP/s to PFLOP/s."""
    return _scaled(value_tflops, _FLOP_RATE_TFLOPS, "TFLOP/s")


def money(value: float | None, currency: str) -> Amount:
    """Return an amount of money, down to hundredths of its unit."""
    if not _known(value):
        return UNKNOWN
    size = abs(value)
    if 0.0 < size < _LEAST_MONEY:
        return Amount(f"< {_LEAST_MONEY}", currency)
    number = f"{size:.2f}" if size < 1.0 else f"{float(f'{size:.{_DIGITS}g}'):,.12g}"
    return Amount(_signed(value, number), currency)


def given(amount: Amount) -> Amount:
    """Return ``amount`` as a person would give it, without idle zeros: 50 g, and not 50.0 g."""
    number = amount.number
    if "." in number and "e" not in number:
        number = number.rstrip("0").rstrip(".")
    return Amount(number, amount.unit)


def interval(low: Amount, high: Amount, to: str = "\N{EN DASH}") -> str:
    """Return "low – high", with the unit once where it is the same."""  # noqa: RUF002 - en dash
    if UNKNOWN in (low, high):
        return str(UNKNOWN)
    start = low.number if low.unit == high.unit else low
    return f"{start} {to} {high}"


def percent(value_pct: float | None) -> str:
    """Return a percentage to two significant digits, for an uncertainty or a share."""
    if not _known(value_pct):
        return str(UNKNOWN)
    size = abs(value_pct)
    return _signed(value_pct, f"{size:.2g}" if size < _TWO_DIGITS_BELOW else f"{size:,.0f}") + " %"


def duration(value_s: float | None) -> str:
    """Return seconds as 12.3 ms, 0.53 s, 02:14, 1:02:14 or 3 d 04:10 (hours, minutes)."""
    if not _known(value_s):
        return str(UNKNOWN)
    return _signed(value_s, _duration(abs(value_s)))


def _duration(size_s: float) -> str:
    if size_s == 0:
        return "0 s"
    if size_s < _MINUTE_S - 0.05:
        return _below_a_minute(size_s)
    if size_s < _DAY_S - 0.5:
        minutes, seconds = divmod(round(size_s), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
    if size_s < _FIXED_BELOW * _DAY_S:
        hours, minutes = divmod(round(size_s / 60), 60)
        days, hours = divmod(hours, 24)
        return f"{days:,} d {hours:02}:{minutes:02}"
    return f"{_rounded(size_s / _DAY_S)} d"


def _below_a_minute(size_s: float) -> str:
    if size_s < _MILLISECONDS_BELOW_S:
        return f"{_rounded(size_s * 1e3)} ms"
    return f"{size_s:.2f} s" if size_s < _TWO_DECIMALS_BELOW_S else f"{size_s:.1f} s"


def _scaled(value: float | None, scale: Scale, home: str, digits: int = _DIGITS) -> Amount:
    """Return ``value`` with the smallest prefix that keeps it below 1000."""
    if not _known(value):
        return UNKNOWN
    if value == 0:
        return Amount("0", home)
    factor, unit = prefix(value, scale, digits)
    return Amount(_signed(value, _rounded(abs(value) / factor, digits)), unit)


def _rounded(size: float, digits: int = _DIGITS) -> str:
    rounded = f"{size:#,.{digits}g}"
    if "e+" in rounded and size < _FIXED_BELOW:
        return f"{float(rounded):,.0f}"
    return rounded.rstrip(".")


def _signed(value: float, number: str) -> str:
    return f"\N{MINUS SIGN}{number}" if value < 0 else number


def _known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)

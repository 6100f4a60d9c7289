"""What a plan says: one table for `ocarbon_magic.estimate` and for `%carbon estimate`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, cast

from ocarbon_magic.options import Option, any_text, no_more, one_of, read_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Method = Literal["calibrated", "opencarboneval", "measured", "given"]
METHODS = ("calibrated", "opencarboneval", "measured")
PRECISIONS = ("fp32", "tf32", "fp16", "bf16", "fp8")

_SUFFIXES = {"k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9, "t": 1e12}
_MOST_PUE = 10.0
"""No site is known to come near it; a hundred and more are per cent."""

_ALPHAS = (-20.0, 5000.0)
"""From far below the slowest device of the paper to far above the peak of any."""

_MOST_DEVICES = 10_000_000
"""More than were ever built of a data-centre part: a larger count is a slip."""


def _amount(value: object) -> float:
    """Return a number above 0, given as one or as text with a suffix: ``7B``, ``300M``."""
    number = _number(value)
    if not (math.isfinite(number) and number > 0):
        raise ValueError("a number above 0, such as 7e9, 7B or 300M")
    return number


def _number(value: object) -> float:
    """Return ``value`` as a number, NaN if it is none."""
    if isinstance(value, bool):
        return math.nan
    text = str(value).strip() if isinstance(value, str) else ""
    factor = _SUFFIXES.get(text[-1:].lower(), 1.0)
    try:
        number = float(text[:-1] if factor > 1 else cast("str | float", value))
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return number * factor


def _measure(what: str, least: float, most: float) -> Callable[[Any], float]:
    def check(value: object) -> float:
        number = _number(value)
        if not least <= number <= most:
            raise ValueError(what)
        return number

    return check


def _pue(value: object) -> float:
    number = _measure("a number of at least 1", 1.0, math.inf)(value)
    if number > _MOST_PUE:
        raise ValueError("a ratio such as 1.15")
    return number


_WATTS = _measure("a number of watts above 0, from 1 to 100,000", 1.0, 1e5)


def _devices(value: object) -> int:
    number = _number(value)
    if not 1 <= number <= _MOST_DEVICES or number != int(number):
        raise ValueError("a whole number of at least 1")
    return int(number)


def _alphas(value: object) -> tuple[float, float]:
    """Return the low and the high log10 of alpha, of one number or of two."""
    ends: Sequence[object]
    if isinstance(value, str):
        ends = value.split(",")
    else:
        ends = value if isinstance(value, Sequence) else [value]
    numbers = [_number(end) for end in ends]
    least, most = _ALPHAS
    if len(numbers) not in (1, 2) or not all(least <= number <= most for number in numbers):
        raise ValueError("a number, or a low and a high one (20,50), from -20 to 5000")
    return min(numbers), max(numbers)


def _said(
    option: str,
    check: Callable[[Any], Any],
    metavar: str,
    text: str,
    choices: tuple[str, ...] = (),
) -> Any:  # noqa: ANN401 - a dataclass field stands for the type of its default
    about = Option(name=option, check=check, metavar=metavar, help=text, choices=choices)
    return field(default=None, metadata={"option": about})


@dataclass(frozen=True, slots=True)
class Plan:
    """A training that is planned, as far as it was said; see `ocarbon_magic.estimate`."""

    flop: float | None = _said("flop", _amount, "F", "floating point operations of the training")
    params: float | None = _said("params", _amount, "N", "parameters of the model: 7e9 or 7B")
    tokens: float | None = _said("tokens", _amount, "D", "tokens it will see: 2e12 or 2T")
    samples: float | None = _said("samples", _amount, "N", "samples it will see, all epochs")
    flop_per_sample: float | None = _said(
        "flop_per_sample", _amount, "F", "operations for one sample, forward and backward"
    )
    work: float | None = _said(
        "total", _amount, "N", "planned work in the unit of the measured run"
    )
    device: str | None = _said(
        "device", any_text("a name"), "NAME", "accelerator: A100, RTX 4090, TPU v4, ..."
    )
    device_count: int | None = _said("count", _devices, "N", "how many of them (default 1)")
    zone: str | None = _said("zone", any_text("a name"), "ZONE", "grid zone, as for %%carbon")
    intensity_g_per_kwh: float | None = _said(
        "intensity",
        _measure("a number of gCO2e per kWh, 0 or more, up to 10,000", 0.0, 1e4),
        "G",
        "carbon intensity in gCO2e per kWh; wins over the zone",
    )
    tdp_w: float | None = _said(
        "tdp",
        _WATTS,
        "W",
        "power limit of a device",
    )
    power_w: float | None = _said(
        "power",
        _WATTS,
        "W",
        "mean power of a device; wins over its TDP",
    )
    pue: float | None = _said("pue", _pue, "X", "power usage effectiveness")
    log10_alpha: tuple[float, float] | None = _said(
        "log10_alpha", _alphas, "A[,B]", "low and high log10 of OpenCarbonEval's alpha"
    )
    tflops_per_device: float | None = _said(
        "tflops",
        _measure("a number of TFLOP/s above 0, from 0.000001 to 100,000", 1e-6, 1e5),
        "R",
        "sustained TFLOP/s of one device, where it is known",
    )
    precision: str | None = _said(
        "precision",
        one_of(*PRECISIONS),
        "NAME",
        "what it is trained in: fp32, tf32, fp16, bf16 or fp8",
        PRECISIONS,
    )
    method: str | None = _said(
        "method",
        one_of(*METHODS),
        "NAME",
        "calibrated, opencarboneval or measured",
        METHODS,
    )

    @property
    def device_power_w(self) -> float | None:
        """Watts of one device by hand: its mean, else its limit, taken as what it draws."""
        return self.power_w or self.tdp_w


OPTIONS: dict[str, Option] = {f.name: f.metadata["option"] for f in fields(Plan)}
"""The options by the keyword of `ocarbon_magic.estimate`; their flags are the line's."""

LINE: dict[str, Option] = {
    **OPTIONS,
    "run": Option(
        "from",
        any_text("a name"),
        "RUN",
        "a measured run as the probe: last, or its name",
        choices=("last",),
    ),
    "no_embodied": Option("no_embodied", bool, None, "leave embodied carbon out"),
}
"""What a line of ``%carbon estimate`` may say."""


def plan_of(said: Mapping[str, object]) -> Plan:
    """Return the plan of the keywords that are not None, checked.

    Raises
    ------
    OptionError
        If one has a value it cannot have.
    """
    values: dict[str, Any] = {
        name: OPTIONS[name].parse(value, name) for name, value in said.items() if value is not None
    }
    return Plan(**values)


def read_line(words: Sequence[str]) -> dict[str, object]:
    """Return the keywords of `ocarbon_magic.estimate` that the words of a line say.

    ``run`` is left as the name it was given.

    Raises
    ------
    OptionError
        If a word is no option, or has a value it cannot have.
    """
    said, left = read_words(words, LINE)
    no_more(left, LINE)
    if said.pop("no_embodied", False):
        said["embodied"] = False
    return said

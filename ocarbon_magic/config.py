"""What can be configured, and how the three places it can stand in are merged.

Weakest first: the IPython configuration (``c.CarbonMagics.zone = "FRA"``), the environment
(``OCARBON_ZONE=FRA``), the options of the call (``%%carbon --zone FRA``). One table, the
fields of `Settings`, serves the magics, `ocarbon_magic.measure` and the environment.
"""

from __future__ import annotations

import keyword
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from ocarbon_magic.listening import address
from ocarbon_magic.options import Option, OptionError, any_text, number, one_of, unknown_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ocarbon_magic.listening import Address

FORECASTS = ("pace", "opencarboneval")
LIVE_SOURCES = ("electricitymaps", "gb", "entsoe", "watttime")
NOT_COUNTED = "none"
"""The word that leaves the embodied part out of the total."""

_LONGEST_ZONE = 40


def _embodied(value: object) -> float | str:
    if value is False or (isinstance(value, str) and value.strip().lower() == NOT_COUNTED):
        return NOT_COUNTED
    check = number("kgCO2e of one GPU from 0 to 10000, or none", 0.0, 10_000.0)
    return check(str(value) if isinstance(value, bool) else value)


def _live(value: object) -> str | None:
    name, colon, zone = str(value).strip().partition(":")
    name = name.lower()
    if name == NOT_COUNTED and not colon:
        return None
    named = zone.isascii() and zone.replace("-", "").replace("_", "").isalnum()
    if name not in LIVE_SOURCES or (colon and not named) or len(zone) > _LONGEST_ZONE:
        known = ", ".join(LIVE_SOURCES)
        raise ValueError(f"{known} or none, or one of them with its own name of a zone (gb:13)")
    return f"{name}{colon}{zone}"


def _unit(value: object) -> str:
    text = str(value).strip()
    if not text or not text[0].isalpha():
        raise ValueError("a word such as step, sample or token")
    return text


def _path(value: object) -> str | None:
    text = any_text("a folder, or a file that ends with .prom")(value)
    return None if text == NOT_COUNTED else text


def _expression(value: object) -> str:
    text = str(value).strip()
    try:
        compile(text, "--metric", "eval")
    except (SyntaxError, ValueError):
        raise ValueError("a Python expression such as accuracy or history[-1]") from None
    return text


def _identifier(value: object) -> str:
    text = str(value).strip()
    if not text.isidentifier() or keyword.iskeyword(text):
        raise ValueError("a Python name such as run")
    return text


def _cluster(value: object) -> object:
    """Return True for the only cluster there is, a variable's name, or what Python gave."""
    if isinstance(value, bool):
        return value or None
    if isinstance(value, str) and not value.strip().isidentifier():
        raise ValueError("the name of a client, a cluster or a view, such as rc")
    return value.strip() if isinstance(value, str) else value


_SWITCH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    try:
        return _SWITCH[str(value).strip().lower()]
    except KeyError:
        raise ValueError("1 or 0") from None


def _option(
    default: object, check: Callable[[Any], Any], metavar: str | None, text: str, **more: object
) -> Any:  # noqa: ANN401 - a dataclass field stands for the type of its default
    metadata = {"check": check, "metavar": metavar, "help": text, **more}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of one run, merged and checked; ``given`` names those of the call itself."""

    name: str | None = _option(
        None,
        any_text("a name"),
        "TEXT",
        "name of the run (default: the cell's first comment, else its first loop)",
    )
    zone: str | None = _option(
        None,
        any_text("a zone"),
        "ZONE",
        "grid zone: a country (FR, FRA), a subdivision (US-CA, CA-QC) or a cloud region "
        "(aws:us-east-1, gcp:europe-west9, azure:francecentral)",
        configurable=True,
    )
    intensity: float | None = _option(
        None,
        number("a number of gCO2e per kWh, 0 or more", 0.0),
        "G",
        "carbon intensity in gCO2e per kWh, given by hand; wins over the zone",
        configurable=True,
    )
    live_intensity: str | None = _option(
        None,
        _live,
        "SOURCE",
        "ask a publisher for the present intensity, over the network: electricitymaps, gb, "
        "entsoe or watttime, or SOURCE:ITS_ZONE (default: none, the tables alone)",
        configurable=True,
        choices=(*LIVE_SOURCES, NOT_COUNTED),
    )
    pue: float | None = _option(
        None,
        number("a number of at least 1", 1.0),
        "X",
        "power usage effectiveness (default: the cloud region's, else 1.0)",
        configurable=True,
    )
    embodied: float | str | None = _option(
        None,
        _embodied,
        "KG",
        "kgCO2e of making one GPU, given by hand (default: the published figure); none leaves "
        "embodied carbon out of the total",
        configurable=True,
        choices=(NOT_COUNTED,),
    )
    lifetime: float | None = _option(
        None,
        number("a number of years from 0.5 to 20", 0.5, 20.0),
        "YEARS",
        "years of use over which the making of a device is shared (default 4; 3 to 6 are usual)",
        configurable=True,
    )
    total: float | None = _option(
        None,
        number("a number above 0", 0.0, above=True),
        "N",
        "planned work of the whole training, when the cell runs only part of it",
    )
    unit: str | None = _option(None, _unit, "TEXT", "unit of work: step, sample, token, ...")
    flop_per_unit: float | None = _option(
        None,
        number("a number above 0", 0.0, above=True),
        "F",
        "floating point operations in one unit of work, to express throughput in TFLOP/s",
    )
    forecast: str = _option(
        "pace",
        one_of(*FORECASTS),
        "METHOD",
        "what projects the end: pace (default), or opencarboneval, the law of the paper",
        configurable=True,
        choices=FORECASTS,
    )
    no_flop: bool = _option(
        default=False,
        check=_switch,
        metavar=None,
        text="do not count the FLOP of a sampled PyTorch step",
        configurable=True,
    )
    devices: str = _option(
        "visible",
        any_text("all, visible, cpu, none, or a list of GPU indices or UUIDs"),
        "LIST",
        "all, visible (default: what CUDA_VISIBLE_DEVICES leaves), indices or UUIDs of GPUs, "
        "cpu, none, trace:FILE to replay a recording, or prometheus:URL?node=NAMES (and "
        "&gpu=0,1, &uuid=, &label=, &tenant=) for other machines by what DCGM, Kepler or "
        "Scaphandre told a Prometheus server; what stands before it, as in cpu,prometheus:..., "
        "is measured here besides",
        configurable=True,
        choices=("visible", "all", "cpu", "none", "trace:", "prometheus:http"),
    )
    interval: float = _option(
        0.5,
        number("a number of seconds from 0.05 to 60", 0.05, 60.0),
        "S",
        "sampling interval in seconds (default 0.5; at most 3 where the journal is kept)",
        configurable=True,
    )
    cluster: object = _option(
        None,
        _cluster,
        "CLIENT",
        "measure the hosts of ipyparallel's engines, too: those of the active view, or of the "
        "client, the cluster or the view of that name; put %%px below to work on them",
        optional=True,
    )
    budget: float | None = _option(
        None,
        number("a number of gCO2e above 0", 0.0, above=True),
        "G",
        "grams of CO2e that the run may emit; warns when the projection passes them",
        configurable=True,
    )
    stop_at_budget: bool = _option(
        default=False,
        check=_switch,
        metavar=None,
        text="end the cell, as the stop button does, when its emissions reach --budget",
    )
    metric: str | None = _option(
        None,
        _expression,
        "EXPR",
        "expression evaluated after the cell and kept with the run",
    )
    no_panel: bool = _option(
        default=False,
        check=_switch,
        metavar=None,
        text="show nothing while the cell runs, only the summary at its end",
        configurable=True,
    )
    quiet: bool = _option(
        default=False,
        check=_switch,
        metavar=None,
        text="no output at all; the run is recorded all the same",
        configurable=True,
    )
    project: str | None = _option(
        None,
        any_text("a name"),
        "TEXT",
        "what the run belongs to (default: the folder around the notebook that has .git or "
        "pyproject.toml, else the notebook's)",
        configurable=True,
    )
    no_journal: bool = _option(
        default=False,
        check=_switch,
        metavar=None,
        text="do not keep the run in the journal, only in this process",
        configurable=True,
    )
    metrics_port: Address | None = _option(  # noqa: RUF009 - a field, as the others are
        None,
        address,
        "PORT",
        "serve the live figures at http://127.0.0.1:PORT/metrics, for Prometheus, as long as the "
        "process lives: the next port where one is taken, any for 0; HOST:PORT lets others "
        "read them",
        configurable=True,
    )
    metrics_file: str | None = _option(
        None,
        _path,
        "PATH",
        "keep the live figures in a folder, one .prom file for each run, for the textfile "
        "collector of Prometheus' node_exporter; or in one file of that ending",
        configurable=True,
    )
    otel: bool = _option(
        default=False,
        check=_switch,
        metavar=None,
        text="send the live figures to an OpenTelemetry collector, by OTLP over HTTP, as the "
        "OTEL_ variables say",
        configurable=True,
    )
    save: str | None = _option(
        None,
        _identifier,
        "NAME",
        "bind the finished run to NAME in the notebook's namespace",
    )
    given: frozenset[str] = frozenset()


OPTIONS: dict[str, Option] = {
    f.name: Option(name=f.name, **f.metadata) for f in fields(Settings) if f.metadata
}


def resolve(
    options: Mapping[str, object],
    configuration: Mapping[str, object],
    environ: Mapping[str, str],
) -> tuple[Settings, list[str]]:
    """Merge the options of a call with the environment and the configuration.

    Parameters
    ----------
    options : mapping
        What the call itself says, by Python name; None stands for "not said".
    configuration : mapping
        What the IPython configuration says, by Python name.
    environ : mapping
        The environment, of which the ``OCARBON_`` variables are read.

    Returns
    -------
    settings : Settings
    warnings : list of str
        One line for each configured value that cannot be used. Only what is typed in the
        call can stop it: a mistake in a machine's configuration must not stop training.

    Raises
    ------
    OptionError
        If an option of the call is unknown, has a value it cannot have, or lacks another.
    """
    values: dict[str, Any] = {}
    warnings: list[str] = []
    for option in (option for option in OPTIONS.values() if option.configurable):
        for label, value in (
            (f"CarbonMagics.{option.name} in the configuration", configuration.get(option.name)),
            (option.variable, environ.get(option.variable) or None),
        ):
            if value is None:
                continue
            try:
                values[option.name] = option.parse(value, label)
            except OptionError as error:
                warnings.append(f"{error} It was left aside.")
    said = {name: value for name, value in options.items() if value is not None}
    for name, value in said.items():
        if name not in OPTIONS:
            raise OptionError(unknown_name("option", name, list(OPTIONS)))
        values[name] = OPTIONS[name].parse(value)
    settings = Settings(**values, given=frozenset(said))
    if settings.stop_at_budget and settings.budget is None:
        raise OptionError("--stop-at-budget needs a budget: add --budget G, in grams of CO2e.")
    return settings, warnings

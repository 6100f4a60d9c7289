"""A run as a few lines of plain text, for terminals and logs."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.counting import devices_in
from ocarbon_magic.derived import intensity_is_by_hand, mean_power_w
from ocarbon_magic.views import budget, embodied, hosts, words
from ocarbon_magic.views.columns import COLUMNS, clipped, columns, padded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocarbon_magic.run import DeviceReading, Run

_INDENT = 12
_NAME_COLUMNS = 40
_ROW_COLUMNS = 26


def text(run: Run) -> str:
    """Return the run in lines of at most `COLUMNS` columns."""
    _, state = words.status(run)  # its shape is for HTML: printed pages have no such signs
    head = f"{clipped(words.name(run), _NAME_COLUMNS)}  {state}"
    warnings = (_line("warning", words.clean(warning, 1000)) for warning in run.warnings)
    facts = _facts(run) if words.awaited(run) is None else [_line("grid", _grid(run))]
    return "\n".join([head, *facts, *warnings])


def _facts(run: Run) -> Iterator[str]:
    yield _line("emitted", _emitted(run))
    yield _line("energy", _energy(run))
    if devices_in(run.devices) > 1:
        yield from map(_device, run.devices)
    if run.hosts:
        yield _line("hosts", hosts.summary(run))
        yield from _hosts(run)
    work = words.work(run)
    if work is not None:
        rate = "" if run.work.rate_per_s is None else f", {words.pace(run)}"
        compute = words.flop_rate(run)
        yield _line("work", work + rate + (f", {compute}" if compute is not None else ""))
    hint = words.hint(run)
    if hint is not None:
        yield _line("progress", hint)
    projection = words.open_projection(run)
    if projection is not None:
        yield _line("projected", words.projected(projection))
    limit = budget.summary(run)
    if limit is not None:
        yield _line("budget", limit)
    metric = words.metric(run)
    if metric is not None:
        yield _line("metric", f"{metric[0]} = {metric[1]}")
    yield _line("grid", _grid(run))
    varied = words.intensity_range(run)
    if varied is not None:
        yield _line("intensity", varied)
    if run.embodied:
        yield _line("embodied", embodied.basis(run))


def _emitted(run: Run) -> str:
    total = units.mass(run.emissions_g)
    if run.operational_g is None and run.embodied_g is None:
        return str(total)
    making = "embodied not included"
    if not embodied.is_left_out(run):
        making = f"{units.mass(run.embodied_g)} embodied"
    parts = f"{units.mass(run.operational_g)} operational, {making}"
    return f"{total} ({parts})"


def _energy(run: Run) -> str:
    power, certainty = mean_power_w(run), words.energy_certainty(run)
    said = [f"{units.energy(run.energy_kwh)}{f' ({certainty})' if certainty else ''}"]
    if power is not None:
        said.append(f"{units.power(power)} mean")
    if run.pue != 1.0:
        said.append(f"PUE {run.pue:.3g}")
    return ", ".join(said)


def _device(device: DeviceReading) -> str:
    said = [] if device.host is None else [words.clean(device.host, 40)]
    said.append(f"{units.energy_of_joules(device.energy_j)} {words.certainty(device)}".rstrip())
    if device.mean_power_w is not None:
        said.append(f"{units.power(device.mean_power_w)} mean")
    if device.max_power_w is not None:
        said.append(f"{units.power(device.max_power_w)} max")
    return _row(words.device(device), ", ".join(said))


def _hosts(run: Run) -> Iterator[str]:
    lines = [*hosts.lines(run)]
    width = min(max(columns(line.name) for line in lines), _ROW_COLUMNS)
    for line in lines:
        said = (line.workers, line.energy, f"{line.power} mean", line.work)
        yield _row(line.name, ", ".join(filter(None, said)), width)


def _row(label: str, said: str, width: int = _ROW_COLUMNS) -> str:
    """Return a line below a fact, with a label in a column of its own."""
    beside = padded(clipped(label, width), width)
    return textwrap.fill(
        said,
        COLUMNS,
        initial_indent=f"    {beside}  ",
        subsequent_indent=" " * (width + 6),
        break_on_hyphens=False,
    )


def _grid(run: Run) -> str:
    if intensity_is_by_hand(run):
        return words.intensity(run)
    return f"{words.intensity(run)}, {words.zone(run)}"


def _line(label: str, fact: str) -> str:
    return textwrap.fill(
        fact,
        COLUMNS,
        initial_indent=f"  {label:<{_INDENT - 2}}",
        subsequent_indent=" " * _INDENT,
        break_on_hyphens=False,  # options would break at theirs
    )

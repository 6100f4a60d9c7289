"""The devices of a run, and its hosts, as tables of HTML that scroll in boxes of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.counting import devices_in
from ocarbon_magic.views import hosts as of_hosts
from ocarbon_magic.views import words
from ocarbon_magic.views.markup import HAIRLINE, MUTED, details, tag, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ocarbon_magic.run import DeviceReading, Run

# Front ends right-align the cells of tables; elsewhere they take it from the table.
_TABLE = (
    "width:100%;margin:4px 0 0;table-layout:auto;border-collapse:collapse;font-size:12px;"
    "text-align:right"
)
_HEAD = "font-weight:400;white-space:nowrap;text-align:right"
_WORDS = "font-weight:400;white-space:nowrap;text-align:left"
_FIRST = "font-weight:400;text-align:left;padding-left:0"


def devices(run: Run) -> str:
    """Return a row for each device, or for several of one name; nothing for a single one."""
    count = devices_in(run.devices)
    if count < 2:  # noqa: PLR2004 - one device needs no table
        return ""
    table = _table(("", "Energy", "Mean", "Max"), map(_device, run.devices))
    return details(f"{count:,} devices: {text(words.devices(run.devices))}", table)


def hosts(run: Run) -> str:
    """Return a row for each host, or for several; nothing where one machine was alone."""
    if not run.hosts:
        return ""
    head = ("", "Workers", "Energy", "Mean", "Work")
    rows = (_host(line) for line in of_hosts.lines(run))
    return details(text(of_hosts.summary(run)), _table(head, rows, beside=1))


def _table(head: Sequence[str], rows: Iterable[str], *, beside: int = 0) -> str:
    """Return a table whose first column, and so many ``beside`` it, hold words."""
    styles = [_FIRST, *[_WORDS] * beside, *[_HEAD] * (len(head) - 1 - beside)]
    names = (
        tag("th", style, name, about='scope="col"')
        for name, style in zip(head, styles, strict=True)
    )
    body = f"<tr>{''.join(names)}</tr>{''.join(rows)}"
    return tag("div", "overflow-x:auto", tag("table", _TABLE, body, about='cellpadding="4"'))


def _device(row: DeviceReading) -> str:
    where = words.clean(row.host or row.uuid or "")[: 40 if row.host else 12]
    said = ", ".join(part for part in (words.certainty(row), where) if part)
    numbers = (
        units.energy_of_joules(row.energy_j),
        units.power(row.mean_power_w),
        units.power(row.max_power_w),
    )
    note = tag("span", MUTED, text(said))
    return _row(f"{text(words.device(row))} {note}", map(whole, numbers))


def _host(line: of_hosts.HostLine) -> str:
    workers = tag("td", _WORDS, text(line.workers or "\N{EN DASH}"))
    numbers = (line.energy, line.power, line.work or "\N{EN DASH}")
    return _row(whole(line.name), map(whole, numbers), workers)


def _row(first: str, numbers: Iterable[str], beside: str = "") -> str:
    return tag(
        "tr",
        f"border-top:{HAIRLINE}",
        tag("th", _FIRST, first, about='scope="row"'),
        beside,
        *(f"<td>{number}</td>" for number in numbers),
    )

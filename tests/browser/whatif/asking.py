"""Runs, and what the what-if modules of the page say to them."""

from __future__ import annotations

import json

from whatif_runs import BY_HAND, CPU, DIRECT, H100, LIFECYCLE, run, under_way

__all__ = [
    "BY_HAND",
    "CPU",
    "DIRECT",
    "H100",
    "LIFECYCLE",
    "arithmetic",
    "asked",
    "choice",
    "plain",
    "run",
    "under_way",
    "values",
    "what_if",
]


def plain(record):
    return record if isinstance(record, dict) else record.to_dict()


def choice(**chosen):
    return {"zone": None, "device": None, "hour": None, "pue": None, **chosen}


def asked(modules, function, questions):
    """What ``function`` says to each pair of a record and a choice."""
    as_text = json.dumps([[plain(record), chosen] for record, chosen in questions])
    return modules.evaluate(
        """async ([name, questions]) => {
            const whatif = await import("/lib/whatif/whatif.js");
            const { readRecord } = await import("/lib/record/record.js");
            return JSON.parse(questions).map(([record, choice]) =>
                whatif[name](readRecord(record), choice));
        }""",
        [function, as_text],
    )


def what_if(modules, record, **chosen):
    return asked(modules, "whatIf", [(record, choice(**chosen))])[0]


def values(modules, function, record, **chosen):
    return [each["value"] for each in asked(modules, function, [(record, choice(**chosen))])[0]]


def arithmetic(modules, function, *arguments):
    return modules.evaluate(
        """async ([name, given]) => (await import("/lib/whatif/arithmetic.js"))[name](...given)""",
        [function, list(arguments)],
    )

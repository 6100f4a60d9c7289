"""Texts of strangers that mean something to one format or another, and records full of them.

Each text holds `MARK`, by which it is found again wherever it went.
"""

from __future__ import annotations

import copy
from typing import Any

from sample_runs import fullest, host

from ocarbon_magic.run import Run

MARK = "zqx"

TEXTS = {
    "element": f"<script>{MARK}()</script><img src=//{MARK}.example onerror={MARK}()>",
    "end of an attribute": f'" onmouseover="{MARK}()" x=\'{MARK}\' >',
    "entity": f"&lt;{MARK}&gt; &#60;b&#62; &amp;{MARK};",
    "end of a style": f"</style></title></textarea></svg><svg/onload={MARK}()>",
    "address": f"javascript:{MARK}() data:text/html,{MARK}",
    "link": f"[{MARK}](javascript:{MARK}()) ![{MARK}](http://{MARK}.example/a.png) <http://{MARK}.example>",
    "bare link": f"https://{MARK}.example/a www.{MARK}.example {MARK}@{MARK}.example",
    "emphasis": f"**{MARK}** __{MARK}__ ~~{MARK}~~ `{MARK}` ***",
    "cell": f"{MARK} | {MARK} | \\| :-- |",
    "block": f"{MARK}\n\n# {MARK}\n- {MARK}\n> {MARK}\n```\n~~~~~~~~\n<div>{MARK}</div>",
    "list item": f"- {MARK} 1. {MARK}",
    "numbered item": f"1. {MARK} # {MARK}",
    "formula": f"${MARK}$ $$\\frac{{{MARK}}}{{0}}$$ \\({MARK}\\) \\[{MARK}\\] x_{{{MARK}}}",
    "program": f"\\input{{{MARK}}}\\write18{{{MARK}}}^^5cinput{{{MARK}}} %{MARK}",
    "entry": f"{MARK}}}, note={{{MARK}}} @preamble{{{MARK}}}",
    "document": f"{MARK}: !!python/object/apply:os.system [{MARK}] # {MARK}\n---\n{MARK}: {{",
    "quotation": f"{MARK}\", \"{MARK}': '{MARK}' \\\" \\",
    "spreadsheet": f"=cmd|'/C {MARK}'!A0",
    "spreadsheet plus": f"+{MARK}()",
    "spreadsheet minus": f"-{MARK}()",
    "spreadsheet at": f"@{MARK}(1)",
    "spreadsheet tab": f"\t={MARK}()",
    "spreadsheet space": f" ={MARK}()",
    "label": f'{MARK}",run="{MARK}"}} 1\nocarbon_run_{MARK} 1\n# EOF',
    "terminal": f"\x1b[2J\x1b]0;{MARK}\x07\x1b[31m{MARK}\x9b1m\x08\x7f\r{MARK}",
    "direction": f"\u202e{MARK}\u2066{MARK}\u2069\u200f\u061c\ufeff\u200b\u2028{MARK}\u2029\u0085",
    "half a pair": f"{MARK}\ud800{MARK}",
    "template": f"{{{{{MARK}}}}} %s %({MARK})s {{0.__class__}} ${{{MARK}}}",
    "long": MARK + "W" * 20_000,
}

_KEPT = {"schema", "status", "kind", "method", "how", "scope", "started_at", "ended_at"}
"""Keys whose words, if they are strange, keep a view from saying the rest."""


def plainest() -> Run:
    """Return a run in which every text that a record may hold is there."""
    run = fullest(2)
    run.hosts = [host(1), host(2)]
    run.devices[0].host = "host 1"
    run.work.hint = "Add --total."
    run.host = {"system": "Linux", "release": "6.1"}
    return run


def record(text: str, *, everywhere: bool = False) -> dict[str, Any]:
    """Return a record whose texts are all ``text``; with ``everywhere`` those of few words, too."""
    made = _filled(copy.deepcopy(plainest().to_dict()), text, {"schema"} if everywhere else _KEPT)
    if not everywhere:
        made["id"] = plainest().id
    made["versions"] |= {text: text}
    made["host"] |= {text: text}
    made["metric"]["value"] = text
    return made


def run(text: str, *, everywhere: bool = False) -> Run:
    """Return the run of that record."""
    return Run.from_dict(record(text, everywhere=everywhere))


def _filled(value: Any, text: str, kept: set[str]) -> Any:
    if isinstance(value, dict):
        return {
            key: inner if key in kept else _filled(inner, text, kept)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_filled(inner, text, kept) for inner in value]
    return text if isinstance(value, str) else value

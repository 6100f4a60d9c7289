"""Draws the sidebar alone, on a blank page, for the tests of what it shows and does."""

from __future__ import annotations

import datetime as dt
import json

import sample_runs

DRAW = """async ([entries, width]) => {
    const { Sidebar } = await import("/lib/sidebar/sidebar.js");
    const main = document.querySelector("main");
    if (window.sidebar === undefined) {
        const sheet = document.createElement("link");
        Object.assign(sheet, { rel: "stylesheet", href: "/style/sidebar.css" });
        const ready = new Promise((resolve) => sheet.addEventListener("load", resolve));
        document.head.append(sheet);
        await ready;
        document.body.style.margin = "0";
        main.style.height = "100vh";
        window.asked = [];
        const note = (what) => ({ record, notebook }) => {
            window.asked.push([what, record.id, notebook]);
        };
        window.sidebar = new Sidebar(main, {
            reveal: note("reveal"),
            copyReport: note("copy"),
            download: note("download"),
            interrupt: (entry) => () => note("interrupt")(entry),
        });
        window.records = new Map();
    }
    main.style.width = `${width}px`;
    // As in a notebook, the record of what has not changed is the same object.
    window.entries = entries.map(({ text, ...entry }) => {
        const record = window.records.get(text) ?? JSON.parse(text);
        window.records.set(text, record);
        return { ...entry, record };
    });
    window.sidebar.draw(window.entries);
}"""


def entry(record, notebook="train.ipynb", *, current=True, cell=True):
    """A run, or whatever stands in place of its record, as the sidebar is given it."""
    plain = record.to_dict() if hasattr(record, "to_dict") else record
    return {
        "text": json.dumps(plain),
        "notebook": notebook,
        "isCurrent": current,
        "hasCell": cell,
    }


def draw(view, entries, width=320):
    """Draw ``entries`` with the page's only sidebar; return what is there now."""
    view.evaluate(DRAW, [entries, width])
    return view.locator("main")


def moment(text):
    """A record's time, from the one written as "2026-03-01 14:02:11"."""
    return f"{text.replace(' ', 'T')}Z"


def run(name, at="2026-03-01 14:00:00", duration_s=120.0, **changes):
    """A run named and known by ``name``, that began ``at``."""
    begun = dt.datetime.fromisoformat(moment(at))
    over = begun + dt.timedelta(seconds=duration_s)
    about = {
        "id": name,
        "name": name,
        "started_at": moment(at),
        "ended_at": over.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "duration_s": duration_s,
    }
    return sample_runs.sample(**{**about, **changes})


def live(name, share=0.5, at="2026-03-01 14:00:00"):
    """A run that goes on, at ``share`` of its work."""
    return sample_runs.live(share, points=60, id=name, name=name, started_at=moment(at))


def of_energy(joules, uncertainty_pct=5.0, **changes):
    """A GPU that took so much."""
    return sample_runs.gpu(energy_j=joules, uncertainty_pct=uncertainty_pct, **changes)

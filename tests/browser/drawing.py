"""Draws runs with the view alone, on a blank page, for the tests of what it shows and does."""

from __future__ import annotations

DRAW = """async (record) => {
    const { View } = await import("/lib/view/view.js");
    window.interrupts ??= 0;
    window.host ??= { interrupt: () => { window.interrupts += 1; } };
    window.drawn ??= new View(document.querySelector("main"), window.host);
    window.drawn.draw(record);
}"""

OVERFLOWING = """(root) => {
    const { left, right } = root.getBoundingClientRect();
    return [...root.querySelectorAll("*")].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 1 && (box.right > right + 0.5 || box.left < left - 0.5);
    }).map((element) => element.outerHTML.slice(0, 120));
}"""


def draw(view, record):
    """Draw ``record`` with the page's only view; return what is there now."""
    plain = isinstance(record, dict | list | str | None)
    view.evaluate(DRAW, record if plain else record.to_dict())
    return view.locator("main")


def overflowing(panel):
    """The beginnings of those elements in ``panel`` that stand out of it to a side."""
    return panel.evaluate(OVERFLOWING)


def tile(view, label):
    """The figure under ``label`` with its notes."""
    return view.locator(".ocarbon-tile", has=view.locator("dt", has_text=label))


def figure(view, label):
    """The figure under ``label``."""
    return tile(view, label).locator(".ocarbon-figure")

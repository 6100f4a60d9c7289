"""The static page of a run in a real browser: it fits, and it can be read, on light and dark."""

from __future__ import annotations

import pytest
from sample_runs import STATUSES, cpu, fullest, gpu, just_begun, of_status, sample

from ocarbon_magic.views.summary import html

LONG = "supercalifragilistic" * 20
RUNS = {
    **{status: of_status(status) for status in STATUSES},
    "just begun": just_begun(),
    "everything": fullest(),
    "long words": sample(name=LONG, warnings=[LONG], devices=[gpu(name=LONG), cpu()]),
    "huge": sample(devices=[gpu(energy_j=1e18), gpu(1)], duration_s=1e9),
}
THEMES = {"light": ("#ffffff", "#000000"), "dark": ("#111111", "#dddddd")}
NARROW_PX, WIDE_PX, WIDEST_PX = 360, 760, 1200

# Colours are laid over one another as the browser does, down to the page's background.
CONTRASTS = """() => {
  const parse = css => {
    const [r, g, b, a = 1] = css.match(/[\\d.]+/g).map(Number)
    return [r, g, b, a]
  }
  const over = (top, below, opacity = 1) => {
    const a = top[3] * opacity
    return [0, 1, 2].map(i => top[i] * a + below[i] * (1 - a)).concat(1)
  }
  const luminance = c => {
    const [r, g, b] = c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ratio = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p)
    return (x + 0.05) / (y + 0.05)
  }
  const seen = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    if (!walk.currentNode.data.trim()) continue
    const chain = []
    for (let e = walk.currentNode.parentElement; e; e = e.parentElement) chain.unshift(e)
    let below = [255, 255, 255, 1], opacity = 1
    for (const e of chain) {
      const style = getComputedStyle(e)
      opacity *= Number(style.opacity)
      below = over(parse(style.backgroundColor), below, opacity)
    }
    const ink = over(parse(getComputedStyle(chain.at(-1)).color), below, opacity)
    seen.push([walk.currentNode.data.trim().slice(0, 40), ratio(ink, below)])
  }
  return seen
}"""


@pytest.fixture(params=THEMES)
def show(request, page):
    background, ink = THEMES[request.param]
    page.set_content(
        f"<body style='margin:0;font-family:sans-serif;background:{background};color:{ink}'>"
    )

    def show(run, width):
        page.set_viewport_size({"width": width, "height": 600})
        page.evaluate("html => document.body.innerHTML = html", html(run))
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        return page

    return show


def test_every_word_has_the_contrast_of_aa(show):
    for run in RUNS.values():
        seen = show(run, WIDE_PX).evaluate(CONTRASTS)
        assert len(seen) > 4
        assert [(word, ratio) for word, ratio in seen if ratio < 4.5] == []


@pytest.mark.parametrize("width", [NARROW_PX, WIDE_PX, WIDEST_PX])
def test_the_page_is_as_wide_as_its_place_and_no_wider(show, width):
    for name, run in RUNS.items():
        page = show(run, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate("document.body.firstChild.offsetWidth") == min(width, WIDE_PX), name


def test_the_charts_stand_side_by_side_and_below_each_other_where_it_is_narrow(show):
    where = "[...document.images].map(image => image.getBoundingClientRect().top)"
    wide = show(sample(), WIDE_PX).evaluate(where)
    assert len(wide) == 2
    assert len(set(wide)) == 1
    assert len(set(show(sample(), NARROW_PX).evaluate(where))) == 2


def test_the_charts_are_decoded(show):
    sizes = show(sample(), WIDE_PX).evaluate(
        "[...document.images].map(image => image.naturalWidth)"
    )
    assert len(sizes) == 2
    assert min(sizes) > 300

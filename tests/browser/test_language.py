"""The view speaks the reader's language, every word of it, and writes in the reader's units."""

from __future__ import annotations

import re

import pytest
import sample_runs
from drawing import draw, figure, tile
from playwright.sync_api import expect

from ocarbon_magic.run import Intensity, Work, Zone

# In the made-up language a phrase is ⟦the phrase⟧ and what it is given is ⟨this⟩.
SPEAK = """async (way) => {
    const filled = (phrase, args, arg = (text) => text) => phrase
        .replace(/%%/g, "%% ")
        .replace(/%([0-9]+)/g, (_, k) => arg(args[k - 1]))
        .replace(/%% /g, "%");
    const ways = {
        english: filled,
        marked: (phrase, args) => `⟦${filled(phrase, args, (text) => `⟨${text}⟩`)}⟧`,
        reversed: (phrase, args) =>
            filled(phrase.replace(/%([12])/g, (_, k) => `%${3 - k}`), args),
    };
    const say = ways[way];
    (await import("/lib/language.js")).speak({
        __: (msgid, ...args) => say(msgid, args),
        _n: (one, many, n, ...args) => say(n === 1 ? one : many, [n, ...args]),
        _p: (context, msgid, ...args) => say(msgid, args),
    });
}"""

RANK = "torch optimizer in rank 0 of 2"

PREFER = "async (changes) => (await import('/lib/preferences.js')).prefer(changes)"

READ = """() => {
    const found = [];
    const view = document.querySelector(".ocarbon-view");
    const walker = document.createTreeWalker(view, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        found.push(walker.currentNode.data);
    }
    const spoken = ["aria-label", "aria-valuetext", "aria-description", "title", "label",
        "placeholder", "alt"];
    for (const element of [view, ...view.querySelectorAll("*")]) {
        found.push(...spoken.map((name) => element.getAttribute(name) ?? ""));
    }
    return found;
}"""

CELLS = """async () => {
    const { rows } = await import("/lib/whatif/tables.js");
    const { monthName } = await import("/lib/record/dates.js");
    const { products, sources } = await import("/lib/whatif/tables.generated.js");
    const names = ["countries", "subdivisions", "regions", "pues", "accelerators", "profiles"];
    const cells = names.flatMap(rows).flatMap((row) => Object.entries(row));
    const codes = ["kind", "level", "quality_flag", "device_class", "product", "lifecycle",
        "direct"];
    const texts = cells.filter(([column]) => !codes.includes(column)).map(([, cell]) => cell);
    const ids = texts.map((text) => text.replace(/^(aws|gcp|azure):|^eGRID-/, ""));
    const months = [...Array(12).keys()].map(monthName); // in the language of the page
    const named = products.map((product) => product.split("\\t")[0]);
    return [...new Set([...texts, ...ids, ...sources, ...named, ...months])];
}"""

UNITS = (
    r"[µmk]?g(CO₂e)?|t(CO₂e)?|gCO₂e/kWh|[mkM]?W|[µmkMG]?Wh|[MGTP]FLOP/s|GB|"
    r"ms|s|min|h|d|[kKMGT]"
)
SYMBOLS = (
    rf"OpenCarbonEval|Keras|Lightning|PyTorch|UTC|PUE|log10 \u03b1|f\(t\)|ln|e[+-]?\d+|{UNITS}"
)
LETTER = re.compile(r"[^\W\d_]")
SYMBOL = re.compile(rf"(?<![^\W\d_])({SYMBOLS})(?![^\W\d_])")
PROVIDERS = ("AWS", "Google Cloud", "Azure")


def changed(record, **changes):
    plain = record if isinstance(record, dict) else record.to_dict()
    return {**plain, **changes}


def unsure():
    """The projection of a live run, with no level."""
    projection = sample_runs.live(0.3)["projection"]
    return {
        key: {**part, "level": None} if key.endswith(("_s", "_g", "_kwh")) else part
        for key, part in projection.items()
    }


def nothing():
    """The projection of a run that will emit nothing."""
    projection = sample_runs.live(0.3)["projection"]
    return {**projection, "emissions_g": {"value": 0.0, "low": 0.0, "high": 0.0, "level": 0.8}}


def sample_records():
    """One for each thing that a view may say."""
    half_read = [sample_runs.gpu(), sample_runs.gpu(1, energy_j=None), sample_runs.cpu()]
    law = {"log10_alpha": None, "scale": 2.0, "duration_s": 900.0, "misleads": None}
    constant = {"log10_alpha": None, "scale": 3.0, "onset_s": 2.0, "law": law}
    at_once = {"log10_alpha": None, "scale": 3.0, "onset_s": 0.0, "tflops_per_device": 98.0}
    methods = ("nvml-power", "rapl", "trace")
    kinds = ("gpu", "cpu", "dram")
    no_total = Work(None, None, None, None, None, hint="say the total with --total")
    by_hand = Intensity(100.0, None, None, "--intensity")
    direct = Intensity(179.06, 2023, "direct", "EPA")
    idle = sample_runs.live(0.3, gpus=3)
    for device, power_w in zip(idle["devices"], (280.0, 20.0, None), strict=True):
        device["power_w"] = power_w
    gaps = sample_runs.sample().to_dict()
    gaps["series"]["power_w"][10] = None
    damaged = {"schema": "ocarbon.run/1", "devices": [{}, {"mean_power_w": 3.0}]}
    yield from (sample_runs.of_status(status) for status in sample_runs.STATUSES)
    yield from (sample_runs.just_begun(), sample_runs.fullest(), sample_runs.live(0.1, gpus=4))
    yield changed(sample_runs.just_begun(), started_at=None)
    budgets = (0.5, 20.0, 33.0, 34.9, 200.0)
    yield from (changed(sample_runs.live(0.3), budget_g=grams) for grams in budgets)
    failed = sample_runs.of_status("failed")
    yield from (changed(failed, budget_g=grams) for grams in (0.1, 10.0, 35.0))
    yield sample_runs.sample(intensity=by_hand, zone=Zone("FRA", "France", "configured"))
    yield sample_runs.sample(intensity=direct, zone=Zone("US-CA", "California", "timezone"))
    yield sample_runs.sample(zone=Zone("WOR", "World", "default"), devices=[sample_runs.cpu()])
    yield sample_runs.sample(devices=half_read, work=no_total)
    yield sample_runs.sample(devices=[sample_runs.gpu(mean_power_w=None, uncertainty_pct=None)])
    yield sample_runs.sample(
        intensity=Intensity(53.06, None, "lifecycle", "Ember"),
        devices=[
            sample_runs.gpu(kind=kind, method=method)
            for kind, method in zip(kinds, methods, strict=True)
        ],
    )
    yield sample_runs.sample(intensity=Intensity(53.06, 2024, None, "Ember"))
    yield changed(sample_runs.live(0.3), throughput=constant)
    yield changed(sample_runs.live(0.3), throughput=at_once)
    yield changed(sample_runs.live(0.3), projection=unsure())
    counters = ("cell loop", "torch optimizer", "keras", "transformers", "lightning", "me", RANK)
    for counter in counters:
        yield sample_runs.sample(work=Work(1000.0, 2000.0, "step", 14.9, counter))
    yield from (idle, gaps, damaged, {**damaged, "status": "running", "duration_s": 3.0})


def names_of(record):
    """What the kernel calls things, which no translation touches."""
    work, law = record.get("work", {}), record.get("throughput", {}).get("law")
    intensity, zone = record.get("intensity", {}), record.get("zone", {})
    unit = work.get("unit")
    return [
        *(work.get("source") or "").split(" in "),
        *(record.get("name"), record.get("schema"), zone.get("code"), zone.get("name")),
        *(intensity.get("source"), work.get("hint"), work.get("source"), unit, f"{unit}s"),
        *(law and law["misleads"], (record.get("metric") or {}).get("expression")),
        *(
            text
            for device in record["devices"]
            for text in (device.get("name"), device.get("uuid"))
        ),
        *(
            charge[key]
            for charge in record.get("embodied", [])
            for key in ("product", "boundary", "source")
        ),
        *(text for pair in record.get("versions", {}).items() for text in pair),
        *record.get("warnings", []),
    ]


def outside(text):
    """Yield the parts of ``text`` that no phrase holds, within what phrases are given too."""
    depth, plain = [], ""
    for sign in text:
        if sign in "⟦⟨":
            depth.append(sign)
        elif sign in "⟧⟩":
            assert depth.pop() == {"⟧": "⟦", "⟩": "⟨"}[sign], text
        elif not depth or depth[-1] == "⟨":
            plain += sign
            continue
        if sign in "⟦⟨⟧⟩":
            yield plain
            plain = ""
    yield plain


def forgotten(texts, names):
    """Return what of ``texts`` holds letters that are neither a phrase's nor a name or unit."""
    known = sorted({name for name in names if name}, key=len, reverse=True)
    found = set()
    for text in {text for text in texts if LETTER.search(text)}:
        for part in outside(text.replace("\N{NO-BREAK SPACE}", " ")):
            if not LETTER.search(part):
                continue
            rest = part
            for name in known:
                if name in rest:
                    rest = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "", rest)
            if LETTER.search(SYMBOL.sub("", rest)) or "undefined" in rest:
                found.add(text)
    return found


def speak(view, way):
    view.evaluate(SPEAK, way)


def prefer(view, **changes):
    view.evaluate(PREFER, changes)


def choose(view, field, **option):
    """Choose as a reader does, who comes to the list first."""
    chooser = view.locator(f".ocarbon-control-{field} select")
    chooser.focus()
    chooser.select_option(**option)


@pytest.mark.parametrize("record", list(sample_records()))
def test_every_word_of_a_drawing_is_a_phrase_of_the_language(view, record):
    record = changed(record)
    speak(view, "marked")
    draw(view, record)
    law = view.locator('[data-toggle="law"]')
    if law.count():
        law.click()
    said = view.evaluate(
        """async (record) => {
            const { readRecord } = await import("/lib/record/record.js");
            return (await import("/lib/view/spoken.js")).spoken(readRecord(record));
        }""",
        record,
    )
    assert forgotten([*view.evaluate(READ), said], names_of(record)) == set()


def test_what_is_said_of_no_record_and_of_a_kernel_asked_to_stop_is_translated(view):
    speak(view, "marked")
    draw(view, None)
    assert forgotten(view.evaluate(READ), ["ocarbon.run/1"]) == set()
    record = sample_runs.live(0.5)
    draw(view, record)
    view.locator(".ocarbon-stop").click()
    assert forgotten(view.evaluate(READ), names_of(record)) == set()


def test_english_would_be_found_in_another_language(view):
    record = sample_runs.fullest().to_dict()
    draw(view, record)
    found = forgotten(view.evaluate(READ), names_of(record))
    assert {"Mean power", "Elsewhere, the same work with", "dots measured"} & found
    assert any(text.startswith("Cumulative emissions over") for text in found)


@pytest.mark.parametrize(
    "record",
    [
        sample_runs.fullest(2),
        sample_runs.live(0.3),
        sample_runs.sample(
            intensity=Intensity(400.0, 2023, "direct", "EPA"), zone=Zone("US-TX", "Texas", "given")
        ),
        sample_runs.sample(intensity=Intensity(400.0, None, None, "given")),
        sample_runs.sample(devices=[sample_runs.gpu(), sample_runs.gpu(1, name="NVIDIA L4")]),
        sample_runs.sample(devices=[sample_runs.cpu()]),
        sample_runs.sample(devices=[sample_runs.gpu(name="Homemade 1")]),
        sample_runs.sample(warnings=["GPU 0 is split into MIG instances."]),
        sample_runs.sample(intensity=Intensity(400.0, 2023, None, "somebody")),
        changed(sample_runs.sample(), operational_g=0.0, embodied_g=0.0, emissions_g=0.0),
        changed(sample_runs.live(0.3), embodied_g=0.0, projection=nothing()),
        changed(sample_runs.sample(), duration_s=None),
        changed(sample_runs.sample(), started_at=None),
        changed(sample_runs.sample(), intensity={}),
    ],
)
def test_every_word_of_a_comparison_is_a_phrase_of_the_language(view, record):
    record = changed(record)
    speak(view, "marked")
    draw(view, record)
    names = [*names_of(record), *view.evaluate(CELLS), *PROVIDERS]
    read = set()

    def newly_forgotten():
        """Of the texts that were not there at the last look, those that are forgotten."""
        new = set(view.evaluate(READ)) - read
        read.update(new)
        return forgotten(new, names)

    for field in ("hour", "zone", "device"):
        options = view.locator(f".ocarbon-control-{field} select")
        if options.count() == 0 or options.is_disabled():
            continue
        options.focus()
        last = options.locator("option").count() - 1
        for index in (1, last // 2, last):
            choose(view, field, index=index)
            assert newly_forgotten() == set()
    reset = view.locator(".ocarbon-reset")
    if reset.count() and reset.is_visible():
        reset.click()
    pue = view.locator(".ocarbon-control-pue input")
    if pue.count():
        pue.fill("1.0")
        assert newly_forgotten() == set()
        pue.fill("0.5")
        pue.blur()
        assert view.locator(".ocarbon-remark").inner_text().startswith("⟦PUE")
    assert newly_forgotten() == set()


def test_every_note_on_a_place_a_card_or_an_hour_is_a_phrase_of_the_language(view):
    speak(view, "marked")
    months = [f"2026-{month:02}-03T14:00:00Z" for month in range(1, 13)]
    runs = [
        *(sample_runs.sample(started_at=moment) for moment in months),
        sample_runs.sample(intensity=Intensity(400.0, 2023, "direct", "EPA")),
        sample_runs.sample(devices=[sample_runs.gpu(name="NVIDIA GeForce GTX 1080 Ti")]),
        changed(sample_runs.sample(), pue=None),
    ]
    said = view.evaluate(
        """async (records) => {
            const { devices, whatIf, whyNot, zones } = await import("/lib/whatif/whatif.js");
            const { readRecord } = await import("/lib/record/record.js");
            const as = { zone: null, device: null, hour: null, pue: null };
            const notes = (record) => {
                const choices = [
                    ...zones(record).map(({ value }) => ({ ...as, zone: value, hour: 3 })),
                    ...devices(record).map(({ value }) => ({ ...as, device: value })),
                    { ...as, hour: 3 },
                ];
                const told = choices.flatMap((choice) => whatIf(record, choice)?.notes ?? []);
                return [...told, ...Object.values(whyNot(record, as))];
            };
            return [...new Set(records.map(readRecord).flatMap(notes))];
        }""",
        [changed(run) for run in runs],
    )
    names = [*names_of(changed(runs[0])), *view.evaluate(CELLS), *PROVIDERS]
    assert len(said) > len(months)
    assert forgotten(said, names) == set()


def test_a_language_is_spoken_at_once_and_what_was_chosen_stays(view):
    panel = draw(view, sample_runs.live(0.3))
    choose(view, "zone", value="GBR")
    choose(view, "hour", value="3")
    draw(view, sample_runs.live(0.3))
    before = view.evaluate("document.querySelector('main').innerHTML")
    speak(view, "marked")
    expect(panel.locator("dt").first).to_have_text("⟦Emitted so far⟧")
    expect(panel.locator(".ocarbon-control-hour label")).to_have_text("⟦Start⟧")
    expect(panel.locator(".ocarbon-control-zone optgroup").first).to_have_attribute(
        "label", "⟦Countries⟧"
    )
    expect(panel.locator(".ocarbon-control-hour option:checked")).to_have_text(
        re.compile("^⟦⟨03:00")
    )
    assert view.locator(".ocarbon-control-zone select").input_value() == "GBR"
    speak(view, "english")
    assert view.evaluate("document.querySelector('main').innerHTML") == before


def test_what_a_record_does_not_name_is_named_in_the_language_of_the_moment(view):
    panel = draw(view, {"schema": "ocarbon.run/1"})
    expect(panel.locator(".ocarbon-name")).to_have_text("unnamed run")
    speak(view, "marked")
    expect(panel.locator(".ocarbon-name")).to_have_text("⟦unnamed run⟧")
    expect(figure(view, "Emitted")).to_have_text("⟦unknown⟧")


def test_a_language_may_put_what_it_is_given_in_another_order(view):
    panel = draw(view, sample_runs.live(0.5))
    expect(panel.locator(".ocarbon-status")).to_have_text(
        "measuring 1:07:00 of ~2:14:00, 50 % done"
    )
    speak(view, "reversed")
    expect(panel.locator(".ocarbon-status")).to_have_text(
        "50 %, measuring 2:14:00 of ~1:07:00 done"
    )


def test_phrases_are_filled_as_jupyterlab_fills_them(view):
    said = view.evaluate(
        """async () => {
            const { trans } = await import("/lib/language.js");
            return [
                trans.__("%2 of %1: 5 % %%3 %%", "a", "b"),
                trans.__("%1 %11", ..."abcdefghijk"),
                trans._n("%1 run in %2", "%1 runs in %2", 1, "France"),
                trans._n("%1 run in %2", "%1 runs in %2", 0, "France"),
                trans._p("of a run", "lost %1", "%1"),
            ];
        }"""
    )
    expected = ["b of a: 5 % %3 %", "a k", "1 run in France", "0 runs in France", "lost %1"]
    assert said == expected


# Units


def test_preferred_units_hold_in_every_part_of_the_view_at_once(view):
    record = changed(sample_runs.live(0.3), budget_g=50.0)
    panel = draw(view, record)
    choose(view, "zone", value="GBR")
    draw(view, record)
    before = view.evaluate("document.querySelector('main').innerHTML")
    expect(figure(view, "Energy")).to_have_text("192 Wh")
    prefer(view, mass="kg", energy="MWh")
    expect(figure(view, "Emitted so far")).to_have_text(re.compile(r"^0\.0\d+ kgCO₂e$"))
    expect(tile(view, "Projected")).to_contain_text("0.0289 \N{EN DASH} 0.0391 kg (80 %)")
    expect(figure(view, "Energy")).to_have_text("0.000192 MWh")
    emissions = panel.locator(".ocarbon-chart-emissions")
    expect(emissions.locator("figcaption")).to_contain_text("kgCO₂e")
    expect(emissions.locator(".ocarbon-plot > text").nth(1)).to_have_text("0.01")
    expect(emissions.locator(".ocarbon-limit")).to_contain_text("budget 0.05 kg")
    expect(panel.locator(".ocarbon-outcome-figure")).to_contain_text("kgCO₂e")
    expect(panel.locator(".ocarbon-outcome")).to_contain_text(re.compile(r"embodied 0\.0\d+ kg"))
    prefer(view, mass="auto", energy="auto")
    assert view.evaluate("document.querySelector('main').innerHTML") == before


@pytest.mark.parametrize(
    ("quantity", "value", "preferred", "expected"),
    [
        ("mass", 1.84, {"mass": "mg"}, "1,840 mgCO₂e"),
        ("mass", 123.4, {"mass": "kg"}, "0.123 kgCO₂e"),
        ("mass", 0.1234, {"mass": "kg"}, "0.000123 kgCO₂e"),
        ("mass", 0.5, {"mass": "t"}, "5.00e-7 tCO₂e"),
        ("mass", 2e9, {"mass": "mg"}, "2.00e+12 mgCO₂e"),
        ("mass", 0, {"mass": "t"}, "0 tCO₂e"),
        ("mass", None, {"mass": "t"}, "unknown"),
        ("mass", 1840, {"energy": "MWh"}, "1.84 kgCO₂e"),
        ("energy", 0.0107, {"energy": "kWh"}, "0.0107 kWh"),
        ("energy", 1234.5, {"energy": "Wh"}, "1,230,000 Wh"),
        ("energy", 0, {"energy": "MWh"}, "0 MWh"),
        ("power", 1840, {"mass": "t", "energy": "Wh"}, "1.84 kW"),
    ],
)
def test_a_quantity_is_written_in_the_preferred_unit(view, quantity, value, preferred, expected):
    prefer(view, **preferred)
    said = view.evaluate(
        """async ([quantity, value]) => {
            const units = await import("/lib/record/units.js");
            return units.written(units[quantity](value));
        }""",
        [quantity, value],
    )
    assert said == expected


@pytest.mark.parametrize("mass", ["mg", "g", "kg", "t"])
@pytest.mark.parametrize("width", [340, 760])
def test_numbers_in_any_preferred_unit_stay_in_their_place(view, mass, width):
    view.set_viewport_size({"width": width, "height": 900})
    prefer(view, mass=mass, energy="MWh")
    panel = draw(view, changed(sample_runs.live(0.3, gpus=2), budget_g=50.0))
    choose(view, "zone", value="GBR")
    over = panel.evaluate(
        """(panel) => {
            const view = panel.querySelector(".ocarbon-view").getBoundingClientRect();
            const shown = panel.querySelectorAll(".ocarbon-tile *, .ocarbon-plot text, output *");
            return [...shown]
                .filter((each) => {
                    const { left, right } = each.getBoundingClientRect();
                    return left < view.left - 1 || right > view.right + 1;
                })
                .map((each) => each.textContent);
        }"""
    )
    assert over == []


def test_a_view_that_is_disposed_of_stays_empty(view):
    panel = draw(view, sample_runs.sample())
    view.evaluate("window.drawn.dispose()")
    prefer(view, mass="kg")
    speak(view, "marked")
    expect(panel).to_be_empty()


def test_a_view_that_has_drawn_nothing_stays_empty(view):
    view.evaluate(
        """async () => {
            const { View } = await import("/lib/view/view.js");
            window.drawn = new View(document.querySelector("main"));
        }"""
    )
    prefer(view, mass="kg")
    expect(view.locator("main")).to_be_empty()


def test_every_number_in_a_count_has_its_commas(own_view):
    said = own_view.evaluate(
        """async () => {
            const { trans } = await import("/lib/language.js");
            const runs = (all, shown) => trans._n("%2 of %1 run", "%2 of %1 runs", all, shown);
            return [runs(1500, 1200), runs(15000, 1500), runs(999, 1), runs(1, "1 g")];
        }"""
    )
    assert said == ["1,200 of 1,500 runs", "1,500 of 15,000 runs", "1 of 999 runs", "1 g of 1 run"]

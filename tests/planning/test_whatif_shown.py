"""How a what-if looks, and what a line of `%carbon whatif` says."""

from __future__ import annotations

import pytest
import sample_runs
from IPython.core.error import UsageError
from summaries import Page
from whatif_runs import run, under_way

import ocarbon_magic as oc
from ocarbon_magic import history
from ocarbon_magic.planning.whatif.outcome import Outcome
from ocarbon_magic.planning.whatif.ranking import Ranking
from ocarbon_magic.subcommands import answer
from ocarbon_magic.subcommands.whatif import OPTIONS, words

SEVERAL = {
    "nothing named": {},
    "two cards": {"device": ["T4", "A100"]},
    "all places, within limits": {"zone": "all", "within_time_pct": 10, "budget_g": 150},
    "nothing kept": {"device": ["T4", "L4", "A10"], "within_time_pct": 1},
    "some unanswered": {"zone": ["SE", "GB"], "hour": "all"},
    "cards and places": {"zone": "aws", "device": ["A100", "H200"], "count": [1, 8]},
}
ONE = {
    "zone": {"zone": "SE"},
    "card, count": {"zone": "aws:us-east-1", "device": "A100", "count": 8},
    "hour, cap": {"hour": 3, "power_cap_w": 1500, "pue": 1.3},
}


def shown(made):
    bundle = made._repr_mimebundle_()
    return bundle["text/plain"], bundle["text/html"]


@pytest.mark.parametrize("record", [run(), under_way()], ids=["finished", "under way"])
@pytest.mark.parametrize("chosen", [*SEVERAL.values(), *ONE.values()], ids=[*SEVERAL, *ONE])
def test_every_answer_fits_a_terminal_and_says_the_same_in_html(record, chosen):
    text, html = shown(oc.whatif(record, **chosen))
    assert max(map(len, text.splitlines())) <= 80
    page = Page(html)
    assert page.open == []
    for word in set(text.replace("\N{NO-BREAK SPACE}", " ").split()) - {"+", "!"}:
        if word.isalnum():
            assert word in page.text
    assert "None" not in text
    assert "nan" not in text.lower().split()


def test_one_choice_shows_its_figures_with_their_intervals():
    text, _ = shown(oc.whatif(under_way(), zone="SE", device="A100", count=2))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0].startswith("Sweden, A100 SXM4 40GB, 2 GPUs: 745 gCO2e in place of 1.24 kgCO2e")
    assert [line.split()[0] for line in lines[3:9]] == [
        *("emissions", "operational", "embodied", "energy", "time", "cards"),
    ]
    assert "\N{EN DASH}" in lines[3]


def test_the_best_of_many_are_shown_and_how_many_more_there_are():
    ranking = oc.whatif(run(), zone="all", budget_g=150)
    text, _ = shown(ranking)
    lines = text.splitlines()
    end = next(i for i, line in enumerate(lines) if line.startswith("  as it was"))
    assert end == 2 + 12
    assert f"  {len(ranking) - 12:,} more in its .outcomes." in lines
    assert (
        f"  {len(ranking.excluded) - 5:,} more that do not keep to that in its .excluded." in lines
    )
    assert sum("above the budget" in line for line in lines) == 5
    assert "  Kept: within 150 gCO2e." in lines


def test_what_was_left_out_is_said_with_the_reason():
    text, _ = shown(oc.whatif(run(), zone=["SE", "GB"], hour="all"))
    assert "  Left out (24 choices): no hourly figures are known for Sweden." in text.splitlines()


def test_a_name_is_shown_as_text_and_never_as_html():
    text, html = shown(oc.whatif(run(name="<b>& a run\n"), zone=["SE", "PL"]))
    assert "<b>& a run" in text
    assert "&lt;b&gt;&amp; a run" in html
    assert "<b>" not in html


def test_a_line_asks_what_python_asks():
    history.keep(run(name="a run"))
    for line, asked in {
        "--zone SE": {"zone": "SE"},
        "--zone SE,FR --device T4,A100": {"zone": ["SE", "FR"], "device": ["T4", "A100"]},
        "last --zone aws --within 10%": {"zone": "aws", "within_time_pct": 10.0},
        "--count 1,2 --hour all --pue 1.2": {"count": [1, 2], "hour": "all", "pue": 1.2},
        "--device 'RTX 4090' --power-cap 1500 --max-cost 5": {
            "device": "RTX 4090",
            "power_cap_w": 1500.0,
            "max_cost_usd": 5.0,
        },
        "zone=SE hour=3": {"zone": "SE", "hour": 3},
        "'a run' --budget 5 --zone SE": {"budget_g": 5.0, "zone": "SE"},
        "": {},
    }.items():
        assert answer(f"whatif {line}").to_dict() == oc.whatif(**asked).to_dict(), line
    assert isinstance(answer("whatif --zone SE"), Outcome)
    assert isinstance(answer("whatif"), Ranking)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("--zone Atlantis", "unknown zone 'Atlantis': did you mean"),
        ("--zone SE,,FR", "--zone must be a name, not 'SE,,FR'"),
        ("--device T5", "unknown device 'T5'"),
        ("--count none", "--count must be whole numbers of at least 1, such as 1,2,4"),
        ("--count 1.5", "--count must be whole numbers"),
        ("--hour 24", "--hour must be hours from 0 to 23, or all, not '24'"),
        ("--pue 0.5", "--pue must be a number of at least 1"),
        ("--power-cap 0", "--power-cap must be a number of watts above 0"),
        ("--power-cap 10", "a cap of 10 W is less than half of the 2.00 kW"),
        ("--within ten", "--within must be a percentage of 0 or more, such as 10%"),
        ("--budget nan", "--budget must be a number of gCO2e above 0"),
        ("--max-cost -1", "--max-cost must be a number of USD above 0"),
        ("--zones SE", "unknown option --zones: did you mean --zone?"),
        ("zone:SE", "the run must be last, or what --save called a run"),
        ("last SE", "unknown word SE"),
        ("--zone", "--zone needs a value."),
        ("--zone all --device all", "combinations"),
    ],
)
def test_a_slip_is_answered_in_one_line(line, why):
    history.keep(run())
    with pytest.raises(UsageError) as raised:
        answer(f"whatif {line}")
    assert str(raised.value).startswith("%carbon whatif: ")
    assert why in str(raised.value)
    assert "\n" not in str(raised.value)


def test_with_nothing_measured_yet_it_says_what_to_do():
    with pytest.raises(UsageError, match="nothing has been measured yet: run some steps under"):
        answer("whatif --zone SE")
    with pytest.raises(ValueError, match="nothing has been measured yet: run some steps under"):
        oc.whatif(zone="SE")


def test_the_tab_key_offers_the_last_run_and_every_option_says_what_it_is():
    assert words() == ["last"]
    assert all(option.help and option.metavar for option in OPTIONS.values())
    assert OPTIONS["hour"].choices == ("all",)


def test_a_run_on_a_processor_is_answered_for_places_and_hours():
    record = run(devices=[sample_runs.cpu(energy_j=7.2e6)])
    text, _ = shown(oc.whatif(record))
    assert "EUR" in text
    assert "GPU" not in text.replace("No price of such a GPU is known", "")

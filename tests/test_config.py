"""Options: one table for the magic, the Python API, the environment and the configuration."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocarbon_magic.config import OPTIONS, resolve
from ocarbon_magic.magics import CarbonMagics, parse
from ocarbon_magic.options import OptionError

WRONG = [
    ("--pue 0.9", "--pue must be a number of at least 1, not '0.9'."),
    ("--pue many", "--pue must be a number of at least 1, not 'many'."),
    ("--pue nan", "--pue must be a number of at least 1, not 'nan'."),
    ("--pue inf", "--pue must be a number of at least 1, not 'inf'."),
    ("--intensity -5", "--intensity must be a number of gCO2e per kWh, 0 or more, not '-5'."),
    ("--intensity=nan", "--intensity must be a number of gCO2e per kWh, 0 or more, not 'nan'."),
    ("--total 0", "--total must be a number above 0, not '0'."),
    ("--total -3", "--total must be a number above 0, not '-3'."),
    ("--total inf", "--total must be a number above 0, not 'inf'."),
    ("--interval 0", "--interval must be a number of seconds from 0.05 to 60, not '0'."),
    ("--budget 0", "--budget must be a number of gCO2e above 0, not '0'."),
    ("--budget -2", "--budget must be a number of gCO2e above 0, not '-2'."),
    ("--budget 5kg", "--budget must be a number of gCO2e above 0, not '5kg'."),
    ("--stop-at-budget", "--stop-at-budget needs a budget: add --budget G, in grams of CO2e."),
    ("--unit 5", "--unit must be a word such as step, sample or token, not '5'."),
    ("--save my-run", "--save must be a Python name such as run, not 'my-run'."),
    ("--save for", "--save must be a Python name such as run, not 'for'."),
    ("--metric 'acc ='", "--metric must be a Python expression such as accuracy or history[-1]"),
    ("--zone ''", "--zone must be a zone, not ''."),
    ("--zoen FRA", "unknown option --zoen: did you mean --zone?"),
    ("--Zone=FRA", "unknown option --Zone: did you mean --zone?"),
    ("--xyzzy", "unknown option --xyzzy: known: --name, --zone, "),
    ("FRA", "unknown word FRA: known: --name, "),
    ("--zone", "--zone needs a value."),
    ("--quiet=1", "--quiet takes no value."),
    ("--help", "%%carbon? shows the options, in a cell of its own."),
    ("--zone FRA -h", "%%carbon? shows the options, in a cell of its own."),
    ("--name 'open", "a quotation mark in the %%carbon line is not closed."),
]


@pytest.mark.parametrize(("line", "sentence"), WRONG)
def test_a_wrong_option_gets_one_sentence(line, sentence):
    with pytest.raises(OptionError) as caught:
        resolve(parse(line), {}, {})
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_options_win_over_environment_and_environment_over_configuration():
    configuration = {"zone": "FRA", "pue": 1.5, "interval": 1.0}
    environ = {"OCARBON_ZONE": "SWE", "OCARBON_PUE": "1.3"}
    settings, warnings = resolve({"zone": "NOR"}, configuration, environ)
    assert (settings.zone, settings.pue, settings.interval) == ("NOR", 1.3, 1.0)
    assert settings.given == {"zone"}
    assert warnings == []


def test_a_mistake_in_the_environment_warns_and_is_left_aside():
    settings, warnings = resolve(
        {}, {"pue": 0.2}, {"OCARBON_INTERVAL": "fast", "OCARBON_QUIET": "1"}
    )
    assert settings.interval == 0.5
    assert settings.pue is None
    assert settings.quiet is True
    assert len(warnings) == 2
    assert "CarbonMagics.pue in the configuration must be" in warnings[0]
    assert "OCARBON_INTERVAL must be" in warnings[1]


def test_a_budget_may_be_configured_and_stopped_at():
    for configuration, environ in (({"budget": 50}, {}), ({}, {"OCARBON_BUDGET": "50"})):
        settings, warnings = resolve(parse("--stop-at-budget"), configuration, environ)
        assert (settings.budget, settings.stop_at_budget, warnings) == (50.0, True, [])
    assert resolve({}, {}, {"OCARBON_STOP_AT_BUDGET": "1"})[0].stop_at_budget is False


def test_an_empty_variable_is_not_set():
    assert resolve({}, {}, {"OCARBON_ZONE": ""})[0].zone is None


def test_flags_are_off_until_given():
    assert resolve(parse(""), {}, {})[0].quiet is False
    assert resolve(parse("--quiet --no-panel"), {}, {})[0].no_panel is True


def test_quoted_values_keep_their_spaces():
    line = """--name "fine tuning, 2nd try" --metric 'max(history["acc"])'"""
    settings, _ = resolve(parse(line), {}, {})
    assert settings.name == "fine tuning, 2nd try"
    assert settings.metric == 'max(history["acc"])'


def test_the_configuration_has_a_trait_for_every_configurable_option():
    configurable = {option.name for option in OPTIONS.values() if option.configurable}
    assert configurable == set(CarbonMagics.class_own_traits(config=True))


@given(st.text(max_size=40))
def test_any_first_line_is_understood_or_answered_with_a_sentence(line):
    try:
        resolve(parse(line), {}, {})
    except OptionError as error:
        assert str(error)  # noqa: PT017 - not raising is as right


@given(st.floats(min_value=1.0, allow_nan=False, allow_infinity=False))
def test_every_valid_pue_is_taken_as_it_is(pue):
    assert resolve({"pue": pue}, {}, {})[0].pue == pue


def test_a_wrong_forecast_is_answered_with_the_two_there_are():
    with pytest.raises(OptionError, match="--forecast must be pace or opencarboneval, not 'arima'"):
        resolve(parse("--forecast arima"), {}, {})
    assert resolve(parse("--forecast OpenCarbonEval"), {}, {})[0].forecast == "opencarboneval"

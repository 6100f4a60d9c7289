"""Advice as a whole: its order, how it looks, how it is asked for, and records of any kind."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import pytest
import sample_runs
from advised import cpu, gpu, measures, run, with_metric
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from IPython.core.error import UsageError
from summaries import RUNS, Page

import ocarbon_magic as oc
from ocarbon_magic import history
from ocarbon_magic.collection.entry import Origin
from ocarbon_magic.planning.advice.advise import advise
from ocarbon_magic.planning.advice.measure import Advice, Measure
from ocarbon_magic.planning.spread import Spread
from ocarbon_magic.run import (
    Intensity,
    Metric,
    Projection,
    RunProjection,
    Series,
    Throughput,
    Work,
)
from ocarbon_magic.subcommands import answer
from ocarbon_magic.views import advice as _shown  # noqa: F401 - advice then shows itself

SPREAD = Spread(2.0, -1.0, 3.0)
HOSTILE = "<script>alert(1)</script>\x1b[31m"


def many():
    """A run that calls for several measures."""
    return run(
        gpu(busy_share=0.5, mean_power_w=600.0, power_limit_w=700.0),
        cpu(),
        intensity=Intensity(100.0, 2024, "lifecycle", "Ember"),
        name="train_many",
    )


def test_the_most_comes_first_and_each_has_all_its_parts():
    advice = advise(many())
    saved = [measure.saving_g.value for measure in advice.measures]

    assert len(saved) >= 3
    assert saved == sorted(saved, reverse=True)
    for measure in advice.measures:
        assert measure.title
        assert measure.how.endswith(".")
        assert measure.costs.endswith(".")
        assert any(letter.isdigit() for letter in measure.because), "no figure, no advice"


def test_the_per_cent_are_those_of_the_grams():
    advice = advise(many())
    assert (advice.basis, advice.basis_g) == ("emitted", 110.0)
    for measure in advice.measures:
        assert measure.saving_pct.value == pytest.approx(100 * measure.saving_g.value / 110.0)


def test_where_nothing_follows_the_figures_are_named():
    advice = advise(run(gpu(busy_share=0.9, mean_power_w=350.0), cpu()))
    said = str(advice)

    assert advice.measures == ()
    assert said.startswith("Nothing to advise for the run “train”, which emitted 110 gCO2e:")
    for figure in ("1 GPU", "Waiting", "Pace", "Precision", "Start", "Pauses", "End", "Place"):
        assert f"- {figure}" in said
    assert "90 % of the time of the steps" in said


def test_of_a_run_without_grams_what_is_known_is_said():
    unread = run(
        gpu(busy_share=0.4, energy_j=None),
        embodied_g=None,
        throughput=Throughput(tflops_per_device=30.0, utilisation=30 / 67),
    )
    advice = advise(unread)

    assert (advice.measures, advice.basis, advice.basis_g) == ((), None, None)
    assert "Emissions: the emissions of the run are not known." in advice.looked_at
    assert any("worked for 40 % of the time" in said for said in advice.looked_at)


def test_a_run_without_work_gpu_or_energy_is_no_failure():
    for made in (run(cpu()), sample_runs.sample(devices=[]), sample_runs.just_begun()):
        assert advise(made).looked_at


def test_a_run_is_not_held_against_itself():
    own = with_metric(0.9)
    assert not measures(own, own, called="Stop")


@pytest.mark.parametrize("made", RUNS.values(), ids=RUNS)
def test_every_kind_of_run_reads_well(made):
    advice = advise(made)
    shown = advice._repr_mimebundle_()

    assert set(shown) == {"text/plain", "text/html"}
    assert max(map(len, shown["text/plain"].splitlines())) <= 80
    page = Page(shown["text/html"])
    assert page.open == []
    assert not page.tags & {"script", "style", "svg"}
    for measure in advice.measures:
        assert measure.title.split()[0] in page.text


def test_savings_are_said_not_to_add_up_once():
    text = str(advise(many()))
    assert text.count("they do not add up") == 1
    assert "up to" in text
    one = Advice("r", "emitted", 10.0, (Measure("T", SPREAD, SPREAD, "b 1.", "h.", "c."),), ())
    assert "add up" not in str(one)


def test_an_interval_is_told_in_grams_and_per_cent():
    one = Advice("r", "projected", 10.0, (Measure("T", SPREAD, SPREAD, "b 1.", "h.", "c."),), ())
    text = str(one)

    assert text.startswith("1 measure for the run “r”, which is projected to emit 10.0 gCO2e\n")
    plain = text.replace("\N{MINUS SIGN}", "-")
    assert "saves    2.00 gCO2e (2 %); -1.00 to 3.00 gCO2e (-1 to 3 %)" in plain
    assert "reaches to more emissions" in text


def test_hostile_text_is_shown_as_text():
    measure = Measure(HOSTILE, SPREAD, SPREAD, HOSTILE, HOSTILE, HOSTILE)
    advice = Advice(HOSTILE, "emitted", 10.0, (measure,), (HOSTILE,))
    shown = advice._repr_mimebundle_()

    assert "<script" not in shown["text/html"]
    assert "\x1b" not in shown["text/html"] + shown["text/plain"]


def test_advice_is_json():
    record = advise(many()).to_dict()

    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert set(record["measures"][0]["saving_g"]) == {"value", "low", "high"}


def test_it_is_asked_for_in_python_and_on_a_line():
    with pytest.raises(ValueError, match="nothing has been measured yet"):
        oc.advise()
    with pytest.raises(UsageError, match="%carbon advise: nothing has been measured yet"):
        answer("advise")
    history.keep(many())

    assert oc.advise() == answer("advise") == answer("advise last") == oc.advise(many())
    assert answer("advise train_many").run_name == "train_many"


def test_slips_are_answered_in_one_sentence():
    history.keep(many())
    with pytest.raises(UsageError, match="RUN must be last, or what --save called a run"):
        answer("advise nothing_like_it")
    with pytest.raises(UsageError, match="takes nothing more"):
        answer("advise last again")
    with pytest.raises(ValueError, match="run must be a measured run, not 3"):
        oc.advise(3)


def test_runs_of_other_projects_are_not_held_against_it():
    def kept(made, project):
        keeping = SimpleNamespace(is_written=False, origin=Origin(project=project))
        history.keep(made, keeping)

    kept(with_metric(0.9, 1000.0, number=1), "theirs")
    kept(with_metric(0.9), "ours")
    assert not [m for m in oc.advise().measures if m.title.startswith("Stop")]
    kept(with_metric(0.9, 1200.0, number=2), "ours")
    kept(with_metric(0.9, number=3), "ours")
    assert [m.title for m in oc.advise().measures if m.title.startswith("Stop")] == [
        "Stop after 1,200 steps"
    ]


SOME = st.one_of(
    st.floats(),
    st.floats(0.0, 2.0),
    st.sampled_from([0.0, 1.0, 100.0, 1e-300, 1e300, math.inf, math.nan, -1.0]),
)
MAYBE = st.one_of(st.none(), SOME)
NAMES = st.sampled_from(["NVIDIA H100 80GB HBM3", "Tesla T4", "Tesla K80", "a card", ""])
GPUS = st.builds(
    sample_runs.gpu,
    name=NAMES,
    energy_j=MAYBE,
    mean_power_w=MAYBE,
    busy_share=MAYBE,
    power_limit_w=MAYBE,
    uncertainty_pct=MAYBE,
)
PROJECTIONS = st.builds(Projection, SOME, SOME, SOME, st.just(0.8))
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(sample_runs.STATUSES),
        "name": st.sampled_from(["train", "other"]),
        "duration_s": SOME,
        "energy_kwh": MAYBE,
        "operational_g": MAYBE,
        "embodied_g": MAYBE,
        "emissions_g": MAYBE,
        "pue": SOME,
        "intensity": st.builds(
            Intensity, SOME, st.none(), st.sampled_from([None, "direct", "lifecycle"]), st.just("s")
        ),
        "work": st.builds(Work, MAYBE, MAYBE, st.sampled_from([None, "step"])),
        "throughput": st.builds(Throughput, tflops_per_device=MAYBE, utilisation=MAYBE),
        "projection": st.builds(
            RunProjection, PROJECTIONS, PROJECTIONS, PROJECTIONS, SOME, st.just("pace")
        ),
        "metric": st.builds(Metric, st.sampled_from(["f1", "loss"]), st.one_of(MAYBE, st.text())),
        "series": st.builds(
            Series,
            st.lists(SOME, max_size=30),
            st.lists(MAYBE, max_size=30),
            st.lists(MAYBE, max_size=30),
            st.just([]),
        ),
        "started_at": st.sampled_from(["2026-03-01T14:02:11Z", "", "0001-01-01T00:00:00Z"]),
    },
)


def any_run(number):
    def made(gpus, with_cpu, changes):
        devices = [*gpus, *([cpu()] if with_cpu else [])]
        made = run(*devices, **({"devices": []} if not devices else {}))
        made.id = f"{number:08x}-6f0a-4a57-9d57-0f0b3c1d2e4f"
        for key, value in changes.items():
            setattr(made, key, value)
        return made

    return st.builds(made, st.lists(GPUS, max_size=3), st.booleans(), CHANGES)


def of_no_time():
    made = run(gpu(energy_j=3637.0, mean_power_w=None))
    made.duration_s, made.intensity = -1.0, Intensity(0.0, None, None, "s")
    return made


def of_endless_time():
    made = run(gpu(energy_j=0.0, mean_power_w=None))
    made.duration_s, made.intensity = math.inf, Intensity(0.0, None, "direct", "s")
    made.embodied_g = None
    return made


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(of_no_time(), [])
@example(of_endless_time(), [])
@given(any_run(1), st.lists(any_run(2), max_size=2))
def test_any_record_is_advised_on_without_failing(made, others):
    advice = advise(made, others)

    assert advice.measures or advice.looked_at
    for measure in advice.measures:
        for spread in (measure.saving_g, measure.saving_pct):
            assert all(end is None or math.isfinite(end) for end in spread)
        assert 0.0 < measure.saving_pct.value <= 100.0 + 1e-9
        assert (measure.saving_pct.high or 0.0) <= 100.0 + 1e-9
        assert any(letter.isdigit() for letter in measure.because), "no figure, no advice"
    json.dumps(advice.to_dict(), allow_nan=False)
    assert max(map(len, str(advice).splitlines())) <= 80


@pytest.mark.parametrize(("cpu_kwh", "advised"), [(0.9, True), (1.2, False)])
def test_what_saves_less_than_a_hundredth_is_not_worth_a_line(cpu_kwh, advised):
    # An idle GPU took 0.01 of as many kWh: 1.1 %, or 0.83 %.
    idle = gpu(1, 0.01, busy_share=0.0)
    made = run(gpu(busy_share=0.9, kwh=0.0), idle, cpu(cpu_kwh - 0.01), embodied_g=0.0)
    found = measures(made, called="Leave out")

    assert bool(found) == advised
    if not advised:
        assert "That would save less than 1 %." in " ".join(advise(made).looked_at)

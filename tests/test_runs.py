"""Several runs: the list, what is kept of a process, the table, and the figures."""

from __future__ import annotations

import io
import subprocess
import sys
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure
from sample_runs import cpu, fullest, gpu, of_status, sample, series

import ocarbon_magic as oc
from ocarbon_magic import Runs, history
from ocarbon_magic.plotted import PlotError
from ocarbon_magic.run import Intensity, Metric, Zone
from ocarbon_magic.views.columns import columns
from ocarbon_magic.views.figures import bars, pareto

DIRECT = Intensity(380.0, 2023, "direct", "eGRID")
CALIFORNIA = Zone("US-CA", "California", "given")


def named(name, **changes):
    return sample(name=name, series=series(2), **changes)


def scored(name, score, energy_j=38_520.0, expression="accuracy"):
    metric = Metric(expression, score)
    return named(name, metric=metric, devices=[gpu(energy_j=energy_j)], embodied_g=0.0)


SOME = Runs(named(name) for name in "cba")


# The list


def test_runs_are_a_sequence_that_nobody_can_change():
    assert [run.name for run in SOME] == ["c", "b", "a"]
    assert (SOME[0].name, SOME[-1].name, len(SOME)) == ("c", "a", 3)
    assert isinstance(SOME[1:], Runs)
    assert [run.name for run in SOME[::-1]] == ["a", "b", "c"]
    assert SOME[:] == SOME != SOME[1:]
    assert SOME[1] in SOME
    with pytest.raises(TypeError):
        SOME[0] = SOME[1]
    with pytest.raises(IndexError, match=r"^there is no run 3 among 3\.$"):
        SOME[3]


def test_runs_are_chosen_by_name_scope_and_metric():
    runs = Runs([named("net_1"), named("net[2]", intensity=DIRECT), scored("tree", 0.5)])
    assert [run.name for run in runs.only(name="net*")] == ["net_1", "net[2]"]
    assert [run.name for run in runs.only(name="net[2]")] == ["net[2]"]
    assert [run.name for run in runs.only(scope="direct")] == ["net[2]"]
    assert [run.name for run in runs.only(metric="accuracy", name="t*")] == ["tree"]
    assert len(runs.only(name="no such run")) == 0


# What is kept


@pytest.fixture
def nothing_kept(monkeypatch):
    monkeypatch.setattr(history, "_finished", deque(maxlen=history.MOST_KEPT))


def test_the_runs_of_this_process_are_kept_newest_first(nothing_kept):
    assert len(oc.runs()) == 0
    assert oc.last_run() is None
    for name in ("first", "second"):
        with oc.measure(name, devices="none", zone="FRA", quiet=True) as run:
            assert [kept.name for kept in oc.runs()] == ["first"] * (name == "second")
    with pytest.raises(ZeroDivisionError), oc.measure("third", devices="none", quiet=True):
        _ = 1 / 0
    assert [kept.name for kept in oc.runs()] == ["third", "second", "first"]
    assert [kept.status for kept in oc.runs()] == ["failed", "finished", "finished"]
    assert oc.runs()[1] is run
    assert oc.last_run() is oc.runs()[0]
    assert [kept.name for kept in oc.runs(name="f*")] == ["first"]


def test_no_more_runs_are_kept_than_memory_allows(nothing_kept):
    for number in range(history.MOST_KEPT + 5):
        history.keep(named(str(number)))
    assert len(oc.runs()) == history.MOST_KEPT
    assert oc.runs()[0].name == str(history.MOST_KEPT + 4)


def test_a_list_stays_as_it_was_while_more_is_measured(nothing_kept):
    history.keep(named("first"))
    before = oc.runs()
    history.keep(named("second"))
    assert [run.name for run in before] == ["first"]


def test_a_record_read_from_a_file_has_its_looks_without_anything_else_imported():
    code = (
        "import json, sys\n"
        "from ocarbon_magic import Run\n"
        "run = Run.from_dict(json.loads(sys.stdin.read()))\n"
        "print(run)\n"
        "run.plot('power')"
    )
    record = __import__("json").dumps(sample().to_dict())
    done = subprocess.run(
        [sys.executable, "-c", code], input=record, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("train_resnet  finished in 02:14\n"), done.stderr
    assert done.returncode == 0, done.stderr


# The table


def test_the_table_tells_what_a_reader_compares():
    runs = Runs([scored("tree", 0.91312), of_status("failed"), named("cell", devices=[])])
    assert str(runs).splitlines() == [
        "3 runs, newest first",
        "  name          status    2026 UTC     took   energy   CO2e     zone  accuracy",
        "  tree          finished  03-01 14:02  02:14  10.7 Wh  568 mg   FRA   0.9131",
        "  train_resnet  failed    03-01 14:02  02:14  10.7 Wh  609 mg   FRA",
        "  cell          finished  03-01 14:02  02:14  unknown  unknown  FRA",
    ]


def test_metrics_that_differ_and_years_that_differ_are_told_in_full():
    runs = Runs([scored("a", 0.9), scored("b", 1.5, expression="loss")])
    runs[1].started_at = "2025-12-31T23:59:00Z"
    shown = str(runs)
    assert "accuracy = 0.9" in shown
    assert "loss = 1.5" in shown
    assert "2025-12-31 23:59" in " ".join(shown.split())


@pytest.mark.parametrize(
    "runs",
    [
        SOME,
        Runs([fullest(), of_status("interrupted", name="a_name_" * 30)]),
        Runs([named("訓練" * 30, metric=Metric("m" * 80, "v" * 80), zone=CALIFORNIA)] * 30),
    ],
)
def test_the_table_fits_a_terminal_and_a_page(runs):
    assert max(map(columns, str(runs).splitlines())) <= 80


def test_many_runs_are_cut_and_the_rest_is_a_slice_away():
    runs = Runs(named(str(number)) for number in range(1030))
    assert "1,030 runs, newest first" in str(runs)
    assert str(runs).endswith("1,005 more: a slice such as oc.runs()[25:] has them.")
    assert len(str(runs).splitlines()) == 2 + 25 + 1


def test_emissions_that_do_not_compare_are_told():
    both = Runs([named("a"), named("b", intensity=DIRECT, zone=CALIFORNIA)])
    assert "CO2e of US-CA is direct: it does not compare with the lifecycle" in str(both)
    assert "direct" not in str(both.only(scope="direct"))


def test_runs_are_shown_by_ipython_as_text_and_as_html():
    shown, _ = DisplayFormatter().format(SOME)
    assert set(shown) == {"text/plain", "text/html"}
    assert shown["text/plain"] == str(SOME)
    assert shown["text/html"].count("<tr") == 4
    assert "Put %%carbon on the first line" in str(Runs())


def test_a_name_with_markup_is_shown_as_it_was_written():
    shown, _ = DisplayFormatter().format(Runs([named("<b>&")]))
    assert "&lt;b&gt;&amp;" in shown["text/html"]


# Emissions, a bar each


def widths(ax, label):
    return [patch.get_width() for c in ax.containers if c.get_label() == label for patch in c]


def test_a_bar_is_the_sum_of_its_parts_with_the_uncertainty_of_the_energy():
    runs = Runs([named("large", devices=[gpu(energy_j=4e6)]), named("small")])
    (ax,) = runs.plot().axes
    assert ax.get_xlabel() == "Emissions (gCO\N{SUBSCRIPT TWO}e)"
    assert widths(ax, "operational") == pytest.approx([run.operational_g for run in runs])
    assert widths(ax, "embodied") == pytest.approx([0.041, 0.041])
    (whiskers,) = [c for c in ax.containers if c.get_label() == "uncertainty of the energy"]
    arms = [path.vertices[:, 0] for path in whiskers[2][0].get_paths()]
    for run, (low, high) in zip(runs, arms, strict=True):
        assert (low + high) / 2 == pytest.approx(run.emissions_g)
        assert (high - low) / 2 == pytest.approx(0.051 * run.operational_g)
    assert [text.get_text() for text in ax.texts] == ["59.0 g", "609 mg"]


def test_the_first_run_stands_on_top_and_names_are_told_apart():
    later = named("net", started_at="2026-03-02T09:30:00Z")
    runs = Runs([later, named("net"), named("tree", status="failed")])
    (ax,) = runs.plot().axes
    assert [tick.get_text() for tick in ax.get_yticklabels()] == [
        "net, 2026-03-02 09:30",
        "net, 2026-03-01 14:02",
        "tree\n(failed)",
    ]
    bottom, top = ax.get_ylim()
    assert bottom > top


def test_what_is_not_known_has_no_bar_and_no_whisker():
    unsure = named("unsure", devices=[cpu(uncertainty_pct=None)])
    runs = Runs([named("unknown", devices=[]), unsure])
    (ax,) = runs.plot().axes
    assert len(widths(ax, "operational")) == 1
    assert "uncertainty of the energy" not in [c.get_label() for c in ax.containers]


def test_a_page_holds_so_many_bars_and_says_of_how_many():
    figure = Runs(named(str(number)) for number in range(100)).plot()
    assert len(widths(figure.axes[0], "operational")) == bars.MOST
    assert figure.legends[0].get_title().get_text() == "the first 40 of 100 runs"


def test_lifecycle_and_direct_emissions_are_not_set_beside_each_other():
    both = Runs([scored("a", 0.5), named("b", intensity=DIRECT), scored("c", 0.6)])
    for kind in ("emissions", "metric"):
        with pytest.raises(PlotError, match=r"lifecycle.*direct.*do not compare"):
            both.plot(kind)
        assert both.only(scope="lifecycle").plot(kind).axes


# A metric against emissions

points = st.lists(
    st.tuples(st.sampled_from([1.0, 2.0, 3.0, 5.0, 8.0]), st.integers(0, 5)),
    min_size=1,
    max_size=12,
)


@given(made=points, better=st.sampled_from(["higher", "lower"]))
@settings(deadline=None)
def test_no_run_on_the_front_is_beaten_and_every_other_is(made, better):
    sign = 1 if better == "higher" else -1
    known = [pareto.Point(SOME[0], grams, float(value)) for grams, value in made]
    front = pareto.front(known, better)

    def beats(a, b):
        no_worse = a.emissions_g <= b.emissions_g and sign * a.value >= sign * b.value
        return no_worse and (a.emissions_g, a.value) != (b.emissions_g, b.value)

    for point in known:
        on_it = (point.emissions_g, point.value) in [(p.emissions_g, p.value) for p in front]
        assert on_it != any(beats(other, point) for other in known)
    assert len({(p.emissions_g, p.value) for p in front}) == len(front)


def test_the_front_is_drawn_named_and_told_in_words():
    runs = Runs([scored("a", 0.7, 1e5), scored("b", 0.8, 2e5), scored("c", 0.75, 3e5)])
    figure = runs.plot("metric")
    (ax,) = figure.axes
    assert ax.get_ylabel() == "accuracy (higher is better)"
    assert ax.get_xlabel() == "Emissions (gCO\N{SUBSCRIPT TWO}e)"
    assert [text.get_text() for text in ax.texts] == ["a", "b"]
    assert figure.description.endswith("runs that no other beats in both: a, b.")
    front, rest = ax.collections[-2:]
    assert (front.get_label(), rest.get_label()) == ("Pareto front", "dominated")
    assert front.get_offsets()[:, 1].tolist() == [0.7, 0.8]
    assert rest.get_offsets()[:, 1].tolist() == [0.75]


@pytest.mark.parametrize(
    ("expression", "said", "better"),
    [
        ("accuracy", None, "higher"),
        ("val_loss", None, "lower"),
        ("history['RMSE'][-1]", None, "lower"),
        ("val_loss", "higher", "higher"),
    ],
)
def test_which_metrics_are_better_is_known_by_name_or_said(expression, said, better):
    runs = Runs([scored("a", 0.7, expression=expression)])
    (ax,) = runs.plot("metric", better=said).axes
    assert ax.get_ylabel() == f"{expression} ({better} is better)"


def test_emissions_of_many_sizes_are_on_a_logarithmic_axis():
    runs = Runs(scored(f"run {i}", i / 10, 10.0 ** (2 + i)) for i in range(6))
    figure = runs.plot("metric")
    (ax,) = figure.axes
    assert ax.get_xscale() == "log"
    svg = io.StringIO()
    figure.savefig(svg, format="svg")
    assert "mathdefault" not in svg.getvalue()


@pytest.mark.parametrize(
    ("runs", "sentence"),
    [
        (Runs(), "Nothing to plot: no run has emissions"),
        (Runs([named("a", devices=[])]), "Nothing to plot: no run has emissions"),
        (SOME, "No run has a metric that is a number"),
        (Runs([scored("a", "good")]), "No run has a metric that is a number"),
        (
            Runs([scored("a", 0.5), scored("b", 0.5, expression="loss")]),
            "The runs have different metrics (accuracy, loss): plot those of one",
        ),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(runs, sentence):
    with pytest.raises(PlotError) as caught:
        runs.plot("metric")
    assert str(caught.value).startswith(sentence)


def test_a_wrong_option_is_one_sentence():
    with pytest.raises(PlotError, match=r"^kind: unknown figure metrics: did you mean metric\?$"):
        SOME.plot("metrics")
    with pytest.raises(PlotError, match=r"^better must be 'higher' or 'lower', not 'up'\.$"):
        SOME.plot("metric", better="up")


@pytest.mark.parametrize("width_in", [3.0, 7.2])
@pytest.mark.parametrize("kind", ["emissions", "metric"])
def test_figures_of_runs_are_saved_with_text_as_text(kind, width_in, tmp_path):
    runs = Runs(scored(f"$a_{i}$ <{i}>", 0.1 * i, 1e5 * (i + 1)) for i in range(5))
    runs.plot(kind, width_in=width_in, path=tmp_path / "runs.svg")
    svg = (tmp_path / "runs.svg").read_text("utf-8")
    assert "Emissions (gCO\N{SUBSCRIPT TWO}e)" in svg
    assert "$a_4$ &lt;4&gt;" in svg
    assert "<image" not in svg


@pytest.mark.parametrize("kind", ["emissions", "metric"])
def test_runs_are_drawn_on_axes_of_the_users(kind):
    ax = Figure().add_subplot()
    assert Runs([scored("a", 0.5)]).plot(kind, ax=ax) is ax
    assert ax.get_xlabel().startswith("Emissions")


def test_a_filter_that_there_is_not_is_answered_with_the_nearest():
    with pytest.raises(TypeError, match=r"^unknown filter devise: did you mean device\?"):
        Runs([sample()]).only(devise="H100")

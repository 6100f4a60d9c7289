"""Figures for print: what stands in them, in which units, and what cannot be drawn."""

from __future__ import annotations

import re

import pytest
from contrast import luminance
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.figure import Figure
from plots import FITTED, SUBSCRIPT, halfway, isolated, labels, line, saved
from sample_runs import STATUSES, cpu, fullest, gpu, just_begun, of_status, sample, series

from ocarbon_magic.plotted import MissingMatplotlibError, PlotError
from ocarbon_magic.run import Projection, Series, Work
from ocarbon_magic.throughput import DynamicThroughput
from ocarbon_magic.views.figures import style


def with_gaps():
    run = sample()
    run.series.power_w[60:90] = [None] * 30
    run.series.emissions_g[0] = run.series.emissions_g[-1] = None
    return run


def lost_projection():
    run = halfway()
    run.projection.emissions_g = Projection(None, None, None, 0.8)
    return run


def wide_projection():
    run = halfway()
    run.projection.duration_s = Projection(300.0, 200.0, 90_000.0, 0.8)
    run.projection.emissions_g = Projection(2.0, 1.0, 2000.0, 0.8)
    return run


RUNS = {
    **{status: of_status(status) for status in STATUSES},
    "halfway": halfway(budget_g=1.4),
    "everything": fullest(),
    "with gaps": with_gaps(),
    "two points": sample(series=Series([0.0, 1.0], [5.0, 5.0], [0.0, 9.0], [0.0, 1.0])),
    "zeros": sample(series=Series([0.0, 1.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0])),
    "three days": sample(duration_s=259_200.0, series=series(duration_s=259_200.0)),
    "tiny": sample(devices=[gpu(energy_j=1e-9)], duration_s=1e-4, embodied_g=1e-12),
    "huge": sample(devices=[gpu(energy_j=1e18)], budget_g=1e-3),
    "a projection that lost its numbers": lost_projection(),
    "a wide projection": wide_projection(),
    "a budget far above": halfway(budget_g=1e6),
    "a long name": sample(name="x" * 500, work=Work(unit="a unit of many words and more")),
    "markup": sample(name=r"a $x_1$ \frac{ & <b>"),
}


# What is drawn


def test_the_panels_share_their_time_and_name_their_units():
    power, throughput, emissions = sample(throughput=FITTED).plot().axes
    assert power.get_ylabel() == "Power (W)"
    assert throughput.get_ylabel() == "Throughput\n(units/s)"
    assert emissions.get_ylabel() == f"Cumulative\nemissions (mg{SUBSCRIPT})"
    assert [ax.get_xlabel() for ax in (power, throughput, emissions)] == ["", "", "Time (s)"]
    assert power.get_xlim() == throughput.get_xlim() == emissions.get_xlim() == (0.0, 134.2)


@pytest.mark.parametrize(
    ("duration_s", "label"),
    [(134.2, "Time (s)"), (3600.0, "Time (min)"), (5e4, "Time (h)"), (1e6, "Time (d)")],
)
def test_time_is_told_in_the_unit_that_suits(duration_s, label):
    run = sample(series=series(duration_s=duration_s), duration_s=duration_s)
    (ax,) = run.plot("power").axes
    assert ax.get_xlabel() == label
    assert 1 < ax.get_xlim()[1] < 300


def test_what_was_measured_is_drawn_to_scale():
    run = sample(devices=[gpu(energy_j=4e6)])
    power, _, emissions = run.plot().axes
    assert power.get_ylabel() == "Power (kW)"
    drawn_w = line(power, "measured").get_ydata() * 1000
    assert list(drawn_w) == pytest.approx(run.series.power_w)
    assert emissions.get_ylabel().endswith(f"(g{SUBSCRIPT})")
    assert list(line(emissions, "measured").get_ydata()) == pytest.approx(run.series.emissions_g)
    assert list(line(emissions, "measured").get_xdata()) == pytest.approx(run.series.t_s)


def test_where_nothing_is_known_nothing_is_drawn():
    drawn = line(with_gaps().plot("power").axes[0], "measured").get_ydata()
    assert [value != value for value in drawn].count(True) == 30  # noqa: PLR0124 - not a number


def test_what_was_estimated_is_not_called_measured():
    assert labels(sample(devices=[cpu()]).plot("power").axes[0])[0] == "estimated"
    assert labels(sample(devices=[cpu(), gpu()]).plot("power").axes[0])[0] == "partly estimated"


def test_the_throughput_is_dots_and_the_fitted_model_a_line():
    run = sample(throughput=FITTED)
    (ax,) = run.plot("throughput").axes
    assert labels(ax) == ["measured", "fitted f(t)"]
    assert line(ax, "measured").get_linestyle() == "None"
    assert list(line(ax, "measured").get_ydata()[:9]) == pytest.approx([14.9] * 9, rel=0.01)
    fitted = line(ax, "fitted f(t)")
    model = DynamicThroughput.from_log10_alpha(1.2, scale=4.1, onset=3.1)
    assert fitted.get_ydata()[-1] == pytest.approx(model.rate(134.2))
    assert fitted.get_xdata()[0] > 3.1


def test_the_papers_law_is_drawn_on_request_and_in_dashes():
    run = sample(throughput=FITTED)
    (ax,) = run.plot("throughput", law=True).axes
    assert labels(ax) == ["measured", "fitted f(t)", "OpenCarbonEval"]
    law = DynamicThroughput.from_log10_alpha(-1.17, scale=6.2)
    assert line(ax, "OpenCarbonEval").get_ydata()[-1] == pytest.approx(law.rate(134.2))
    assert line(ax, "OpenCarbonEval").is_dashed()
    assert labels(sample().plot("throughput", law=True).axes[0]) == ["measured"]


def test_a_slow_pace_is_told_by_the_hour():
    slow = series(duration_s=36_000.0)
    slow.work = [done / 100 for done in slow.work]
    run = sample(series=slow, duration_s=36_000.0, work=Work(20.0, 20.0, "epoch", 20 / 36_000))
    (ax,) = run.plot("throughput").axes
    assert ax.get_ylabel() == "Throughput\n(epoch/h)"
    assert line(ax, "measured").get_ydata()[5] == pytest.approx(2.0, rel=0.02)


def test_an_open_projection_is_dashes_to_its_value_in_a_band():
    run = halfway()
    (ax,) = run.plot("emissions").axes
    assert labels(ax)[0] == "measured so far"
    said = labels(ax)[1]
    assert re.fullmatch(r"projected 1\.52 g \(1\.29 . 1\.75 g, 80 %\)", said)
    ahead = line(ax, said)
    assert ahead.is_dashed()
    at_end = ahead.get_xdata()[1] * 60, ahead.get_ydata()[1]
    assert at_end == pytest.approx((335.5, run.projection.emissions_g.value))
    (band,) = ax.collections[:1]
    low, high = band.get_paths()[0].vertices[:, 1].min(), band.get_paths()[0].vertices[:, 1].max()
    assert low == pytest.approx(run.emissions_g, rel=1e-4)
    assert high == pytest.approx(run.projection.emissions_g.high)


def test_a_projection_is_not_drawn_once_the_work_is_done():
    run = halfway()
    run.status, run.work.done = "finished", run.work.total
    (ax,) = run.plot("emissions").axes
    assert labels(ax) == ["measured"]


def test_a_short_part_of_a_long_training_has_a_time_axis_of_its_own():
    power, throughput, emissions = of_status("interrupted").plot().axes
    assert power.get_xlim() == throughput.get_xlim() == (0.0, 134.2)
    assert throughput.get_xlabel() == "Time (s)"
    assert emissions.get_xlabel() == "Time (min)"
    assert 40 < emissions.get_xlim()[1] < 60
    assert labels(emissions)[0] == "measured, interrupted after 02:14"


def test_a_wide_interval_does_not_squeeze_the_curve():
    (ax,) = wide_projection().plot("emissions").axes
    assert ax.get_ylim()[1] < 2 * 2.0
    assert ax.get_xlim()[1] * 60 < 2 * 300


@pytest.mark.parametrize(
    ("run", "verdict"),
    [
        (sample(budget_g=0.5), "budget 500 mg, passed"),
        (sample(budget_g=0.7), "budget 700 mg, not passed"),
        (halfway(budget_g=1.4), "budget 1.4 g, will be passed"),
        (halfway(budget_g=1.7), "budget 1.7 g, may be passed"),
        (of_status("failed", budget_g=30.0), "budget 30 g, would be passed"),
    ],
)
def test_the_budget_is_a_dotted_line_that_says_how_it_stands(run, verdict):
    (ax,) = run.plot("emissions").axes
    drawn = line(ax, verdict)
    assert drawn.is_dashed()
    factor = 1e3 if "(mg" in ax.get_ylabel() else 1.0
    assert list(drawn.get_ydata()) == pytest.approx([run.budget_g * factor] * 2)
    assert ax.get_ylim()[1] > run.budget_g * factor


def test_a_budget_far_above_is_named_and_does_not_flatten_the_curve():
    (ax,) = halfway(budget_g=1e6).plot("emissions").axes
    assert "budget 1 t, not passed" in labels(ax)
    assert ax.get_ylim()[1] < 3


def test_panels_without_data_are_left_out():
    run = sample()
    run.series.work = []
    run.series.power_w = [None] * len(run.series.t_s)
    (ax,) = run.plot().axes
    assert ax.get_ylabel().startswith("Cumulative")


@pytest.mark.parametrize("width_in", [3.0, 3.5, 7.2])
@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_every_run_can_be_drawn_without_a_warning(run, width_in):
    figure = run.plot(law=True, width_in=width_in)
    assert figure.get_size_inches()[0] == width_in
    assert saved(figure, "pdf").startswith(b"%PDF")
    for ax in figure.axes:
        assert re.search(r"\(.+\)$", ax.get_ylabel())
        box = ax.get_legend().get_window_extent()
        assert box.x1 <= figure.bbox.width


@pytest.mark.parametrize("run", [sample(), halfway(budget_g=1.4)], ids=["finished", "running"])
def test_curves_are_told_apart_without_colour(run):
    for ax in run.plot(law=True).axes:
        looks = [(c.is_dashed(), c.get_linestyle(), c.get_marker()) for c in legend_lines(ax)]
        dashes = [c._dash_pattern[1] for c in legend_lines(ax)]
        assert len(set(zip(looks, map(str, dashes), strict=True))) == len(looks)


def legend_lines(ax):
    return [line(ax, label) for label in labels(ax)]


@pytest.mark.parametrize("colour", [style.BLUE, style.VERMILLION, style.GREEN])
def test_curves_have_a_contrast_of_three_on_paper(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 3


# On the user's own axes


def test_a_panel_is_drawn_on_axes_of_the_users():
    ax = Figure().add_subplot()
    assert sample().plot("power", ax=ax) is ax
    assert ax.get_ylabel() == "Power (W)"
    assert labels(ax)[0] == "train_resnet: measured"


def test_runs_on_the_same_axes_share_their_units():
    ax = Figure().add_subplot()
    small = sample(name="small")
    large = sample(name="large", devices=[gpu(energy_j=4e6)])
    small.plot("power", ax=ax)
    large.plot("power", ax=ax)
    assert ax.get_ylabel() == "Power (W)"
    assert max(line(ax, "large: measured").get_ydata()) == max(large.series.power_w)
    assert ax.get_ylim()[1] > max(large.series.power_w)
    colours = {line(ax, f"{name}: measured").get_color() for name in ("small", "large")}
    assert len(colours) == 2


def test_two_quantities_on_one_axis_are_refused():
    ax = Figure().add_subplot()
    sample().plot("power", ax=ax)
    with pytest.raises(PlotError, match=r"^These axes show power: give emissions axes of its own"):
        sample().plot("emissions", ax=ax)
    ax.clear()
    assert sample().plot("emissions", ax=ax) is ax


# What cannot be drawn


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"kind": "powr"}, "kind: unknown figure powr: did you mean power?"),
        ({"ax": object()}, "ax takes one panel: say which, as in kind='power'."),
        ({"kind": "power", "ax": object(), "width_in": 3.5}, "width_in and path are for a figure"),
        ({"width_in": 0}, "width_in must be a width in inches from 3 to 30"),
        ({"width_in": "wide"}, "width_in must be a width in inches from 3 to 30"),
        ({"width_in": float("nan")}, "width_in must be a width in inches from 3 to 30"),
    ],
)
def test_a_wrong_option_is_one_sentence(options, sentence):
    with pytest.raises(PlotError) as caught:
        sample().plot(**options)
    assert str(caught.value).startswith(sentence)
    assert isinstance(caught.value, ValueError)


def test_a_run_with_nothing_to_draw_says_so():
    for run in (sample(devices=[]), just_begun()):
        run.series = Series()
        with pytest.raises(PlotError, match=r"^Nothing to plot: no power, throughput or emissions"):
            run.plot()
    with pytest.raises(PlotError, match=r"^Nothing to plot: no power over time was recorded in t"):
        sample(devices=[]).plot("power")


def test_a_notebook_shows_the_sentence_alone(capsys):
    shell = InteractiveShell()
    shell.push({"run": sample()})
    shell.run_cell("run.plot('powr')")
    shown = capsys.readouterr()
    assert (shown.out + shown.err).strip() == (
        "PlotError: kind: unknown figure powr: did you mean power?"
    )


def test_without_matplotlib_one_sentence_says_what_to_install():
    done = isolated(
        "import sys\n"
        "class NotThere:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'matplotlib':\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, NotThere())\n"
        "from sample_runs import sample\n"
        "from ocarbon_magic import Runs\n"
        "for made in (sample(), Runs([sample()])):\n"
        "    try:\n"
        "        made.plot()\n"
        "    except ImportError as error:\n"
        "        print(type(error).__name__, error, error.__cause__)\n"
    )
    sentence = (
        f"{MissingMatplotlibError.__name__} Figures are drawn by matplotlib, which is not "
        "installed: pip install 'ocarbon_magic[figures]'. None"
    )
    assert done.stdout.splitlines() == [sentence, sentence], done.stderr

"""The Pareto front of a metric against emissions, with what is surely not on it, and its figure."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from sample_runs import gpu, sample

import ocarbon_magic as oc
from ocarbon_magic.planning.comparison.difference import of_emitted
from ocarbon_magic.planning.comparison.front import Point, front, standings
from ocarbon_magic.plotted import PlotError
from ocarbon_magic.run import Intensity, Metric, Series

LIFECYCLE = Intensity(100.0, 2024, "lifecycle", "Ember")


def run(name, grams, score, pct=5.0, **changes):
    """So many operational grams at 100 g/kWh, and nothing embodied."""
    about = {
        "id": name,
        "name": name,
        "devices": [gpu(energy_j=grams / 100 * 3.6e6, uncertainty_pct=pct)],
        "intensity": LIFECYCLE,
        "embodied_g": 0.0,
        "metric": Metric("accuracy", score),
        "series": Series(),
    }
    return sample(**{**about, **changes})


def stand(*runs, **asked):
    return [figures.standing for figures in oc.compare(runs, **asked).figures]


def test_off_the_front_by_more_than_is_unsure_is_dominated_else_it_is_within():
    # 10 g ± 0.5 and 12 g ± 0.6 are 2 g apart and 1.1 g unsure; 10 and 10.9 g are 0.9 apart.
    assert stand(run("a", 10.0, 0.8), run("b", 12.0, 0.8), run("c", 10.9, 0.7)) == [
        "front",
        "dominated",
        "within",
    ]


def test_where_an_uncertainty_is_not_known_nothing_is_sure():
    assert stand(run("a", 10.0, 0.8), run("b", 12.0, 0.8, pct=None)) == ["front", "unsure"]
    # 30 g are surely beaten by 20 g, whatever is known of the 10 g.
    three = run("a", 10.0, 0.8, pct=None), run("b", 20.0, 0.79), run("c", 30.0, 0.7)
    assert stand(*three) == ["front", "unsure", "dominated"]


def test_a_run_beaten_by_one_that_is_itself_beaten_is_surely_off_the_front():
    # 100 ± 20 g does not surely beat 120 ± 6 g, but 105 ± 5.25 g, itself off the front, does.
    three = run("a", 100.0, 0.8, pct=20.0), run("b", 105.0, 0.8), run("c", 120.0, 0.7)
    assert stand(*three) == ["front", "within", "dominated"]


def test_lower_metrics_turn_the_front_round():
    worse, better = run("a", 10.0, 0.8), run("b", 12.0, 0.7)
    assert stand(worse, better) == ["front", "dominated"]
    assert stand(worse, better, better="lower") == ["front", "front"]


def test_equals_are_on_the_front_together_and_who_has_no_metric_stands_nowhere():
    assert stand(run("a", 10.0, 0.8), run("b", 10.0, 0.8)) == ["front", "front"]
    assert stand(run("a", 10.0, 0.8), run("b", 9.0, 0.9, metric=None)) == ["front", None]


some = st.lists(
    st.tuples(st.floats(1.0, 20.0), st.integers(0, 4), st.sampled_from([None, 0.0, 5.0, 20.0])),
    min_size=1,
    max_size=8,
)


@given(made=some, better=st.sampled_from(["higher", "lower"]))
@settings(deadline=None, max_examples=150)
def test_the_front_and_what_is_surely_off_it_are_what_brute_force_finds(made, better):
    sign = 1 if better == "higher" else -1
    runs = [run(str(i), grams, float(score), pct) for i, (grams, score, pct) in enumerate(made)]
    points = [Point(each, each.emissions_g, each.metric.value) for each in runs]

    def beats(a, b):
        no_worse = a.emissions_g <= b.emissions_g and sign * a.value >= sign * b.value
        return no_worse and (a.emissions_g, a.value) != (b.emissions_g, b.value)

    def surely(a, b):
        """No worse a metric, and an interval of emissions that ends below the other's."""
        share = [0.01 * (p.run.devices[0].uncertainty_pct or 0.0) for p in (a, b)]
        known = None not in [p.run.devices[0].uncertainty_pct for p in (a, b)]
        apart = b.emissions_g - a.emissions_g - share[0] * a.emissions_g - share[1] * b.emissions_g
        return known and sign * a.value >= sign * b.value and apart > 1e-9

    best = {(p.emissions_g, p.value) for p in front(points, better)}
    for point, found in zip(points, standings(points, better), strict=True):
        on_it = not any(beats(other, point) for other in points)
        assert ((point.emissions_g, point.value) in best) == on_it == (found == "front")
        if any(surely(other, point) for other in points):
            assert found == "dominated"
        if found == "within":
            assert not any(surely(other, point) for other in points)


# The figure


def drawn(ax):
    return {
        dots.get_label(): len(dots.get_offsets()) for dots in ax.collections if dots.get_label()
    }


def test_the_figure_tells_by_shape_what_is_surely_off_the_front():
    runs = [
        run("a", 10.0, 0.8),
        run("b", 12.0, 0.8),
        run("c", 10.9, 0.7),
        run("d", 30.0, 0.75, pct=None),
    ]
    figure = oc.compare(runs).plot()
    (ax,) = figure.axes
    told = drawn(ax)
    assert told["Pareto front"] == told["dominated"] == 1
    assert told["off it, within the uncertainty"] == told["off it, uncertainty not known"] == 1
    assert figure.description.endswith("runs that no other beats in both: a.")


def test_a_comparison_without_a_metric_is_drawn_as_bars():
    few = [run("a", 10.0, 0.8, metric=None), run("b", 12.0, 0.8, metric=None)]
    comparison = oc.compare(few)
    assert comparison.plot().description.startswith("Emissions of 2 runs")
    ax = Figure().add_subplot()
    assert comparison.plot("emissions", ax=ax) is ax
    assert oc.compare([run("a", 10.0, 0.8)]).plot("emissions", width_in=3.5).axes
    with pytest.raises(PlotError, match="No run has a metric that is a number"):
        comparison.plot("metric")


def test_emissions_that_are_not_comparable_are_not_drawn(tmp_path):
    other = run("b", 12.0, 0.8, intensity=Intensity(100.0, 2024, "direct", "eGRID"))
    with pytest.raises(PlotError, match=r"^Emissions are not comparable: their scopes differ"):
        oc.compare([run("a", 10.0, 0.8), other]).plot()
    path = tmp_path / "front.svg"
    oc.compare([run("a", 10.0, 0.8), run("b", 12.0, 0.9)]).plot(path=path)
    assert "Pareto front" in path.read_text("utf-8")


def test_certainty_of_emissions_is_that_of_the_front():
    one, other = run("a", 10.0, 0.8), run("b", 10.9, 0.7)
    change = oc.compare([one, other]).changes[1]["emissions_g"]
    assert change.is_within
    assert stand(one, other)[1] == "within"
    assert of_emitted(None, None) is None

"""Figures for print: one run over time, and several runs side by side.

matplotlib draws them, and is imported here and nowhere else; ``pyplot`` and the settings of
whoever calls are left as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl

from ocarbon_magic import units
from ocarbon_magic.options import unknown_name
from ocarbon_magic.plotted import PlotError
from ocarbon_magic.views import words
from ocarbon_magic.views.figures import bars, emissions, pareto, power, throughput
from ocarbon_magic.views.figures.axes import draw, draw_on, time_unit
from ocarbon_magic.views.figures.legend import legend_on_top
from ocarbon_magic.views.figures.page import Page
from ocarbon_magic.views.figures.style import checked_width

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from ocarbon_magic.collection import Runs
    from ocarbon_magic.run import Run
    from ocarbon_magic.views.figures.axes import Panel
    from ocarbon_magic.views.figures.pareto import Better

_RUN_KINDS = ("power", "throughput", "emissions")
_RUNS_KINDS = ("emissions", "metric")

_NARROW_IN = 5.0
_PANEL_IN, _NARROW_PANEL_IN, _FRAME_IN = 1.5, 1.35, 0.35
_BAR_IN = 0.24

_LEAST_SHARE = 0.2
"""A run of a smaller share of the projected time would be a sliver on the axis of its end."""


class Options(NamedTuple):
    """Where a figure goes.

    Attributes
    ----------
    ax : Axes or None
        The user's own, for one panel.
    width_in : float or None
        Width of the figure in inches.
    path : str or path or None
        Where to save it, too.
    """

    ax: Axes | None = None
    width_in: float | None = None
    path: str | os.PathLike[str] | None = None


def plot_run(run: Run, kind: str | None = None, *, law: bool = False, **to: Any) -> Page | Axes:  # noqa: ANN401 - as Options has them
    """Return a figure of one run, or the user's axes with one panel of it.

    Parameters
    ----------
    run : Run
    kind : str, optional
        ``power``, ``throughput`` or ``emissions``; all that are known without it.
    law : bool
        Whether the paper's law is drawn beside the fitted throughput.
    **to
        As `Options`.

    Raises
    ------
    PlotError
        If nothing over time is known of the run, or an option cannot be.
    """
    options = _checked(Options(**to), kind, _RUN_KINDS)
    made = [power.panel(run), throughput.panel(run, law=law), emissions.panel(run)]
    panels = [p for p in made if p is not None and kind in (None, p.kind)]
    if not panels:
        what = "power, throughput or emissions" if kind is None else kind
        raise PlotError(f"Nothing to plot: no {what} over time was recorded in {words.name(run)}.")
    if options.ax is not None:
        with mpl.rc_context({"text.parse_math": False}):
            draw_on(panels[0], options.ax, words.name(run))
        return options.ax
    return _finished(_run_page(run, panels, checked_width(options.width_in)), options)


def _run_page(run: Run, panels: Sequence[Panel], width_in: float) -> Page:
    narrow = width_in < _NARROW_IN
    height_in = _NARROW_PANEL_IN if narrow else _PANEL_IN
    says = "; ".join(panel.says for panel in panels)
    page = Page(
        (width_in, _FRAME_IN + height_in * len(panels)),
        words.name(run),
        f"{words.name(run)}: {says}.",
    )
    measured_s = run.series.t_s[-1]
    farthest_s = max(panel.end_s for panel in panels)
    apart = measured_s < _LEAST_SHARE * farthest_s
    grid = page.add_gridspec(len(panels), 1)
    with mpl.rc_context(page.style):
        leaders: dict[float, Axes] = {}
        for row, panel in enumerate(panels):
            end_s = panel.end_s if apart else farthest_s
            leader = leaders.get(end_s)
            ax = page.add_subplot(grid[row], sharex=leader)
            leaders.setdefault(end_s, ax)
            time = time_unit(end_s)
            draw(panel, ax, time, width_in)
            ax.set_xlim(0.0, end_s / time.factor)
            last = row + 1 == len(panels) or (apart and panels[row + 1].end_s != end_s)
            ax.tick_params(axis="x", labelbottom=last)
            if last:
                ax.set_xlabel(f"Time ({time.name})")
        page.align_ylabels()
    return page


def plot_runs(
    runs: Runs,
    kind: str = "emissions",
    *,
    better: Better | None = None,
    **to: Any,  # noqa: ANN401 - as Options has them
) -> Page | Axes:
    """Return a figure of several runs, or the user's axes with it.

    Parameters
    ----------
    runs : Runs
    kind : str
        ``emissions``, or ``metric``: the metric against the emissions.
    better : str, optional
        ``higher`` or ``lower`` metrics; by their name without it.
    **to
        As `Options`.

    Raises
    ------
    PlotError
        If there are no runs with such figures, or runs that do not compare, or an option
        cannot be.
    """
    options = _checked(Options(**to), kind, _RUNS_KINDS)
    if better not in (None, "higher", "lower"):
        raise PlotError(f"better must be 'higher' or 'lower', not {better!r}.")
    known = [run for run in runs if run.emissions_g is not None]
    if not known:
        raise PlotError(
            "Nothing to plot: no run has emissions. Put %%carbon on the first line of a cell."
        )
    _same_scope(known)
    if kind == "metric":
        return _metric(known, better, options)
    return _emissions(known, options)


def _emissions(known: Sequence[Run], options: Options) -> Page | Axes:
    shown = known[: bars.MOST]
    if options.ax is not None:
        place = options.ax.figure
        bars.draw(shown, options.ax, place.bbox.width / place.dpi)
        options.ax.legend(frameon=False)
        return options.ax
    most = max(shown, key=lambda run: run.emissions_g or 0.0)
    more = "" if len(shown) == len(known) else f", the first {len(shown)} of {len(known):,} runs"
    width_in = checked_width(options.width_in)
    page = Page(
        (width_in, 0.75 + _BAR_IN * len(shown)),
        "Emissions of runs",
        f"Emissions of {words.runs(len(shown))}{more}: the most, "
        f"{units.mass(most.emissions_g)}, of {words.name(most)}.",
    )
    with mpl.rc_context(page.style):
        ax = page.add_subplot()
        bars.draw(shown, ax, width_in)
        legend_on_top(page, width_in, more.removeprefix(", ") or None)
    return _finished(page, options)


def _metric(known: Sequence[Run], said: Better | None, options: Options) -> Page | Axes:
    name, points = pareto.points_of(known)
    better = pareto.better_of(name, said)
    if options.ax is not None:
        pareto.draw(name, points, better, options.ax)
        options.ax.legend(frameon=False)
        return options.ax
    width_in = checked_width(options.width_in)
    best = ", ".join(words.name(point.run) for point in pareto.front(points, better))
    page = Page(
        (width_in, 0.6 + 0.5 * width_in),
        f"{words.clean(name, 40)} against emissions",
        f"{words.clean(name, 40)} against emissions; runs that no other beats in both: {best}.",
    )
    with mpl.rc_context(page.style):
        ax = page.add_subplot()
        pareto.draw(name, points, better, ax)
        legend_on_top(page, width_in)
    return _finished(page, options)


def _checked(options: Options, kind: str | None, kinds: Sequence[str]) -> Options:
    """Return the options if they go together."""
    if kind is not None and kind not in kinds:
        raise PlotError(f"kind: {unknown_name('figure', str(kind), list(kinds))}")
    if options.ax is not None and kind is None:
        raise PlotError(f"ax takes one panel: say which, as in kind={kinds[0]!r}.")
    if options.ax is not None and (options.width_in is not None or options.path is not None):
        raise PlotError("width_in and path are for a figure of ours: with ax, save your own.")
    return options


def _same_scope(runs: Sequence[Run]) -> None:
    """Refuse to set lifecycle emissions beside direct ones."""
    scopes = {run.intensity.scope for run in runs} - {None}
    if len(scopes) > 1:
        raise PlotError(
            "Some of these runs have a lifecycle intensity and some a direct one, which do not "
            "compare: plot those of one, as in oc.runs(scope='lifecycle').plot()."
        )


def _finished(page: Page, options: Options) -> Page:
    if options.path is not None:
        page.savefig(options.path)
    return page

"""The figures of the notebooks: each function draws one and shows it."""

# ruff: noqa: INP001 - a folder of notebooks is no package

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from matplotlib.axes import Axes
    from published_trainings import Held

    from ocarbon_magic.planning.spread import Spread
    from ocarbon_magic.planning.whatif.outcome import Outcome

GREEN, ORANGE, BLUE, PURPLE, GREY = "#1b8e81", "#c2571a", "#3b6fb6", "#8a5aa8", "#b8c4cc"

_DASHES = ((GREEN, "-"), (ORANGE, "--"), (BLUE, "-."), (PURPLE, ":"))
_WIDTH_IN = 7.2


def bars(outcomes: Collection[Outcome], names: Sequence[str], marked: str | None = None) -> None:
    """Draw the grams of each outcome as a bar; ``marked`` is the name of the run as it was."""
    figure, axes = plt.subplots(figsize=(_WIDTH_IN, 0.8 + 0.27 * len(outcomes)))
    milligrams = [1000 * outcome.emissions_g.value for outcome in outcomes]
    colours = [ORANGE if name == marked else GREEN for name in names]
    drawn = axes.barh(range(len(milligrams)), milligrams, color=colours, height=0.7)
    axes.bar_label(drawn, [f"{value:#.3g}" for value in milligrams], padding=4)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("mgCO2e for the same training")
    _show(figure, axes)


def hours_of_a_day(days: Mapping[str, Sequence[float]]) -> None:
    """Draw the grams of a start at each of 24 hours, as per cent of the day's mean."""
    figure, axes = plt.subplots(figsize=(_WIDTH_IN, 3.2))
    for (name, grams), (colour, dash) in zip(days.items(), _DASHES, strict=False):
        shares = [100 * each / (sum(grams) / len(grams)) for each in grams]
        axes.plot(range(24), shares, dash, color=colour, lw=2, label=name)
    axes.axhline(100, color=GREY, lw=1, zorder=0)
    axes.set(xlabel="hour of start, by the clocks there", ylabel="% of the day's mean")
    axes.set_xlim(0, 23)
    axes.set_xticks(range(0, 24, 3), [f"{hour:02d}:00" for hour in range(0, 24, 3)])
    axes.legend(frameon=False, ncols=len(days), loc="lower center", bbox_to_anchor=(0.5, 1))
    _show(figure, axes)


def time_and_grams(outcomes: Iterable[Outcome], as_it_was: Outcome, factor: float) -> None:
    """Draw time against emissions with its interval, and the price, of ``factor`` such runs."""
    figure, axes = plt.subplots(figsize=(_WIDTH_IN, 3.8))
    by_time = sorted((*outcomes, as_it_was), key=lambda each: each.duration_s.value)
    for number, outcome in enumerate(by_time):
        minutes = factor * outcome.duration_s.value / 60
        grams = outcome.emissions_g
        is_run = outcome is as_it_was
        colour = ORANGE if is_run else GREEN
        if grams.low is not None:
            ends = [factor * grams.low, factor * grams.high]
            axes.plot([minutes, minutes], ends, color=colour, alpha=0.3, lw=3)
        axes.plot(minutes, factor * grams.value, "D" if is_run else "o", color=colour, ms=7)
        name = "as it was" if is_run else outcome.choice.device
        # Neighbours are close: one is named to the left, the next to the right.
        side = "left" if number % 2 else "right"
        _name_beside(
            axes, minutes, factor * grams.value, f"{name}\n{_price(outcome, factor)}", side
        )
    axes.set(xscale="log", yscale="log", xlabel="minutes", ylabel="gCO2e, with its interval")
    axes.set_xticks([5, 10, 20, 50, 100, 200, 500], [5, 10, 20, 50, 100, 200, 500])
    axes.set_yticks([20, 50, 100, 200, 500], [20, 50, 100, 200, 500])
    axes.minorticks_off()
    axes.margins(x=0.15)
    axes.grid(alpha=0.25)
    _show(figure, axes)


def times_as_much(answers: Mapping[str, Mapping[str, Spread]], reference: str) -> None:
    """Draw the emissions of each device by each method, ``reference`` of that method being 1."""
    rows = [
        (f"{device}, {method}", spread, of_device[reference].value)
        for method, of_device in answers.items()
        for device, spread in of_device.items()
    ]
    figure, axes = plt.subplots(figsize=(_WIDTH_IN, 2.6))
    for row, (_, spread, one) in enumerate(rows):
        axes.plot([spread.low / one, spread.high / one], [row, row], color=GREEN, lw=1.6)
        value = spread.value / one
        axes.plot(value, row, "o", ms=7, color=GREEN)
        above = {"xytext": (0, 8), "textcoords": "offset points", "ha": "center"}
        axes.annotate(f"{value:.2f}", (value, row), **above)
    axes.axvline(1, color=GREY, lw=1, zorder=0)
    axes.set_yticks(range(len(rows)), [label for label, *_ in rows])
    axes.margins(y=0.2)
    axes.set(xscale="log", xlabel=f"CO2e of the same work, {reference} of each method being 1")
    axes.set_xticks([0.1, 0.2, 0.5, 1, 2, 5, 10], ["0.1", "0.2", "0.5", "1", "2", "5", "10"])
    _list_rows(axes)
    _show(figure, axes)


def estimated_over_reported(held: Sequence[Held]) -> None:
    """Draw what was estimated of each published training, over what was reported of it."""
    figure, axes = plt.subplots(figsize=(8.2, 6))
    axes.axvline(1, color=GREY, lw=1)
    for row, each in enumerate(held):
        of = each.reported_h
        axes.plot([each.low_h / of, each.high_h / of], [row, row], color=GREEN, lw=1.4)
        axes.plot(each.ours_h / of, row, "o", ms=6, color=GREEN)
        if each.papers_h is not None:
            axes.plot(each.papers_h / of, row, "D", ms=6, mfc="none", mew=1.4, color=ORANGE)
    axes.plot([], [], "o-", ms=6, lw=1.4, color=GREEN, label="ours, with its 80 % interval")
    axes.plot([], [], "D", ms=6, mfc="none", mew=1.4, color=ORANGE, label="OpenCarbonEval")
    labels = [f"{each.name}   {float(f'{each.reported_h:.3g}'):,.10g} h" for each in held]
    axes.set_yticks(range(len(held)), labels)
    axes.set(xscale="log", xlabel="device-hours estimated, over device-hours reported")
    axes.set_xticks([0.05, 0.1, 0.2, 0.5, 1, 2, 5], ["1/20", "1/10", "1/5", "1/2", "1", "2", "5"])
    axes.grid(axis="x", alpha=0.25)
    _list_rows(axes)
    figure.legend(frameon=False, loc="outside upper left", ncols=2)
    _show(figure, axes)


def _price(outcome: Outcome, factor: float) -> str:
    if outcome.cost is None:
        return "no price"
    return f"{factor * outcome.cost.amount.value:.2f} {outcome.cost.currency}"


def _name_beside(axes: Axes, x: float, y: float, name: str, side: str) -> None:
    away, align = ((-8, 4), "right") if side == "left" else ((8, -4), "left")
    axes.annotate(
        name,
        (x, y),
        away,
        textcoords="offset points",
        ha=align,
        va="bottom" if side == "left" else "top",
        size=8,
    )


def _list_rows(axes: Axes) -> None:
    """Let the vertical axis be a list that is read from above."""
    axes.invert_yaxis()
    axes.minorticks_off()
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False)


def _show(figure: plt.Figure, axes: Axes) -> None:
    figure.set_layout_engine("constrained")
    axes.spines[["top", "right"]].set_visible(False)
    plt.show()

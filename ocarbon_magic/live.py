"""The intensity of a run as it changes: each joule is counted at that of its time.

The run's `Intensity` is kept up to date in place: its figure is the mean over the run, weighed
by energy, so that energy times PUE times intensity is what was emitted, as for any run. Until a
source answers, the figure of the tables stands; then the time before is counted anew. All of a
run is of one scope: where a time has no live value, the table's figure of that scope stands for
it, and where there is none, the tables serve for the whole run.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ocarbon_magic.carbon.live.feed import feed_of
from ocarbon_magic.carbon.live.priced import Part, Priced
from ocarbon_magic.carbon.live.slots import Slots
from ocarbon_magic.conversions import S_PER_DAY
from ocarbon_magic.run import IntensitySeries
from ocarbon_magic.series import rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ocarbon_magic.carbon.live.curve import Curve
    from ocarbon_magic.carbon.live.feed import Feed
    from ocarbon_magic.carbon.live.source import IntensitySource
    from ocarbon_magic.run import Intensity

TOLD_SHARE = 0.01
"""A larger share of the energy that has no live value is told."""

MOST_STEPS = 96
"""Steps of intensity in a record: four days of hours. The grams over time, at many more points,
are of the intensities themselves."""

_NO_ANSWER = "had not answered when the run ended"


class LiveIntensity:
    """Keeps the intensity of one run up to date; nothing here raises.

    Parameters
    ----------
    source : IntensitySource
    intensity : Intensity
        The run's, with the figure of the tables.
    fallback : Intensity or None
        The figure of the tables that has the source's scope.
    wall : callable, optional
        Seconds since 1970.
    """

    def __init__(
        self,
        source: IntensitySource,
        intensity: Intensity,
        fallback: Intensity | None,
        wall: Callable[[], float] | None = None,
    ) -> None:
        self._source, self._intensity = source, intensity
        self._fallback_g_per_kwh = None if fallback is None else fallback.gco2e_per_kwh
        self._table = (intensity.gco2e_per_kwh, intensity.year, intensity.scope, intensity.source)
        self._wall = time.time if wall is None else wall
        self._began_s = 0.0
        self._feed: Feed | None = None
        self._curve: Curve | None = None
        self._known = (-1, 0)
        self._slots = Slots(0.0)
        self._priced = Priced()
        self._warn: Callable[[str], None] = lambda _: None
        self._told: set[str] = set()
        self._applied: object = None

    def begin(self, warn: Callable[[str], None]) -> None:
        """Begin with a run that begins now; returns at once. ``warn`` takes a line."""
        self._warn = warn
        with self._or_tables():
            self._began_s = self._wall()
            self._slots = Slots(self._began_s)
            feed = feed_of(self._source)
            feed.join(self._began_s)
            self._feed = feed

    def end(self) -> None:
        """End with the run; what has not come by now is not waited for."""
        feed, self._feed = self._feed, None
        if feed is None:
            return
        with self._or_tables():
            feed.leave(self._began_s)
            drew = self._slots.slots[-1].joules > 0.0
            if drew and not self._priced.parts and not self._told:
                answered = feed.answered.is_set()
                why = "told nothing of the time of this run" if answered else _NO_ANSWER
                self._say("late", f"{why}: the tables' figure stands.")

    def drew(self, run_s: float, energy_j: float) -> None:
        """Bring the intensity up to date: ``energy_j`` were drawn by ``run_s`` into the run."""
        feed = self._feed
        if feed is None:
            return
        with self._or_tables():
            self._slots.drew(run_s, energy_j)
            known = (feed.version, len(self._slots.slots))
            if known != self._known:
                self._known = known
                self._curve = feed.curve()
                self._priced = Priced(self._parts(self._curve))
                self._explain(feed, self._curve)
            self._apply(news=known)

    def until(self, run_s: float, energy_j: float) -> float:
        """Return the mean of the ``energy_j`` drawn by ``run_s`` into the run."""
        if not self._priced.parts:
            return self._intensity.gco2e_per_kwh
        return self._priced.mean_by(run_s, energy_j)

    def ahead(self, run_s: float, until_s: float) -> float:
        """Return the mean forecast from ``run_s`` to ``until_s`` into the run, else the latest."""
        if not self._priced.parts or self._curve is None:
            return self._intensity.gco2e_per_kwh
        forecast = self._curve.mean(self._began_s + run_s, self._began_s + until_s)
        return self._priced.parts[-1].g_per_kwh if forecast is None else forecast

    def _parts(self, curve: Curve) -> list[Part]:
        """Return each slot with its intensity; nothing if they cannot be of one scope."""
        parts: list[Part] = []
        for slot in self._slots.slots:
            value = curve.at(self._began_s + slot.middle_s)
            g_per_kwh = self._fallback_g_per_kwh if value is None else value.g_per_kwh
            if g_per_kwh is None:
                return []
            parts.append(Part(slot, g_per_kwh, value))
        return parts if any(part.value for part in parts) else []

    def _apply(self, news: object) -> None:
        """Put what is known into the run's intensity."""
        now, priced = self._intensity, self._priced
        if not priced.parts:
            now.gco2e_per_kwh, now.year, now.scope, now.source = self._table
            now.series = None
            return
        now.gco2e_per_kwh = priced.mean()
        if self._applied == news:
            return
        self._applied = news
        now.year = datetime.fromtimestamp(self._began_s, UTC).year
        now.scope, now.source = self._source.scope, self._named()
        steps = list(priced.steps(MOST_STEPS))
        now.series = IntensitySeries([rounded(t) for t, _ in steps], [rounded(g) for _, g in steps])

    def _named(self) -> str:
        """Return what the record calls the source."""
        source = self._source
        told = self._priced.share(lambda part: part.value is not None and part.value.how == "told")
        said = [source.basis] if source.basis else []
        if told < 1.0:
            said.append("in part estimated" if told else "estimated")
        return ", ".join([source.service.title, "live", source.zone, *said])

    def _explain(self, feed: Feed, curve: Curve) -> None:
        """Tell the reader, once each, what is not as it was asked for."""
        parts = self._priced.parts
        if feed.problem:
            stands = "the last values stand" if parts else "the tables' figure stands"
            self._say("asking", f"{feed.problem} Until it answers, {stands}.", named=False)
        if not curve.points:
            return
        if not parts:
            self._say("scope", f"{self._far_off(curve)} The whole run is counted with the tables.")
            return
        if self._priced.share(lambda part: part.value is None) > TOLD_SHARE:
            self._say("tables", f"{self._far_off(curve)} The tables' figure stands for it.")
        patience_s = self._source.late_s + 2 * self._source.step_s
        if self._priced.share(lambda p: p.value is not None and p.value.held_s > patience_s):
            self._say("held", f"{_last(curve)}; the nearest value stands for the time without one.")

    def _far_off(self, curve: Curve) -> str:
        now_s = self._wall()
        apart_s = max(now_s - curve.points[-1].end_s, curve.points[0].start_s - now_s)
        clock = " (is this machine's clock right?)" if apart_s > S_PER_DAY else ""
        return f"{_last(curve)}, too far from a part of the run{clock}."

    def _say(self, kind: str, what: str, *, named: bool = True) -> None:
        if kind not in self._told:
            self._told.add(kind)
            title = f"{self._source.service.title} " if named else ""
            self._warn(f"Live intensity: {title}{what}")

    @contextmanager
    def _or_tables(self) -> Iterator[None]:
        """Go back to the tables when something of ours fails: measuring never breaks training."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is
            self._feed, self._priced = None, Priced()
            self._apply(news=None)
            self._say("failed", f"is left aside: {type(error).__name__}: {error}")


def _last(curve: Curve) -> str:
    last = datetime.fromtimestamp(curve.points[-1].end_s, UTC)
    return f"told nothing for after {last:%Y-%m-%d %H:%M} UTC"

/** What lies ahead of a run, drawn into its emissions: the projection with its interval. */

import { trans } from "../language.js";
import type { RunRecord } from "../record/record.js";
import { duration, ends, mass, percent as share, plainMass, written } from "../record/units.js";
import * as words from "../record/words.js";
import type { Marks } from "./chart.js";
import { svg } from "./dom.js";
import { path, percent, pinned, place, type Place, type Plot } from "./plot.js";

/** A moment of the run and the grams emitted by then. */
export interface Moment {
  timeS: number;
  grams: number;
}

export interface Outlook {
  end: Moment;
  lowG: number;
  highG: number;
  level: number | null;
}

/** Above the projected end there is room for its label. */
const LABEL_ROOM = 1.18;

/**
 * A projection from the first steps may reach to many times its value. The axis follows the
 * upper end this far; past that the curves would lie flat on the floor, so the band runs out of
 * the picture, an arrow says so, and the number stands in the words.
 */
const HIGH_SHOWN = 1.5;

/** What lies ahead of `now`; null where nothing does. */
export function outlookOf(record: RunRecord, now: Moment): Outlook | null {
  const projection = words.openProjection(record);
  if (projection === null) {
    return null;
  }
  const timeS = projection.durationS.value;
  const { value, low, high, level } = projection.emissionsG;
  return timeS === null || value === null || timeS <= now.timeS
    ? null
    : { end: { timeS, grams: value }, lowG: low ?? value, highG: high ?? value, level };
}

/** How many grams the axis has to show. */
export function topOf({ end, highG }: Outlook): number {
  return Math.max(LABEL_ROOM * end.grams, Math.min(highG, HIGH_SHOWN * end.grams));
}

/** The end of the projection with its interval; an arrow where the interval leaves the plot. */
function endMarks(label: string, low: Place, middle: Place, high: Place): Node[] {
  const x = percent(middle.x);
  const top = Math.max(0, high.y);
  const tip = high.y < 0 ? "M-4 7L0 1L4 7" : "M-4 0H4";
  return [
    svg("line", { class: "ocarbon-whisker", x1: x, x2: x, y1: percent(low.y), y2: percent(top) }),
    pinned(low, svg("path", { class: "ocarbon-whisker", d: "M-4 0H4" })),
    pinned({ x: middle.x, y: top }, svg("path", { class: "ocarbon-whisker", d: tip })),
    pinned(
      middle,
      svg("circle", { class: "ocarbon-end", r: "3.5" }),
      svg("text", { class: "ocarbon-label", x: "-8", y: "-6", "text-anchor": "end" }, label),
    ),
  ];
}

/** The place where the way from `a` to `b` leaves the plot at its top; `b` where it does not. */
function withinTop(a: Place, b: Place): Place {
  return b.y >= 0 ? b : { x: a.x + ((b.x - a.x) * a.y) / (a.y - b.y), y: 0 };
}

export function outlookMarks(plot: Plot, now: Moment, { end, lowG, highG }: Outlook): Marks {
  const from = place(plot, now.timeS, now.grams);
  const middle = place(plot, end.timeS, end.grams);
  const low = place(plot, end.timeS, lowG);
  const high = place(plot, end.timeS, highG);
  const band = [from, low, { x: high.x, y: Math.max(0, high.y) }, withinTop(from, high)];
  return {
    below: [svg("path", { class: "ocarbon-band", d: `${path(band)}Z` })],
    above: [svg("path", { class: "ocarbon-line ocarbon-ahead", d: path([from, middle]) })],
    pinned: [
      pinned(from, svg("circle", { class: "ocarbon-now", r: "2.5" })),
      ...endMarks(plainMass(end.grams), low, middle, high),
    ],
  };
}

/** "34.2 gCO₂e (29.1 to 39.3 gCO₂e, 80 %) at 41:20". */
export function projected({ end, lowG, highG, level }: Outlook): string {
  const [grams, time] = [written(mass(end.grams)), duration(end.timeS)];
  const [low, high] = ends(mass(lowG), mass(highG));
  return level === null
    ? trans.__("%1 (%2 to %3) at %4", grams, low, high, time)
    : trans.__("%1 (%2 to %3, %4) at %5", grams, low, high, share(100 * level), time);
}

/**
 * One quantity over time, as SVG. All positions are percentages and the lines keep their width,
 * so the chart follows the width of its place without being drawn again.
 */

import { trans } from "../language.js";
import { prefixFor, type Scale } from "../record/units.js";
import { html, svg } from "./dom.js";
import { area, dots, lines, path, percent, stretched, type Plot, type Values } from "./plot.js";
import { heldEnd, roundedTime, timeAxis, valueAxis, type Axis, type AxisEnds } from "./ticks.js";

export interface ChartOptions {
  title: string;
  /** What the line is, for its colour. */
  kind: "power" | "emissions" | "throughput";
  /** Values that scatter are points, not a line. */
  scattered?: boolean;
  scale: Scale;
  timesS: Values;
  values: Values;
  /** What is to be compared with the values, at the same times. */
  curves?: readonly Curve[];
  /** How far the axes reach, at the least. */
  reach?: { timeS: number; value: number };
  /** What else stands in the plot. */
  marks?: (plot: Plot) => Marks;
  /** The ends of the axes while the run goes on: they are on ticks, and stay while they fit. */
  ends: AxisEnds | null;
  /** Stands in the caption. */
  control?: HTMLElement | null;
  say: (known: readonly number[]) => Said;
}

export interface Curve {
  dashed: boolean;
  values: Values;
}

/** What is drawn besides the values: below and above them, and what keeps its size in pixels. */
export interface Marks {
  below: Node[];
  above: Node[];
  pinned: Node[];
}

/** The chart in words, from the values that are known. */
export interface Said {
  /** The figure that sums it up, beside its title. */
  note: string;
  /** What it shows, for those who do not see it. */
  description: string;
  /** What is drawn in which way, where that is not plain. */
  legend?: string;
}

/** How far above its values a chart reaches for the curves they are compared with. */
const HEADROOM = 1.25;

const NO_MARKS: Marks = { below: [], above: [], pinned: [] };

function highest(values: Values): number {
  return values.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
}

function valueTicks(axis: Axis): Node[] {
  return axis.ticks.flatMap((tick) => {
    const y = percent(100 * (1 - tick / axis.end));
    return [
      svg("line", { class: "ocarbon-grid", x1: "0", x2: "100%", y1: y, y2: y }),
      svg("text", { x: "0", dx: "-8", y, dy: "0.32em", "text-anchor": "end" }, axis.label(tick)),
    ];
  });
}

function timeTicks(axis: Axis): Node[] {
  return axis.ticks.map((tick) => {
    const x = percent((100 * tick) / axis.end);
    return svg("text", { x, y: "100%", dy: "1.5em", "text-anchor": "middle" }, axis.label(tick));
  });
}

function caption({ title, control }: ChartOptions, unit: string, note: string): HTMLElement {
  return html(
    "figcaption",
    {},
    html("span", { class: "ocarbon-chart-title" }, title),
    html("span", { class: "ocarbon-muted" }, unit),
    html("span", { class: "ocarbon-muted ocarbon-chart-note" }, note),
    ...(control ? [control] : []),
  );
}

/** The axes for values up to `top` and times up to `endS`. */
function plotOf({ kind, scale, ends }: ChartOptions, endS: number, top: number): Plot {
  const fitting = (maximum: number): Axis => valueAxis(maximum, prefixFor(maximum, scale));
  if (ends === null) {
    return { time: timeAxis(endS), value: fitting(top) };
  }
  const topOf = (maximum: number): number => {
    const { end, size } = fitting(maximum);
    return end * size;
  };
  return {
    time: timeAxis(heldEnd(ends, `${kind} time`, endS, roundedTime)),
    value: fitting(heldEnd(ends, `${kind} value`, top, topOf)),
  };
}

function drawn(options: ChartOptions, plot: Plot): Node[] {
  const { timesS, values, scattered, curves = [] } = options;
  const own = lines(plot, timesS, values);
  return [
    ...(scattered
      ? [svg("path", { class: "ocarbon-points", d: own.map(dots).join("") })]
      : own.flatMap((line) => {
          const d = path(line);
          return [
            svg("path", { class: "ocarbon-area", d: area(d, line) }),
            svg("path", { class: "ocarbon-line", d }),
          ];
        })),
    ...curves.flatMap(({ dashed, values: compared }) =>
      lines(plot, timesS, compared).map((line) =>
        svg("path", { class: `ocarbon-line${dashed ? " ocarbon-dashed" : ""}`, d: path(line) }),
      ),
    ),
  ];
}

/** Draw a chart, or return null when fewer than two values are known. */
export function chart(options: ChartOptions): HTMLElement | null {
  const { timesS, values, curves = [], reach } = options;
  const known = values.filter((value) => value !== null);
  const endS = highest(timesS);
  if (known.length < 2 || endS === 0) {
    return null;
  }
  const top = highest(known);
  const topCompared = highest(curves.map((curve) => highest(curve.values)));
  const comparedTop = Math.max(top, Math.min(HEADROOM * top, topCompared));
  const plot = plotOf(
    options,
    Math.max(endS, reach?.timeS ?? 0),
    Math.max(comparedTop, reach?.value ?? 0),
  );
  const { note, description, legend } = options.say(known);
  const { below, above, pinned } = options.marks?.(plot) ?? NO_MARKS;
  return html(
    "figure",
    { class: `ocarbon-chart ocarbon-chart-${options.kind}` },
    caption(options, plot.value.unit, note),
    svg(
      "svg",
      { class: "ocarbon-plot", role: "img", "aria-label": description },
      ...valueTicks(plot.value),
      ...timeTicks(plot.time),
      stretched(...below, ...drawn(options, plot), ...above),
      ...pinned,
    ),
    html(
      "div",
      { class: "ocarbon-muted ocarbon-time-unit" },
      legend === undefined
        ? trans.__("time, %1", plot.time.unit)
        : trans.__("time, %1; %2", plot.time.unit, legend),
    ),
  );
}

/**
 * One quantity over time, as SVG. All positions are percentages and the lines keep their width,
 * so the chart follows the width of its place without being drawn again.
 */

import { html, svg } from "./dom.js";
import { timeAxis, valueAxis, type Axis } from "./ticks.js";
import { prefixFor, type Scale } from "./units.js";

export interface ChartOptions {
  title: string;
  /** What the line is, for its colour. */
  kind: "power" | "emissions" | "throughput";
  /** Values that scatter are points, not a line. */
  scattered?: boolean;
  scale: Scale;
  timesS: readonly (number | null)[];
  values: readonly (number | null)[];
  /** What is to be compared with the values, at the same times. */
  curves?: readonly Curve[];
  say: (known: readonly number[]) => Said;
}

export interface Curve {
  dashed: boolean;
  values: readonly (number | null)[];
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

/** A field of 100 by 100, stretched over the whole plot. */
const STRETCHED = {
  viewBox: "0 0 100 100",
  preserveAspectRatio: "none",
  width: "100%",
  height: "100%",
};

interface Point {
  /** Per cent of the width from the left, and of the height from the top. */
  x: number;
  y: number;
}

function at(fraction: number): string {
  return `${(100 * fraction).toFixed(2)}%`;
}

/** How far above its values a chart reaches for the curves they are compared with. */
const HEADROOM = 1.25;

type Values = readonly (number | null)[];

function highest(values: Values): number {
  return Math.max(0, ...values.filter((value) => value !== null));
}

/** Split the series into lines without gaps. */
function lines(timesS: Values, values: Values, time: Axis, value: Axis): Point[][] {
  const found: Point[][] = [[]];
  for (const [index, t] of timesS.entries()) {
    const v = values[index] ?? null;
    if (t === null || v === null) {
      found.push([]);
    } else {
      const x = (100 * t) / time.size / time.end;
      const y = 100 * (1 - v / value.size / value.end);
      found.at(-1)?.push({ x, y });
    }
  }
  return found.filter((line) => line.length > 0);
}

function path(points: Point[]): string {
  const steps = points.map(({ x, y }) => `${x.toFixed(2)} ${y.toFixed(2)}`);
  // A line to where it stands makes a lone point visible, by its round cap.
  return `M${steps.join("L")}${points.length === 1 ? `L${steps.join("")}` : ""}`;
}

function dots(points: Point[]): string {
  return points.map((point) => path([point])).join("");
}

function area(points: Point[]): string {
  const first = points[0];
  const last = points.at(-1);
  return first && last ? `${path(points)}L${last.x.toFixed(2)} 100L${first.x.toFixed(2)} 100Z` : "";
}

function valueTicks(axis: Axis): Node[] {
  return axis.ticks.flatMap((tick) => {
    const y = at(1 - tick / axis.end);
    return [
      svg("line", { class: "ocarbon-grid", x1: "0", x2: "100%", y1: y, y2: y }),
      svg("text", { x: "0", dx: "-8", y, dy: "0.32em", "text-anchor": "end" }, axis.label(tick)),
    ];
  });
}

function timeTicks(axis: Axis): Node[] {
  return axis.ticks.map((tick) => {
    const x = at(tick / axis.end);
    return svg("text", { x, y: "100%", dy: "1.5em", "text-anchor": "middle" }, axis.label(tick));
  });
}

function caption(title: string, unit: string, note: string): HTMLElement {
  return html(
    "figcaption",
    {},
    html("span", { class: "ocarbon-chart-title" }, title),
    html("span", { class: "ocarbon-muted" }, unit),
    html("span", { class: "ocarbon-muted ocarbon-chart-note" }, note),
  );
}

/** Draw a chart, or return null when fewer than two values are known. */
export function chart(options: ChartOptions): HTMLElement | null {
  const known = options.values.filter((value) => value !== null);
  const endS = Math.max(0, ...options.timesS.filter((t) => t !== null));
  if (known.length < 2 || endS === 0) {
    return null;
  }
  const top = highest(known);
  const compared = options.curves ?? [];
  const topCompared = Math.max(0, ...compared.map(({ values }) => highest(values)));
  const maximum = Math.max(top, Math.min(HEADROOM * top, topCompared));
  const time = timeAxis(endS);
  const value = valueAxis(maximum, prefixFor(maximum, options.scale));
  const { note, description, legend } = options.say(known);
  const drawn = lines(options.timesS, options.values, time, value);
  const curves = [
    ...drawn.flatMap((points) =>
      options.scattered
        ? [svg("path", { class: "ocarbon-points", d: dots(points) })]
        : [
            svg("path", { class: "ocarbon-area", d: area(points) }),
            svg("path", { class: "ocarbon-line", d: path(points) }),
          ],
    ),
    ...compared.flatMap(({ dashed, values }) =>
      lines(options.timesS, values, time, value).map((points) =>
        svg("path", { class: `ocarbon-line${dashed ? " ocarbon-dashed" : ""}`, d: path(points) }),
      ),
    ),
  ];
  const plot = svg(
    "svg",
    { class: "ocarbon-plot", role: "img", "aria-label": description },
    ...valueTicks(value),
    ...timeTicks(time),
    svg(
      "svg",
      { ...STRETCHED, "aria-hidden": "true" },
      ...curves,
    ),
  );
  return html(
    "figure",
    { class: `ocarbon-chart ocarbon-chart-${options.kind}` },
    caption(options.title, value.unit, note),
    plot,
    html(
      "div",
      { class: "ocarbon-muted ocarbon-time-unit" },
      `time, ${time.unit}${legend === undefined ? "" : `; ${legend}`}`,
    ),
  );
}

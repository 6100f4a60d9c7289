/** The field of a chart: where a value stands in it, and the shapes that are drawn there. */

import { svg } from "./dom.js";
import type { Axis } from "./ticks.js";

export interface Plot {
  time: Axis;
  value: Axis;
}

/** Per cent of the width from the left, and of the height from the top. */
export interface Place {
  x: number;
  y: number;
}

export type Values = readonly (number | null)[];

export function place({ time, value }: Plot, t: number, v: number): Place {
  return {
    x: (100 * t) / time.size / time.end,
    y: 100 * (1 - v / value.size / value.end),
  };
}

/** Split a series into lines without gaps. */
export function lines(plot: Plot, timesS: Values, values: Values): Place[][] {
  const found: Place[][] = [[]];
  for (const [index, t] of timesS.entries()) {
    const v = values[index] ?? null;
    if (t === null || v === null) {
      found.push([]);
    } else {
      found.at(-1)?.push(place(plot, t, v));
    }
  }
  return found.filter((line) => line.length > 0);
}

/** A damaged record may hold anything; what is drawn stays by the plot. */
function nearby(value: number): number {
  return Math.min(110, Math.max(-10, value));
}

/** Steps of a path to one per cent: coordinates are whole numbers, which are quick to write. */
const FINE = 100;

function step({ x, y }: Place): string {
  return `${Math.round(FINE * nearby(x))} ${Math.round(FINE * nearby(y))}`;
}

/** A line that goes nowhere makes a lone point visible, by its round cap. */
const NOWHERE = "h0";

export function path(places: readonly Place[]): string {
  return `M${places.map(step).join("L")}${places.length === 1 ? NOWHERE : ""}`;
}

export function dots(places: readonly Place[]): string {
  return places.map((each) => `M${step(each)}${NOWHERE}`).join("");
}

/** The area below a line, from the line's path. */
export function area(line: string, places: readonly Place[]): string {
  const [first, last] = [places[0], places.at(-1)];
  return first && last
    ? `${line}L${step({ ...last, y: 100 })}L${step({ ...first, y: 100 })}Z`
    : "";
}

export function percent(value: number): string {
  return `${nearby(value).toFixed(2)}%`;
}

/** A field of 100 by 100 per cent, stretched over the whole plot: lines in it follow the chart's width. */
export function stretched(...children: Node[]): SVGElement {
  return svg(
    "svg",
    {
      class: "ocarbon-stretched",
      viewBox: `0 0 ${100 * FINE} ${100 * FINE}`,
      preserveAspectRatio: "none",
      width: "100%",
      height: "100%",
      "aria-hidden": "true",
    },
    ...children,
  );
}

/** Shapes and words of a fixed size, in pixels from a place of the plot. */
export function pinned({ x, y }: Place, ...children: Node[]): SVGElement {
  const at = { x: percent(x), y: percent(y) };
  return svg("svg", { class: "ocarbon-pinned", ...at, "aria-hidden": "true" }, ...children);
}

/** Signs told apart by shape, so that colour is never the only one. */

import type { Status } from "../record/record.js";
import { svg } from "./dom.js";

export type Sign = Status | "warning" | "stop" | "changed" | "carbon";

const RING = "M8 1.75a6.25 6.25 0 1 1 0 12.5a6.25 6.25 0 1 1 0-12.5z";
const OCTAGON = "M5.4 1.75h5.2l3.65 3.65v5.2l-3.65 3.65h-5.2l-3.65-3.65v-5.2z";
const SQUARE = "M2.25 2.25h11.5v11.5h-11.5z";
const TRIANGLE = "M8 1.9l6.6 11.8h-13.2z";
const DASHED_RING =
  "M8 1.75a6.25 6.25 0 0 1 5.4 3.1M14.25 8a6.25 6.25 0 0 1-2.7 5.1" +
  "M8 14.25a6.25 6.25 0 0 1-5.4-3.1M1.75 8a6.25 6.25 0 0 1 2.7-5.1";

/** Outline and inner mark, on a field of 16 by 16. */
const SHAPES: Record<Sign, [outline: string, mark: string]> = {
  running: [RING, "M8 6.4a1.6 1.6 0 1 1 0 3.2a1.6 1.6 0 1 1 0-3.2z"],
  finished: [RING, "M5 8.2l2.1 2.1l4-4.4"],
  failed: [OCTAGON, "M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8"],
  interrupted: [SQUARE, "M6.2 5.4v5.2M9.8 5.4v5.2"],
  lost: [DASHED_RING, "M6.3 6.4a1.75 1.75 0 1 1 2.6 1.5c-.6.35-.9.7-.9 1.3M8 11.3v.1"],
  warning: [TRIANGLE, "M8 6v3.6M8 11.5v.1"],
  changed: ["M2.5 13.5l.8-3.4l7.4-7.4l2.6 2.6l-7.4 7.4z", "M9.2 4.2l2.6 2.6"],
  carbon: ["M3.5 10.5c-.5-5 2.5-7.7 10-7.7c0 7.4-2.8 10.4-7.5 10", "M2.8 13.6c1.3-3.4 3.4-5.4 6.7-6.7"],
  stop: [SQUARE, "M5.75 5.75h4.5v4.5h-4.5z"],
};

export function icon(sign: Sign): SVGElement {
  const [outline, mark] = SHAPES[sign];
  return svg(
    "svg",
    { class: `ocarbon-icon ocarbon-icon-${sign}`, viewBox: "0 0 16 16", "aria-hidden": "true" },
    svg("path", { d: outline }),
    svg("path", { d: mark }),
  );
}

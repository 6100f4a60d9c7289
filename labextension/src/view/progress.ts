/** How much of the planned work is done, as a bar, while it is being done. */

import { trans } from "../language.js";
import { listed } from "../record/listed.js";
import type { RunRecord } from "../record/record.js";
import { percent } from "../record/units.js";
import * as words from "../record/words.js";
import { html } from "./dom.js";

/** The bar; nothing where the run is over or its total is not known. */
export function progress(record: RunRecord): HTMLElement[] {
  const share = record.status === "running" ? words.shareDone(record) : null;
  if (share === null) {
    return [];
  }
  const done = html("div", { class: "ocarbon-progress-done" });
  done.style.width = `${(100 * share).toFixed(2)}%`;
  const bar = {
    class: "ocarbon-progress",
    role: "progressbar",
    "aria-label": trans.__("Work done"),
    "aria-valuemin": "0",
    "aria-valuemax": "100",
    "aria-valuenow": (100 * share).toFixed(1),
    "aria-valuetext": listed([percent(100 * share), words.work(record)]),
  };
  return [html("div", bar, done)];
}

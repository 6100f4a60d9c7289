/** The first line: what ran, how it ended and on which grid. */

import { html } from "./dom.js";
import { icon } from "./icons.js";
import type { RunRecord } from "./record.js";
import { intensity, written } from "./units.js";
import * as words from "./words.js";

function grid(record: RunRecord): HTMLElement[] {
  const amount = html("span", {}, written(intensity(record.intensity.gPerKwh)));
  const basis = html("span", { class: "ocarbon-muted" }, words.intensityBasis(record));
  if (words.intensityIsByHand(record)) {
    return [amount, basis];
  }
  const doubt = words.zoneDoubt(record);
  const tag = doubt === null ? [] : [html("span", { class: "ocarbon-tag" }, doubt)];
  return [html("span", {}, words.place(record)), amount, basis, ...tag];
}

export function header(record: RunRecord): HTMLElement {
  return html(
    "header",
    { class: "ocarbon-header" },
    html(
      "div",
      { class: "ocarbon-run" },
      html("strong", { class: "ocarbon-name" }, record.name),
      html("span", { class: "ocarbon-status" }, icon(record.status), words.status(record)),
    ),
    html("div", { class: "ocarbon-zone" }, ...grid(record)),
  );
}

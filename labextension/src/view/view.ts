/** Draws a run record into an element; knows nothing of the place that element is in. */

import { charts } from "./charts.js";
import { details } from "./details.js";
import { adoptChildren, html } from "./dom.js";
import { header } from "./header.js";
import { icon } from "./icons.js";
import { readRecord, SCHEMA, type RunRecord } from "./record.js";
import { tiles } from "./tiles.js";
import * as words from "./words.js";

function warnings({ warnings: lines }: RunRecord): HTMLElement {
  const items = lines.map((line) =>
    html(
      "li",
      {},
      icon("warning"),
      html("span", { class: "ocarbon-unseen" }, "Warning: "),
      html("span", {}, line),
    ),
  );
  return html("ul", { class: "ocarbon-warnings" }, ...items);
}

function hint({ work }: RunRecord): HTMLElement[] {
  return work.hint === null
    ? []
    : [html("p", { class: "ocarbon-hint" }, html("strong", {}, "Progress: "), work.hint)];
}

function figures(record: RunRecord): HTMLElement[] {
  const awaited = words.awaited(record);
  if (awaited !== null) {
    return [html("p", { class: "ocarbon-awaited" }, awaited), warnings(record)];
  }
  return [tiles(record), charts(record), ...hint(record), warnings(record), details(record)];
}

function panel(data: unknown): HTMLElement {
  const record = readRecord(data);
  if (record === null) {
    return html("div", { class: "ocarbon-view" }, `This is not a run record of schema ${SCHEMA}.`);
  }
  return html(
    "div",
    { class: "ocarbon-view", role: "group", "aria-label": `Carbon record of ${record.name}` },
    header(record),
    ...figures(record),
  );
}

/** Draw `record` into `element`; call it again to bring the drawing up to date. */
export function render(element: Element, record: unknown): void {
  const drawn = document.createElement("div");
  drawn.append(panel(record));
  adoptChildren(element, drawn);
}

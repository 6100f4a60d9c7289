/** The first line: what runs or ran, how far it is or how it ended, and on which grid. */

import { trans } from "../language.js";
import type { RunRecord } from "../record/record.js";
import * as words from "../record/words.js";
import { html, OWN_KEYS } from "./dom.js";
import { onHosts } from "./hosts.js";
import { icon } from "./icons.js";

/** Whether the run can be stopped from here, and whether the reader has asked for it. */
export type Stop = "absent" | "ready" | "pressed";

function grid(record: RunRecord): HTMLElement[] {
  const amount = html("span", {}, words.intensity(record));
  const basis = html("span", { class: "ocarbon-muted" }, words.intensityBasis(record));
  const devices = onHosts(record);
  const where = devices === null ? [] : [html("span", {}, devices)];
  if (words.intensityIsByHand(record)) {
    return [...where, amount, basis];
  }
  const doubt = words.zoneDoubt(record);
  const tag = doubt === null ? [] : [html("span", { class: "ocarbon-tag" }, doubt)];
  return [...where, html("span", {}, words.place(record)), amount, basis, ...tag];
}

/** A pressed button stays where it is, and keeps the focus. */
function stopButton(stop: Stop): HTMLElement[] {
  if (stop === "absent") {
    return [];
  }
  const pressed = stop === "pressed";
  const button = html(
    "button",
    {
      type: "button",
      class: "ocarbon-button ocarbon-stop",
      title: pressed
        ? trans.__("The kernel has been asked to stop")
        : trans.__("Interrupt the kernel, as the notebook's own stop button does"),
      ...(pressed ? { "aria-disabled": "true" } : {}),
      ...OWN_KEYS,
    },
    icon("stop"),
    html("span", {}, pressed ? trans.__("stopping \u2026") : trans.__("Stop")),
  );
  return [button];
}

export function header(record: RunRecord, stop: Stop): HTMLElement {
  return html(
    "header",
    { class: "ocarbon-header" },
    html(
      "div",
      { class: "ocarbon-run" },
      html("strong", { class: "ocarbon-name" }, record.name),
      html("span", { class: "ocarbon-status" }, icon(record.status), words.status(record)),
      ...stopButton(stop),
    ),
    html("div", { class: "ocarbon-zone" }, ...grid(record)),
  );
}

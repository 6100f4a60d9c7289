/** What the same work would have emitted, in words. */

import type { Outcome, Reasons } from "../whatif/whatif.js";
import { html } from "./dom.js";
import type { RunRecord } from "./record.js";
import * as units from "./units.js";

/** Changes that read 0 % are none. */
const NO_CHANGE_PCT = 0.05;

function change({ basis, basisG, changePct }: Outcome): string {
  const of = `the ${basis} ${units.plainMass(basisG)}`;
  if (changePct === null) {
    return `in place of ${of}`;
  }
  return Math.abs(changePct) < NO_CHANGE_PCT
    ? `the same as ${of}`
    : `${units.percent(Math.abs(changePct))} ${changePct < 0 ? "less" : "more"} than ${of}`;
}

/** How long the run takes as it is: the whole of it where that is what is compared. */
function ownDurationS({ durationS, projection }: RunRecord, { basis }: Outcome): number | null {
  return basis === "projected" ? (projection?.durationS.value ?? null) : durationS;
}

function time(record: RunRecord, outcome: Outcome): string | null {
  const own = units.duration(ownDurationS(record, outcome));
  const other = outcome.durationS === null ? own : units.duration(outcome.durationS);
  return other === own ? null : `takes ${other} in place of ${own}`;
}

/** The outcome in one line: its grams, how they compare, and what else changes. */
export function outcomeLine(record: RunRecord, outcome: Outcome | null): (Node | string)[] {
  if (outcome === null) {
    return [html("span", {}, "Nothing is known to compare the run with.")];
  }
  const { value, low, high } = outcome.emissionsG;
  const { number, unit } = units.mass(value);
  const facts = [
    low === null || high === null ? null : `interval ${units.plainInterval(low, high)}`,
    `embodied ${units.plainMass(outcome.embodiedG)}`,
    time(record, outcome),
  ].filter((fact) => fact !== null);
  return [
    html(
      "span",
      { class: "ocarbon-outcome-figure" },
      html("span", { class: "ocarbon-number" }, number),
      ` ${unit}`,
    ),
    " ",
    html("strong", {}, change(outcome)),
    html("span", { class: "ocarbon-muted" }, facts.map((fact) => `, ${fact}`).join("")),
  ];
}

/** What the reader must know of it, and why some of the controls are off. */
export function outcomeNotes(outcome: Outcome | null, reasons: Reasons): HTMLElement[] {
  const notes = new Set([...(outcome?.notes ?? []), ...Object.values(reasons)]);
  return [...notes].map((note) => html("li", { class: "ocarbon-muted" }, note));
}

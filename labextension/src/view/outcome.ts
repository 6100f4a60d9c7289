/** What the same work would have emitted, in words. */

import { trans } from "../language.js";
import { listed } from "../record/listed.js";
import type { RunRecord } from "../record/record.js";
import * as units from "../record/units.js";
import type { Outcome, Reasons } from "../whatif/whatif.js";
import { html } from "./dom.js";

/** Changes that read 0 % are none. */
const NO_CHANGE_PCT = 0.05;

function change({ basis, basisG, changePct }: Outcome): string {
  const isAhead = basis === "projected";
  const grams = units.plainMass(basisG);
  if (changePct === null) {
    return isAhead
      ? trans.__("in place of the projected %1", grams)
      : trans.__("in place of the emitted %1", grams);
  }
  if (Math.abs(changePct) < NO_CHANGE_PCT) {
    return isAhead
      ? trans.__("the same as the projected %1", grams)
      : trans.__("the same as the emitted %1", grams);
  }
  const share = units.percent(Math.abs(changePct));
  if (changePct < 0) {
    return isAhead
      ? trans.__("%1 less than the projected %2", share, grams)
      : trans.__("%1 less than the emitted %2", share, grams);
  }
  return isAhead
    ? trans.__("%1 more than the projected %2", share, grams)
    : trans.__("%1 more than the emitted %2", share, grams);
}

/** How long the run takes as it is: the whole of it where that is what is compared. */
function ownDurationS({ durationS, projection }: RunRecord, { basis }: Outcome): number | null {
  return basis === "projected" ? (projection?.durationS.value ?? null) : durationS;
}

function time(record: RunRecord, outcome: Outcome): string | null {
  const own = units.duration(ownDurationS(record, outcome));
  const other = outcome.durationS === null ? own : units.duration(outcome.durationS);
  return other === own ? null : trans.__("takes %1 in place of %2", other, own);
}

/** The outcome in one line: its grams, how they compare, and what else changes. */
export function outcomeLine(record: RunRecord, outcome: Outcome | null): (Node | string)[] {
  if (outcome === null) {
    return [html("span", {}, trans.__("Nothing is known to compare the run with."))];
  }
  const { value, low, high } = outcome.emissionsG;
  const { number, unit } = units.mass(value);
  const facts = listed([
    low === null || high === null
      ? null
      : trans.__("interval %1", units.plainInterval(low, high)),
    trans.__("embodied %1", units.plainMass(outcome.embodiedG)),
    time(record, outcome),
  ]);
  return [
    html(
      "span",
      { class: "ocarbon-outcome-figure" },
      html("span", { class: "ocarbon-number" }, number),
      ` ${unit}`,
    ),
    " ",
    html("strong", {}, change(outcome)),
    html("span", { class: "ocarbon-muted" }, `, ${facts}`),
  ];
}

/** What the reader must know of it, and why some of the controls are off. */
export function outcomeNotes(outcome: Outcome | null, reasons: Reasons): HTMLElement[] {
  const notes = new Set([...(outcome?.notes ?? []), ...Object.values(reasons)]);
  return [...notes].map((note) => html("li", { class: "ocarbon-muted" }, note));
}

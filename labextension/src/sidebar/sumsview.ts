/** How sums are written: what is emitted by intensity scope, the energy, the number of runs. */

import { trans } from "../language.js";
import * as units from "../record/units.js";
import { intensityScope } from "../record/words.js";
import { html } from "../view/dom.js";
import { BY_HAND, type ScopeSum, type Sum, type Sums } from "./sums.js";

/** A scope of intensities as it stands beside a figure. */
export function scopeName(scope: string | null): string {
  return scope === BY_HAND ? trans.__("intensity by hand") : intensityScope(scope);
}

function written({ known, isWhole }: Sum, write: (value: number | null) => units.Amount): string {
  const amount = units.written(write(known));
  return isWhole || known === null ? amount : trans.__("at least %1", amount);
}

export function massOf(sum: Sum): string {
  return written(sum, units.mass);
}

function countOf({ runs, running }: Sums): string {
  const counted = trans._n("%1 run", "%1 runs", runs);
  return running === 0
    ? counted
    : trans._n("%2, %1 running", "%2, %1 running", running, counted);
}

function massLine(sum: ScopeSum, isLabelled: boolean): HTMLElement {
  const label = isLabelled
    ? [" ", html("span", { class: "ocarbon-muted" }, scopeName(sum.scope))]
    : [];
  const tag = sum.known === null ? "span" : "strong";
  return html("div", {}, html(tag, {}, massOf(sum)), ...label);
}

/** What must be known of the sums not to mistake them. */
function remarks({ parts, isShared }: Sums): string[] {
  const partly = trans._n(
    "%1 run is part of another one and not added.",
    "%1 runs are parts of others and not added.",
    parts,
  );
  const shared = trans.__(
    "Runs of several notebooks shared devices: their energies contain one another.",
  );
  return [...(parts > 0 ? [partly] : []), ...(isShared ? [shared] : [])];
}

/** A heading with its sums beside and below it. */
export function headingWithSums(heading: string, sums: Sums): HTMLElement[] {
  const { emissionsG, energyKwh } = sums;
  const lines = emissionsG.map((sum) => massLine(sum, emissionsG.length > 1));
  const energy = energyKwh.known === null ? [] : [written(energyKwh, units.energy)];
  const below = [...energy, countOf(sums)].join(" · ");
  return [
    html("h3", { class: "ocarbon-heading" }, heading),
    html("div", { class: "ocarbon-sum-mass" }, ...lines),
    html("div", { class: "ocarbon-muted ocarbon-sum-rest" }, below),
    ...remarks(sums).map((text) => html("p", { class: "ocarbon-muted ocarbon-sum-rest" }, text)),
  ];
}

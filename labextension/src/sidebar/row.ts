/** One run of the list: a button that opens it, and a box that chooses it for comparison. */

import { trans } from "../language.js";
import { timeOfDay } from "../record/dates.js";
import * as units from "../record/units.js";
import { openProjection } from "../record/words.js";
import { html, OWN_KEYS } from "../view/dom.js";
import { icon } from "../view/icons.js";
import { adopt } from "./keyed.js";
import { fileName, type Run } from "./run.js";
import { statusWord } from "./selection.js";

/** What a row shows besides the run. */
export interface RowState {
  isChosen: boolean;
  /** The run that this one is a part of. */
  whole: Run | undefined;
}

/** A run that goes on has no figure yet that stands. */
function soFar({ record }: Run): string | null {
  if (record.status !== "running") {
    return null;
  }
  const projection = openProjection(record);
  return projection === null
    ? trans.__("so far")
    : trans.__("so far, %1 projected", units.plainMass(projection.emissionsG.value));
}

function facts(run: Run, { whole }: RowState): string[] {
  const { record, entry } = run;
  const { status, energyKwh, durationS, metric } = record;
  const isPlain = status === "finished" || status === "running";
  return [
    isPlain ? null : statusWord(status),
    soFar(run),
    energyKwh === null ? null : units.written(units.energy(energyKwh)),
    durationS === null ? null : units.duration(durationS),
    metric === null ? null : `${metric.expression} = ${metric.value}`,
    timeOfDay(run.fromMs),
    entry.isCurrent ? null : fileName(run),
    whole === undefined ? null : trans.__("part of %1", whole.record.name),
  ].filter((fact) => fact !== null);
}

/** Lines break between facts, and within those alone that are longer than a line. */
function factList(run: Run, state: RowState): HTMLElement {
  const all = facts(run, state);
  const spans = all.flatMap((fact, index) =>
    index < all.length - 1
      ? [html("span", { class: "ocarbon-fact" }, `${fact} ·`), " "]
      : [html("span", { class: "ocarbon-fact" }, fact)],
  );
  return html("span", { class: "ocarbon-row-facts" }, ...spans);
}

function draw(run: Run, state: RowState): HTMLElement[] {
  const { record } = run;
  const isKnown = record.emissionsG !== null;
  const button = html(
    "button",
    { type: "button", class: "ocarbon-row", "data-open": run.key, ...OWN_KEYS },
    icon(record.status),
    html("span", { class: "ocarbon-unseen" }, `${statusWord(record.status)} `),
    html("span", { class: "ocarbon-row-name" }, record.name),
    html(
      "span",
      { class: isKnown ? "ocarbon-row-mass" : "ocarbon-row-unknown" },
      units.plainMass(record.emissionsG),
    ),
    factList(run, state),
  );
  const box = html("input", {
    type: "checkbox",
    "data-choose": run.key,
    "aria-label": trans.__("Compare %1", record.name),
    ...OWN_KEYS,
  });
  return [button, html("label", { class: "ocarbon-choose" }, box)];
}

/** Keeps the element of a run, and draws it anew only where something differs. */
export class Row {
  readonly element = html("li", { class: "ocarbon-item" });
  private drawn: readonly unknown[] = [];

  /** `setting` is whatever else changes how things are written. */
  show(run: Run, state: RowState, setting: unknown): void {
    const { record, entry } = run;
    const shown = [record, entry.notebook, entry.isCurrent, state.whole?.record.name, setting];
    if (shown.some((part, index) => part !== this.drawn[index]) || this.drawn.length === 0) {
      this.drawn = shown;
      adopt(this.element, ...draw(run, state));
    }
    const box = this.element.querySelector("input");
    if (box !== null && box.checked !== state.isChosen) {
      box.checked = state.isChosen;
    }
  }
}

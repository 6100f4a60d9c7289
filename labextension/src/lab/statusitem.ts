/** The status bar: what is being measured in this notebook, else what it has emitted in all. */

import { Widget } from "@lumino/widgets";

import { trans } from "../language.js";
import { onPreferences } from "../preferences.js";
import { html } from "../view/dom.js";
import { icon } from "../view/icons.js";
import { readRecord, type RunRecord } from "../record/record.js";
import { plainMass, power, written } from "../record/units.js";
import { openProjection } from "../record/words.js";
import type { NotebookRuns } from "./notebookruns.js";
import type { OpenNotebooks } from "./opennotebooks.js";

function live(record: RunRecord): string {
  const powers = record.devices.flatMap(({ powerW }) => powerW ?? []);
  const watts =
    powers.length === 0
      ? []
      : [written(power(powers.reduce((sum, powerW) => sum + powerW, 0)))];
  const end = openProjection(record)?.emissionsG.value ?? null;
  return [
    ...watts,
    trans.__("%1 so far", plainMass(record.emissionsG)),
    ...(end === null ? [] : [trans.__("%1 projected", plainMass(end))]),
  ].join(" \u00b7 ");
}

/** What is said of a notebook; null where nothing was measured in it. */
function said(notebook: NotebookRuns | null): { text: string; goesOn: boolean } | null {
  const [first] = notebook?.running() ?? [];
  const record = readRecord(first);
  if (record !== null) {
    return { text: live(record), goesOn: true };
  }
  const { runs, emissionsG } = notebook?.totals() ?? { runs: 0, emissionsG: 0 };
  const text = trans._n("%2 in %1 run", "%2 in %1 runs", runs, plainMass(emissionsG));
  return runs === 0 ? null : { text, goesOn: false };
}

export class StatusItem extends Widget {
  private readonly text = html("span");
  private readonly button = html("button", { type: "button", class: "ocarbon-statusitem" });
  private shown = true;

  constructor(
    private readonly notebooks: OpenNotebooks,
    open: () => void,
  ) {
    super();
    this.node.append(this.button);
    this.button.addEventListener("click", open);
    notebooks.onRuns((notebook) => {
      if (notebook === notebooks.current) {
        this.update();
      }
    });
    onPreferences(() => this.update());
    this.update();
  }

  /** Be there, or not, whatever there is to say. */
  allow(shown: boolean): void {
    this.shown = shown;
    this.update();
  }

  protected override onUpdateRequest(): void {
    const found = this.shown ? said(this.notebooks.current) : null;
    this.setHidden(found === null);
    if (found !== null && this.text.textContent !== found.text) {
      this.text.textContent = found.text;
      this.button.replaceChildren(icon(found.goesOn ? "running" : "carbon"), this.text);
      this.button.title = trans.__("Carbon of this notebook. Show its runs");
    }
  }
}

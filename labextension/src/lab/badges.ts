/** A small tag on each measured cell: what its last run emitted, and whether that is still true. */

import type { CellModel } from "@jupyterlab/notebook";

import { trans } from "../language.js";
import { onPreferences } from "../preferences.js";
import { html, update } from "../view/dom.js";
import { icon } from "../view/icons.js";
import { readRecord } from "../record/record.js";
import { plainMass } from "../record/units.js";
import { isStale, markOf, type CellMark } from "./cellmark.js";
import type { NotebookRuns } from "./notebookruns.js";
import type { OpenNotebooks } from "./opennotebooks.js";

/** What a badge says aloud; the code may have changed since. */
function label(mass: string, status: string, stale: boolean): string {
  if (status === "running") {
    return trans.__("%1 emitted so far by this cell. Show its run", mass);
  }
  return stale
    ? trans.__("%1 emitted by an earlier version of this cell. Show its run", mass)
    : trans.__("%1 emitted by the last run of this cell. Show it", mass);
}

export class Badges {
  private readonly drawn = new WeakMap<CellModel, HTMLButtonElement>();
  private shown = true;

  /** `open` shows a run to the reader. */
  constructor(
    private readonly notebooks: OpenNotebooks,
    private readonly open: (notebook: NotebookRuns, run: string) => void,
  ) {
    notebooks.onCell((notebook, cell) => this.draw(notebook, cell));
    onPreferences(() => this.drawAll());
  }

  /** Show the badges, or none. */
  show(shown: boolean): void {
    if (shown !== this.shown) {
      this.shown = shown;
      this.drawAll();
    }
  }

  private drawAll(): void {
    for (const notebook of this.notebooks.all()) {
      notebook.codeCells().forEach((cell) => this.draw(notebook, cell));
    }
  }

  private draw(notebook: NotebookRuns, cell: CellModel): void {
    const mark = this.shown ? markOf(cell) : null;
    const badge = this.drawn.get(cell);
    if (mark === null) {
      badge?.remove();
      this.drawn.delete(cell);
    } else if (badge === undefined) {
      void this.add(notebook, cell);
    } else {
      fill(badge, notebook, cell, mark);
    }
  }

  /** A cell that is not drawn yet gets its badge when it is; far from what is seen, that is later. */
  private async add(notebook: NotebookRuns, cell: CellModel): Promise<void> {
    const widget = notebook.panel.content.widgets.find(({ model }) => model === cell);
    if (widget === undefined) {
      return;
    }
    const button = html("button", { type: "button", class: "ocarbon-badge" });
    button.addEventListener("click", () => {
      const mark = markOf(cell);
      if (mark !== null) {
        this.open(notebook, mark.run);
      }
    });
    this.drawn.set(cell, button);
    await widget.ready;
    widget.inputArea?.node.append(button);
    const mark = markOf(cell);
    if (mark !== null && this.drawn.get(cell) === button) {
      fill(button, notebook, cell, mark);
    } else {
      button.remove();
    }
  }
}

function fill(
  badge: HTMLButtonElement,
  notebook: NotebookRuns,
  cell: CellModel,
  mark: CellMark,
): void {
  const run = readRecord(notebook.find(mark.run));
  const status = run?.status ?? mark.status;
  const stale = isStale(cell, mark);
  const emissionsG = run?.emissionsG ?? mark.emissionsG;
  const mass = plainMass(emissionsG);
  const shown = emissionsG === null && status === "running" ? "" : mass; // it has just begun
  const said = label(mass, status, stale);
  const state = stale && status !== "running" ? "changed" : status;
  if (badge.dataset["state"] !== state || badge.textContent !== shown) {
    const sign = state === "finished" ? [] : [icon(state)];
    badge.replaceChildren(...sign, shown);
  }
  update(badge, { "data-state": state, "aria-label": said, title: said });
}

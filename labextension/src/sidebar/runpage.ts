/** One run, whole, with what can be done with it. */

import { trans } from "../language.js";
import type { Json } from "../json.js";
import { html } from "../view/dom.js";
import { View } from "../view/view.js";
import type { Entry, Host } from "./entry.js";
import { adopt } from "./keyed.js";
import { actionButton, pageHead } from "./pages.js";
import { isRunning } from "./selection.js";
import type { Run } from "./run.js";

function actions({ entry }: Run): HTMLElement {
  return html(
    "div",
    { class: "ocarbon-actions" },
    ...(entry.hasCell ? [actionButton("reveal", trans.__("Go to cell"))] : []),
    actionButton("copy-report", trans.__("Copy report")),
    actionButton("download", trans.__("Save as file")),
  );
}

export class RunPage {
  readonly element: HTMLElement;
  private readonly head = html("div", { class: "ocarbon-head" });
  private readonly body = html("div", { class: "ocarbon-body" });
  private readonly place = html("div", { class: "ocarbon-run-view" });
  private readonly above = html("div", { class: "ocarbon-above" });
  private view: View | null = null;
  private entry: Entry | null = null;
  private drawn: Json | null = null;

  constructor(private readonly host: Host) {
    this.body.append(this.above, this.place);
    this.element = html("div", { class: "ocarbon-page" }, this.head, this.body);
  }

  /** Draw a run; null stands for one that is no longer there. */
  draw(run: Run | null): void {
    if (run === null) {
      this.leave();
      adopt(this.head, ...pageHead(trans.__("No such run")));
      const gone = trans.__("Its notebook is closed, or its output is gone.");
      adopt(this.above, html("p", { class: "ocarbon-none" }, gone));
      return;
    }
    this.entry = run.entry;
    adopt(this.head, ...pageHead(run.record.name));
    adopt(this.above, actions(run));
    const { record } = run.entry;
    if (record !== this.drawn || isRunning(run)) {
      this.drawn = record;
      this.view ??= this.newView();
      this.view.draw(record);
    }
  }

  /** Let go of the run. */
  leave(): void {
    this.view?.dispose();
    this.view = null;
    this.entry = null;
    this.drawn = null;
    this.body.scrollTop = 0;
  }

  private newView(): View {
    const interrupt = (): (() => void) | undefined =>
      this.entry === null ? undefined : this.host.interrupt(this.entry);
    return new View(this.place, {
      get interrupt() {
        return interrupt();
      },
    });
  }
}

/** Two runs side by side. */

import { trans } from "../language.js";
import { moment } from "../record/dates.js";
import { signedPercent } from "../record/units.js";
import { html } from "../view/dom.js";
import { linesOf, type Line } from "./comparison.js";
import { isNone, type Difference } from "./difference.js";
import { adopt } from "./keyed.js";
import { actionButton, pageHead } from "./pages.js";
import type { Run } from "./run.js";
import { isRunning } from "./selection.js";
import { verdict, whyNot } from "./verdict.js";

/** What the runs are called: by their names, and by their start where these are the same. */
function namesOf(one: Run, other: Run): [string, string] {
  const isOneName = one.record.name === other.record.name;
  const name = ({ record, fromMs }: Run): string => {
    const at = isOneName ? moment(fromMs) : null;
    return at === null ? record.name : trans.__("%1 (%2)", record.name, at);
  };
  return [name(one), name(other)];
}

function said({ pct, isWithin }: Difference): HTMLElement[] {
  const amount = html("strong", {}, isNone(pct) ? "0 %" : signedPercent(pct));
  if (isWithin === null) {
    return [amount];
  }
  const certainty = isWithin
    ? trans.__("within the uncertainty")
    : trans.__("beyond the uncertainty");
  return [amount, html("span", { class: "ocarbon-muted" }, certainty)];
}

/** The difference stands in a column of its own, or below the second value: the style chooses. */
function row({ label, isPart, values: [one, other], difference }: Line): HTMLElement {
  const shown = (): HTMLElement[] => (difference ? said(difference) : []);
  return html(
    "tr",
    isPart ? { class: "ocarbon-part" } : {},
    html("th", { scope: "row" }, label),
    html("td", {}, one),
    html("td", {}, other, html("div", { class: "ocarbon-difference-below" }, ...shown())),
    html("td", { class: "ocarbon-difference" }, ...shown()),
  );
}

function table(one: Run, other: Run, names: [string, string]): HTMLElement {
  const heads = names.map((name) => html("th", { scope: "col" }, name));
  const last = { scope: "col", class: "ocarbon-difference" };
  return html(
    "table",
    { class: "ocarbon-comparison" },
    html("caption", { class: "ocarbon-unseen" }, trans.__("%1 and %2", ...names)),
    html(
      "thead",
      {},
      html(
        "tr",
        {},
        html("td", {}),
        ...heads,
        html("th", last, trans.__("Difference")),
      ),
    ),
    html("tbody", {}, ...linesOf(one, other).map(row)),
  );
}

function remarks(one: Run, other: Run): string[] {
  const goesOn = isRunning(one) || isRunning(other);
  const soFar = trans.__("The figures of a run that goes on are those so far.");
  return [whyNot(one.record, other.record), goesOn ? soFar : null].filter((text) => text !== null);
}

export class ComparePage {
  readonly element: HTMLElement;
  private readonly head = html("div", { class: "ocarbon-head" });
  private readonly body = html("div", { class: "ocarbon-body" });

  constructor() {
    this.element = html("div", { class: "ocarbon-page" }, this.head, this.body);
  }

  draw(one: Run | null, other: Run | null): void {
    adopt(this.head, ...pageHead(trans.__("Comparison")));
    if (one === null || other === null) {
      const gone = trans.__("One of the two is no longer there.");
      adopt(this.body, html("p", { class: "ocarbon-none" }, gone));
      return;
    }
    const names = namesOf(one, other);
    const about = remarks(one, other).map((text) => html("p", { class: "ocarbon-remarks" }, text));
    adopt(
      this.body,
      html("p", { class: "ocarbon-verdict" }, verdict(one.record, other.record, names)),
      ...about,
      html("div", { class: "ocarbon-actions" }, actionButton("swap", trans.__("Swap"))),
      table(one, other, names),
    );
  }
}

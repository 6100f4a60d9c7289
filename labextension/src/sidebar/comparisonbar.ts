/** What is below the list while runs are chosen for comparison. */

import { trans } from "../language.js";
import { html } from "../view/dom.js";
import { actionButton } from "./pages.js";
import type { Run } from "./run.js";

export function comparisonBar(runs: readonly Run[], chosen: readonly string[]): HTMLElement[] {
  const names = chosen.flatMap((key) => runs.find((run) => run.key === key)?.record.name ?? []);
  const [one, other] = names;
  if (one === undefined) {
    return [];
  }
  const text =
    other === undefined
      ? trans.__("%1 is chosen. Choose one more to compare it with.", one)
      : trans.__("%1 and %2", one, other);
  const compare =
    other === undefined ? [] : [actionButton("compare", trans.__("Compare"), "ocarbon-primary")];
  return [
    html(
      "div",
      { class: "ocarbon-comparison-bar" },
      html("span", { class: "ocarbon-chosen" }, text),
      ...compare,
      actionButton("unchoose", trans.__("Clear")),
    ),
  ];
}

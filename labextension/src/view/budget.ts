/** What a figure says of the budget. */

import { budgetMass, passing, type Passing } from "./passing.js";
import type { RunRecord } from "./record.js";
import { openProjection } from "./words.js";

export interface BudgetNote {
  /** The figure that it is about. */
  on: "emitted" | "projected";
  text: string;
  /** Whether it needs a sign. */
  warns: boolean;
}

const VERBS = {
  "will be passed": "passes",
  "would be passed": "would pass",
  "may be passed": "may pass",
  "might be passed": "might pass",
} as const;

function verb({ status }: RunRecord, found: NonNullable<Passing>): string {
  return found === "passed" ? (status === "running" ? "has passed" : "passed") : VERBS[found];
}

/** What to say of the budget, where it is asked first; null where there is none. */
export function budgetNote(record: RunRecord): BudgetNote | null {
  if (record.budgetG === null) {
    return null;
  }
  const mass = budgetMass(record.budgetG);
  const found = passing(record);
  const isAhead = found !== "passed" && openProjection(record) !== null;
  return {
    on: isAhead ? "projected" : "emitted",
    text: found === null ? `budget ${mass}` : `${verb(record, found)} the budget of ${mass}`,
    warns: found !== null,
  };
}

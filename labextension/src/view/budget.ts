/** What a figure says of the budget. */

import { trans } from "../language.js";
import type { RunRecord } from "../record/record.js";
import { openProjection } from "../record/words.js";
import { budgetMass, passing, type Passing } from "./passing.js";

export interface BudgetNote {
  /** The figure that it is about. */
  on: "emitted" | "projected";
  text: string;
  /** Whether it needs a sign. */
  warns: boolean;
}

function sentence({ status }: RunRecord, found: Passing, mass: string): string {
  switch (found) {
    case null:
      return trans.__("budget %1", mass);
    case "passed":
      return status === "running"
        ? trans.__("has passed the budget of %1", mass)
        : trans.__("passed the budget of %1", mass);
    case "will be passed":
      return trans.__("passes the budget of %1", mass);
    case "would be passed":
      return trans.__("would pass the budget of %1", mass);
    case "may be passed":
      return trans.__("may pass the budget of %1", mass);
    case "might be passed":
      return trans.__("might pass the budget of %1", mass);
  }
}

/** What to say of the budget, where it is asked first; null where there is none. */
export function budgetNote(record: RunRecord): BudgetNote | null {
  if (record.budgetG === null) {
    return null;
  }
  const found = passing(record);
  const isAhead = found !== "passed" && openProjection(record) !== null;
  return {
    on: isAhead ? "projected" : "emitted",
    text: sentence(record, found, budgetMass(record.budgetG)),
    warns: found !== null,
  };
}

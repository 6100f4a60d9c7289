/** The user's budget beside what a run emits, and will. */

import { trans } from "../language.js";
import type { RunRecord } from "../record/record.js";
import { given, MASS_G, prefixFor } from "../record/units.js";
import { openProjection } from "../record/words.js";

/** Whether the run keeps within its budget, in a word or two; null where it does, so far. */
export type Passing =
  | "passed"
  | "will be passed"
  | "would be passed"
  | "may be passed"
  | "might be passed"
  | null;

export function passing(record: RunRecord): Passing {
  const { budgetG, emissionsG } = record;
  const { value, high } = openProjection(record)?.emissionsG ?? { value: null, high: null };
  if (budgetG === null) {
    return null;
  }
  if ((emissionsG ?? 0) >= budgetG) {
    return "passed";
  }
  const goesOn = record.status === "running";
  if ((value ?? 0) > budgetG) {
    return goesOn ? "will be passed" : "would be passed";
  }
  const mayPass = (high ?? 0) > budgetG;
  return mayPass ? (goesOn ? "may be passed" : "might be passed") : null;
}

/** The same for the reader. */
export function passingInWords(found: NonNullable<Passing>): string {
  switch (found) {
    case "passed":
      return trans._p("a budget", "passed");
    case "will be passed":
      return trans._p("a budget", "will be passed");
    case "would be passed":
      return trans._p("a budget", "would be passed");
    case "may be passed":
      return trans._p("a budget", "may be passed");
    case "might be passed":
      return trans._p("a budget", "might be passed");
  }
}

/** Below this a number is a power of ten, as measured ones are. */
const FIXED_FROM = 1e-6;

/** "50 g": grams as the user gave them. */
export function budgetMass(budgetG: number): string {
  const { size, unit } = prefixFor(budgetG, MASS_G);
  const amount = budgetG / size;
  const number =
    amount < FIXED_FROM ? Number(amount.toPrecision(3)).toExponential() : given(amount);
  return `${number} ${unit.replace("CO₂e", "")}`;
}

/** Facts that follow one another in one line. */

import { trans } from "../language.js";

/** "one, other, third", of those that there are. */
export function listed(parts: readonly (string | null)[]): string {
  const [first = "", ...others] = parts.filter((part) => part !== null && part !== "");
  return others.reduce<string>(
    (all, part) => trans._p("facts in one line", "%1, %2", all, part),
    first ?? "",
  );
}

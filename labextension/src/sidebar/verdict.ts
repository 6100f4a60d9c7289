/** Two runs compared in words; the same as in the package's `planning/comparison`. */

import { trans } from "../language.js";
import type { RunRecord } from "../record/record.js";
import { percent } from "../record/units.js";
import * as differing from "./difference.js";
import type { Difference } from "./difference.js";
import { BY_HAND, scopeOf } from "./sums.js";
import { scopeName } from "./sumsview.js";

/** What is said of no difference, of less and of more, with its amount. */
function chosen(
  { pct }: Difference,
  same: string,
  less: (by: string) => string,
  more: (by: string) => string,
): string {
  return differing.isNone(pct) ? same : (pct < 0 ? less : more)(percent(Math.abs(pct)));
}

/** How they compare, in one sentence; `names` are what the runs are called. */
export function verdict(one: RunRecord, other: RunRecord, [mine, its]: [string, string]): string {
  const emissions = whyNot(one, other) === null ? differing.emissionsDifference(one, other) : null;
  const found = emissions ?? differing.energyDifference(one, other);
  const time = differing.difference(one.durationS, other.durationS);
  if (found === null) {
    return trans.__("Not enough is known of the two to say which one emitted less.");
  }
  const said = emissions
    ? chosen(
        found,
        trans.__("%1 emitted as much as %2", its, mine),
        (by) => trans.__("%1 emitted %2 less than %3", its, by, mine),
        (by) => trans.__("%1 emitted %2 more than %3", its, by, mine),
      )
    : chosen(
        found,
        trans.__("%1 used as much energy as %2", its, mine),
        (by) => trans.__("%1 used %2 less energy than %3", its, by, mine),
        (by) => trans.__("%1 used %2 more energy than %3", its, by, mine),
      );
  return time === null
    ? trans.__("%1.", said)
    : chosen(
        time,
        trans.__("%1, in the same time.", said),
        (by) => trans.__("%1, in %2 less time.", said, by),
        (by) => trans.__("%1, in %2 more time.", said, by),
      );
}

/** Why emissions are not compared; null where they are. */
export function whyNot(one: RunRecord, other: RunRecord): string | null {
  const scopes = [one, other].map(scopeOf);
  if (scopes[0] !== scopes[1] || scopes[0] === BY_HAND) {
    return trans.__(
      "Emissions are not comparable: their scopes differ or are not known (%1 and %2).",
      ...scopes.map(scopeName),
    );
  }
  const [mine, its] = [one, other].map(({ embodiedG }) => embodiedG === null);
  return mine !== its && one.emissionsG !== null && other.emissionsG !== null
    ? trans.__("Emissions are not comparable: embodied carbon is not in both.")
    : null;
}

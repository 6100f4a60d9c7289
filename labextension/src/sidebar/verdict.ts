/** Two runs compared in words. */

import { trans } from "../language.js";
import { percent } from "../view/units.js";
import type { RunRecord } from "../view/record.js";
import * as differing from "./difference.js";
import type { Difference } from "./difference.js";
import { scopeName } from "./sumsview.js";

function emitted({ pct }: Difference, one: string, other: string): string {
  const by = percent(Math.abs(pct));
  if (differing.isNone(pct)) {
    return trans.__("%1 emitted as much as %2", other, one);
  }
  return pct < 0
    ? trans.__("%1 emitted %2 less than %3", other, by, one)
    : trans.__("%1 emitted %2 more than %3", other, by, one);
}

function used({ pct }: Difference, one: string, other: string): string {
  const by = percent(Math.abs(pct));
  if (differing.isNone(pct)) {
    return trans.__("%1 used as much energy as %2", other, one);
  }
  return pct < 0
    ? trans.__("%1 used %2 less energy than %3", other, by, one)
    : trans.__("%1 used %2 more energy than %3", other, by, one);
}

function inTime(said: string, time: Difference | null): string {
  if (time === null) {
    return trans.__("%1.", said);
  }
  const by = percent(Math.abs(time.pct));
  if (differing.isNone(time.pct)) {
    return trans.__("%1, in the same time.", said);
  }
  return time.pct < 0
    ? trans.__("%1, in %2 less time.", said, by)
    : trans.__("%1, in %2 more time.", said, by);
}

/** How they compare, in one sentence; `names` are what the runs are called. */
export function verdict(one: RunRecord, other: RunRecord, names: [string, string]): string {
  const isComparable = differing.obstacle(one, other) === null;
  const time = differing.difference(one.durationS, other.durationS);
  const emissions = isComparable ? differing.emissionsDifference(one, other) : null;
  const energy = differing.energyDifference(one, other);
  if (emissions !== null) {
    return inTime(emitted(emissions, ...names), time);
  }
  return energy === null
    ? trans.__("Not enough is known of the two to say which one emitted less.")
    : inTime(used(energy, ...names), time);
}

/** Why emissions are not compared; null where they are. */
export function whyNot(one: RunRecord, other: RunRecord): string | null {
  switch (differing.obstacle(one, other)) {
    case "by hand":
      return trans.__(
        "Emissions are not comparable: an intensity that is given by hand is of no known scope.",
      );
    case "scopes":
      return trans.__(
        "Emissions are not comparable: the intensities differ in scope (%1 and %2).",
        scopeName(one.intensity.scope),
        scopeName(other.intensity.scope),
      );
    default:
      return null;
  }
}

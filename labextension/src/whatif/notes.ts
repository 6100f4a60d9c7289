/** What the reader of an outcome must know, one sentence each. */

import type { RunRecord } from "../view/record.js";
import { intensity, interval, percent, written } from "../view/units.js";
import { intensityIsByHand } from "../view/words.js";
import type { Choice } from "./choice.js";
import type { Swap, Where } from "./chosen.js";
import { clock } from "./hours.js";
import type { Place } from "./places.js";
import type { Start } from "./start.js";

/** A ratio to two significant digits. */
function times(ratio: number): string {
  return ratio.toLocaleString("en-US", { maximumSignificantDigits: 2 });
}

function ownScope(record: RunRecord, { name, scope }: Place): string {
  const byHand = intensityIsByHand(record) ? " was given by hand and" : "";
  return `The run's intensity${byHand} has no known scope; that of ${name} is ${scope}.`;
}

export function ofPlace(record: RunRecord, place: Place, { pue }: Choice): string[] {
  const { name, gPerKwh, year, scope, source } = place;
  const alike = record.intensity.scope === scope;
  return [
    `${name}: ${written(intensity(gPerKwh))} (${year}, ${scope}; ${source}).`,
    ...place.notes,
    ...(alike ? [] : [ownScope(record, place)]),
    ...(place.pue === null || pue !== null ? [] : [place.pue.note]),
  ];
}

export function ofSwap({ own, card, time, power }: Swap): string[] {
  const range = interval(
    { number: times(time.low), unit: "" },
    { number: times(time.high), unit: "" },
  );
  const alike = (own.card.matrixTflops === null) === (card.matrixTflops === null);
  const smaller = (card.memoryGb ?? Infinity) < (own.card.memoryGb ?? 0);
  return [
    `${card.name}: ${times(time.value)} times the time (${range.trim()}) at ${times(power)} ` +
      "times the power, an estimate from peaks, memory bandwidth and power limits, if the GPU " +
      "sets the pace.",
    ...(alike ? [] : ["The peaks are those in FP32, as only one of the two has matrix units."]),
    ...(smaller
      ? [`It has ${card.memoryGb} GB of memory, not ${own.card.memoryGb}: the work may not fit.`]
      : []),
    `Embodied: the figure of ${card.product}.`,
  ];
}

export function ofStart(where: Where, { hour, day, factor }: Start): string[] {
  return [
    `From ${clock(hour)} in ${where.location} the grid is at ${percent(100 * factor)} of its mean ` +
      `over a day in ${day.month}, by the hours of ${day.year} (${day.grid}): a past year, not ` +
      "a forecast.",
    "The run itself counts at the mean of a day.",
  ];
}

/** Why the hour has no part in an outcome. */
export function withoutStart(reason: string): string {
  return `The start has no part in this. ${reason}`;
}

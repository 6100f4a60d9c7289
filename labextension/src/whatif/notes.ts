/** What the reader of an outcome must know, one sentence each. */

import { trans } from "../language.js";
import type { RunRecord } from "../record/record.js";
import { intensity, interval, percent, written } from "../record/units.js";
import { intensityIsByHand, intensityScope } from "../record/words.js";
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
  const said = intensityScope(scope);
  return intensityIsByHand(record)
    ? trans.__(
        "The run's intensity was given by hand and has no known scope; that of %1 is %2.",
        name,
        said,
      )
    : trans.__("The run's intensity has no known scope; that of %1 is %2.", name, said);
}

export function ofPlace(record: RunRecord, place: Place, { pue }: Choice): string[] {
  const { name, gPerKwh, year, scope, source } = place;
  const alike = record.intensity.scope === scope;
  return [
    trans.__(
      "%1: %2 (%3, %4; %5).",
      name,
      written(intensity(gPerKwh)),
      year,
      intensityScope(scope),
      source(),
    ),
    ...place.notes(),
    ...(alike ? [] : [ownScope(record, place)]),
    ...(record.intensity.steps.length > 0
      ? [
          trans.__(
            "The run's intensity is that of its own hours; that of %1 is the mean of %2.",
            name,
            year,
          ),
        ]
      : []),
    ...(place.pue === null || pue !== null ? [] : [place.pue.note()]),
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
    ...(own.busy < 1
      ? [trans.__("The GPU worked for %1 of the time: the rest stays.", percent(100 * own.busy))]
      : []),
    trans.__(
      "%1: %2 times the time (%3) at %4 times the power, an estimate from peaks, memory " +
        "bandwidth and power limits, if the GPU sets the pace.",
      card.name,
      times(time.value),
      range.trim(),
      times(power),
    ),
    ...(alike
      ? []
      : [trans.__("The peaks are those in FP32, as only one of the two has matrix units.")]),
    ...(smaller
      ? [
          trans.__(
            "It has %1 GB of memory, not %2: the work may not fit.",
            card.memoryGb,
            own.card.memoryGb,
          ),
        ]
      : []),
    trans.__("Embodied: the figure of %1.", card.product.name),
  ];
}

export function ofStart(where: Where, { hour, day, factor }: Start): string[] {
  return [
    trans.__(
      "From %1 in %2 the grid is at %3 of its mean over a day in %4, by the hours of %5 (%6): " +
        "a past year, not a forecast.",
      clock(hour),
      where.location,
      percent(100 * factor),
      day.month,
      day.year,
      day.grid,
    ),
    trans.__("The run itself counts at the mean of a day."),
  ];
}

/** Why the hour has no part in an outcome. */
export function withoutStart(reason: string): string {
  return trans.__("The start has no part in this. %1", reason);
}

/** Another hour of start: which hours a run then covers, and how clean the grid is in them. */

import { trans } from "../language.js";
import type { RunRecord } from "../record/record.js";
import { intensityIsByHand } from "../record/words.js";
import { meanOverRun } from "./arithmetic.js";
import type { Option } from "./choice.js";
import { scopeOf, type Where } from "./chosen.js";
import { clock, gridDay, type GridDay } from "./hours.js";

/** Factors that differ by less than their digits are the same. */
const SAME = 1e-9;

export interface Start {
  hour: number;
  day: GridDay;
  /** The grid's intensity over the run, as a share of its mean over a day. */
  factor: number;
}

/** The day to start in and how long the run then takes, or why one of them is not known. */
function course(
  record: RunRecord,
  place: Where,
  durationS: number | null,
): { day: GridDay; durationS: number } | string {
  if (place.other === null && intensityIsByHand(record)) {
    return trans.__("The run's intensity was given by hand: choose a zone for the hours there.");
  }
  if (place.other === null && record.intensity.steps.length > 0) {
    return trans.__(
      "The run's intensity is that of its own hours, not a mean day's: choose a zone for the " +
        "hours there.",
    );
  }
  if (record.startedAt === null || Number.isNaN(Date.parse(record.startedAt))) {
    return trans.__("The record does not say when the run started.");
  }
  if (durationS === null) {
    return trans.__("How long the run takes is not known.");
  }
  const day = gridDay(record, place.code, scopeOf(record));
  return day === null
    ? trans.__("No hourly figures are known for %1.", place.location)
    : { day, durationS };
}

function factorAt(day: GridDay, hour: number, durationS: number): number {
  return meanOverRun(day.shape, hour - day.aheadH, durationS);
}

/** The start at an hour, or why it cannot be told how clean the grid is then. */
export function startAt(
  record: RunRecord,
  place: Where,
  hour: number,
  longS: number | null,
): Start | string {
  const known = course(record, place, longS);
  if (typeof known === "string") {
    return known;
  }
  const { day, durationS } = known;
  return { hour, day, factor: factorAt(day, hour, durationS) };
}

/** The hours to choose from, or why there are none. */
export function startHours(
  record: RunRecord,
  place: Where,
  longS: number | null,
): Option[] | string {
  const known = course(record, place, longS);
  if (typeof known === "string") {
    return known;
  }
  const factors = known.day.shape.map((_, hour) => factorAt(known.day, hour, known.durationS));
  const [lowest, highest] = [Math.min(...factors), Math.max(...factors)];
  return factors.map((factor, hour) => {
    const isLowest = factor - lowest < SAME && highest - lowest > SAME;
    return {
      value: String(hour),
      label: isLowest
        ? trans.__("%1 in %2, the lowest", clock(hour), place.location)
        : trans.__("%1 in %2", clock(hour), place.location),
    };
  });
}

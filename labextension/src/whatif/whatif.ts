/** The same work elsewhere: from a run record alone, with no kernel behind it. */

import { trans } from "../language.js";
import type { RunRecord } from "../record/record.js";
import { basisOf, type Basis } from "./basis.js";
import { otherCards, ownCards } from "./cards.js";
import type { Choice, Option, Reasons } from "./choice.js";
import { otherPlaces, swap, where } from "./chosen.js";
import { option } from "./places.js";
import { startHours } from "./start.js";

export type { Choice, Option, Outcome, Reasons } from "./choice.js";
export { whatIf } from "./outcome.js";

function noGrams(): string {
  return trans.__("The emissions of the run are not known.");
}

/** Options, or why there are none. */
type Offer = Option[] | string;

function offeredZones(record: RunRecord, basis: Basis | null): Offer {
  return basis === null ? noGrams() : otherPlaces(record).map(option);
}

function offeredDevices(record: RunRecord, basis: Basis | null): Offer {
  if (basis === null) {
    return noGrams();
  }
  const own = ownCards(record);
  if (typeof own === "string") {
    return own;
  }
  return basis.durationS === null
    ? trans.__("How long the run takes is not known.")
    : otherCards(own);
}

function offeredHours(record: RunRecord, choice: Choice, basis: Basis | null): Offer {
  const place = where(record, choice);
  if (basis === null || place === undefined) {
    return noGrams();
  }
  const time = swap(record, choice)?.time.value ?? 1;
  return startHours(record, place, basis.durationS === null ? null : basis.durationS * time);
}

function options(offer: Offer): Option[] {
  return typeof offer === "string" ? [] : offer;
}

/** The places that may be compared with the run's: those with a figure of its scope. */
export function zones(record: RunRecord): Option[] {
  return options(offeredZones(record, basisOf(record)));
}

/** The graphics processors that could do the run's work. */
export function devices(record: RunRecord): Option[] {
  return options(offeredDevices(record, basisOf(record)));
}

/** The hours to start at, as clocks at the chosen place show them. */
export function hours(record: RunRecord, choice: Choice): Option[] {
  return options(offeredHours(record, choice, basisOf(record)));
}

/** Why one of the above has no options. */
export function whyNot(record: RunRecord, choice: Choice): Reasons {
  const basis = basisOf(record);
  const offers = {
    zone: offeredZones(record, basis),
    device: offeredDevices(record, basis),
    hour: offeredHours(record, choice, basis),
    pue: basis === null ? noGrams() : [],
  };
  const reasons = Object.entries(offers).filter(([, offer]) => typeof offer === "string");
  return Object.fromEntries(reasons);
}

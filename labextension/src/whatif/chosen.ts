/** What a choice means for a run; undefined where the run cannot be compared with it. */

import type { RunRecord } from "../record/record.js";
import { intensityIsByHand } from "../record/words.js";
import { ofBusyShare, powerRatio, timeRatio, type Spread } from "./arithmetic.js";
import { findCard, ownCards, type NamedCard, type OwnCards } from "./cards.js";
import type { Choice } from "./choice.js";
import { placesOf, type Place, type Scope } from "./places.js";

/** The scope that places are compared in: the run's; lifecycle where that is not known. */
export function scopeOf({ intensity: { scope } }: RunRecord): Scope {
  return scope === "direct" ? "direct" : "lifecycle";
}

/** The places to choose from. The run's own is none, but where its figure was given by hand. */
export function otherPlaces(record: RunRecord): readonly Place[] {
  const own = intensityIsByHand(record) ? null : record.zone.code;
  return placesOf(scopeOf(record)).filter(({ code }) => code !== own);
}

/** Where the work is done: the run's own place, or another. */
export interface Where {
  code: string;
  location: string;
  other: Place | null;
}

export function where(record: RunRecord, { zone }: Choice): Where | undefined {
  if (zone === null || (zone === record.zone.code && !intensityIsByHand(record))) {
    const { code, name } = record.zone;
    const own = placesOf(scopeOf(record)).find((place) => place.code === code);
    return { code, location: own?.location ?? name, other: null };
  }
  const other = otherPlaces(record).find(({ code }) => code === zone);
  return other && { code: other.code, location: other.location, other };
}

/** The run's cards against the chosen one. */
export interface Swap {
  own: OwnCards;
  card: NamedCard;
  time: Spread;
  power: number;
}

/** Null where the work stays on the run's own devices. */
export function swap(record: RunRecord, { device }: Choice): Swap | null | undefined {
  if (device === null) {
    return null;
  }
  const own = ownCards(record);
  const card = findCard(device);
  if (typeof own === "string" || card === undefined) {
    return undefined;
  }
  if (card === own.card) {
    return null;
  }
  const time = ofBusyShare(timeRatio(own.card, card), own.busy);
  return { own, card, time, power: powerRatio(own.card, card) };
}

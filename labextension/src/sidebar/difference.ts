/** By how much one run differs from another, and whether that is more than is unsure of them. */

import type { RunRecord } from "../view/record.js";
import { intensityIsByHand } from "../view/words.js";

/** What reads 0 % is no difference. */
const LEAST_PCT = 0.05;

export interface Difference {
  /** Of `other` against `one`, in per cent of `one`. */
  pct: number;
  /** Whether what is unsure of both is more; null where that is not known or not asked. */
  isWithin: boolean | null;
}

/** A quantity with what it may be off by, up or down; null where that is not known. */
interface Bounded {
  value: number | null;
  bound: number | null;
}

export function isNone(pct: number): boolean {
  return Math.abs(pct) < LEAST_PCT;
}

/** The difference of `other` against `one`; null where there is none to tell. */
export function difference(one: number | null, other: number | null): Difference | null {
  return one === null || other === null || one <= 0
    ? null
    : { pct: (100 * (other - one)) / one, isWithin: null };
}

function bounded(one: Bounded, other: Bounded): Difference | null {
  const found = difference(one.value, other.value);
  if (found === null || one.bound === null || other.bound === null) {
    return found;
  }
  const apart = Math.abs((one.value ?? 0) - (other.value ?? 0));
  return { ...found, isWithin: apart <= one.bound + other.bound };
}

/**
 * What the energy may be off by, as a share of it. The devices' bounds are added as they are, not
 * in quadrature: sensors of one kind err the same way. Null where a device was not read.
 */
export function energyBound({ devices }: RunRecord): number | null {
  let [energyJ, errorJ] = [0, 0];
  for (const device of devices) {
    if (device.energyJ === null || device.uncertaintyPct === null) {
      return null;
    }
    energyJ += device.energyJ;
    errorJ += (device.energyJ * device.uncertaintyPct) / 100;
  }
  return energyJ > 0 ? errorJ / energyJ : null;
}

function boundOf(value: number | null, record: RunRecord): number | null {
  const share = energyBound(record);
  return value === null || share === null ? null : share * value;
}

export function energyDifference(one: RunRecord, other: RunRecord): Difference | null {
  const [a, b] = [one, other].map((record) => ({
    value: record.energyKwh,
    bound: boundOf(record.energyKwh, record),
  }));
  return a === undefined || b === undefined ? null : bounded(a, b);
}

/** Of the emissions, the operational ones are as unsure as the energy. */
export function emissionsDifference(one: RunRecord, other: RunRecord): Difference | null {
  const [a, b] = [one, other].map((record) => ({
    value: record.emissionsG,
    bound: boundOf(record.operationalG, record),
  }));
  return a === undefined || b === undefined ? null : bounded(a, b);
}

/** Why emissions of two runs say nothing of one another. */
export type Obstacle = "by hand" | "scopes";

/** An intensity given by hand is of no known scope. */
export function obstacle(one: RunRecord, other: RunRecord): Obstacle | null {
  if (intensityIsByHand(one) || intensityIsByHand(other)) {
    return "by hand";
  }
  return one.intensity.scope === other.intensity.scope ? null : "scopes";
}

/** Grams for each unit of work done; null where nothing counted. */
export function massPerUnit({ emissionsG, work: { done } }: RunRecord): number | null {
  return emissionsG === null || done === null || done <= 0 ? null : emissionsG / done;
}

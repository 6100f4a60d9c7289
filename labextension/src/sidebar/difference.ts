/**
 * By how much one run differs from another, and whether that is more than is unsure of them; the
 * same as in the package's `planning/bounds.py` and `planning/comparison/difference.py`.
 */

import { number, type Json } from "../json.js";
import { energyShare } from "../record/certainty.js";
import type { RunRecord } from "../record/record.js";

/** What reads 0 % is no difference. */
const LEAST_PCT = 0.05;

export interface Difference {
  /** Of `other` against `one`, in per cent of `one`. */
  pct: number;
  /** Whether what is unsure of both is more; null where that is not known or not asked. */
  isWithin: boolean | null;
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

/** What is embodied by product; a record that tells no product has one, its devices. */
function charges({ devices, embodied, embodiedG }: RunRecord): Json[] {
  const product = String(devices.map(({ name }) => name));
  return embodied.length > 0 ? embodied : [{ product, embodied_g: embodiedG }];
}

type Amounts = readonly [number | null, number | null];

const ONCE: Amounts = [1, 1];

/**
 * A difference with its certainty, of energies or of emissions, divided by `amounts`. Operational
 * parts err as the energy, and their bounds are added. Of what is embodied the ends are the
 * product's published range, else half to twice the figure, for so do published figures of one
 * GPU differ; and of a product that both used only the difference counts.
 */
function judged(
  found: Difference | null,
  pair: [RunRecord, RunRecord],
  amounts = ONCE,
  isEnergy = false,
): Difference | null {
  let [low, high, bound] = [0, 0, 0];
  const products = new Map<unknown, [low: number, high: number]>();
  pair.forEach((record, index) => {
    const share = (2 * index - 1) / (amounts[index] ?? 0);
    const measured = ((isEnergy ? record.energyKwh : record.operationalG) ?? NaN) * share;
    low += measured;
    bound += Math.abs(measured) * energyShare(record.devices);
    for (const charge of isEnergy ? [] : charges(record)) {
      const [least, most] = products.get(charge["product"]) ?? [0, 0];
      const grams = number(charge["embodied_g"]) ?? 0;
      products.set(charge["product"], [
        least + (number(charge["low_g"]) ?? grams / 2) * share,
        most + (number(charge["high_g"]) ?? grams * 2) * share,
      ]);
    }
  });
  high = low;
  for (const ends of products.values()) {
    low += Math.min(...ends);
    high += Math.max(...ends);
  }
  return found && { ...found, isWithin: bound >= 0 ? low <= bound && -high <= bound : null };
}

export function energyDifference(one: RunRecord, other: RunRecord): Difference | null {
  return judged(difference(one.energyKwh, other.energyKwh), [one, other], ONCE, true);
}

/** The difference of the emissions, or of those for each of so many. */
export function emissionsDifference(
  one: RunRecord,
  other: RunRecord,
  amounts = ONCE,
): Difference | null {
  const found = difference(massPer(one, amounts[0]), massPer(other, amounts[1]));
  return judged(found, [one, other], amounts);
}

/** Grams for each of so many; null where there are none. */
export function massPer({ emissionsG }: RunRecord, amount: number | null): number | null {
  return emissionsG === null || amount === null || amount <= 0 ? null : emissionsG / amount;
}

/** The grams that an outcome is compared with, read with care: a record may be damaged. */

import type { Interval, RunRecord } from "../record/record.js";
import { openProjection } from "../record/words.js";
import type { Spread, Supply } from "./arithmetic.js";
import type { Outcome } from "./choice.js";

/** Sums of a record may differ in the digits it was rounded to. */
const ROUNDING = 1e-4;

export interface Basis {
  kind: Outcome["basis"];
  totalG: number;
  operationalG: number;
  embodiedG: number;
  energyKwh: number;
  durationS: number | null;
  /** How far off the total may be; null where it was measured. */
  spread: Spread | null;
  supply: Supply;
}

/** A quantity that can be: not known, where it is none. */
export function quantity(value: number | null): number | null {
  return value !== null && Number.isFinite(value) && value >= 0 ? value : null;
}

function spread({ value, low, high }: Interval): Spread | null {
  const known = value !== null && low !== null && high !== null;
  return known && low >= 0 && low <= value && value <= high && value > 0
    ? { value, low, high }
    : null;
}

interface Parts {
  totalG: number | null;
  embodiedG: number | null;
  energyKwh: number | null;
  durationS: number | null;
}

function projected(record: RunRecord): (Parts & { spread: Spread | null }) | null {
  const open = openProjection(record);
  const [soFarS, wholeS] = [quantity(record.durationS), quantity(open?.durationS.value ?? null)];
  const soFarG = quantity(record.embodiedG ?? 0); // left out of a total that is known
  if (open === null || !soFarS || wholeS === null || soFarG === null) {
    return null;
  }
  return {
    totalG: open.emissionsG.value,
    embodiedG: (soFarG * wholeS) / soFarS, // the projection's own rule
    energyKwh: open.energyKwh.value,
    durationS: wholeS,
    spread: spread(open.emissionsG),
  };
}

function whole(parts: Parts): Omit<Basis, "kind" | "supply" | "spread"> | null {
  const totalG = quantity(parts.totalG);
  const embodiedG = quantity(parts.embodiedG);
  const energyKwh = quantity(parts.energyKwh);
  if (totalG === null || embodiedG === null || energyKwh === null) {
    return null;
  }
  const operationalG = totalG - embodiedG;
  return operationalG < -ROUNDING * totalG
    ? null
    : {
        totalG,
        embodiedG: Math.min(embodiedG, totalG),
        operationalG: Math.max(operationalG, 0),
        energyKwh,
        durationS: quantity(parts.durationS),
      };
}

/** What choices are compared with: the open projection, else the run; null where not known. */
export function basisOf(record: RunRecord): Basis | null {
  const gPerKwh = quantity(record.intensity.gPerKwh);
  const { pue } = record;
  if (gPerKwh === null || pue === null || !Number.isFinite(pue) || pue < 1) {
    return null;
  }
  const supply = { gPerKwh, pue };
  const ahead = projected(record);
  const total = ahead === null ? null : whole(ahead);
  if (ahead !== null && total !== null) {
    return { kind: "projected", ...total, spread: ahead.spread, supply };
  }
  const { emissionsG: totalG, embodiedG, energyKwh, durationS } = record;
  const emitted = whole({ totalG, embodiedG: embodiedG ?? 0, energyKwh, durationS });
  return emitted === null ? null : { kind: "emitted", ...emitted, spread: null, supply };
}

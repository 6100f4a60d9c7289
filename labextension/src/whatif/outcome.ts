/** What a choice comes to. */

import type { RunRecord } from "../record/record.js";
import * as arithmetic from "./arithmetic.js";
import { basisOf, type Basis } from "./basis.js";
import type { Choice, Outcome } from "./choice.js";
import { swap, where, type Swap, type Where } from "./chosen.js";
import * as notes from "./notes.js";
import { startAt, type Start } from "./start.js";

/** A change of less is the rounding of sums. */
const NO_CHANGE = 1e-12;

/** What the choice means, all of it that has a meaning for the run. */
interface Meant {
  basis: Basis;
  place: Where;
  cards: Swap | null;
  /** A reason where the hour has no part in the outcome. */
  start: Start | string | null;
  durationS: number | null;
  supply: arithmetic.Supply;
}

function isHour(hour: number | null): boolean {
  return hour === null || (Number.isInteger(hour) && hour >= 0 && hour < 24);
}

function isPue(pue: number | null): boolean {
  return pue === null || (Number.isFinite(pue) && pue >= 1);
}

function meant(record: RunRecord, choice: Choice): Meant | null {
  const basis = basisOf(record);
  const place = where(record, choice);
  const cards = swap(record, choice);
  if (!isHour(choice.hour) || !isPue(choice.pue) || basis === null) {
    return null;
  }
  if (place === undefined || cards === undefined || (cards !== null && basis.durationS === null)) {
    return null;
  }
  const durationS = basis.durationS === null ? null : basis.durationS * (cards?.time.value ?? 1);
  const start = choice.hour === null ? null : startAt(record, place, choice.hour, durationS);
  const factor = start === null || typeof start === "string" ? 1 : start.factor;
  const { gPerKwh } = place.other ?? basis.supply;
  const supply = {
    gPerKwh: gPerKwh * factor,
    pue: choice.pue ?? place.other?.pue?.value ?? basis.supply.pue,
  };
  return { basis, place, cards, start, durationS, supply };
}

function operationalG({ basis, cards, supply }: Meant): number {
  const energy =
    cards === null ? 1 : arithmetic.energyRatio(cards.own.share, cards.time.value, cards.power);
  return arithmetic.operational(basis, energy, basis.supply, supply);
}

function embodiedG({ basis, cards }: Meant): number {
  if (cards === null) {
    return basis.embodiedG;
  }
  const { own, card, time } = cards;
  const ownG = arithmetic.embodiedOfCards(own.count, basis.durationS ?? 0, own.kgPerYear);
  const product = card.product.kgPerYear / own.card.product.kgPerYear;
  return arithmetic.embodied(basis.embodiedG, ownG, product, time.value);
}

function ofStart(place: Where, start: Meant["start"]): string[] {
  if (start === null) {
    return [];
  }
  return typeof start === "string" ? [notes.withoutStart(start)] : notes.ofStart(place, start);
}

function told(record: RunRecord, choice: Choice, { place, cards, start }: Meant): string[] {
  return [
    ...(place.other === null ? [] : notes.ofPlace(record, place.other, choice)),
    ...(cards === null ? [] : notes.ofSwap(cards)),
    ...ofStart(place, start),
  ];
}

function changePct(valueG: number, basisG: number): number | null {
  if (basisG === 0) {
    return null;
  }
  const change = valueG / basisG - 1;
  return Math.abs(change) < NO_CHANGE ? 0 : 100 * change;
}

/** The same work under a choice; null where nothing is known to compare it with. */
export function whatIf(record: RunRecord, choice: Choice): Outcome | null {
  const found = meant(record, choice);
  if (found === null) {
    return null;
  }
  const { basis, cards, durationS } = found;
  const parts = { operationalG: operationalG(found), embodiedG: embodiedG(found) };
  const value = parts.operationalG + parts.embodiedG;
  if (!Number.isFinite(value)) {
    return null;
  }
  const spreads = [
    ...(basis.spread === null ? [] : [basis.spread]),
    ...(cards === null ? [] : arithmetic.deviceSpreads(cards.time)),
  ];
  return {
    basis: basis.kind,
    emissionsG: { value, ...arithmetic.bounds(value, spreads) },
    operationalG: parts.operationalG,
    embodiedG: record.embodiedG === null ? null : parts.embodiedG,
    durationS,
    basisG: basis.totalG,
    changePct: changePct(value, basis.totalG),
    notes: told(record, choice, found),
  };
}

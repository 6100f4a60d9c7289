/**
 * The formulas of the what-if: numbers in, numbers out.
 *
 * operational = energy * PUE * intensity, embodied = device-seconds / lifetime * product carbon.
 * A run's own grams are scaled by what a choice changes, so that a choice of nothing changes
 * nothing, whatever the record was rounded to.
 */

const S_PER_H = 3600;
const H_PER_DAY = 24;
const S_PER_YEAR = 8760 * S_PER_H;

/** A figure and how far off it may be. */
export interface Spread {
  value: number;
  low: number;
  high: number;
}

/** What of a graphics processor says how fast it is, and at which power. */
export interface Card {
  tdpW: number;
  fp32Tflops: number;
  /** Dense half precision; null for a card without matrix units. */
  matrixTflops: number | null;
  bandwidthGbPerS: number;
}

/**
 * By how much the pace may fall outside of what peaks and bandwidth promise. Of 25 pairs of
 * published runs of one family on two cards with matrix units (`published_runs.csv`), 80 % lie
 * within 1.8 times of it. Those pairs are two trainings each, so this is wide for one and the
 * same; how much so nobody published.
 */
export const PACE_SPREAD = 1.8;

/**
 * A board draws the same share of its limit for the same work, within 1.3 times: 80 % of a
 * normal spread of 20 %, as `planning/calibrated_power.py` has it from run to run.
 */
export const POWER_SPREAD = 1.3;

function peak({ matrixTflops, fp32Tflops }: Card): number {
  return matrixTflops ?? fp32Tflops;
}

/**
 * How many times as long the same work takes on another card: bound by arithmetic, as the peaks
 * are, or by memory, as the bandwidths are; the geometric mean of both. Where one card alone has
 * matrix units the value goes by FP32, and the interval reaches to what they can gain.
 */
export function timeRatio(from: Card, to: Card): Spread {
  const memory = from.bandwidthGbPerS / to.bandwidthGbPerS;
  const best = peak(from) / peak(to);
  const alike = (from.matrixTflops === null) === (to.matrixTflops === null);
  const compute = alike ? best : from.fp32Tflops / to.fp32Tflops;
  return {
    value: Math.sqrt(compute * memory),
    low: Math.min(compute, memory, best) / PACE_SPREAD,
    high: Math.max(compute, memory, best) * PACE_SPREAD,
  };
}

/** The ratio of the whole time, where only a share of it goes with the card's pace. */
export function ofBusyShare(ratio: Spread, busy: number): Spread {
  const whole = (paced: number): number => 1 - busy + busy * paced;
  return { value: whole(ratio.value), low: whole(ratio.low), high: whole(ratio.high) };
}

/** How many times the power another card draws: the same share of its limit. */
export function powerRatio(from: Card, to: Card): number {
  return to.tdpW / from.tdpW;
}

/** How many times the energy: cards at their new power, all else at the same, for that time. */
export function energyRatio(gpuShare: number, time: number, power: number): number {
  return time * (gpuShare * power + 1 - gpuShare);
}

/** The embodied grams of cards: device-seconds / lifetime * product carbon. */
export function embodiedOfCards(count: number, durationS: number, kgPerYear: number): number {
  return ((count * durationS) / S_PER_YEAR) * kgPerYear * 1000;
}

/** The embodied grams with other cards: theirs by product and time, the rest by time. */
export function embodied(
  embodiedG: number,
  cardsG: number,
  productRatio: number,
  time: number,
): number {
  const ofCardsG = Math.min(cardsG, embodiedG);
  return time * (ofCardsG * productRatio + embodiedG - ofCardsG);
}

/** A kilowatt-hour of the computers: grams, the overhead of the site included. */
export interface Supply {
  gPerKwh: number;
  pue: number;
}

/** The operational grams of `energy` times the energy, supplied otherwise. */
export function operational(
  own: { operationalG: number; energyKwh: number },
  energy: number,
  from: Supply,
  to: Supply,
): number {
  const wasG = from.gPerKwh * from.pue;
  const isG = to.gPerKwh * to.pue;
  return wasG > 0 ? own.operationalG * energy * (isG / wasG) : own.energyKwh * energy * isG;
}

/**
 * The mean of a day's `shape` (24 values, from 0:00 UTC) over a run that starts at `startH` UTC:
 * whole days count as the day's mean, the rest by the share of each hour that it covers.
 */
export function meanOverRun(shape: readonly number[], startH: number, durationS: number): number {
  const wrapped = ((startH % H_PER_DAY) + H_PER_DAY) % H_PER_DAY;
  const at = (hour: number): number => shape[Math.floor(hour) % H_PER_DAY] ?? NaN;
  const hours = durationS / S_PER_H;
  if (hours <= 0) {
    return at(wrapped);
  }
  const rest = hours % H_PER_DAY;
  const days = (hours - rest) / H_PER_DAY;
  let sum = days * shape.reduce((total, value) => total + value, 0);
  let hour = wrapped;
  for (let left = rest; left > 0; ) {
    const step = Math.min(left, Math.floor(hour) + 1 - hour);
    sum += step * at(hour);
    hour += step;
    left -= step;
  }
  return sum / hours;
}

/** A value's bounds from independent spreads: their logarithms in quadrature. */
export function bounds(
  value: number,
  spreads: readonly Spread[],
): { low: number | null; high: number | null } {
  if (spreads.length === 0) {
    return { low: null, high: null };
  }
  const below = Math.hypot(...spreads.map((each) => Math.log(each.value / each.low)));
  const above = Math.hypot(...spreads.map((each) => Math.log(each.high / each.value)));
  return { low: value * Math.exp(-below), high: value * Math.exp(above) };
}

/** How far the energy on another card may be off: its pace and its power. */
export function deviceSpreads(time: Spread): Spread[] {
  return [time, { value: 1, low: 1 / POWER_SPREAD, high: POWER_SPREAD }];
}

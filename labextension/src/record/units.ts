/**
 * Quantities as people read them: three significant digits, the right prefix, the unit.
 * The rules are those of the package's `units.py`, so that a number reads the same in the
 * panel and in the summary. What is not known reads "unknown"; where the reader prefers a
 * prefix, masses and energies are written in that one.
 */

import { trans } from "../language.js";
import { onPreferences, preferences } from "../preferences.js";

/** A number and its unit, apart because they are set in different sizes. */
export interface Amount {
  number: string;
  unit: string;
}

export interface Prefix {
  /** How many of the units that values come in make one of these. */
  size: number;
  unit: string;
}

/** The prefixes of one quantity, from small to large. */
export type Scale = readonly Prefix[];

/** What stands for a number that is not known; the word of the present language. */
export let UNKNOWN = trans.__("unknown");
onPreferences(() => {
  UNKNOWN = trans.__("unknown");
});

export const MASS_G: Scale = [
  { size: 1e-6, unit: "µgCO₂e" },
  { size: 1e-3, unit: "mgCO₂e" },
  { size: 1, unit: "gCO₂e" },
  { size: 1e3, unit: "kgCO₂e" },
  { size: 1e6, unit: "tCO₂e" },
];

export const POWER_W: Scale = [
  { size: 1e-3, unit: "mW" },
  { size: 1, unit: "W" },
  { size: 1e3, unit: "kW" },
  { size: 1e6, unit: "MW" },
];

const ENERGY_KWH: Scale = [
  { size: 1e-9, unit: "µWh" },
  { size: 1e-6, unit: "mWh" },
  { size: 1e-3, unit: "Wh" },
  { size: 1, unit: "kWh" },
  { size: 1e3, unit: "MWh" },
  { size: 1e6, unit: "GWh" },
];

const FLOP_RATE_TFLOPS: Scale = [
  { size: 1e-6, unit: "MFLOP/s" },
  { size: 1e-3, unit: "GFLOP/s" },
  { size: 1, unit: "TFLOP/s" },
  { size: 1e3, unit: "PFLOP/s" },
];

export const COUNT: Scale = [
  { size: 1, unit: "" },
  { size: 1e3, unit: "k" },
  { size: 1e6, unit: "M" },
  { size: 1e9, unit: "G" },
  { size: 1e12, unit: "T" },
];

export const PERIODS: Scale = [
  { size: 1, unit: "s" },
  { size: 60, unit: "min" },
  { size: 3600, unit: "h" },
  { size: 86_400, unit: "d" },
];

const DAY_S = 86_400;
const J_PER_KWH = 3.6e6;

/** Rounds to 1.00, so the prefix or period before it is not needed. */
const READS_ONE = 0.9995;

/** Whole numbers below this are written out: a step counter should not jump in hundreds. */
const EXACT_BELOW = 100_000;

/** Past the largest prefix, numbers below this are grouped; then they are powers of ten. */
const FIXED_BELOW = 1e9;

/** To make a format takes longer than to draw a chart. */
const GROUPED = new Intl.NumberFormat("en-US");
const GIVEN = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const PLAIN = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 21 });

function threeDigits(size: number): string {
  const rounded = Number(size.toPrecision(3));
  if (rounded < 1000) {
    return rounded.toPrecision(3);
  }
  return rounded < FIXED_BELOW ? GROUPED.format(rounded) : rounded.toExponential(2);
}

/** The prefix that the reader prefers; undefined where that is the one that fits. */
function preferred(scale: Scale): Prefix | undefined {
  const { mass: ofMass, energy: ofEnergy } = preferences();
  const wanted = new Map([
    [MASS_G, `${ofMass}CO₂e`],
    [ENERGY_KWH, ofEnergy],
  ]).get(scale);
  return scale.find(({ unit }) => unit === wanted);
}

/** The prefix in which `value` is written: the reader's, else the smallest that keeps it < 1000. */
export function prefixFor(value: number, scale: Scale): Prefix {
  const wanted = preferred(scale);
  if (wanted !== undefined) {
    return wanted;
  }
  const last = scale.at(-1) ?? { size: 1, unit: "" };
  return scale.find(({ size }) => Number((value / size).toPrecision(3)) < 1000) ?? last;
}

function scaled(value: number | null, scale: Scale, zeroUnit: string): Amount {
  if (value === null) {
    return { number: UNKNOWN, unit: "" };
  }
  if (value === 0) {
    return { number: "0", unit: preferred(scale)?.unit ?? zeroUnit };
  }
  const { size, unit } = prefixFor(value, scale);
  return { number: threeDigits(value / size), unit };
}

export function written({ number, unit }: Amount): string {
  return unit === "" ? number : `${number} ${unit}`;
}

export function mass(valueG: number | null): Amount {
  return scaled(valueG, MASS_G, "gCO₂e");
}

/** Grams beside a figure that already says of what. */
export function plainMass(valueG: number | null): string {
  return written(mass(valueG)).replace("CO₂e", "");
}

export function energy(valueKwh: number | null): Amount {
  return scaled(valueKwh, ENERGY_KWH, "Wh");
}

export function energyOfJoules(valueJ: number | null): Amount {
  return energy(valueJ === null ? null : valueJ / J_PER_KWH);
}

export function power(valueW: number | null): Amount {
  return scaled(valueW, POWER_W, "W");
}

export function flopRate(valueTflops: number | null): Amount {
  return scaled(valueTflops, FLOP_RATE_TFLOPS, "TFLOP/s");
}

/** The mean power, in watts, of an energy over a time; null when either is unknown. */
export function meanPower(energyKwh: number | null, durationS: number | null): number | null {
  return energyKwh === null || durationS === null || durationS <= 0
    ? null
    : (energyKwh * J_PER_KWH) / durationS;
}

/** A number that was given, not measured: no zeros that would claim digits. */
export function given(value: number): string {
  return GIVEN.format(value);
}

export function intensity(valueGPerKwh: number | null): Amount {
  return valueGPerKwh === null
    ? { number: UNKNOWN, unit: "" }
    : { number: given(valueGPerKwh), unit: "gCO₂e/kWh" };
}

/** Whole numbers exactly up to five digits, else with k, M, G or T. */
export function count(value: number | null): string {
  return value !== null && value < EXACT_BELOW && Number.isInteger(value)
    ? GROUPED.format(value)
    : written(scaled(value, COUNT, ""));
}

/** The period in which a pace is written: the second, or what a slow one needs to reach 1. */
export function periodFor(perS: number): Prefix {
  const fitting = PERIODS.find(({ size }) => perS * size >= READS_ONE || perS === 0);
  return fitting ?? { size: DAY_S, unit: "d" };
}

/** A pace per second; a slow one per minute, hour or day. */
export function rate(perS: number, unit: string | null): Amount {
  const period = periodFor(perS);
  const amount = scaled(perS * period.size, COUNT, "");
  return { number: amount.number, unit: `${amount.unit} ${unit ?? ""}/${period.unit}`.trim() };
}

/** Both ends of an interval, with the unit once where it is the same. */
export function ends(low: Amount, high: Amount): [low: string, high: string] {
  return [low.unit === high.unit ? low.number : written(low), written(high)];
}

/** "low – high", with the unit once where it is the same. */
export function interval(low: Amount, high: Amount): string {
  const isKnown = low.number !== UNKNOWN && high.number !== UNKNOWN;
  return isKnown ? ends(low, high).join(" – ") : UNKNOWN;
}

/** "low – high" of grams beside a figure that already says of what. */
export function plainInterval(lowG: number | null, highG: number | null): string {
  return interval(mass(lowG), mass(highG)).replaceAll("CO₂e", "");
}

/** A percentage to two significant digits, for an uncertainty or a share. */
export function percent(valuePct: number): string {
  const number = valuePct < 9.95 ? Number(valuePct.toPrecision(2)) : Math.round(valuePct);
  return `${PLAIN.format(number)} %`;
}

/** A difference with its sign: "+2.1 %", "\u221212 %". */
export function signedPercent(valuePct: number): string {
  return `${valuePct < 0 ? "\u2212" : "+"}${percent(Math.abs(valuePct))}`;
}

/** 12.3 ms, 0.53 s, 02:14, 1:02:14 or 3 d 04:10 (hours, minutes). */
export function duration(valueS: number | null): string {
  if (valueS === null) {
    return UNKNOWN;
  }
  if (valueS === 0) {
    return "0 s";
  }
  return valueS < 59.95 ? belowAMinute(valueS) : onTheClock(valueS);
}

function belowAMinute(valueS: number): string {
  if (valueS < 0.095) {
    return `${threeDigits(valueS * 1e3)} ms`;
  }
  return `${valueS.toFixed(valueS < 9.995 ? 2 : 1)} s`;
}

function onTheClock(valueS: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  if (valueS < DAY_S - 0.5) {
    const whole = Math.round(valueS);
    const hours = Math.floor(whole / 3600);
    const clock = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
    return hours > 0 ? `${hours}:${clock}` : clock;
  }
  const minutes = Math.round(valueS / 60);
  const hours = Math.floor(minutes / 60);
  const days = GROUPED.format(Math.floor(hours / 24));
  return `${days} d ${two(hours % 24)}:${two(minutes % 60)}`;
}

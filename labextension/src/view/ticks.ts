/** Round numbers along an axis. */

export interface Axis {
  /** Where the axis ends, in axis units; it starts at 0. */
  end: number;
  unit: string;
  /** How many data units make one axis unit. */
  size: number;
  ticks: number[];
  label: (tick: number) => string;
}

const MAX_VALUE_STEPS = 5;
const MAX_TIME_STEPS = 5;

/** Ticks this far apart have no room for all their digits. */
const COMPACT_FROM = 1000;

/** Nor have ticks that need more decimals than this. */
const MAX_DECIMALS = 4;

interface TimeUnit {
  unit: string;
  size: number;
  /** Runs shorter than this are drawn in this unit. */
  belowS: number;
  steps: number[];
}

const TIME_UNITS: TimeUnit[] = [
  { unit: "s", size: 1, belowS: 180, steps: [1, 2, 5, 10, 15, 30, 60] },
  { unit: "min", size: 60, belowS: 3 * 3600, steps: [1, 2, 5, 10, 15, 30, 60] },
  { unit: "h", size: 3600, belowS: 3 * 86_400, steps: [1, 2, 3, 6, 12, 24] },
  { unit: "d", size: 86_400, belowS: Infinity, steps: [1, 2, 5] },
];

function timeUnit(endS: number): Omit<TimeUnit, "belowS"> {
  return TIME_UNITS.find(({ belowS }) => endS < belowS) ?? { unit: "s", size: 1, steps: [] };
}

/** The smallest of 1, 2, 5 times a power of ten that spans `extent` in at most `steps`. */
function roundStep(extent: number, steps: number): number {
  const least = extent / steps;
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((digit) => digit * power >= least * (1 - 1e-9)) ?? 10) * power;
}

/** Formats are kept: to make one takes longer than to draw a line. */
const FORMATS = new Map<number, Intl.NumberFormat>();

function decimalsOf(step: number): number {
  return Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
}

function formatFor(step: number): Intl.NumberFormat {
  const decimals = decimalsOf(step);
  const key = step < COMPACT_FROM ? decimals : -1;
  const known = FORMATS.get(key);
  if (known !== undefined) {
    return known;
  }
  const made = new Intl.NumberFormat(
    "en-US",
    step < COMPACT_FROM
      ? { minimumFractionDigits: decimals, maximumFractionDigits: decimals }
      : { notation: "compact" },
  );
  FORMATS.set(key, made);
  return made;
}

function labelFor(step: number): (tick: number) => string {
  if (decimalsOf(step) > MAX_DECIMALS) {
    return (tick) => (tick === 0 ? "0" : Number(tick.toPrecision(3)).toExponential());
  }
  const format = formatFor(step);
  return (tick) => (tick === 0 ? "0" : format.format(tick));
}

function multiples(step: number, end: number): number[] {
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, index) => index * step);
}

/** An axis of values up to `maximum` data units, ending on a tick. */
export function valueAxis(maximum: number, { size, unit }: { size: number; unit: string }): Axis {
  const extent = maximum > 0 ? maximum / size : 1;
  const step = roundStep(extent, MAX_VALUE_STEPS);
  const end = step * Math.ceil(extent / step - 1e-9);
  return { end, unit, size, ticks: multiples(step, end), label: labelFor(step) };
}

function timeStep(end: number, steps: number[]): number {
  const rounds = end < MAX_TIME_STEPS ? [] : steps;
  return rounds.find((each) => end / each <= MAX_TIME_STEPS) ?? roundStep(end, MAX_TIME_STEPS);
}

/** An axis of time from 0 to `endS`. */
export function timeAxis(endS: number): Axis {
  const { unit, size, steps } = timeUnit(endS);
  const end = endS / size;
  const step = timeStep(end, steps);
  return { end, unit, size, ticks: multiples(step, end), label: labelFor(step) };
}

/** The tick of the axis of time at or after `endS`, in seconds. */
export function roundedTime(endS: number): number {
  const { size, steps } = timeUnit(endS);
  const step = size * timeStep(endS / size, steps);
  return step * Math.ceil(endS / step - 1e-9);
}

/** Where the axes of charts ended when they were last drawn, in data units. */
export type AxisEnds = Map<string, number>;

/** An axis that the values fill less than this is drawn anew; a fresh one is filled by 2/3. */
const LEAST_FILLED = 0.6;

/**
 * The end of an axis that reaches `needed`: the one it had, as long as that fits, so that an end
 * which moves to and fro does not take the ticks with it.
 */
export function heldEnd(
  ends: AxisEnds,
  axis: string,
  needed: number,
  fit: (needed: number) => number,
): number {
  const before = ends.get(axis) ?? 0;
  const end = needed <= before && needed >= LEAST_FILLED * before ? before : fit(needed);
  ends.set(axis, end);
  return end;
}

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

const MAX_VALUE_STEPS = 4;
const MAX_TIME_STEPS = 5;

/** Ticks this far apart have no room for all their digits. */
const COMPACT_FROM = 1000;

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

/** The smallest of 1, 2, 5 times a power of ten that spans `extent` in at most `steps`. */
function roundStep(extent: number, steps: number): number {
  const least = extent / steps;
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((digit) => digit * power >= least * (1 - 1e-9)) ?? 10) * power;
}

function labelFor(step: number): (tick: number) => string {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const form: Intl.NumberFormatOptions =
    step < COMPACT_FROM
      ? { minimumFractionDigits: decimals, maximumFractionDigits: decimals }
      : { notation: "compact" };
  return (tick) => (tick === 0 ? "0" : tick.toLocaleString("en-US", form));
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

/** An axis of time, ending where the run ended. */
export function timeAxis(endS: number): Axis {
  const { unit, size, steps } = TIME_UNITS.find(({ belowS }) => endS < belowS) ?? {
    unit: "s",
    size: 1,
    steps: [],
  };
  const end = endS / size;
  const rounds = end < MAX_TIME_STEPS ? [] : steps;
  const round = rounds.find((each) => end / each <= MAX_TIME_STEPS);
  const step = round ?? roundStep(end, MAX_TIME_STEPS);
  return { end, unit, size, ticks: multiples(step, end), label: labelFor(step) };
}

/** What runs come to together: no energy counted twice, no sum across intensity scopes. */

import type { RunRecord } from "../record/record.js";
import { intensityIsByHand } from "../record/words.js";
import type { Run } from "./run.js";

/** A sum of what is known; where something is not known it is a lower bound. */
export interface Sum {
  /** Null where nothing is known. */
  known: number | null;
  isWhole: boolean;
}

/** The scope of an intensity that the user gave. */
export const BY_HAND = "by hand";

export interface ScopeSum extends Sum {
  /** The intensity's scope, or `BY_HAND`; null where it is unknown. */
  scope: string | null;
}

export interface Sums {
  /** All runs, those included that are not added. */
  runs: number;
  running: number;
  /** Runs that are parts of others, and so are not added. */
  parts: number;
  energyKwh: Sum;
  /** One for each scope that occurs. */
  emissionsG: ScopeSum[];
  /** Whether runs of several notebooks had a device in common at some time. */
  isShared: boolean;
}

function byNotebook(runs: readonly Run[]): Run[][] {
  const found = new Map<string, Run[]>();
  for (const run of runs) {
    const { notebook } = run.entry;
    found.set(notebook, [...(found.get(notebook) ?? []), run]);
  }
  return [...found.values()];
}

/** Which of two runs of the same time is taken for the whole. */
function isLonger(other: Run, run: Run): boolean {
  const [one, two] = [other.record.durationS ?? 0, run.record.durationS ?? 0];
  return one === two ? other.key < run.key : one > two;
}

/** Whether `run` was measured in the course of `other`. */
function isWithin(run: Run, other: Run): boolean {
  const isInside = other.fromMs <= run.fromMs && run.toMs <= other.toMs;
  const isAlike = other.fromMs === run.fromMs && run.toMs === other.toMs;
  return isInside && (!isAlike || isLonger(other, run));
}

/** For each run that is a part of another one of its notebook, the longest that it is within. */
export function wholes(runs: readonly Run[]): Map<Run, Run> {
  const found = new Map<Run, Run>();
  for (const together of byNotebook(runs)) {
    const longestFirst = [...together].sort((one, other) => (isLonger(one, other) ? -1 : 1));
    for (const run of together) {
      const whole = longestFirst.find((other) => other !== run && isWithin(run, other));
      if (whole !== undefined) {
        found.set(run, whole);
      }
    }
  }
  return found;
}

function haveDeviceInCommon(one: Run, other: Run): boolean {
  return one.record.devices.some(({ kind, uuid }) =>
    other.record.devices.some(
      (device) =>
        device.kind === kind && (kind === "cpu" || (uuid !== null && device.uuid === uuid)),
    ),
  );
}

/** Whether runs of different notebooks measured one device at one time. */
function areShared(runs: readonly Run[]): boolean {
  const begun = [...runs].sort((one, other) => one.fromMs - other.fromMs);
  return begun.some((run, index) => {
    for (const later of begun.slice(index + 1)) {
      if (!(later.fromMs < run.toMs)) {
        return false;
      }
      if (later.entry.notebook !== run.entry.notebook && haveDeviceInCommon(run, later)) {
        return true;
      }
    }
    return false;
  });
}

function sum(values: readonly (number | null)[]): Sum {
  const known = values.filter((value) => value !== null);
  return {
    known: known.length === 0 ? null : known.reduce((total, value) => total + value, 0),
    isWhole: known.length === values.length,
  };
}

/** The scope of a run's intensity, or `BY_HAND`; null where it is unknown. */
export function scopeOf(record: RunRecord): string | null {
  return intensityIsByHand(record) ? BY_HAND : record.intensity.scope;
}

function byScope(runs: readonly Run[]): ScopeSum[] {
  const found = new Map<string | null, (number | null)[]>();
  for (const { record } of runs) {
    const scope = scopeOf(record);
    found.set(scope, [...(found.get(scope) ?? []), record.emissionsG]);
  }
  return [...found].map(([scope, values]) => ({ scope, ...sum(values) }));
}

/** What `runs` come to, `parts` of others left aside. */
export function sums(runs: readonly Run[], parts: ReadonlyMap<Run, Run>): Sums {
  const counted = runs.filter((run) => !parts.has(run));
  return {
    runs: runs.length,
    running: runs.filter(({ record }) => record.status === "running").length,
    parts: runs.length - counted.length,
    energyKwh: sum(counted.map(({ record }) => record.energyKwh)),
    emissionsG: byScope(counted),
    isShared: areShared(counted),
  };
}

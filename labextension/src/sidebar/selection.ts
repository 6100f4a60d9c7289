/** Which runs are listed, and in what order. */

import { trans } from "../language.js";
import type { Status } from "../record/record.js";
import type { Run } from "./run.js";

export type Order = "newest" | "emissions" | "energy" | "duration" | "metric";
export type Scope = "current" | "all";

export interface Selection {
  words: string;
  scope: Scope;
  order: Order;
}

export function statusWord(status: Status): string {
  const said: Record<Status, string> = {
    running: trans._p("status of a run", "running"),
    finished: trans._p("status of a run", "finished"),
    failed: trans._p("status of a run", "failed"),
    interrupted: trans._p("status of a run", "interrupted"),
    lost: trans._p("status of a run", "lost"),
  };
  return said[status];
}

/** Whether there are several notebooks to choose from. */
export function hasSeveralNotebooks(runs: readonly Run[]): boolean {
  return new Set(runs.map(({ entry }) => entry.notebook)).size > 1;
}

function searched({ record, entry }: Run): string {
  const { name, status, zone, devices, metric } = record;
  const texts = [
    ...[name, entry.notebook, zone.code, zone.name, status, statusWord(status)],
    ...devices.map((device) => device.name),
    metric?.expression ?? "",
  ];
  return texts.join("\n").toLowerCase();
}

/** Those in which each of the words occurs. */
export function matching(runs: readonly Run[], words: string): Run[] {
  const sought = words.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return sought.length === 0
    ? [...runs]
    : runs.filter((run) => {
        const text = searched(run);
        return sought.every((word) => text.includes(word));
      });
}

const FIGURES: Record<Exclude<Order, "newest">, (run: Run) => number | null> = {
  emissions: ({ record }) => record.emissionsG,
  energy: ({ record }) => record.energyKwh,
  duration: ({ record }) => record.durationS,
  metric: ({ metric }) => metric,
};

export function isRunning({ record }: Run): boolean {
  return record.status === "running";
}

/** What is unknown comes last. */
function descending(one: number | null, other: number | null): number {
  const [a, b] = [one ?? NaN, other ?? NaN];
  const unknown = Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return unknown !== 0 || Number.isNaN(a) ? unknown : b - a;
}

export function newestFirst(runs: readonly Run[]): Run[] {
  return [...runs].sort((one, other) => descending(one.fromMs, other.fromMs));
}

/** By a figure, the largest first, or the newest. */
export function ordered(runs: readonly Run[], order: Order): Run[] {
  const newest = newestFirst(runs);
  return order === "newest"
    ? newest
    : newest.sort((one, other) => descending(FIGURES[order](one), FIGURES[order](other)));
}

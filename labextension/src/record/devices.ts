/** How many devices there are: a row of a record may stand for several. */

import type { Device } from "./record.js";

/** How many devices, or those of a kind. */
export function devicesIn(devices: readonly Device[], kind?: string): number {
  return devices.reduce(
    (sum, row) => (kind === undefined || row.kind === kind ? sum + row.count : sum),
    0,
  );
}

/** "8 × NVIDIA L4"; of a single one its name. */
export function times(count: number, name: string): string {
  return count === 1 ? name : `${count.toLocaleString("en-US")} × ${name}`;
}

/** The devices by name, the same ones counted. */
export function byName(devices: readonly Device[]): string[] {
  const counts = new Map<string, number>();
  for (const { name, count } of devices) {
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return [...counts].map(([name, count]) => times(count, name));
}

/** The run in one line, for those who do not see the panel. */

import { budgetNote } from "./budget.js";
import type { RunRecord } from "./record.js";
import { percent, plainMass } from "./units.js";
import * as words from "./words.js";

function soFar(record: RunRecord): string[] {
  const { emissionsG } = record;
  const share = words.shareDone(record);
  const projected = words.openProjection(record)?.emissionsG ?? null;
  return [
    emissionsG === null ? "measuring" : `${plainMass(emissionsG)} so far`,
    share === null ? "" : `${percent(100 * share)} done`,
    projected === null ? "" : `projected ${plainMass(projected.value)}`,
  ];
}

function atTheEnd(record: RunRecord): string[] {
  const { emissionsG } = record;
  return [words.status(record), emissionsG === null ? "" : `${plainMass(emissionsG)} emitted`];
}

/** How the run stands, or how it ended. */
export function spoken(record: RunRecord): string {
  const budget = budgetNote(record);
  const parts = [
    ...(record.status === "running" ? soFar(record) : atTheEnd(record)),
    budget?.warns ? budget.text : "",
  ];
  return `${record.name}: ${parts.filter((part) => part !== "").join(", ")}`;
}

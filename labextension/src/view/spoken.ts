/** The run in one line, for those who do not see the panel. */

import { trans } from "../language.js";
import { listed } from "../record/listed.js";
import type { RunRecord } from "../record/record.js";
import { percent, plainMass } from "../record/units.js";
import { openProjection, shareDone, status } from "../record/words.js";
import { budgetNote } from "./budget.js";

function soFar(record: RunRecord): (string | null)[] {
  const { emissionsG } = record;
  const share = shareDone(record);
  const projected = openProjection(record)?.emissionsG ?? null;
  return [
    emissionsG === null
      ? trans.__("measuring")
      : trans.__("%1 so far", plainMass(emissionsG)),
    share === null ? null : trans.__("%1 done", percent(100 * share)),
    projected === null ? null : trans.__("projected %1", plainMass(projected.value)),
  ];
}

function atTheEnd(record: RunRecord): (string | null)[] {
  const { emissionsG } = record;
  const emitted = emissionsG === null ? null : trans.__("%1 emitted", plainMass(emissionsG));
  return [status(record), emitted];
}

/** How the run stands, or how it ended. */
export function spoken(record: RunRecord): string {
  const budget = budgetNote(record);
  const parts = [
    ...(record.status === "running" ? soFar(record) : atTheEnd(record)),
    budget?.warns ? budget.text : null,
  ];
  return trans.__("%1: %2", record.name, listed(parts));
}

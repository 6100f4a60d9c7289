/** A run as the list knows it: its record, read once, and what is sorted and added up by. */

import { isObject, number, object, type Json } from "../json.js";
import { readRecord, type RunRecord } from "../record/record.js";
import { spanOf, type Span } from "../view/span.js";
import type { Entry } from "./entry.js";

export interface Run extends Span {
  /** Its id, or what stands for one where the record has none. */
  key: string;
  entry: Entry;
  record: RunRecord;
  /** The metric as a number; null where it is none. */
  metric: number | null;
}

type Read = Omit<Run, "key" | "entry">;

/** Records are large and many, and all but the live ones never change. */
const known = new WeakMap<Json, Read | null>();

function read(record: Json): Read | null {
  if (!isObject(record)) {
    return null; // where types are not kept
  }
  const seen = known.get(record);
  if (seen !== undefined) {
    return seen;
  }
  const found = readRecord(record);
  const made = found && {
    record: found,
    ...spanOf(record),
    metric: number(object(record["metric"])["value"]),
  };
  known.set(record, made);
  return made;
}

/** Of the places that one run is found in, the one that knows most of it and is nearest. */
function rank({ record, entry }: Run): number {
  const knows = { running: 1, lost: 0 }[record.status as string] ?? 2;
  return 4 * knows + 2 * Number(entry.isCurrent) + Number(entry.hasCell);
}

/** The runs of the entries, each once; what is no record of ours is left out. */
export function runsOf(entries: readonly Entry[]): Run[] {
  const runs = new Map<string, Run>();
  for (const entry of entries) {
    const found = read(entry.record);
    if (found !== null) {
      const { id, name, startedAt } = found.record;
      const key = id ?? JSON.stringify([entry.notebook, name, startedAt]);
      const run = { ...found, key, entry };
      const other = runs.get(key);
      if (other === undefined || rank(other) < rank(run)) {
        runs.set(key, run);
      }
    }
  }
  return [...runs.values()];
}

/** The file name of the notebook. */
export function fileName({ entry }: Run): string {
  return entry.notebook.split("/").at(-1) ?? entry.notebook;
}

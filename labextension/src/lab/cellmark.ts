/** What a cell keeps of its last run, in its metadata: it is there when the notebook is reopened. */

import type { CellModel } from "@jupyterlab/notebook";

import { isObject, number, object, text, type Json } from "../json.js";
import { readStatus, type Status } from "../record/record.js";
import { crc32 } from "./crc32.js";
import { recordsIn } from "./outputs.js";

const KEY = "ocarbon";

export interface CellMark {
  /** The run's id. */
  run: string;
  status: Status;
  emissionsG: number | null;
  /** Of the source that was run; null where that is not known. */
  sourceCrc32: number | null;
  /** When the run ended, RFC 3339; "" where that is not known. */
  endedAt: string;
}

function fromRecord(record: Json): CellMark {
  return {
    run: String(record["id"]),
    status: readStatus(record["status"]),
    emissionsG: number(record["emissions_g"]),
    sourceCrc32: number(object(record["cell"])["source_crc32"]),
    endedAt: text(record["ended_at"]) ?? "",
  };
}

function kept(cell: CellModel): CellMark | null {
  const found = cell.getMetadata(KEY);
  if (!isObject(found) || text(found["run"]) === null) {
    return null;
  }
  return {
    run: String(found["run"]),
    status: readStatus(found["status"]),
    emissionsG: number(found["emissions_g"]),
    sourceCrc32: number(found["source_crc32"]),
    endedAt: text(found["ended_at"]) ?? "",
  };
}

/**
 * The mark of the last run of a cell; null where it was never measured. What its outputs say is
 * newer than what it keeps, since running a cell clears them. Of several runs in one cell, the
 * longest has the others in it, if any has.
 */
export function markOf(cell: CellModel): CellMark | null {
  const lasting = (record: Json): number => number(record["duration_s"]) ?? 0;
  const [longest] = recordsIn(cell).sort((one, other) => lasting(other) - lasting(one));
  return longest === undefined ? kept(cell) : fromRecord(longest);
}

/** Let a cell keep a mark of a run that has ended, if none of its runs ended later. */
export function keepMark(cell: CellModel, record: Json): void {
  const { run, status, emissionsG, sourceCrc32, endedAt } = fromRecord(record);
  const known = kept(cell);
  if (known === null || known.endedAt < endedAt || (known.run === run && known.status !== status)) {
    const figures = { emissions_g: emissionsG, source_crc32: sourceCrc32, ended_at: endedAt };
    cell.setMetadata(KEY, { run, status, ...figures });
  }
}

/** Whether the source is another one than what was run. */
export function isStale(cell: CellModel, { sourceCrc32 }: CellMark): boolean {
  return sourceCrc32 !== null && sourceCrc32 !== crc32(cell.sharedModel.getSource());
}

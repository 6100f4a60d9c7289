/** Run records in the outputs of cells: found there, and put there where a page has missed them. */

import type { CellModel, OutputAreaModel } from "@jupyterlab/notebook";

import { isObject, text, type Json } from "../json.js";
import { MIME_TYPE, readRecord } from "../view/record.js";
import { spoken } from "../view/spoken.js";

/** An output as a kernel publishes it. */
export interface Bundle {
  data: Json;
  metadata: Json;
}

export function isRunning(record: Json): boolean {
  return record["status"] === "running";
}

function recordAt(outputs: OutputAreaModel, index: number): Json | null {
  const output = outputs.get(index);
  const shown = output.type === "display_data" || output.type === "update_display_data";
  const record = shown ? output.data[MIME_TYPE] : undefined;
  return isObject(record) && text(record["id"]) !== null ? record : null;
}

/** The records in a cell's outputs, first to last. */
export function recordsIn({ outputs }: CellModel): Json[] {
  if (outputs === undefined) {
    return [];
  }
  const found: Json[] = [];
  for (let index = 0; index < outputs.length; index += 1) {
    const record = recordAt(outputs, index);
    if (record !== null) {
      found.push(record);
    }
  }
  return found;
}

function indexOf(outputs: OutputAreaModel, id: string): number {
  for (let index = 0; index < outputs.length; index += 1) {
    if (recordAt(outputs, index)?.["id"] === id) {
      return index;
    }
  }
  return -1;
}

/**
 * Let a cell show what a kernel has published of the run `id`. The page shows it itself where
 * it was there when the cell began. Returns whether the cell has an output of the run.
 */
export function show({ outputs }: CellModel, id: string, { data, metadata }: Bundle): boolean {
  const index = outputs === undefined ? -1 : indexOf(outputs, id);
  if (outputs === undefined || index < 0) {
    return false;
  }
  const shown = recordAt(outputs, index);
  const record = data[MIME_TYPE];
  if (shown !== null && isRunning(shown) && isObject(record) && !isRunning(record)) {
    outputs.set(index, { output_type: "display_data", data, metadata });
  }
  return true;
}

/** Put an output that a page has lost back to where it was, above what the cell itself shows. */
export function restore({ outputs }: CellModel, { data, metadata }: Bundle): void {
  outputs?.fromJSON([{ output_type: "display_data", data, metadata }, ...outputs.toJSON()]);
}

/** An output made of nothing but a record, with a word for those who cannot draw it. */
export function bundleOf(record: Json): Bundle {
  const read = readRecord(record);
  const said = read === null ? {} : { "text/plain": spoken(read) };
  return { data: { ...said, [MIME_TYPE]: record }, metadata: {} };
}

/** Let a cell keep how a run ended whose kernel can no longer say it. */
export function conclude({ outputs }: CellModel, record: Json): void {
  const index = outputs === undefined ? -1 : indexOf(outputs, String(record["id"]));
  const shown = outputs === undefined || index < 0 ? null : recordAt(outputs, index);
  if (shown !== null && isRunning(shown)) {
    // What else the output held says that the run goes on.
    outputs?.get(index).setData({ data: bundleOf(record).data });
  }
}

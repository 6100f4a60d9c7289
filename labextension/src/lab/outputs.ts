/** Run records in the outputs of cells: found there, and put there where a page has missed them. */

import type { CellModel } from "@jupyterlab/notebook";

import { isObject, text, type Json } from "../json.js";
import { MIME_TYPE, readRecord } from "../record/record.js";
import { spoken } from "../view/spoken.js";

/** An output as a kernel publishes it. */
export interface Bundle {
  data: Json;
  metadata: Json;
}

export function isRunning(record: Json): boolean {
  return record["status"] === "running";
}

/** For each of the outputs the record that it holds; null where it holds none. */
function recordsAt({ outputs }: CellModel): (Json | null)[] {
  return Array.from({ length: outputs?.length ?? 0 }, (_, index) => {
    const output = outputs?.get(index);
    const shown = output?.type === "display_data" || output?.type === "update_display_data";
    const record = shown ? output.data[MIME_TYPE] : undefined;
    return isObject(record) && text(record["id"]) !== null ? record : null;
  });
}

/** The records in a cell's outputs, first to last. */
export function recordsIn(cell: CellModel): Json[] {
  return recordsAt(cell).filter((record) => record !== null);
}

/** Where a cell shows a run, and whether it says there that the run goes on. */
function find(cell: CellModel, id: string): { index: number; goesOn: boolean } {
  const records = recordsAt(cell);
  const index = records.findIndex((record) => record?.["id"] === id);
  return { index, goesOn: records[index]?.["status"] === "running" };
}

/**
 * Let a cell show what a kernel has published of the run `id`. The page shows it itself where
 * it was there when the cell began. Returns whether the cell has an output of the run.
 */
export function show(cell: CellModel, id: string, { data, metadata }: Bundle): boolean {
  const { index, goesOn } = find(cell, id);
  const record = data[MIME_TYPE];
  if (goesOn && isObject(record) && !isRunning(record)) {
    cell.outputs?.set(index, { output_type: "display_data", data, metadata });
  }
  return index >= 0;
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
export function conclude(cell: CellModel, record: Json): void {
  const { index, goesOn } = find(cell, String(record["id"]));
  if (goesOn) {
    // What else the output held says that the run goes on.
    cell.outputs?.get(index).setData({ data: bundleOf(record).data });
  }
}

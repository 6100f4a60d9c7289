/** Adds the line to a cell that measures it, or takes it away. */

import type { CellModel, KernelConnection, NotebookPanel } from "@jupyterlab/notebook";

const LINE = /^\s*%%carbon(?=\s|$).*(\n|$)/;
const LOAD = "%load_ext ocarbon_magic";

export function isMeasuring(cell: CellModel): boolean {
  return LINE.test(cell.sharedModel.getSource());
}

/** Whether a notebook's cells are Python, as far as it says. */
export function isPython({ content: { model } }: NotebookPanel): boolean {
  return ["", "python"].includes(model?.defaultKernelLanguage ?? "");
}

function measuringLine(zone: string): string {
  return zone === "" ? "%%carbon" : `%%carbon --zone ${zone}`;
}

/** Let `cells` be measured, or no longer if all of them are. Returns whether they are now. */
export function toggle(cells: readonly CellModel[], zone: string): boolean {
  const measure = !cells.every(isMeasuring);
  for (const cell of cells.filter((one) => isMeasuring(one) !== measure)) {
    const source = cell.sharedModel.getSource();
    const line = measure ? 0 : (LINE.exec(source)?.[0].length ?? 0);
    cell.sharedModel.updateSource(0, line, measure ? `${measuringLine(zone)}\n` : "");
  }
  return measure;
}

/** Let the notebook load the extension, above the cell at `index`, if it does not yet. */
export function loadAbove({ content: { model } }: NotebookPanel, index: number): void {
  const sources = [...(model?.cells ?? [])].map((cell) => cell.sharedModel.getSource());
  if (!sources.some((source) => source.includes("ocarbon_magic"))) {
    model?.sharedModel.insertCell(index, { cell_type: "code", source: LOAD });
  }
}

/** Let the kernel load it now, unseen; resolves to whether that was possible. */
export async function loadNow(kernel: KernelConnection): Promise<boolean> {
  const future = kernel.requestExecute({ code: LOAD, silent: true, store_history: false });
  return (await future.done).content.status !== "error";
}

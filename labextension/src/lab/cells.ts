/** Watches the code cells of a notebook, those that come later included. */

import type { CellModel, Notebook, NotebookModel } from "@jupyterlab/notebook";

export interface CellWatcher {
  /** The outputs of a cell have changed; called at most once a frame for each. */
  outputs(cell: CellModel): void;
  /** The source or the metadata of a cell has changed, or it is new. */
  cell(cell: CellModel): void;
  /** There is another set of cells. */
  cells(): void;
}

export class Cells {
  private readonly watched = new WeakSet<CellModel>();
  private readonly changed = new Set<CellModel>();
  private frame = 0;

  constructor(
    private readonly notebook: Notebook,
    private readonly watcher: CellWatcher,
  ) {
    notebook.modelChanged.connect(() => this.attach());
    this.attach();
  }

  /** All code cells there are. */
  all(): CellModel[] {
    return [...(this.notebook.model?.cells ?? [])].filter(({ type }) => type === "code");
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
  }

  private attach(): void {
    const model = this.notebook.model;
    if (model !== null) {
      this.watchAll(model);
      model.cells.changed.connect(() => this.watchAll(model));
    }
  }

  private watchAll(model: NotebookModel): void {
    if (model !== this.notebook.model) {
      return;
    }
    for (const cell of this.all().filter((one) => !this.watched.has(one))) {
      this.watched.add(cell);
      cell.outputs?.changed.connect(() => this.later(cell));
      cell.contentChanged.connect(() => this.watcher.cell(cell));
      cell.metadataChanged.connect(() => this.watcher.cell(cell));
      this.watcher.outputs(cell);
      this.later(cell); // when it has been drawn
    }
    this.watcher.cells();
  }

  /** A cell that prints changes its outputs many times a second. */
  private later(cell: CellModel): void {
    this.changed.add(cell);
    if (this.changed.size > 1) {
      return;
    }
    this.frame = requestAnimationFrame(() => {
      const cells = [...this.changed].filter(({ isDisposed }) => !isDisposed);
      this.changed.clear();
      cells.forEach((one) => this.watcher.outputs(one));
    });
  }
}

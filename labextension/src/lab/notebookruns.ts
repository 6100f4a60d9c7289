/** The runs of one open notebook: those in its outputs, and those its kernel tells of. */

import type { CellModel, NotebookPanel } from "@jupyterlab/notebook";

import { object, text, type Json } from "../json.js";
import { hub } from "../live/hub.js";
import { keepMark } from "./cellmark.js";
import { Cells } from "./cells.js";
import { bundleOf, conclude, isRunning, recordsIn, restore, show, type Bundle } from "./outputs.js";
import { keepTotals, totals, type Totals } from "./totals.js";

/** What may be new: of the list of runs, or of one cell. */
export interface RunsWatcher {
  runs(notebook: NotebookRuns): void;
  cell(notebook: NotebookRuns, cell: CellModel): void;
}

/** Runs that a page remembers of one notebook, with at most 16 kB each. */
const MOST_RUNS = 300;

export class NotebookRuns {
  private readonly records = new Map<string, Json>();
  private readonly cells: Cells;
  /** Runs whose output this page has seen coming. */
  private readonly witnessed = new Set<string>();
  /** Runs that the kernel has told the end of. */
  private readonly ended = new Set<string>();
  /** How to leave runs that go on. */
  private readonly followed = new Map<string, () => void>();

  constructor(
    readonly panel: NotebookPanel,
    private readonly watcher: RunsWatcher,
  ) {
    this.cells = new Cells(panel.content, {
      outputs: (cell) => this.read(cell),
      cell: (cell) => watcher.cell(this, cell),
      cells: () => watcher.runs(this),
    });
    panel.disposed.connect(() => {
      this.cells.dispose();
      this.followed.forEach((leave) => leave());
    });
  }

  get path(): string {
    return this.panel.context.path;
  }

  /** The records as they stand. */
  all(): Json[] {
    return [...this.records.values()];
  }

  /** The record of a run as it stands, if it is one of this notebook's. */
  find(id: string): Json | undefined {
    return this.records.get(id);
  }

  /** The runs that go on, newest last. */
  running(): Json[] {
    return this.all().filter(isRunning);
  }

  codeCells(): CellModel[] {
    return this.cells.all();
  }

  totals(): Totals {
    const model = this.panel.content.model;
    return model === null ? { runs: 0, emissionsG: 0, energyKwh: 0 } : totals(model, this.all());
  }

  /** The cell that a run was, as far as it is still there. */
  cellOf(record: Json): CellModel | undefined {
    const { id } = object(record["cell"]);
    const cells = this.cells.all();
    return (
      cells.find((cell) => recordsIn(cell).some((shown) => shown["id"] === record["id"])) ??
      cells.find((cell) => cell.id === id)
    );
  }

  /** Whether a kernel is likely to know runs of this notebook. */
  isMeasured(): boolean {
    const sources = this.cells.all().map((cell) => cell.sharedModel.getSource());
    return this.records.size > 0 || sources.some((source) => source.includes("ocarbon_magic"));
  }

  /** There is something new of a run of this notebook's kernel. */
  hear(id: string): void {
    const record = hub.record({ id });
    this.keep(record);
    if (!isRunning(record) && hub.isOver({ id }) && !this.ended.has(id)) {
      this.ended.add(id);
      this.end(record);
    }
    const cell = this.cellOf(record);
    if (cell !== undefined) {
      this.giveBack(cell, record);
      this.watcher.cell(this, cell);
    }
    this.watcher.runs(this);
  }

  /** A page that was loaded again before the notebook was saved has lost the output. */
  private giveBack(cell: CellModel, record: Json): void {
    const id = String(record["id"]);
    if (isRunning(record) && text(record["name"]) !== null && !this.witnessed.has(id)) {
      this.witnessed.add(id);
      if (!recordsIn(cell).some((shown) => shown["id"] === id)) {
        restore(cell, bundleOf(record));
      }
    }
  }

  /** The kernel has published the output of a run. */
  seeOutput(record: Json, bundle: Bundle, isNew: boolean): void {
    const id = String(record["id"]);
    if (isNew) {
      this.witnessed.add(id);
      return; // the page puts it where it belongs
    }
    const shown = this.cells.all().some((cell) => show(cell, id, bundle));
    const cell = this.cellOf(record);
    if (!shown && !this.witnessed.has(id) && cell !== undefined) {
      restore(cell, bundle);
    }
  }

  private read(cell: CellModel): void {
    const records = recordsIn(cell);
    for (const record of records) {
      const id = String(record["id"]);
      if (isRunning(record)) {
        this.follow(id, record);
      } else if (this.isRunning(id) || !this.records.has(id)) {
        this.keep(record);
      }
    }
    if (records.length > 0) {
      this.watcher.runs(this);
    }
    this.watcher.cell(this, cell);
  }

  private follow(id: string, record: Json): void {
    if (!this.followed.has(id)) {
      // The hub tells what it hears of the run by itself; what it no longer hears, to followers.
      this.followed.set(id, hub.follow(record, () => this.hear(id)));
      this.keep(hub.record(record));
    }
  }

  private isRunning(id: string): boolean {
    const record = this.records.get(id);
    return record !== undefined && isRunning(record);
  }

  private keep(record: Json): void {
    const id = text(record["id"]);
    if (id === null) {
      return;
    }
    this.records.set(id, record);
    for (const old of this.records.keys()) {
      if (this.records.size > MOST_RUNS && !this.isRunning(old)) {
        this.records.delete(old);
      }
    }
  }

  /** Let the notebook keep what it must of a run that has just ended. */
  private end(record: Json): void {
    const { model } = this.panel.content;
    const cell = this.cellOf(record);
    if (cell !== undefined) {
      conclude(cell, record);
      keepMark(cell, record);
    }
    if (model !== null) {
      keepTotals(model, this.all());
    }
  }
}

/**
 * The runs of notebooks that are open in other pages of the same server: windows of JupyterLab,
 * and Notebook 7, which opens each notebook in a page of its own. The pages tell one another.
 */

import { isObject, list, object, text, type Json } from "../json.js";
import { isRunning } from "./outputs.js";
import type { NotebookRuns } from "./notebookruns.js";
import type { OpenNotebooks } from "./opennotebooks.js";

export interface ForeignRun {
  record: Json;
  notebook: string;
}

/** Runs that go on are told again no sooner. */
const APART_MS = 1000;

export class OtherPages {
  private readonly page = crypto.getRandomValues(new Uint32Array(2)).join("-");
  private readonly channel: BroadcastChannel;
  private readonly foreign = new Map<string, Map<string, ForeignRun>>();
  private readonly listeners = new Set<() => void>();
  private readonly told = new WeakSet<Json>();
  private readonly changed = new Set<NotebookRuns>();
  private timer: number | undefined;

  /** Speak with the pages of the server at `baseUrl`. */
  constructor(
    baseUrl: string,
    private readonly notebooks: OpenNotebooks,
  ) {
    this.channel = new BroadcastChannel(`ocarbon ${baseUrl}`);
    this.channel.addEventListener("message", ({ data }) => this.hear(object(data)));
    window.addEventListener("pagehide", () => this.post({ leaves: true }));
    window.addEventListener("pageshow", () => this.post({ asks: true }));
    notebooks.onRuns((notebook) => this.later(notebook));
    this.post({ asks: true });
  }

  /** The runs that other pages have told of. */
  all(): ForeignRun[] {
    return [...this.foreign.values()].flatMap((runs) => [...runs.values()]);
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  private hear({ page, asks, leaves, notebook, records }: Json): void {
    const from = text(page);
    if (from === null || from === this.page) {
      return;
    }
    if (asks === true) {
      this.notebooks.all().forEach((one) => this.tell(one, one.all()));
    }
    if (leaves === true) {
      this.foreign.delete(from);
    }
    const runs = this.foreign.get(from) ?? new Map<string, ForeignRun>();
    for (const record of list(records).filter(isObject)) {
      runs.set(String(record["id"]), { record, notebook: text(notebook) ?? "" });
      this.foreign.set(from, runs);
    }
    this.listeners.forEach((listener) => listener());
  }

  private later(notebook: NotebookRuns): void {
    this.changed.add(notebook);
    this.timer ??= window.setTimeout(() => {
      this.timer = undefined;
      for (const one of this.changed) {
        this.tell(one, one.all().filter((record) => isRunning(record) || !this.told.has(record)));
      }
      this.changed.clear();
    }, APART_MS);
  }

  private tell(notebook: NotebookRuns, records: Json[]): void {
    records.forEach((record) => this.told.add(record));
    if (records.length > 0) {
      this.post({ notebook: notebook.path, records });
    }
  }

  private post(said: Json): void {
    this.channel.postMessage({ page: this.page, ...said });
  }
}
